"""What the user's code prints, line by line, with the node that printed it."""

from __future__ import annotations

import codecs
import io
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from fbdev.comp.line import current_line
from fbdev.graph.net import BaseNode
from fbtui.trace import Stream

LONGEST: Final = 1 << 16
"""Characters of an unfinished line that are kept waiting for its end."""

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

Sink = Callable[[BaseNode | None, Stream, str], None]


class NodeOutput(io.TextIOBase):
    """Stands for ``sys.stdout`` or ``sys.stderr``: gives each whole line to a function.

    Lines of several nodes are kept apart, however their pieces arrive.
    """

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._pieces: dict[BaseNode | None, str] = {}
        self._early: list[str] = []
        self._sink: Sink | None = None
        self.buffer = _Bytes(self)
        """Takes bytes, for programs that write those."""

    encoding = "utf-8"
    errors = "backslashreplace"

    def writable(self) -> bool:
        """It can be written to."""
        return True

    def send_to(self, sink: Sink) -> None:
        """Give lines to a function from now on, those of the import first."""
        self._sink = sink
        for line in self._early:
            sink(None, self._stream, line)
        self._early.clear()

    def write(self, text: str) -> int:
        """Take a piece of text."""
        if not isinstance(text, str):
            raise TypeError(f"write() takes str, not {type(text).__name__}")
        node = current_line.get().node
        pending = self._pieces.pop(node, "") + text
        *lines, rest = pending.split("\n")
        for whole in lines:
            self._give(node, whole)
        if len(rest) > LONGEST:
            self._give(node, rest)
        elif rest:
            self._pieces[node] = rest
        return len(text)

    def flush(self) -> None:
        """Nothing is held back but unfinished lines."""

    def finish(self) -> None:
        """Give the unfinished lines, too."""
        for node, rest in self._pieces.items():
            self._give(node, rest)
        self._pieces.clear()

    def let_out(self) -> None:
        """Print past Python what was kept for a net, and what comes from now on: there is none."""
        if self._sink is None:
            self.send_to(_past_python)
            self.finish()

    def _give(self, node: BaseNode | None, line: str) -> None:
        if self._sink is None:
            self._early.append(line)
        else:
            self._sink(node, self._stream, line)


def _past_python(_node: BaseNode | None, stream: Stream, line: str) -> None:
    os.write(2 if stream is Stream.STDERR else 1, f"{line}\n".encode(errors="backslashreplace"))


def no_keyboard(prompt: object = "", /) -> str:
    """Stand for ``input``: a program under the debugger has no keyboard.

    Raises:
        EOFError: always, as at the end of a file.
    """
    print(prompt, end="", flush=True)  # noqa: T201 - as the real one does
    raise EOFError("input() has no keyboard here: give the value as an input of the graph, or as a word after --")


class _Bytes(io.BufferedIOBase):
    """Takes the bytes of a text in UTF-8, in pieces of any size."""

    def __init__(self, text: NodeOutput) -> None:
        self._text = text
        self._decoder = codecs.getincrementaldecoder("utf-8")("backslashreplace")

    def writable(self) -> bool:
        """It can be written to."""
        return True

    def write(self, data: ReadableBuffer, /) -> int:
        """Take a piece."""
        taken = bytes(data)
        self._text.write(self._decoder.decode(taken))
        return len(taken)
