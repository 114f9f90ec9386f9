"""What a person types ahead: commands that steer a run while a step of it still goes on."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

Command = Callable[[], str]
"""Steers the run; it returns why it cannot, or nothing."""


@dataclass
class Steps:
    """Some steps in a row, made at once."""

    step: Callable[[int], str]
    count: int

    def __call__(self) -> str:
        """Make them."""
        return self.step(self.count)


class TypedAhead:
    """Commands that wait for a step to end, in the order in which they were typed."""

    def __init__(self) -> None:
        self._commands: deque[Command] = deque()
        self.say: Callable[[str], None] = lambda sentence: None
        """Takes why a command could not be carried out when its turn had come."""

    def add(self, command: Command) -> None:
        """Have a command wait; steps behind steps become one command."""
        last = self._commands[-1] if self._commands else None
        if isinstance(command, Steps) and isinstance(last, Steps):
            last.count += command.count
        else:
            self._commands.append(command)

    def drop(self) -> None:
        """Forget what waits."""
        self._commands.clear()

    def carry_out(self, may_go: Callable[[], bool]) -> None:
        """Carry out what waits as long as it may: until a command sets the run going."""
        while self._commands and may_go():
            if why := self._commands.popleft()():
                self.say(why)
