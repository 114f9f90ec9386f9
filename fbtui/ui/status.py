"""The status line. Where it is too long, what can be seen elsewhere, too, gives way to what is new."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from rich.cells import cell_len

from fbtui.diagram import Run
from fbtui.protocol.characters import clean
from fbtui.session import Session
from fbtui.ui.keys import named
from fbtui.ui.pace import duration
from fbtui.ui.words import phase_words

USUAL: Final = " · fifo"
"""The order that nobody needs to be told of."""

Forms = tuple[Run, ...]
"""How a part can be written, from the longest to the shortest."""
GONE: Final[Run] = ("", "dim")


def status(
    session: Session, pace: tuple[float, float] | None, keys: Mapping[str, str], *, is_busy: bool, width: int
) -> list[Run]:
    """Return the status line.

    Args:
        session: the session.
        pace: of a run that goes on, for how many seconds it does, and its moves a second.
        keys: the person's own keys by the id of the command.
        is_busy: whether a component has kept the run busy for long.
        width: cells that there are.
    """
    name = session.graph.name if session.graph is not None else session.spec.name or ""
    file = clean(session.spec.path.name)
    player = session.controls.player
    parts: list[tuple[int, Forms]] = [
        (2, ((" fbtui ", "brand"), GONE)),
        (3, ((f" {file}{':' + clean(name) if name else ''}  ", "title"), (f" {file} ", "title"), GONE)),
        (9, ((f" {clean(session.label)} · ", "dim"),)),
        (9, (phase_words(session),)),
        (2, ((_ways_on(session), "dim"), GONE)),
        (8, _changed_by_hand(session)),
        (4, ((f" · {duration(pace[0])} · {pace[1]:,.0f} moves/s" if pace is not None else "", "running"), GONE)),
        (1 if _order(session) == USUAL else 6, ((_order(session), "dim"), GONE)),
        (7, ((f" · playing at {player.rate:g}/s" if player.playing else "", "next"), GONE)),
        (9, ((f" · {clean(session.saved)} is saved: {{debug.rerun}} runs it" if session.saved else "", "warning"),)),
        (5, _verdict(session)),
        (8, _outside(session, is_busy=is_busy)),
        (9, _notice(session)),
    ]
    return fitted(
        [(matters, tuple((named(x, keys), style) for x, style in forms)) for matters, forms in parts], width
    )


def fitted(parts: list[tuple[int, Forms]], width: int) -> list[Run]:
    """Return parts of a line as runs that fit, if they can.

    Args:
        parts: the forms of each, and how much it matters: what matters most has its longest form that fits.
        width: cells that there are.
    """
    shown = [written[-1] for _, written in parts]
    room = width - sum(cell_len(text) for text, _ in shown)
    for i in sorted(range(len(parts)), key=lambda i: -parts[i][0]):
        taken = cell_len(shown[i][0])
        shown[i] = next((one for one in parts[i][1] if cell_len(one[0]) - taken <= room), shown[i])
        room -= cell_len(shown[i][0]) - taken
    return [one for one in shown if one[0]]


def _ways_on(session: Session) -> str:
    """Return what can be done in the past of a run that can be run again."""
    is_past = session.record.cursor is not None and session.is_live
    return " · {debug.continue} forks a run here, {time.now} is now" if is_past else ""


def _notice(session: Session) -> Forms:
    """The newest sentence; of several in a row the last one is the newest."""
    told = clean(session.notice.removeprefix(" · "))
    if session.notice == session.fork_of:  # the label says it
        return (GONE,)
    newest = told.rpartition(" · ")[2]
    return ((f" · {told}", "dim"), (f" · {newest}", "dim")) if told else (GONE,)


def _changed_by_hand(session: Session) -> Forms:
    """What follows an act of the person is not the program's own doing any more."""
    acts = len(session.record.acts_by_then)
    return ((f" · changed by hand ({acts})", "warning"), (f" · by hand ({acts})", "warning")) if acts else (GONE,)


def _order(session: Session) -> str:
    order = session.done.order if session.done is not None else session.spec.order
    seed = f" · seed {session.spec.seed}" if order == "random" else ""
    return f" · {order}{seed}{' · virtual time' if session.spec.virtual_time else ''}"


def _verdict(session: Session) -> Forms:
    """How the run is to the one before: the Changes say it at length."""
    changes = session.changes
    verdict = changes.verdict
    if not verdict or changes.earlier is None or not session.record.marking.step:  # so far nothing can differ
        return (GONE,)
    found, run = changes.differences, changes.earlier.run
    style = "warning" if found else "good"
    brief = f"{'differs from' if found else 'the same as'} run {run}"
    where = f"first difference to run {run}: packet {found[0].occurrence} on {found[0].edge}" if found else brief
    return (*((f" · {clean(words)}", style) for words in (verdict, where, brief)), GONE)


def _outside(session: Session, *, is_busy: bool) -> Forms:
    """Where a component is busy, or what outside the net the run waits for."""
    if not is_busy:
        outside = session.waits_for()
        return ((f" · waits for: {', '.join(outside)}" if outside else "", "dim"),)
    busy, seconds = session.record.busy, f"{session.silence():.1f} s"
    if busy is None:
        return ((f" · busy for {seconds}", "warning"),)
    return ((f" · busy {busy} for {seconds}", "warning"), (f" · busy {busy}", "warning"))
