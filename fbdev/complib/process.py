"""Terminal commands as components."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from fbdev.comp.base_component import BaseComponent
from fbdev.comp.packet import Packet
from fbdev.comp.port_spec import PortSpec, PortSpecCollection, PortType
from fbdev.complib.standard import StandardFactory

Command = str | Sequence[str]


def a_command(command: Command) -> bool:
    """Return whether there is anything in what is to be a command."""
    return bool(_words(command))


class CommandFactory(StandardFactory):
    """Runs a command for each packet that comes: the payload is its standard input, its output is sent by ``out``.

    Text goes in and comes out as UTF-8, bytes as they are; None stands for no input, and what comes out is text. A
    command that fails is an error: a `subprocess.CalledProcessError` with what it wrote to its standard error.
    """

    port_specs = PortSpecCollection(
        PortSpec(PortType.INPUT, "inp", dtype=str | bytes | None),
        PortSpec(PortType.CONFIG, "command", dtype=str | Sequence[str], data_validator=a_command),
        PortSpec(PortType.OUTPUT, "out", dtype=str | bytes),
    )

    @classmethod
    def create_component(
        cls, command: Command | None = None, component_name: str | None = None
    ) -> type[BaseComponent]:
        """Return a component that runs a command.

        Args:
            command: a program and its arguments, as a sequence or as a string in which quotes group words. No
                shell is involved: for one write ``["sh", "-c", "..."]``. It is the default of the config port
                ``command``.
            component_name: the name of the class.

        Raises:
            ValueError: if it is empty.
        """
        return cls._make(component_name, {"command": command}, values={"command": command})

    async def _work(self) -> None:
        async for packet in self.ports.input.inp:
            payload = await packet.consume()
            output = await run(
                _words(self.config.command), payload.encode() if isinstance(payload, str) else payload
            )
            await self.ports.output.out.put(Packet(output if isinstance(payload, bytes) else output.decode()))


def _words(command: Command) -> list[str]:
    return shlex.split(command) if isinstance(command, str) else list(command)


async def run(command: Sequence[str], data: bytes | None = None) -> bytes:
    """Run a command to its end and return what it wrote to its standard output; it is killed if that is cancelled.

    Args:
        command: the program and its arguments.
        data: its standard input, None for none.

    Raises:
        OSError: if there is no such program.
        subprocess.CalledProcessError: if its exit code is not 0.
    """
    import anyio  # noqa: PLC0415 - an import of fbdev stays cheap

    stdin = subprocess.DEVNULL if data is None else subprocess.PIPE
    async with await anyio.open_process(command, stdin=stdin) as process:
        written: dict[str, bytes] = {}
        try:
            async with anyio.create_task_group() as group:
                group.start_soon(_read_all, process.stdout, written, "output")
                group.start_soon(_read_all, process.stderr, written, "errors")
                await _write_all(process.stdin, data)
            code = await process.wait()
        except BaseException:
            process.kill()
            raise
    if code != 0:
        error = subprocess.CalledProcessError(code, list(command), written["output"], written["errors"])
        error.add_note(f"it wrote: {written['errors'].decode(errors='replace').strip()}")
        raise error
    return written["output"]


async def _read_all(stream: Any, written: dict[str, bytes], what: str) -> None:
    written[what] = b"".join([chunk async for chunk in stream])


async def _write_all(stream: Any, data: bytes | None) -> None:
    """Write what the command reads; it need not read all of it."""
    import anyio  # noqa: PLC0415 - an import of fbdev stays cheap

    if data is not None:
        with suppress(OSError, anyio.BrokenResourceError):
            await stream.send(data)
        await stream.aclose()
