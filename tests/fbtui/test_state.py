"""What is kept from one session to the next survives a kill at any moment."""

import json
import subprocess
import sys
from pathlib import Path

from fbtui.session.breakpoints import BreakpointList
from fbtui.session.watches import WatchList

WRITER = """
import itertools, json, sys
from pathlib import Path
from fbtui.session.state import write_atomically

for number in itertools.count():
    print(number, flush=True)
    write_atomically(Path(sys.argv[1]), json.dumps([number] * 400_000))
"""
KILLS = 8


def test_a_writer_that_is_killed_leaves_the_old_content_or_the_new_one(tmp_path: Path) -> None:
    file = tmp_path / "kept.json"
    for kill in range(KILLS):
        with subprocess.Popen([sys.executable, "-c", WRITER, file], stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout is not None
            for _ in range(2 + kill % 3):
                writer.stdout.readline()
            writer.kill()
        content = json.loads(file.read_text(encoding="utf-8"))
        assert len(content) == 400_000 and len(set(content)) == 1


def test_a_list_that_cannot_be_read_counts_as_empty_and_is_written_anew(tmp_path: Path) -> None:
    for kind, text in ((BreakpointList, "A if value > 1"), (WatchList, "A: rows")):
        file = tmp_path / kind.KIND
        for damaged in ("", "{", "[1]", '{"a": 1}', '[{"id": 1, "place": "A", "unknown": 2}]'):
            file.write_text(damaged, encoding="utf-8")
            kept = kind(file)
            kept.load()
            assert kept.items == []
        kept.items.append(kind.read(json.loads(json.dumps(kind.written(_item(kind, text))))))
        kept.save()
        again = kind(file)
        again.load()
        assert list(map(str, again.items)) == [text]


def _item(kind: type, text: str) -> object:
    kept = kind()
    if kind is BreakpointList:
        return kept.add(text)
    kept.toggle(text)
    return kept.items[0]
