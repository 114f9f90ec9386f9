"""The options of every command, and the run that they describe."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from fbtui.session.spec import RunSpec

_USES: Final = {
    "debug": (
        "fbtui",
        "fbtui [FILE[:NAME]] [options]",
        "Draw the graph, step through it, run it again on every save.",
    ),
    "run": (
        "fbtui run",
        "fbtui run FILE[:NAME] [options]",
        "Run the graph without a screen, and print its outputs.",
    ),
    "draw": ("fbtui draw", "fbtui draw FILE[:NAME] [options]", "Print the diagram of the graph."),
    "check": ("fbtui check", "fbtui check FILE[:NAME] [options]", "Tell what is wrong with the graph."),
    "serve": ("fbtui serve", "fbtui serve FILE[:NAME] [options]", "Show the debugger in a browser tab."),
    "open": (
        "fbtui open",
        "fbtui open RECORDING [options]",
        "Show a recorded run, every moment of it; nothing of it is run.",
    ),
    "diff": ("fbtui diff", "fbtui diff BEFORE AFTER [options]", "Tell where two recordings differ, edge by edge."),
    "export": (
        "fbtui export",
        "fbtui export RECORDING --to FORMAT [-o PATH]",
        "Write a recording in a format that other programs read.",
    ),
}
_EXAMPLES: Final = {
    "debug": "commands:\n"
    "  fbtui FILE[:NAME]        the debugger\n"
    "  fbtui                    the debugger on one of the files opened last\n"
    "  fbtui run FILE[:NAME]    run without a screen; --help tells its options\n"
    "  fbtui draw FILE[:NAME]   print the diagram\n"
    "  fbtui check FILE[:NAME]  tell what is wrong with the graph, or depends on the schedule\n"
    "  fbtui open RECORDING     the debugger on a recorded run\n"
    "  fbtui diff BEFORE AFTER  tell where two recordings differ\n"
    "  fbtui export RECORDING   write a recording in another format\n"
    "  fbtui serve FILE[:NAME]  the debugger in a browser tab\n\n"
    "example:\n  fbtui examples/hello.py --input inp=5",
    "run": "exit codes: 0 finished or stopped, 1 a component failed, 2 cannot start, 3 blocked, 4 --until was not\n"
    "reached or --expect differs, 5 killed (time-out, memory limit, crash), 130 interrupted\n\n"
    "example:\n  fbtui run examples/hello.py --input inp=5 --json",
    "check": "exit codes: 0 nothing found, 2 cannot start, 4 something found\n\n"
    "example:\n  fbtui check examples/deadlock.py --seeds 20",
    "serve": "It prints the address to open, which holds a secret token and works on this machine alone;\n"
    "ctrl+c ends it\n\n"
    "example:\n  fbtui serve examples/hello.py --port 8000",
    "open": "example:\n  fbtui open run.fbtrace",
    "diff": "exit codes: 0 the same, 2 cannot be read, 4 they differ\n\n"
    "example:\n  fbtui diff before.fbtrace after.fbtrace",
    "export": "example:\n  fbtui export run.fbtrace --to sqlite -o run.sqlite",
    "draw": "example:\n  fbtui draw examples/telegram.py --format ascii",
}


OF_RECORDINGS: Final = frozenset({"open", "diff", "export"})
"""Commands that take recordings, and run nothing."""
FORMATS: Final = ("json", "sqlite", "chrome", "mermaid", "pytest")


class BadOption(Exception):  # noqa: N818 - a sentence for the person
    """The command cannot start; the sentence says why and what to do."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> Any:
        raise BadOption(f"{message}; '{self.prog} --help' lists the options")


class _Version(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        print(f"fbtui {_version()}")  # noqa: T201 - the answer
        parser.exit(0)


def parser(command: str) -> argparse.ArgumentParser:
    """Return the parser of a command."""
    prog, usage, description = _USES[command]
    made = _Parser(
        prog=prog,
        usage=usage,
        description=description,
        epilog=_EXAMPLES[command],
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    if command in OF_RECORDINGS:
        _add_recordings(made, command)
        return made
    file = "a Python file, and in it a graph, a component or a function"
    if command != "debug":
        made.add_argument("file", metavar="FILE[:NAME]", help=file)
    else:
        made.add_argument("file", metavar="FILE[:NAME]", nargs="?", help=f"{file}; without it, choose a recent one")
        made.add_argument("--version", action=_Version, nargs=0, help="tell the version")
    _add_inputs(made)
    made.add_argument("--python", metavar="PATH", help="the Python that runs it; it needs fbtui, too")
    if command in {"debug", "serve", "run"}:
        _add_run(made, command)
    if command == "check":
        made.add_argument("--seeds", type=_positive, metavar="N", help="run it under N schedules, too")
        made.add_argument("--json", action="store_true", help="print one JSON object")
    if command == "serve":
        made.add_argument("--port", type=_port, default=0, metavar="N", help="where to listen; default: a free one")
    if command in {"debug", "serve"}:
        made.add_argument("--go", action="store_true", help="run at once instead of pausing before the first move")
        made.add_argument("--no-rerun", action="store_true", help="tell when a file is saved; r runs again")
        made.add_argument("--no-watch", action="store_true", help="take no notice when a file is saved")
        _add_look(made)
    if command == "draw":
        made.add_argument(
            "--format", choices=("text", "ascii", "svg", "json", "mermaid"), default="text", help="default: text"
        )
        made.add_argument(
            "--depth", type=_depth, default=0, metavar="N", help="open so many levels of nested graphs; default: 0"
        )
        made.add_argument("--compact", action="store_true", help="titles only, without the names of ports")
    if command != "check":
        made.add_argument("--all-ports", action="store_true", help="draw unconnected message and signal ports, too")
    return made


def _add_look(made: argparse.ArgumentParser) -> None:
    group = made.add_argument_group("how it looks (the config file has the same settings; docs/settings.md)")
    group.add_argument("--theme", metavar="NAME", help="light, dark, auto or the name of a theme")
    group.add_argument("--ascii", action="store_true", help="plain characters only")
    group.add_argument("--no-color", action="store_true", help="no colours; so does NO_COLOR")
    group.add_argument("--screen-reader", action="store_true", help="lines of text instead of a screen")
    group.add_argument("--no-motion", action="store_true", help="nothing is seen travelling")


def _add_recordings(made: argparse.ArgumentParser, command: str) -> None:
    if command == "diff":
        made.add_argument("before", metavar="BEFORE", help="a recording")
        made.add_argument("after", metavar="AFTER", help="a recording of a later run")
        made.add_argument("--json", action="store_true", help="print one JSON object")
        return
    made.add_argument("recording", metavar="RECORDING", help="a file that 'fbtui run --record' has written")
    if command == "open":
        _add_look(made)
        return
    made.add_argument("--to", choices=FORMATS, required=True, help="docs/recordings.md describes each of them")
    made.add_argument("-o", dest="output", metavar="PATH", help="the file to write; default: standard output")


def _version() -> str:
    from importlib import metadata  # noqa: PLC0415 - slow to import

    try:
        return metadata.version("fbtui")
    except metadata.PackageNotFoundError:  # run from a folder that is not installed
        return "(not installed)"


def _add_inputs(made: argparse.ArgumentParser) -> None:
    group = made.add_argument_group("what goes in (it wins over the module's BATCH, port by port)")
    group.add_argument(
        "--input",
        action="append",
        default=[],
        metavar="PORT=VALUE",
        help="JSON, a Python literal, a text, or @FILE; the same port again gives it one more packet",
    )
    group.add_argument("--config", action="append", default=[], metavar="NAME=VALUE", help="a config value")
    group.add_argument("--signal", action="append", default=[], metavar="NAME", help="send a signal")
    group.add_argument("--batch", metavar="FILE.json", help="a file with any of inputs, streams, config, signals")


def _add_main(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--main",
        action="store_true",
        help="run the file as python does, words after -- as its arguments, and debug the net that it starts",
    )
    group.add_argument("--net", type=_positive, metavar="N", help="with --main: the N-th net that it starts")


def _add_run(made: argparse.ArgumentParser, command: str) -> None:
    group = made.add_argument_group("how it runs")
    _add_main(group)
    default = "free" if command == "run" else "fifo"
    orders = ("free", "fifo", "canon", "random") + (("ask",) if command != "run" else ())
    words = "free: as the program comes to it, at full speed; fifo: what was asked for first; canon: as the graph"
    words += " declares its nodes; random: by --seed" + ("; ask: you pick" if command != "run" else "")
    told = f"which of the moves that could go goes next ({words}); default: {default}"
    group.add_argument("--order", choices=orders, help=told)
    group.add_argument("--seed", type=int, metavar="N", help="for --order random; default: 1")
    group.add_argument(
        "--virtual-time",
        action="store_true",
        help="sleeps and time-outs cost nothing: the clock jumps when nothing else can happen",
    )
    group.add_argument("--real-clock", action="store_true", help="time-outs go on while the run is paused")
    group.add_argument(
        "--break",
        dest="breaks",
        action="append",
        default=[],
        metavar="'PLACE [once] [hit N] [log TEXT] [if EXPR]'",
        help="a breakpoint; repeat it for more" + (": each stop is told, and the run goes on" * (command == "run")),
    )
    group.add_argument(
        "--place", metavar="FILE.toml", help="where its nodes run: here, in processes, on other machines"
    )
    group.add_argument("--limit-memory", type=_positive, metavar="MB", help="end a run that needs more")
    full = "end a run" if command == "run" else "pause a run"
    group.add_argument(
        "--limit-recording",
        type=_positive,
        metavar="MB",
        default=1024,
        help=f"{full} that has recorded more on the disk (1024)",
    )
    until = "outputs: end when each output has come once"
    if command == "run":
        until += "; PLACE, blocked or 'move N': stop there"
        group.add_argument(
            "--record", metavar="PATH", help="write the run into a file; only an older recording is replaced"
        )
        group.add_argument(
            "--expect",
            metavar="RECORDING",
            help="compare with a recorded run; what is not given here (inputs, order, seed) is as it was there",
        )
        group.add_argument("--profile", action="store_true", help="tell where the time went: by node and by edge")
        group.add_argument("--timeout", type=float, metavar="S", help="kill the run after so many seconds")
        group.add_argument("--json", action="store_true", help="print one JSON object instead of the outputs")
    group.add_argument("--until", metavar="END", help=until)


def _depth(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text} is no count of levels: 0, 1, 2 ...")
    return int(text)


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text} is no port: a number up to 65535")
    return int(text)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is less than 1")
    return number


def spec_of(options: argparse.Namespace, command: str) -> RunSpec:
    """Return the run that the options describe.

    Raises:
        BadOption: if a file cannot be read or an option makes no sense.
    """
    from fbtui.session.spec import RunSpec  # noqa: PLC0415 - help and version need no session

    path, name = _file(options.file)
    net = _net_of(options, name)
    until = getattr(options, "until", None)
    if command == "debug" and until not in {None, "outputs", "rest"}:
        raise BadOption(f"--until {until}: the debugger knows 'outputs' here; steps and stops have keys")
    limit = getattr(options, "limit_memory", None)
    seed = getattr(options, "seed", None)
    return RunSpec(
        path=path,
        name=name,
        cwd=Path.cwd(),
        inputs=_pairs(options.input, "--input"),
        config=_pairs(options.config, "--config"),
        signals=tuple(options.signal),
        batch=_batch(options.batch),
        places=_content(getattr(options, "place", None), "--place"),
        order=getattr(options, "order", None) or ("fifo" if command == "debug" else "free"),
        seed=1 if seed is None else seed,
        until="outputs" if until == "outputs" else "rest",
        paused=command == "debug" and not options.go,
        all_ports=getattr(options, "all_ports", False),
        recording_limit=getattr(options, "limit_recording", 1024) << 20,
        attended=command == "debug",
        memory_limit=limit * (1 << 20) if limit is not None else None,
        describe_only=command == "draw",
        virtual_time=getattr(options, "virtual_time", False),
        real_clock=getattr(options, "real_clock", False),
        net=net,
        python=options.python or sys.executable,
    )


def _net_of(options: argparse.Namespace, name: str | None) -> int | None:
    """Return which net of a program is meant, None where the file's own graph is."""
    if not getattr(options, "main", False):
        if getattr(options, "net", None) is not None:
            raise BadOption("--net: it goes with --main, which runs the file as a program")
        return None
    given = {
        f":{name}": name is not None,
        "--input": bool(options.input),
        "--config": bool(options.config),
        "--signal": bool(options.signal),
        "--batch": options.batch is not None,
        "--place": options.place is not None,
        "--until outputs": options.until == "outputs",
    }
    if word := next((word for word, is_given in given.items() if is_given), None):
        raise BadOption(f"--main: the program makes and feeds its nets itself; leave {word} away")
    return options.net or 1


def breaks_of(options: argparse.Namespace) -> list[str]:
    """Return the breakpoints of the command line as they were written.

    Raises:
        BadOption: if one is none.
    """
    from fbtui.session.breakpoints import BadBreakpoint, parse  # noqa: PLC0415 - help and version need no session

    for text in options.breaks:
        try:
            parse(text, 0)
        except BadBreakpoint as error:
            raise BadOption(f"--break: {error}") from error
    return list(options.breaks)


def _file(text: str) -> tuple[Path, str | None]:
    """A file, or a dotted module below the working folder, and the name behind the last colon."""
    file, colon, name = text.rpartition(":")
    if not colon or not name.isidentifier():
        file, name = text, ""
    path = Path(file)
    if not path.exists():
        dotted = Path(*file.split("."))
        path = next((p for p in (dotted.with_suffix(".py"), dotted / "__init__.py") if p.exists()), path)
    if not path.exists():
        raise BadOption(f"there is no file {file}")
    if path.is_dir():
        raise BadOption(f"{file} is a folder: name a Python file in it")
    return path.resolve(), name or None


def _pairs(texts: list[str], option: str) -> tuple[tuple[str, str], ...]:
    pairs = []
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise BadOption(f"{option} {text}: it is written PORT=VALUE")
        pairs.append((name, value))
    return tuple(pairs)


def _batch(file: str | None) -> str | None:
    import json  # noqa: PLC0415 - help and version need none of it

    content = _content(file, "--batch")
    try:
        json.loads(content or "{}")
    except ValueError as error:
        raise BadOption(f"--batch {file} is not JSON: {error}") from error
    return content


def _content(file: str | None, option: str) -> str | None:
    if file is None:
        return None
    try:
        return Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadOption(f"{option} {file}: {getattr(error, 'strerror', None) or error}") from error
