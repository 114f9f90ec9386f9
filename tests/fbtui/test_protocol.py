"""Messages survive the wire, in any cut of the stream; what is no message is told, never obeyed."""

import dataclasses
import json
import struct
import typing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fbtui import protocol
from fbtui.protocol import messages, wire

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=5,
)


def of_type(hint: typing.Any) -> st.SearchStrategy[typing.Any]:
    if dataclasses.is_dataclass(hint):
        return instance_of(hint)
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Literal:
        return st.sampled_from(args)
    if origin is tuple and args[-1] is Ellipsis:
        return st.lists(of_type(args[0]), max_size=2).map(tuple)
    if origin is tuple:
        return st.tuples(*map(of_type, args))
    if origin is dict:
        return st.dictionaries(texts, st.lists(json_values, max_size=2), max_size=2)
    if args:
        (some,) = (arg for arg in args if arg is not type(None))
        return st.none() | of_type(some)
    return {str: texts, int: st.integers(0, 2**53), bool: st.booleans()}[hint]


def instance_of(cls: type) -> st.SearchStrategy[typing.Any]:
    hints = typing.get_type_hints(cls)
    parts = {
        name: st.none() if name == "graph" and cls is protocol.NodeInfo else of_type(hint)
        for name, hint in hints.items()
    }
    return st.builds(cls, **parts)


any_message = st.one_of([instance_of(cls) for cls in typing.get_args(messages.Message)])


@given(st.lists(any_message, max_size=4), st.integers(1, 50))
def test_what_is_sent_arrives_however_the_stream_is_cut(sent: list[typing.Any], cut: int) -> None:
    stream = b"".join(map(protocol.encode, sent))
    frames = protocol.Frames()
    got = [m for i in range(0, len(stream), cut) for m in frames.feed(stream[i : i + cut])]
    assert got == sent


@given(st.binary(max_size=200))
def test_random_bytes_are_a_protocol_error_or_nothing(data: bytes) -> None:
    frames = protocol.Frames()
    try:
        arrived = list(frames.feed(data))
    except protocol.ProtocolError as error:
        assert str(error)
    else:
        assert arrived == []


@given(json_values)
def test_json_that_is_no_message_is_refused(value: typing.Any) -> None:
    with pytest.raises(protocol.ProtocolError):
        protocol.decode(json.dumps(value).encode())


def test_a_field_of_the_wrong_type_is_refused() -> None:
    with pytest.raises(protocol.ProtocolError, match="not a message"):
        protocol.decode(b'{"type": "Step", "run": "1"}')


def test_unknown_fields_are_ignored_so_that_a_newer_side_may_say_more() -> None:
    assert protocol.decode(b'{"type": "Pause", "run": 3, "mood": "calm"}') == protocol.Pause(3)


def test_a_frame_that_announces_too_much_is_refused_before_it_is_read() -> None:
    with pytest.raises(protocol.ProtocolError, match="announces"):
        list(protocol.Frames().feed(struct.pack(">I", wire.MAX_FRAME + 1)))
