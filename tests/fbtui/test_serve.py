"""``fbtui serve``: whom the server answers, what its tabs run, and how they end."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable

import pytest

from fbtui.cli import serve as serving
from fbtui.cli.options import BadOption, parser
from tests.fbtui.driver import EXAMPLES

aiohttp = pytest.importorskip("aiohttp", reason="the extra is not installed: pip install '.[serve]'")
pytest.importorskip("textual_serve", reason="the extra is not installed: pip install '.[serve]'")

from aiohttp import web  # noqa: E402
from aiohttp.test_utils import TestClient, TestServer  # noqa: E402

from fbtui.cli.web import Site  # noqa: E402
from tests.patience import PATIENCE  # noqa: E402

Client = TestClient[web.Request, web.Application]
TOKEN = "a-token"
HELLO = str(EXAMPLES / "hello.py")


def visit(command: list[str], visitor: Callable[[Client], Awaitable[None]]) -> None:
    """Serve a command on a free port, and let a visitor ask."""

    async def run() -> None:
        with socket.create_server((serving.HOST, 0)) as listening:
            port = listening.getsockname()[1]
            site = Site(command, "<b>.py", token=TOKEN, port=port)
            server = TestServer(
                site.application(), host=serving.HOST, port=port, socket_factory=lambda *_: listening
            )
            async with TestClient(server) as client:
                await visitor(client)

    asyncio.run(asyncio.wait_for(run(), PATIENCE))


@pytest.mark.parametrize("path", ["/", "/ws", "/other/", "/other/ws", f"/{TOKEN}x/", f"/x{TOKEN}/", "/é/"])
def test_without_the_token_nothing_is_answered(path: str) -> None:
    async def visitor(client: Client) -> None:
        async with client.get(path) as answer:
            assert (answer.status, TOKEN in await answer.text()) == (403, False)

    visit(["false"], visitor)


@pytest.mark.parametrize("part", ["", "ws", "page/page.css", "terminal/js/textual.js", "download/x"])
@pytest.mark.parametrize(
    "headers",
    [{"Host": "elsewhere.example:80"}, {"Origin": "http://elsewhere.example"}, {"Origin": "null"}],
    ids=["host", "origin", "no origin"],
)
def test_pages_from_elsewhere_are_refused_even_with_the_token(part: str, headers: dict[str, str]) -> None:
    async def visitor(client: Client) -> None:
        async with client.get(f"/{TOKEN}/{part}", headers=headers) as answer:
            assert answer.status == 403

    visit(["false"], visitor)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_the_page_names_this_server_only_and_no_markup_of_the_file(host: str) -> None:
    async def visitor(client: Client) -> None:
        at = f"{host}:{client.port}"
        async with client.get(f"/{TOKEN}/", headers={"Host": at, "Origin": f"http://{at}"}) as answer:
            page = await answer.text()
            assert answer.status == 200
            assert f'"ws://{at}/{TOKEN}/ws"' in page
            assert page.count("//") == 1, "no other address"
            assert "&lt;b&gt;.py" in page
            assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
            assert answer.headers["Referrer-Policy"] == "no-referrer"
        for part in ("page/page.css", "terminal/js/textual.js", "terminal/css/xterm.css"):
            async with client.get(f"/{TOKEN}/{part}") as answer:
                assert answer.status == 200

    visit(["false"], visitor)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["nowhere.py"], "there is no file nowhere.py"),
        ([HELLO, "--screen-reader"], "is for a terminal"),
    ],
)
def test_what_cannot_be_served_is_told_in_a_sentence(words: list[str], sentence: str) -> None:
    with pytest.raises(BadOption, match=sentence):
        serving.serve(parser("serve").parse_args(words), words, ())


def test_without_the_extra_the_command_that_installs_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "find_spec", lambda name: None)
    with pytest.raises(BadOption, match=r"pip install 'fbtui\[serve\]'"):
        serving.serve(parser("serve").parse_args([HELLO]), [HELLO], ())


def test_a_port_that_is_taken_is_told() -> None:
    with socket.create_server((serving.HOST, 0)) as taken:
        words = [HELLO, "--port", str(taken.getsockname()[1])]
        with pytest.raises(BadOption, match="already in use; without --port it takes a free one"):
            serving.serve(parser("serve").parse_args(words), words, ())


def test_the_debugger_gets_every_word_but_the_port() -> None:
    words = ["a.py:graph", "--port", "80", "--input", "inp=5", "--break", "A if x > 1", "--port=81", "--go"]
    rest = ["a.py:graph", "--input", "inp=5", "--break", "A if x > 1", "--go"]
    assert serving._without_port(words) == rest
