"""What the two processes say to each other.

A transfer takes two steps. The child asks for a packet, or for room for one (`Get`, `Put`); the parent answers as
soon as the move could go, and the child agrees or withdraws. So the parent's edges hold a packet until the child's
own get has gone on, and a get or put that is cancelled in the child has done nothing. Config values are not asked
for: they are received as they come, as with any other node.
"""

from __future__ import annotations

from typing import NamedTuple

from fbdev.comp.packet import PacketUUID
from fbdev.concurrent.component_path import ComponentPath

# ---------------------------------------------------------------------------------- to the child


class Start(NamedTuple):
    """What the child has to know; the first message."""

    sys_path: list[str]
    argv: list[str]
    dont_write_bytecode: bool
    preparation: str | None
    component: ComponentPath
    node_id: str
    address: str
    connected: frozenset[str]
    """The ports that have edges, as ``input.inp``."""
    announced: frozenset[str]
    """The config ports whose value is sure to come."""
    checks: bool
    """Whether payloads are checked against the ports' dtypes and validators."""
    goes_on: bool
    """Whether an error ends the node that it happens in alone."""
    is_top: bool
    """Whether it is the top node: then whoever is outside may put to any of its ports."""


class Answer(NamedTuple):
    """The move asked for can go now; for a get here is the packet."""

    number: int
    packet: bytes | None


class NoMore(NamedTuple):
    """Nothing will come any more for a get."""

    number: int


class Refused(NamedTuple):
    """A port on the way does not take the packet of a put."""

    number: int
    words: str


class ConfigCame(NamedTuple):
    """A config value that was received here for the component; nothing asks for it."""

    port: str
    value: bytes


class ConfigEnded(NamedTuple):
    """No config value will come to a port any more."""

    port: str


class Stop(NamedTuple):
    """Stop the component and end."""


# --------------------------------------------------------------------------------- to the parent


class Get(NamedTuple):
    """A get is asked for; its number is the child's."""

    number: int
    port: str


class Put(NamedTuple):
    """A put is asked for."""

    number: int
    port: str
    packet: bytes


class Agree(NamedTuple):
    """The move that could go has gone."""

    number: int


class Withdraw(NamedTuple):
    """A move asked for is cancelled."""

    number: int


class Post(NamedTuple):
    """A message for a mailbox: there is always room."""

    port: str
    packet: bytes


class Consumed(NamedTuple):
    """The payload of a packet was taken."""

    uuid: PacketUUID


class PortEnded(NamedTuple):
    """Nothing will be put on an output port any more."""

    port: str


class Started(NamedTuple):
    """The component has started."""


class Failed(NamedTuple):
    """An error: the pickled exception if it can be pickled, its own words, its traceback."""

    error: bytes | None
    words: str
    traceback: str
    inside: bool = False
    """True if it happened in a node of the graph that the component is."""


class Finished(NamedTuple):
    """All tasks of the component have ended."""


class Printed(NamedTuple):
    """Text for ``stdout`` or ``stderr``."""

    stream: str
    text: str


class Settled(NamedTuple):
    """Nothing is ready in the child, after so many messages from the parent."""

    received: int
    outside: tuple[str, ...]
    """What it waits for besides the parent, in the words of `NetLoop.outside`."""


class StopNet(NamedTuple):
    """The component asks for the end of the whole net."""

    result: bytes
    reason: str


class Stopping(NamedTuple):
    """The child has heard that it is to stop."""


class Stopped(NamedTuple):
    """The component is stopped: the packets inside that nobody received, each with its address and why."""

    left: tuple[tuple[bytes, str, str], ...]


Message = (
    Start
    | Answer
    | NoMore
    | Refused
    | ConfigCame
    | ConfigEnded
    | Stop
    | Get
    | Put
    | Agree
    | Withdraw
    | Post
    | Consumed
    | PortEnded
    | Started
    | Failed
    | Finished
    | Printed
    | Settled
    | StopNet
    | Stopping
    | Stopped
)
