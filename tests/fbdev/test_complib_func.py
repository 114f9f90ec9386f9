"""Functions as components."""

import functools
import pickle
from typing import Any, Tuple  # noqa: UP035 - as users of the public library write it

import pytest

from fbdev import Stream
from fbdev.comp.base_component import BaseComponent
from fbdev.comp.packet import Packet
from fbdev.comp.port import PortSpec, PortType
from fbdev.complib import ExecComponent, FunctionComponentFactory, func_component
from fbdev.complib.func_component_factory import func_component as same
from fbdev.exceptions import ComponentExecutionError
from fbdev.runtime import BatchExecutor
from tests.fbdev import annotated_by_strings as strings
from tests.fbdev.helpers import run

OUTPUT, INPUT, CONFIG, SIGNAL, MESSAGE = (
    PortType.OUTPUT, PortType.INPUT, PortType.CONFIG, PortType.SIGNAL, PortType.MESSAGE,
)  # fmt: skip


def result(kind: type[BaseComponent], *args: Any, **kwargs: Any) -> Any:
    """Run a function's component once."""
    return BatchExecutor.from_component(kind).start(*args, **kwargs)


def own(kind: type[BaseComponent]) -> dict[str, Any]:
    """Return the ports of a function with their dtypes."""
    inherited = ExecComponent.port_specs
    return {spec.id_str: spec.dtype for spec in kind.port_specs.iter_ports() if spec.id not in inherited}


@func_component
def double(inp: int) -> int:
    """Doubles."""
    return 2 * inp


# ---------------------------------------------------------------------------------------- the decorator


def test_bug_09g_with_and_without_parentheses_it_is_a_component() -> None:
    @func_component()
    def triple(inp):
        return 3 * inp

    @func_component("Four", loop_execution=True)
    def times_four(inp):
        return 4 * inp

    assert same is func_component
    assert [kind.__name__ for kind in (double, triple, times_four)] == ["double", "triple", "Four"]
    assert [result(kind, 5)["out"] for kind in (double, triple, times_four)] == [10, 15, 20]
    assert double.__doc__ == "Doubles."
    assert double.function(4) == 8
    assert double.parent_factory is FunctionComponentFactory


def test_options_become_class_attributes() -> None:
    @func_component(loop_execution=True, execute_after_start=False, colour="blue")
    def node() -> None: ...

    assert (node.loop_execution, node.execute_after_start, node.colour) == (True, False, "blue")
    assert (double.loop_execution, double.execute_after_start) == (False, True)


def test_the_factory_makes_the_same() -> None:
    made = FunctionComponentFactory.get_component(lambda inp: 2 * inp, "Twice", {"loop_execution": True})
    assert (made.__name__, made.loop_execution, result(made, 3)) == ("Twice", True, {"out": 6})
    assert result(FunctionComponentFactory.create_component(functools.partial(pow, 2), "Power"), 5) == {"out": 32}


def test_a_lambda_wants_a_name() -> None:
    with pytest.raises(ValueError, match="'<lambda>' cannot be the name of a component: give it another by name="):
        FunctionComponentFactory.get_component(lambda inp: inp)


def test_at_module_level_it_is_pickled_by_reference() -> None:
    assert pickle.loads(pickle.dumps(double)) is double
    assert pickle.loads(pickle.dumps(strings.described)) is strings.described


# ---------------------------------------------------------------------------------------- parameters


def test_ports_are_the_parameters_then_the_outputs_then_the_inherited() -> None:
    @func_component
    def f(a: int, b, c: str = "x", *, d, e=5) -> int:
        return a

    expected = ["input.a", "input.b", "config.c", "input.d", "config.e", "output.out"]
    inherited = ["signal.execute", "message.executed", "message.started", "message.stopped"]
    assert [spec.id_str for spec in f.port_specs.iter_ports()] == expected + inherited
    assert own(f) == dict(zip(expected, [int, None, str, None, None, int], strict=True))
    assert [f.port_specs.config[name].default for name in "ce"] == ["x", 5]


def test_bug_09a_config_argument_is_the_value() -> None:
    @func_component
    def scale(inp: int, by: int = 3, *, unit: str = "m") -> str:
        return f"{inp * by} {unit}"

    assert result(scale, 5) == {"out": "15 m"}
    assert result(scale, 5, config={"by": 2, "unit": "s"}) == {"out": "10 s"}


def test_positional_only_parameters_are_passed_by_position() -> None:
    @func_component
    def power(base, exponent, /, plus=0):
        return base**exponent + plus

    assert result(power, 2, 5, config={"plus": 1}) == {"out": 33}


def test_bug_09b_a_port_spec_as_annotation_is_the_port() -> None:
    @func_component
    def f(
        a: PortSpec(INPUT, "grp.first", dtype=int),
        b: PortSpec(INPUT),
        c: PortSpec(CONFIG, dtype=int, is_optional=True),
        go: PortSpec(SIGNAL),
        d: PortSpec(CONFIG, dtype=int) = 4,
    ) -> PortSpec(OUTPUT, "res", dtype=list):
        return [a, b, c, d, go]

    assert own(f) == {
        "input.grp.first": int, "input.b": None, "config.c": int, "signal.go": None, "config.d": int,
        "output.res": list,
    }  # fmt: skip
    assert result(f, 1, 2, signals={"go"}) == {"res": [1, 2, None, 4, None]}


@pytest.mark.parametrize(
    ("annotation", "default", "words"),
    [
        (PortSpec(OUTPUT), ..., "f: parameter 'x' is annotated with PortType.OUTPUT: it is to be received from."),
        (PortSpec(INPUT), 1, "f: parameter 'x' has a default value: only a config port can have one."),
    ],
)
def test_a_port_spec_that_does_not_fit_is_refused(annotation: Any, default: Any, words: str) -> None:
    if default is ...:

        def f(x): ...
    else:

        def f(x=default): ...

    f.__annotations__["x"] = annotation
    with pytest.raises(TypeError) as caught:
        func_component(f)
    assert str(caught.value) == words


def test_bug_09e_star_parameters_are_refused() -> None:
    for function, words in [
        (lambda *args: 1, "<lambda>: *args cannot be a port: name each parameter."),
        (lambda a, **kw: 1, "<lambda>: **kw cannot be a port: name each parameter."),
    ]:
        with pytest.raises(TypeError) as caught:
            FunctionComponentFactory.get_component(function, "F")
        assert str(caught.value) == words


def test_a_builtin_that_does_not_tell_its_parameters_is_refused() -> None:
    with pytest.raises(TypeError, match="max does not tell its parameters: wrap it"):
        func_component(max)


def test_bug_09e_any_annotation_is_a_dtype() -> None:
    @func_component
    def f(a: int | None, b: list[int], c: Any, d: "int | str", e: dict[str, Any]) -> tuple[int, ...]:
        return (1, 2)

    assert own(f) == {
        "input.a": int | None, "input.b": list[int], "input.c": Any, "input.d": int | str,
        "input.e": dict[str, Any], "output.out": tuple[int, ...],
    }  # fmt: skip
    assert result(f, None, [1], object(), "x", {}) == {"out": (1, 2)}
    with pytest.raises(TypeError, match=r"input\.b: expected list\[int\], got list"):
        result(f, None, ["a"], 1, 1, {})


def test_bug_09e_annotations_may_be_strings() -> None:
    assert own(strings.described) == {
        "input.inp": int, "config.by": int | None, "output.out0": str, "output.out1": list[int],
    }  # fmt: skip
    assert result(strings.described, 3) == {"out0": "3", "out1": [3, 3]}
    assert own(strings.with_specs) == {"input.first": int, "output.res": str}
    assert own(strings.silent) == {"input.inp": None}
    assert own(strings.counted) == {"input.inp": int, "output.out": int}


def test_a_name_that_only_type_checkers_know_is_not_checked() -> None:
    assert own(strings.unknown) == {"input.frame": "Frame", "output.out0": "Frame", "output.out1": int}
    assert result(strings.unknown, "anything") == {"out0": "anything", "out1": 1}


def test_a_function_inside_another_sees_the_names_around_it() -> None:
    number = int

    def outer() -> type[BaseComponent]:
        @func_component
        def inner(inp: "number") -> "number":
            return inner if inp is None else number(inp)

        return inner

    assert own(outer()) == {"input.inp": int, "output.out": int}


# ---------------------------------------------------------------------------------------- results


def test_what_is_returned_goes_out() -> None:
    @func_component
    def nothing(inp) -> None:
        return None

    @func_component
    def plain(inp):
        return None

    assert own(nothing) == {"input.inp": None}
    assert result(nothing, 1) == {}
    assert result(plain, 1) == {"out": None}


def test_bug_09c_a_single_output_may_have_any_name() -> None:
    @func_component
    def named(inp) -> PortSpec(OUTPUT, "res"):
        return {"a": inp}

    @func_component
    def one(inp) -> Tuple[int]:  # noqa: UP006
        return (inp,)

    assert result(named, 1) == {"res": {"a": 1}}
    assert result(one, 1) == {"out0": 1}


def test_bug_09d_any_in_a_tuple_is_an_output() -> None:
    @func_component
    def f(inp) -> Tuple[int, Any, str]:  # noqa: UP006
        return [1, inp, "c"]

    assert own(f) == {"input.inp": None, "output.out0": int, "output.out1": Any, "output.out2": str}
    assert result(f, object) == {"out0": 1, "out1": object, "out2": "c"}


def test_several_port_specs_are_several_outputs() -> None:
    @func_component
    def f(inp) -> (PortSpec(OUTPUT, "grp.low", dtype=int), PortSpec(OUTPUT), PortSpec(MESSAGE, "note")):
        return inp, -inp, "told"

    assert own(f) == {"input.inp": None, "output.grp.low": int, "output.out1": None, "message.note": None}
    ports = [(OUTPUT, "grp.low"), (OUTPUT, "out1"), (MESSAGE, "note")]
    assert result(f, 3, ports_to_get=ports) == {"grp.low": 3, "out1": -3, "note": "told"}


def test_an_output_may_be_called_like_a_message() -> None:
    @func_component
    def f(inp) -> (PortSpec(OUTPUT, "executed"), PortSpec(OUTPUT, "started")):
        return inp, -inp

    assert result(f, 3) == {"executed": 3, "started": -3}


def test_two_outputs_of_one_name_are_refused() -> None:
    def f() -> (PortSpec(OUTPUT, "a"), PortSpec(MESSAGE, "a")): ...

    with pytest.raises(ValueError, match=r"f: two outputs have one name \(a, a\)\."):
        func_component(f)


def test_a_dict_by_name_may_leave_outputs_out() -> None:
    @func_component(loop_execution=True)
    def sort(inp: int) -> (PortSpec(OUTPUT, "even"), PortSpec(OUTPUT, "odd")):
        return {"odd" if inp % 2 else "even": inp}

    assert result(sort, Stream(range(5))) == {"even": [0, 2, 4], "odd": [1, 3]}


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ((1,), "pair returned 1 value for 2 outputs (out0, out1)."),
        ((1, 2, 3), "pair returned 3 values for 2 outputs (out0, out1)."),
        (
            7,
            "pair returned a value of type int: its outputs (out0, out1) want a tuple with a value for each,"
            " or a dict by name.",
        ),
        ({"out0": 1, "x": 2}, "pair returned a value for x: its outputs are out0, out1."),
    ],
)
def test_bug_09f_values_that_do_not_fit_the_outputs_are_an_error(value: Any, words: str) -> None:
    @func_component
    def pair() -> tuple[int, int]:
        return value

    with pytest.raises(ComponentExecutionError) as caught:
        result(pair)
    assert str(caught.value) == words
    assert isinstance(caught.value, RuntimeError)


def test_a_result_is_checked_against_the_annotation() -> None:
    @func_component
    def lies() -> int:
        return "five"

    with pytest.raises(TypeError, match=r"TOP->lies:output\.out: expected int, got str"):
        result(lies)


def test_an_input_annotation_as_output_is_refused() -> None:
    def f() -> PortSpec(INPUT, "x"): ...

    with pytest.raises(TypeError, match=r"f returns to a port of type PortType\.INPUT"):
        func_component(f)


def test_a_packet_is_sent_as_it_is() -> None:
    packet = Packet(5, parents=[Packet(1)])

    @func_component
    def f() -> int:
        return packet

    async def main() -> Any:
        node = BatchExecutor.from_component(f)._node
        await node.start()
        return await node.ports.output.out.get()

    assert run(main()) is packet
