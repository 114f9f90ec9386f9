"""``fbtui check``: what is wrong with a graph, and with ``--seeds`` what depends on the schedule."""

from __future__ import annotations

import argparse
import dataclasses
import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

from fbtui.cli.load import load
from fbtui.cli.options import BadOption
from fbtui.protocol import FindingInfo
from fbtui.protocol.characters import clean
from fbtui.session import RunSpec
from fbtui.session.headless import CannotRun
from fbtui.session.survey import Survey, survey

FINDINGS: Final = 4


async def check(spec: RunSpec, options: argparse.Namespace) -> int:
    """Print what is found, and return the exit code.

    Raises:
        BadOption: if the file cannot be loaded, or not be run under the seeds asked for.
    """
    graph = await load(dataclasses.replace(spec, describe_only=True))
    shown: Survey | None = None
    if options.seeds:
        try:
            shown = await survey(spec, range(1, options.seeds + 1))
        except CannotRun as error:
            raise BadOption(clean(str(error))) from error
    if options.json:
        print(json.dumps(_data(graph.findings, shown), ensure_ascii=False))  # noqa: T201 - the answer
    else:
        for line in _lines(graph.findings, shown):
            print(clean(line))  # noqa: T201 - the answer
    matters = any(finding.level != "note" for finding in graph.findings)
    depends = shown is not None and (shown.sensitive or shown.bad_ends)
    return FINDINGS if matters or depends else 0


def _lines(findings: Sequence[FindingInfo], shown: Survey | None) -> Iterator[str]:
    for finding in findings:
        yield f"{finding.level}: {finding.place}: {finding.sentence} [{finding.code}]"
    if not findings:
        yield "the graph: nothing is wrong with it"
    if shown is None:
        return
    for sentence, seed in shown.bad_ends:
        yield f"under seed {seed}: {sentence}"
    for sensitive in shown.sensitive:
        yield f"depends on the schedule: {sensitive}"
    if not (shown.bad_ends or shown.sensitive):
        yield f"{len(shown.outcomes)} schedules: each edge carries the same packets under all of them"


def _data(findings: Sequence[FindingInfo], shown: Survey | None) -> dict[str, Any]:
    data: dict[str, Any] = {"findings": [dataclasses.asdict(finding) for finding in findings]}
    if shown is not None:
        data["runs"] = [{"seed": outcome.done.seed, "end": outcome.done.end} for outcome in shown.outcomes]
        data["ends"] = [{"seed": seed, "text": sentence} for sentence, seed in shown.bad_ends]
        data["sensitive"] = [dataclasses.asdict(sensitive) for sensitive in shown.sensitive]
    return data
