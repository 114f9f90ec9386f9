"""A real browser for tests: headless Chromium, driven through its DevTools protocol over a websocket."""

from __future__ import annotations

import asyncio
import itertools
import shutil
from asyncio.subprocess import DEVNULL, PIPE, Process
from pathlib import Path
from types import TracebackType
from typing import Any

import aiohttp

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--remote-debugging-port=0",
    "--window-size=1600,1000",
]
PATIENCE = 60.0
"""Seconds that anything may take on a busy machine."""
CATCH_TERMINAL = """
Object.defineProperty(Object.prototype, 'terminal', {
    configurable: true,
    set(made) {
        if (made && made.buffer) window.shown = made;
        Object.defineProperty(this, 'terminal', {value: made, writable: true, configurable: true});
    },
});
window.rows = () => window.shown
    ? [...Array(shown.rows).keys()].map(y => shown.buffer.active.getLine(y)?.translateToString() ?? '') : [];
window.until = wanted => new Promise(done => {
    const look = () => rows().some(row => row.includes(wanted)) ? done(rows()) : setTimeout(look, 20);
    look();
});
"""
"""Keeps the page's terminal, which is drawn on a canvas, so that its characters can be read."""


class Browser:
    """A browser with one tab. Use it as an asynchronous context manager.

    Args:
        folder: where it keeps its profile.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = itertools.count(1)
        self._page = ""
        self._process: Process | None = None

    async def __aenter__(self) -> Browser:
        assert CHROMIUM is not None
        flags = [*FLAGS, f"--user-data-dir={self._folder}"]
        self._process = await asyncio.create_subprocess_exec(
            CHROMIUM, *flags, "about:blank", stdin=DEVNULL, stdout=DEVNULL, stderr=PIPE
        )
        self._web = aiohttp.ClientSession()
        self._socket = await self._web.ws_connect(await self._address(self._process), max_msg_size=0)
        target = await self._ask("Target.createTarget", url="about:blank")
        found = await self._ask("Target.attachToTarget", targetId=target["targetId"], flatten=True)
        self._page = found["sessionId"]
        await self._ask("Page.enable")
        await self._ask("Page.addScriptToEvaluateOnNewDocument", source=CATCH_TERMINAL)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._web.close()
        assert self._process is not None
        if self._process.returncode is None:
            self._process.kill()
        await self._process.communicate()

    @staticmethod
    async def _address(process: Process) -> str:
        assert process.stderr is not None
        async for line in process.stderr:
            if line.startswith(b"DevTools listening on "):
                return line.decode().split()[-1]
        raise AssertionError("the browser did not start")

    async def _ask(self, method: str, **params: Any) -> dict[str, Any]:
        """Return the answer to a command of the protocol; events on the way are passed over."""
        number = next(self._numbers)
        session = {"sessionId": self._page} if self._page else {}
        await self._socket.send_json({"id": number, "method": method, "params": params, **session})
        while True:
            message = await self._socket.receive_json(timeout=PATIENCE)
            if message.get("id") == number:
                assert "error" not in message, message
                return dict(message["result"])

    async def open(self, address: str) -> None:
        """Go to a page."""
        await self._ask("Page.navigate", url=address)

    async def evaluate(self, expression: str) -> Any:
        """Return what an expression gives in the page, once it is there if it is a promise."""
        answer = await self._ask("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    async def until(self, wanted: str) -> list[str]:
        """Return the rows of the terminal once one of them holds a text."""
        try:
            return list(await self.evaluate(f"until({wanted!r})"))
        except TimeoutError:
            raise AssertionError(f"waited for {wanted!r}") from None

    async def holds(self, condition: str) -> None:
        """Wait until a condition holds in the page."""
        look = f"const look = () => ({condition}) ? done(true) : setTimeout(look, 20)"
        assert await self.evaluate(f"new Promise(done => {{ {look}; look(); }})")

    async def click(self, text: str) -> None:
        """Click on a text in the terminal."""
        rows = await self.until(text)
        y, row = next((y, row) for y, row in enumerate(rows) if text in row)
        area = await self.evaluate(
            "(({x, y, width, height}) => [x, y, width / shown.cols, height / shown.rows])"
            "(document.querySelector('.xterm-screen').getBoundingClientRect())"
        )
        left, top, width, height = area
        at = {"x": left + (row.index(text) + len(text) / 2) * width, "y": top + (y + 0.5) * height}
        for kind in ("mousePressed", "mouseReleased"):
            await self._ask("Input.dispatchMouseEvent", type=kind, button="left", clickCount=1, **at)

    async def press(self, key: str) -> None:
        """Press a key that is a character."""
        await self._ask("Input.dispatchKeyEvent", type="keyDown", key=key, text=key)
        await self._ask("Input.dispatchKeyEvent", type="keyUp", key=key)
