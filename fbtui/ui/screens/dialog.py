"""What the dialogs have in common: they are left once, however often Enter is pressed."""

from __future__ import annotations

from textual import events
from textual.await_complete import AwaitComplete
from textual.screen import ModalScreen, ScreenResultType
from textual.widgets import Input


class Dialog(ModalScreen[ScreenResultType]):
    """A dialog over the debugger."""

    left = False
    """True once it has been left, though it may still be on the screen."""

    def dismiss(self, result: ScreenResultType | None = None) -> AwaitComplete:
        """Leave with a result; whoever presses Enter twice leaves once."""
        if self.left:
            return AwaitComplete()
        self.left = True
        return super().dismiss(result)

    def submit(self) -> None:
        """Do what Enter in a field does."""
        raise NotImplementedError


class Field(Input):
    """A line to be filled in. Enter does at once what it does, so that the next key already means something else."""

    async def _on_key(self, event: events.Key) -> None:
        if event.key != "enter" or not isinstance(self.screen, Dialog):
            await super()._on_key(event)
            return
        event.stop()
        event.prevent_default()
        self.screen.submit()
