"""What every part of the application that carries out commands builds on."""

from __future__ import annotations

from abc import abstractmethod

from textual import events

from fbtui.protocol.characters import clean
from fbtui.session import Session
from fbtui.ui.look import Look
from fbtui.ui.screens.dialog import Dialog, press_again


class Commands(Look[str]):
    """An application over one session in which something can be selected.

    Its result is the program to debug next, as ``FILE`` or ``FILE:NAME``; None to leave.
    """

    session: Session
    follows_family: bool
    selected: tuple[str, str] | None
    """What is selected: ``("edge", place)``, ``("node", place)``, or ``("port", place)`` for a port of a node."""

    @abstractmethod
    def update(self) -> None:
        """Show the session as it is now."""

    @property
    @abstractmethod
    def packet(self) -> int | None:
        """The number of the packet that is looked at, else of the one that goes next."""

    @abstractmethod
    def select(self, what: tuple[str, str] | None, *, anew: bool = False, sifts: bool = True) -> None:
        """Select something, and look at it; ``anew`` at the packet under the cursor. It ``sifts`` the Timeline."""

    @abstractmethod
    def show_tab(self, tab: str) -> None:
        """Bring a tab of the lower panes to the front."""

    def say(self, sentence: str) -> None:
        """Tell the person something that went otherwise than wanted; nothing for an empty text."""
        if sentence:
            self.notify(clean(sentence), severity="warning", timeout=5, markup=False)

    async def on_event(self, event: events.Event) -> None:
        """Handle an event; a key that was typed ahead of a dialog, when the key that opens it was not through yet,
        goes to the dialog."""
        dialog = self.screen if self.screen_stack else None
        if (
            isinstance(event, events.Key)
            and event.is_forwarded
            and isinstance(dialog, Dialog)
            and not dialog.was_passed_by(event)
        ):
            press_again(event, self)
        else:
            await super().on_event(event)
