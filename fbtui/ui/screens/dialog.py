"""What the dialogs have in common: they are left once, and keys typed after that go to what lies below."""

from __future__ import annotations

from collections import deque

from textual import events
from textual.await_complete import AwaitComplete
from textual.message_pump import MessagePump
from textual.screen import ModalScreen, ScreenResultType
from textual.widgets import Input


class Dialog(ModalScreen[ScreenResultType]):
    """A dialog over the debugger."""

    left = False
    """True once it has been left, though it may still be on the screen."""

    def __init__(self) -> None:
        super().__init__()
        self._early: list[events.Key] = []
        """Keys that were pressed before there was a field for them."""
        self._again: list[events.Key] = []
        """Those that were handed on to the field and have not come to it yet."""
        self._passed: deque[events.Key] = deque(maxlen=16)
        """Keys that were pressed here and mean nothing to the field: the application has them next."""

    def on_key(self, event: events.Key) -> None:
        """Keep what comes before a field has the focus."""
        if self.focused is None:
            event.stop()
            self._early.append(event)
        else:
            self._passed.append(event)

    def was_passed_by(self, event: events.Key) -> bool:
        """Return whether a key was pressed in the dialog, and not before it came up."""
        return any(one is event for one in self._passed)

    def on_descendant_focus(self) -> None:
        """Give the field what it has missed."""
        early, self._early = self._early, []
        self._again += [press_again(event, self.focused or self) for event in early]

    def overtakes(self, event: events.Key) -> bool:
        """Return whether a key came to the field before ones that were pressed earlier; it is kept behind them."""
        if any(one is event for one in self._again):
            self._again = [one for one in self._again if one is not event]
        elif self._early:
            self._early.append(event)
            return True
        elif self._again:
            self._again.append(press_again(event, self.focused or self))
            return True
        return False

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
        dialog = self.screen
        if isinstance(dialog, Dialog) and dialog.overtakes(event):
            event.stop()
            event.prevent_default()
            return
        if not isinstance(dialog, Dialog) or not (dialog.left or event.key == "enter"):
            await super()._on_key(event)
            return
        event.stop()
        event.prevent_default()
        if dialog.left:
            press_again(event, self.app)
        else:
            dialog.submit()


def press_again(event: events.Key, pump: MessagePump) -> events.Key:
    """Hand a key on that came to the wrong place; return it as it will come there."""
    again = events.Key(event.key, event.character)
    pump.post_message(again)
    return again
