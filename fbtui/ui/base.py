"""What every part of the application that carries out commands builds on."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable

from fbtui.protocol.characters import clean
from fbtui.session import Session
from fbtui.ui.keys import named
from fbtui.ui.look import Look


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

    @abstractmethod
    def show_soon(self, show: Callable[[], None]) -> None:
        """Show something again at the next tick, once however often it is asked for: there is more to read of it."""

    @property
    @abstractmethod
    def packet(self) -> int | None:
        """The number of the packet that is looked at, else of the one that goes next."""

    @abstractmethod
    def select(self, what: tuple[str, str] | None, *, anew: bool = False, sifts: bool = True) -> None:
        """Select something, and look at it; ``anew`` at the packet under the cursor. It ``sifts`` the Timeline."""

    @abstractmethod
    def go_to(self, what: tuple[str, str]) -> None:
        """Select something, and show it, whatever hides it."""

    @abstractmethod
    def show_tab(self, tab: str) -> None:
        """Bring a tab of the lower panes to the front."""

    def say(self, sentence: str) -> None:
        """Tell the person something that went otherwise than wanted; nothing for an empty text."""
        if sentence:
            self.notify(self.named(sentence), severity="warning", timeout=5, markup=False)

    def tell(self, sentence: str, *, seconds: float = 3) -> None:
        """Tell the person what has been done."""
        self.notify(self.named(sentence), timeout=seconds, markup=False)

    def named(self, sentence: str) -> str:
        """Return a sentence as it can be shown, with the person's own keys; see `fbtui.ui.keys.named`."""
        return named(clean(sentence), self.settings.keys)
