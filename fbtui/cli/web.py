"""What ``fbtui serve`` answers to a browser: its page, and a debugger for each tab.

Whoever can open the address can run code as the person, so the address holds a secret, and a page from elsewhere
cannot use it: the host and the origin of a request have to be this server's.
"""

from __future__ import annotations

import asyncio
import contextlib
import html
import json
import secrets
from asyncio.subprocess import PIPE, Process
from collections.abc import Awaitable, Callable
from pathlib import Path
from string import Template
from typing import Final

import textual_serve
from aiohttp import WSCloseCode, web
from textual_serve.app_service import AppService
from textual_serve.download_manager import DownloadManager
from textual_serve.server import Server, to_int

HOSTS: Final = ("127.0.0.1", "localhost")
GRACE: Final = 5.0
"""Seconds that a debugger has for its end; then it is killed."""
PAGE: Final = Path(__file__).parent / "page"
TERMINAL: Final = Path(textual_serve.__file__).parent / "static"
HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline';"
    " font-src 'self'; img-src 'self' data:; connect-src {sockets};"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
"""Nothing from elsewhere is loaded, and the address, which holds the token, is told to nobody."""

_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def refusal(request: web.BaseRequest, token: str, hosts: frozenset[str]) -> str | None:
    """Return why a request is refused; None if it may pass.

    Args:
        request: what was asked.
        token: has to be the first part of the path.
        hosts: the names of this server, with its port.
    """
    if request.host not in hosts:  # a name from elsewhere that leads here
        return "this server answers to its own address only"
    origin = request.headers.get("Origin")
    if origin is not None and origin.removeprefix("http://") not in hosts:
        return "a page from elsewhere cannot use this server"
    if not secrets.compare_digest(request.path.split("/")[1].encode(), token.encode()):
        return "the token is missing: open the address that 'fbtui serve' has printed"
    return None


class Site(Server):
    """The pages below ``http://127.0.0.1:PORT/TOKEN/``.

    Args:
        command: starts the debugger, once for each tab.
        title: stands above the tab.
        token: the secret part of the address.
        port: where the server listens.
    """

    def __init__(self, command: list[str], title: str, *, token: str, port: int) -> None:
        super().__init__(" ".join(command), HOSTS[0], port, title)
        self._words = command
        self._token = token
        names = [f"{host}:{port}" for host in HOSTS] + list(HOSTS if port == 80 else ())
        self._hosts = frozenset(names)
        self._tabs: set[web.WebSocketResponse] = set()
        self._headers = {
            name: value.format(sockets=" ".join(f"ws://{host}" for host in names)) for name, value in HEADERS.items()
        }

    @property
    def address(self) -> str:
        """What a person opens."""
        return f"{self.public_url}/{self._token}/"

    def application(self) -> web.Application:
        """Return the application, all of it behind the guard."""
        application = web.Application(middlewares=[self._guard])
        root = f"/{self._token}"
        application.add_routes(
            [
                web.get(f"{root}/", self.handle_index),
                web.get(f"{root}/ws", self.handle_websocket),
                web.get(f"{root}/download/{{key}}", self.handle_download),
                web.static(f"{root}/page", PAGE),
                web.static(f"{root}/terminal", TERMINAL),
            ]
        )
        application.on_shutdown.append(self.on_shutdown)
        return application

    @web.middleware
    async def _guard(self, request: web.Request, handler: _Handler) -> web.StreamResponse:
        if (reason := refusal(request, self._token, self._hosts)) is not None:
            return web.Response(status=403, text=f"fbtui: {reason}\n", headers=self._headers)
        response = await handler(request)
        if not response.prepared:
            response.headers.update(self._headers)
        return response

    async def handle_index(self, request: web.Request) -> web.Response:
        """Answer with the page, which asks for everything else at the host by which it was asked itself."""
        text = Template((PAGE / "index.html").read_text(encoding="utf-8")).substitute(
            title=html.escape(self.title), socket=f"ws://{request.host}/{self._token}/ws"
        )
        return web.Response(text=text, content_type="text/html")

    async def handle_websocket(self, request: web.Request) -> web.WebSocketResponse:
        """Run a debugger for as long as its tab is open."""
        socket = web.WebSocketResponse(heartbeat=30)
        await socket.prepare(request)
        tab = Tab(self._words, socket, self.download_manager, f"/{self._token}/download")
        self._tabs.add(socket)
        try:
            await tab.start(to_int(request.query.get("width", ""), 80), to_int(request.query.get("height", ""), 24))
            await self._process_messages(socket, tab)
        finally:
            self._tabs.discard(socket)
            await tab.stop()
        return socket

    async def on_shutdown(self, app: web.Application) -> None:
        """Close the tabs, which ends their debuggers."""
        await asyncio.gather(*(tab.close(code=WSCloseCode.GOING_AWAY) for tab in list(self._tabs)))


class Tab(AppService):
    """The debugger of one tab, in a process of its own.

    Args:
        command: starts it.
        socket: leads to the tab.
        downloads: what it offers to be kept as a file.
        link: where those are fetched.
    """

    def __init__(
        self, command: list[str], socket: web.WebSocketResponse, downloads: DownloadManager, link: str
    ) -> None:
        self._words = command
        self._socket = socket
        self._link = link
        super().__init__(
            " ".join(command),
            write_bytes=self._show,
            write_str=socket.send_str,
            close=self._close,
            download_manager=downloads,
        )

    async def _show(self, data: bytes) -> None:
        with contextlib.suppress(ConnectionError):  # read on, or a debugger that still draws could not end
            await self._socket.send_bytes(data)

    async def _close(self) -> None:
        await self._socket.close()

    async def _open_app_process(self, width: int = 80, height: int = 24) -> Process:
        environment = self._build_environment(width, height) | {"TEXTUAL_DRIVER": "fbtui.ui.web:WebDriver"}
        self._process = process = await asyncio.create_subprocess_exec(
            *self._words,
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            env=environment,
            start_new_session=True,  # ctrl+c is for the server, which asks its debuggers to end
        )
        self._stdin = process.stdin
        return process

    async def run(self) -> None:
        """Show what the debugger draws until it ends; then the tab tells so."""
        await super().run()
        await self._close()

    async def stop(self) -> None:
        """Ask the debugger to end; kill it if it does not."""
        process = self._process
        if process is None:
            return
        asked = asyncio.ensure_future(super().stop())
        try:
            await asyncio.wait({asked, asyncio.ensure_future(process.wait())}, timeout=GRACE)
        finally:
            if process.returncode is None:
                process.kill()
        await asked
        await process.wait()

    async def on_meta(self, data: bytes) -> None:
        """Take a message of the debugger; a file it offers is opened below the token."""
        message = json.loads(data)
        if message["type"] != "deliver_file_start":
            await super().on_meta(data)
            return
        await self._download_manager.create_download(
            app_service=self,
            delivery_key=message["key"],
            file_name=Path(message["path"]).name,
            open_method=message["open_method"],
            mime_type=message["mime_type"],
            encoding=message["encoding"],
            name=message["name"],
        )
        where = {"url": f"{self._link}/{message['key']}", "new_tab": True}
        await self.remote_write_str(json.dumps(["open_url", where]))
