"""Keys are handled one by one, in the order in which they were typed."""

from __future__ import annotations

from collections import deque
from time import monotonic
from typing import Final, TypeVar

from textual import events
from textual.app import App
from textual.message_pump import MessagePump
from textual.screen import ModalScreen

Result = TypeVar("Result")
SOON: Final = 0.01
"""Seconds after which it is looked again whether a dialog has come up."""
LOST: Final = 5.0
"""Seconds after which nobody waits any more for a key on its way: a pump that has ended may have taken it along."""


class InTurn(App[Result]):
    """An application that looks at a key when all is done that the one before it has asked for.

    A key wanders: from the widget with the focus up to the application, and so does what it asks for. Another one
    behind it would be looked at where the focus was, or by a dialog that is not there any more. So a call goes the
    same way behind each key, twice: behind the key itself, then behind what the key has set going.
    """

    def __init__(self) -> None:
        super().__init__()
        self._typed: deque[events.Key | events.Paste] = deque()
        self._one_is_on_its_way = False
        self._since = 0.0

    async def on_event(self, event: events.Event) -> None:
        """Handle an event; what was typed waits for its turn."""
        if not isinstance(event, (events.Key, events.Paste)) or event.is_forwarded:
            await super().on_event(event)
            return
        self._typed.append(event)
        if not self._one_is_on_its_way or monotonic() > self._since + LOST:
            await self._next_one()

    async def _next_one(self) -> None:
        self._one_is_on_its_way = bool(self._typed)
        if not self._typed:
            return
        if self._comes_up():
            self.set_timer(SOON, self._next_one)
            return
        event, target, self._since = self._typed.popleft(), self.focused or self.screen, monotonic()
        await super().on_event(event)
        self._go_behind(target, 2)

    def _comes_up(self) -> bool:
        """Return whether there is a dialog on top that will have the focus in a moment."""
        top = self.screen
        if not isinstance(top, ModalScreen) or top.focused is not None or not self.app_focus:
            return False
        return not top.is_mounted or bool(top.focus_chain)

    def _go_behind(self, pump: MessagePump | None, rounds: int) -> None:
        """Go up from a pump, behind all that waits there; one that is being removed is left out."""
        while pump is not None and pump is not self:
            above = pump._parent
            if pump.call_later(self._go_behind, above, rounds):
                return
            pump = above
        if rounds > 1:
            self.call_next(self._go_behind, self.focused or self.screen, rounds - 1)
        else:
            self.call_next(self._next_one)
