"""``fbtui serve`` in a real browser: the page opens, and the debugger in it is stepped and run again by clicks."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.fbtui.driver import EXAMPLES

pytest.importorskip("textual_serve", reason="the extra is not installed: pip install '.[serve]'")

from tests.e2e.browser import CHROMIUM, PATIENCE, Browser

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium is installed: no browser to try it in"),
]


@asynccontextmanager
async def served(program: Path, home: Path) -> AsyncIterator[tuple[str, Process]]:
    """Serve a program; yield the address that is printed, and the server."""
    folders = {f"XDG_{kind}_HOME": str(home) for kind in ("STATE", "CACHE", "CONFIG")}
    server = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "fbtui", "serve", program, env={**os.environ, **folders}, stdout=PIPE, stderr=PIPE
    )
    assert server.stdout is not None
    try:
        async with asyncio.timeout(PATIENCE):
            address = (await server.stdout.readline()).decode().strip()
        yield address, server
    finally:
        if server.returncode is None:
            server.send_signal(signal.SIGINT)
        await server.communicate()


def test_a_step_and_a_rerun_by_clicks_in_a_browser_tab(tmp_path: Path) -> None:
    async def story() -> None:
        async with served(EXAMPLES / "hello.py", tmp_path) as (address, server), Browser(tmp_path / "b") as browser:
            await browser.open(address)
            rows = await browser.until("paused at step 0")
            assert any("┌─ FooComponent1 ─┐" in row for row in rows)
            await browser.click("s Step")
            await browser.until("paused at step 1")
            await browser.press("s")
            await browser.until("paused at step 2")
            await browser.click("r Run again")
            await browser.until("run 2 · paused at step 2")
            await browser.click("─ FooComponent1 ─")
            await browser.until("node FooComponent1")
            server.send_signal(signal.SIGINT)
            assert await server.wait() == 0
            await browser.holds("document.body.classList.contains('-closed')")

    asyncio.run(story())


def test_without_its_token_the_browser_is_shown_a_sentence(tmp_path: Path) -> None:
    async def story() -> None:
        async with served(EXAMPLES / "hello.py", tmp_path) as (address, _), Browser(tmp_path / "b") as browser:
            await browser.open(address.rsplit("/", 2)[0] + "/")
            await browser.holds("document.body?.innerText.includes('the token is missing')")

    asyncio.run(story())
