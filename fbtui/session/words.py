"""The sentences of a session: how a run ended, and why something cannot be done."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from fbtui.protocol import Done, Undelivered
from fbtui.session.busy import first_in
from fbtui.session.spec import Phase, Problem
from fbtui.trace import HandAct, in_words

TOLD: Final = 20
"""Acts that are told one by one at the end of a run."""


def how_it_ended(done: Done) -> str:
    """Return in one sentence how a run ended."""
    brief = end_in_brief(done)
    if done.end == "failed" and done.error is not None:
        return f"{brief}: {done.error.message}"
    return f"{brief}: {done.blocked.text}" if done.end == "blocked" and done.blocked is not None else brief


def end_at(done: Done) -> str:
    """Return the node at which a run ended badly: the one that failed, or the first that waits; else nothing."""
    if done.error is not None:
        return done.error.node or ""
    return done.blocked.chain[0].node if done.blocked is not None and done.blocked.chain else ""


def end_in_brief(done: Done) -> str:
    """Return how a run ended without the message of an error or the chain of who waits for whom."""
    moves = f"after {done.moves} move{'' if done.moves == 1 else 's'}"
    match done.end:
        case "failed" if done.error is not None:
            where = f" in {done.error.node}" if done.error.node else ""
            return f"failed {moves}: {done.error.type}{where}"
        case "blocked" if done.blocked is not None:
            return f"blocked {moves}: {done.blocked.verdict}"
        case _:
            return f"{done.end} {moves}{f': {done.reason}' if done.reason else ''}"


def output_text(value: Any, most: int | None = None) -> str:
    """Return a packet that left the graph as people read it; of a long one ``most`` characters, if that is given."""
    if isinstance(value, dict) and value.keys() == {"type", "repr"}:
        text = str(value["repr"])
    elif most is None:
        text = json.dumps(value, ensure_ascii=False)
    else:
        text = _beginning(value[: most + 1] if isinstance(value, str) else value, most + 1)
    return text if most is None or len(text) <= most else f"{text[: most - 1]}…"


def _beginning(value: Any, most: int) -> str:
    """Return what JSON of a value begins with; no more of a large value is looked at than that takes."""
    text = ""
    for piece in json.JSONEncoder(ensure_ascii=False).iterencode(value):
        text += piece
        if len(text) >= most:
            break
    return text


def problems_of_end(done: Done, acts: Sequence[HandAct], edge_name: Callable[[str], str]) -> Iterator[Problem]:
    """Yield what there is to say of the end of a run.

    Args:
        done: the end.
        acts: what the person has done to packets by hand: what the run did since is not the program's own doing.
        edge_name: returns an edge as people write it.
    """
    if done.error is not None:
        yield Problem.of(done.error)
    elif done.end in {"blocked", "killed", "timeout"}:
        node = end_at(done)
        yield Problem(how_it_ended(done), at=("node", node) if node else None)
    elif done.end == "interrupted":
        yield Problem(f"it was busy{f' {done.reason}' if done.reason else ''} when it was ended")
    for act in acts[:TOLD]:
        moves, edge = f"after {act.step} move{'' if act.step == 1 else 's'}", act.manner.edge
        title = f"changed by hand {moves}: {in_words(act, edge_name(edge))}"
        yield Problem(title, at=("edge", edge) if edge else None, level="remark")
    if len(acts) > TOLD:
        yield Problem(f"changed by hand {len(acts) - TOLD} times more: the Timeline lists acts", level="remark")
    for left in done.undelivered:
        at = ("node" if edge_name(left.place) == left.place else "edge", left.place)
        yield Problem(_not_delivered(left, edge_name), at=at, level="remark")


def _not_delivered(left: Undelivered, edge_name: Callable[[str], str]) -> str:
    """Return which packets were left, and where: on an edge, or taken by a node that did nothing with them."""
    more = f" and {left.count - len(left.packets)} more" if left.count > len(left.packets) else ""
    which = f": {', '.join(left.packets)}{more}" if left.packets else ""
    if left.taken_from is not None:
        where = f"taken by {left.place} from {edge_name(left.taken_from)}, and not used"
    else:
        where = edge_name(left.place)
    return f"{left.count} not delivered, {where}{which}"


def what_is_fixed(order: str, seed: int, *, virtual_time: bool) -> list[tuple[str, str]]:
    """Return what is the same in every run of a program, and what is not: pairs of a word and a sentence."""
    if order == "free":
        rows = [("order", "Not fixed: a free run goes in the program's own order"), ("chance", "Not fixed")]
    else:
        how = {"canon": "as the graph declares its nodes", "random": f"at random, from seed {seed}"}
        rows = [
            ("order", f"Fixed, {order}: {how.get(order, 'the move that was asked for first')}"),
            ("chance", f"Fixed by seed {seed}: random, uuid1, uuid4, numpy.random"),
        ]
    clock = "Fixed: clocks and sleeps follow the net" if virtual_time else "Not fixed: --virtual-time fixes clocks"
    return [
        *rows,
        ("hash", "Fixed: sets of texts have one order"),
        ("time", clock),
        ("never", "datetime.now, os.urandom, secrets, default_rng(), sets by identity, threads, real I/O"),
    ]


def why_not(phase: Phase, done: Done | None, problems: Sequence[Problem]) -> str:
    """Return in one sentence why a run can neither be stepped nor continued now."""
    match phase:
        case Phase.ENDED if done is not None:
            return f"the run has {how_it_ended(done)}; {{debug.rerun}} runs it again"
        case Phase.BROKEN:
            return problems[0].title if problems else "the program does not load"
        case Phase.MISSING:
            return "inputs are missing; {debug.inputs} opens the form"
        case _:
            return f"the run is {phase.value}"


def death_of(code: int, folder: Path, program: Path, *, asked: bool) -> Problem:
    """Return how a target died that did not say goodbye: in one sentence, with the place if it is known.

    Args:
        code: its exit code, negative for a signal.
        folder: the run's folder, where a crash leaves its stack.
        program: the user's file, whose frames are looked for first.
        asked: whether it was asked to end before.
    """
    if asked and code == -signal.SIGKILL:
        spot = first_in(folder / "where.txt", program)
        sentence = f"it did not end when asked and was killed{f', busy at {spot}' if spot else ''}"
    else:
        spot = first_in(folder / "crash.txt", program)
        sentence = f"{_end_of_process(code)}{f' at {spot}' if spot else ''}"
    return Problem(sentence, file=str(spot.file) if spot else None, line=spot.line if spot else None)


def _end_of_process(code: int) -> str:
    if code >= 0:
        return f"the target ended by itself with exit code {code}, without an end of the run"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    return f"the target was killed by {name}"
