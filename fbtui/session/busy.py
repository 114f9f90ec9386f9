"""Where a target is that does not come round: in which line of the user's code, and in which node."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from fbtui.protocol import GraphInfo, NodeInfo, nodes_in
from fbtui.protocol.plain import plain
from fbtui.session.sources import definition_at

_FRAME = re.compile(r'  File "(?P<file>[^"]+)", line (?P<line>\d+) in (?P<name>.+)')


@plain
class Spot:
    """A line of the user's code: written ``work.py:12 in main``."""

    file: Path
    line: int
    name: str

    def __str__(self) -> str:
        return f"{self.file.name}:{self.line} in {self.name}"


@plain
class Busy:
    """Where a target is busy: the line, and the place of the node, empty if it is not known."""

    spot: Spot
    node: str = ""

    def __str__(self) -> str:
        return f"{f'in {self.node} ' if self.node else ''}at {self.spot}"


def frames_in(stack: Path, program: Path) -> list[Spot]:
    """Return the frames in the program's folder of the newest stack in a file that has any, the innermost first.

    A stack may be caught where none of the program's code is on it, between two tasks.
    """
    try:
        text = stack.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    folder = str(program.parent)
    for told in reversed(re.split(r"^(?:Current thread|Thread|Stack|Fatal)", text, flags=re.MULTILINE)):
        frames = [frame for frame in _FRAME.finditer(told) if frame["file"].startswith(folder)]
        if frames:
            return [Spot(Path(frame["file"]), int(frame["line"]), frame["name"]) for frame in frames]
    return []


def node_at(frames: list[Spot], graph: GraphInfo, sources: Mapping[str, str], last: str) -> str:
    """Return the place of the node whose component's code is on a stack; empty where that is not certain.

    Args:
        frames: the frames of the stack, the innermost first.
        graph: the graph.
        sources: the text of each file by its path.
        last: the node that has moved last: of several nodes of one component it is the one that goes on since.
    """
    nodes = [(place, node) for place, node in nodes_in(graph) if node.graph is None]
    for frame in frames:
        found = [place for place, node in nodes if _is_in(frame, node, sources)]
        if found:
            return last if last in found else found[0] if len(found) == 1 else ""
    return ""


def _is_in(frame: Spot, node: NodeInfo, sources: Mapping[str, str]) -> bool:
    if node.file != str(frame.file) or node.line is None:
        return False
    text = sources.get(node.file, "")
    its = definition_at(text, node.line)
    return its is not None and its is definition_at(text, frame.line)


def first_in(stack: Path, program: Path) -> Spot | None:
    """Return the innermost of `frames_in`."""
    return next(iter(frames_in(stack, program)), None)
