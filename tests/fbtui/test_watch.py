"""What is told of saved files, by inotify and by a thread that looks for them."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fbtui import watch
from fbtui.inotify import Inotify
from fbtui.watch import Watch, digest_of


def no_inotify(_: object) -> Inotify:
    raise OSError("this system has no inotify")


async def next_of(changes: AsyncIterator[tuple[Path, ...]]) -> tuple[Path, ...]:
    async with asyncio.timeout(20):
        return await anext(changes)


@pytest.mark.parametrize("by_thread", [False, True])
def test_files_that_change_come_and_go_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, by_thread: bool
) -> None:
    if by_thread:
        monkeypatch.setattr("fbtui.inotify.Inotify", no_inotify)
    file, other = tmp_path / "a.py", tmp_path / "deeper" / "b.py"
    other.parent.mkdir()
    file.write_text("1")

    async def story() -> None:
        watching = Watch({file: digest_of(file)})
        changes = watching.changes()
        file.write_text("2")
        assert await next_of(changes) == (file,)
        file.unlink()
        assert await next_of(changes) == (file,)
        file.with_suffix(".new").write_text("3")
        file.with_suffix(".new").replace(file)
        assert await next_of(changes) == (file,)
        watching.follow({file: digest_of(file), other: ""})
        other.write_text("4")
        assert await next_of(changes) == (other,)
        watching.stop()
        assert [paths async for paths in changes] == []

    asyncio.run(story())


def test_a_folder_that_is_gone_and_made_again_is_watched_again(tmp_path: Path) -> None:
    file = tmp_path / "folder" / "a.py"
    file.parent.mkdir()
    file.write_text("1")

    async def story() -> None:
        changes = Watch({file: digest_of(file)}).changes()
        for text in ("2", "3"):
            shutil.rmtree(file.parent)
            assert await next_of(changes) == (file,)
            file.parent.mkdir()
            file.write_text(text)
            assert await next_of(changes) == (file,)

    asyncio.run(story())


@pytest.mark.skipif(not Path("/proc/sys/fs/inotify").exists(), reason="inotify is of Linux")
def test_a_save_that_is_going_on_is_told_when_it_is_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "LOOK_AGAIN", 60)
    slow, quick = tmp_path / "slow.py", tmp_path / "quick.py"
    slow.write_text("1")
    quick.write_text("1")

    async def story() -> None:
        changes = Watch({path: digest_of(path) for path in (slow, quick)}).changes()
        quick.write_text("2")
        assert await next_of(changes) == (quick,)
        with slow.open("w") as file:
            file.write("half of ")
            file.flush()
            quick.write_text("3")
            assert await next_of(changes) == (quick,)
            file.write("it")
        assert await next_of(changes) == (slow,)

    asyncio.run(story())
