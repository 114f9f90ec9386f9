"""The errors of the runtime."""

from __future__ import annotations

from collections.abc import Sequence


class FBRuntimeError(RuntimeError):
    """Something went wrong while a net was running."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message)


class EdgeError(FBRuntimeError):
    """An edge could not do its work."""


class NodeError(RuntimeError):
    """A node of a net failed; the cause is the error of its component."""


class RemoteNodeError(NodeError):
    """A node in a process of its own could not be started, or its process has ended."""


class ComponentError(RuntimeError):
    """A component failed; the cause is the user's own error."""


class ComponentExecutionError(ComponentError):
    """A component failed while it was executed."""


class ComponentBackgroundProcessError(ComponentError):
    """A task that a component left running failed."""


class LostPacketError(RuntimeError):
    """A packet was still in flight when its net was stopped; it is kept in ``packet``."""

    def __init__(self, packet: object, message: str = "") -> None:
        super().__init__(message)
        self.packet = packet


class BlockedNetError(FBRuntimeError):
    """Nothing in the net can ever move again while something is still awaited.

    ``verdict`` is one word (stepping: deadlock, starved, ...), ``chain`` who waits for whom, as
    `fbdev.runtime.blocked.Wait` records, ``lengthen`` the edge that has to hold more, if that would help.
    """

    def __init__(
        self,
        message: str = "",
        *,
        verdict: str = "blocked",
        chain: Sequence[object] = (),
        lengthen: object | None = None,
    ) -> None:
        super().__init__(message)
        self.verdict = verdict
        self.chain = tuple(chain)
        self.lengthen = lengthen


class EndOfInput(Exception):  # noqa: N818 - like StopIteration, it is no fault
    """Nothing will ever arrive at this port again."""

    port: str = ""
    """The port's name, where it is known."""


class NetStoppedError(FBRuntimeError, EndOfInput):
    """A net has been stopped: nothing is put there or taken any more."""


class UndeliveredWarning(UserWarning):
    """A run ended with packets that nobody took."""
