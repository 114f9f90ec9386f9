"""Functions whose annotations are strings, as this import makes them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Optional

from fbdev.comp.port import PortSpec, PortType
from fbdev.complib import func_component

if TYPE_CHECKING:
    from nowhere import Frame


@func_component
def described(inp: int, by: Optional[int] = 2) -> tuple[str, list[int]]:  # noqa: UP045
    return str(inp), [inp] * by


@func_component
def with_specs(a: PortSpec(PortType.INPUT, "first", dtype=int)) -> PortSpec(PortType.OUTPUT, "res", dtype=str):
    return str(a)


@func_component
def silent(inp) -> None: ...


@func_component
def counted(inp: int) -> Iterator[int]:
    yield from range(inp)


@func_component
def unknown(frame: Frame) -> tuple[Frame, int]:
    return frame, 1
