"""Messages as bytes: four bytes of length (big endian), then a JSON object in UTF-8.

Unknown fields are ignored, so that a newer side may say more; an unknown type or a field that does not fit
raises `ProtocolError`.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import struct
import types
import typing
from collections.abc import Callable, Hashable, Iterator
from typing import Any, Final, Literal, TypeVar

from fbtui.protocol.messages import Message

VERSION: Final = 1
MAX_FRAME: Final = 64 * 1024 * 1024
_LENGTH: Final = struct.Struct(">I")
_TYPES: Final[dict[str, type[Any]]] = {cls.__name__: cls for cls in typing.get_args(Message)}


T = TypeVar("T")


class ProtocolError(Exception):
    """A frame that is no message of this protocol; the sentence says why."""


def encode(message: Message) -> bytes:
    """Return the frame of a message, length included.

    Raises:
        ProtocolError: if it is larger than `MAX_FRAME`.
    """
    body = {"type": type(message).__name__, **_fields(message)}
    data = json.dumps(body, ensure_ascii=True, separators=(",", ":"), default=_fields).encode()
    if len(data) > MAX_FRAME:
        raise ProtocolError(f"a {type(message).__name__} of {len(data)} bytes is too large for one frame")
    return _LENGTH.pack(len(data)) + data


def _fields(record: Any) -> dict[str, Any]:
    """Return the fields of a record, those inside it left as they are: `dataclasses.asdict` copies everything."""
    if not dataclasses.is_dataclass(record):
        raise TypeError(f"{type(record).__name__} is no part of a message")
    return {name: getattr(record, name) for name in record.__dataclass_fields__}


def decode(data: bytes) -> Message:
    """Return the message of a frame's body.

    Raises:
        ProtocolError: if it is no JSON object, of an unknown type, or a field does not fit.
    """
    try:
        body = json.loads(data)
        cls = _TYPES[body.pop("type")]
        message: Message = _build(typing.cast(Hashable, cls))(body)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ProtocolError(f"not a message of protocol {VERSION}: {error!r}") from error
    return message


def from_data(cls: type[T], data: object) -> T:
    """Return a record of the protocol from JSON data, every field checked.

    Raises:
        ProtocolError: if a field is missing or does not fit.
    """
    try:
        record: T = _build(typing.cast(Hashable, cls))(data)
    except (TypeError, RecursionError) as error:
        raise ProtocolError(f"no {cls.__name__}: {error}") from error
    return record


class Frames:
    """Cuts a stream of bytes into messages: feed what has arrived, iterate over what is whole."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[Message]:
        """Yield every message that ``data`` completes, in order.

        Raises:
            ProtocolError: if a frame is too large, or its body no message.
        """
        self._buffer += data
        while len(self._buffer) >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(self._buffer)
            if length > MAX_FRAME:
                raise ProtocolError(f"a frame announces {length} bytes, more than {MAX_FRAME}")
            end = _LENGTH.size + length
            if len(self._buffer) < end:
                return
            body = bytes(self._buffer[_LENGTH.size : end])
            del self._buffer[:end]
            yield decode(body)


Builder = Callable[[Any], Any]


@functools.cache
def _build(hint: Any) -> Builder:
    """Return the function that turns JSON data into a value of the annotated type, checking it."""
    if hint is Any:
        return lambda value: value
    if dataclasses.is_dataclass(hint):
        return _record(hint)
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin in {typing.Union, types.UnionType}:
        return _optional(args)
    if origin is Literal:
        return lambda value: _require(value in args, value, value)
    if origin is tuple and args[-1] is Ellipsis:
        item = _build(args[0])
        return lambda value: tuple(item(v) for v in _require(isinstance(value, list), value, value))
    if origin is tuple:
        return lambda value: _fixed(args, value)
    if origin is dict:
        value_of = _build(args[1])
        return lambda value: {
            key: value_of(item) for key, item in _require(isinstance(value, dict), value, value).items()
        }
    if origin is list:
        member = _build(args[0])
        return lambda value: [member(v) for v in _require(isinstance(value, list), value, value)]
    exact: type = hint
    return lambda value: _require(type(value) is exact, value, value)


def _require(fits: bool, value: Any, shown: object) -> Any:
    if not fits:
        raise TypeError(f"unexpected {str(shown)[:80]!r}")
    return value


def _optional(args: tuple[Any, ...]) -> Builder:
    """A union that the messages use is always ``X | None``."""
    (some,) = (arg for arg in args if arg is not type(None))
    build = _build(some)
    return lambda value: None if value is None else build(value)


def _fixed(args: tuple[Any, ...], value: Any) -> tuple[Any, ...]:
    _require(isinstance(value, list) and len(value) == len(args), value, value)
    return tuple(_build(hint)(item) for hint, item in zip(args, value, strict=True))


def _record(cls: Any) -> Builder:
    hints = typing.get_type_hints(cls)
    builders: dict[str, Builder] = {}

    def build(value: Any) -> Any:
        _require(isinstance(value, dict), value, value)
        if not builders:  # not before: a record may hold others of its kind
            builders.update((name, _build(hint)) for name, hint in hints.items())
        return cls(**{name: builders[name](item) for name, item in value.items() if name in builders})

    return build
