"""GraphiQL as a person sees it, in a real Chromium, served by a small application of its own."""

import asyncio
import fcntl
import hashlib
import itertools
import json
import re
import shutil
import socket
import subprocess
import tempfile
import threading
import time
import urllib.request
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit

import pytest
import strawberry
import uvicorn
from graphql import build_schema, parse, validate
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from strawberry.asgi import GraphQL
from websockets.sync.client import ClientConnection, connect

from oms_api.http import graphiql

REPOSITORY = Path(__file__).parents[2]
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
PATIENCE_S = 60
T = TypeVar("T")

needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no chromium was found")

# --- the application


@strawberry.type
class Query:
    @strawberry.field
    def credential(self, info: strawberry.Info) -> str:
        """Return the Authorization header as it came."""
        return str(info.context["request"].headers.get("authorization"))

    @strawberry.field
    def doubled(self, number: int) -> int:
        """Return a number twice as large."""
        return 2 * number


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def count(self, info: strawberry.Info) -> AsyncGenerator[str, None]:
        """Count without end, naming the credential of connection_init."""
        for number in range(1_000_000):
            yield f"{info.context['connection_params'].get('authorization')} no. {number}"
            await asyncio.sleep(0.2)


class OnlyKnown(BaseHTTPMiddleware):
    """Refuse what comes without a credential, the question for the schema too, as the real server does."""

    async def dispatch(self, request: Request, call_next: RequestResponseEndpoint) -> Response:
        if request.method == "POST" and "authorization" not in request.headers:
            return JSONResponse({"errors": [{"message": "Who are you?"}]}, 401)
        return await call_next(request)


@contextmanager
def serving(directory: Path) -> Iterator[str]:
    """Serve the application on a free loopback port, with GraphiQL as built in *directory*; yield its address."""
    api = GraphQL[Any, Any](strawberry.Schema(Query, subscription=Subscription), graphql_ide=None)
    app = Starlette(
        routes=[*graphiql.routes(directory), Route("/graphql", api), WebSocketRoute("/graphql", api)],
        middleware=[Middleware(OnlyKnown)],
    )
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        wait_for(lambda: server.started, "the server to start")
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(timeout=PATIENCE_S)


@pytest.fixture(scope="session")
def built() -> Path:
    """Return where GraphiQL is built, built now if need be and npm is there."""
    if shutil.which("npm") and shutil.which("make"):
        name = hashlib.sha256(str(REPOSITORY).encode()).hexdigest()[:16]
        with (Path(tempfile.gettempdir()) / f"oms-graphiql-{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # one of several test processes builds
            made = subprocess.run(["make", "graphiql"], cwd=REPOSITORY, capture_output=True, text=True, check=False)
        if made.returncode and not (REPOSITORY / "graphiql/node_modules/.package-lock.json").exists():
            pytest.skip(f"the packages of GraphiQL could not be installed: {made.stderr.strip()[-500:]}")
        assert made.returncode == 0, made.stdout + made.stderr
    if not (graphiql.BUILT / "index.html").exists():
        pytest.skip("GraphiQL is not built and npm was not found")
    return graphiql.BUILT


# --- the browser


def wait_for(look: Callable[[], T | None], what: str) -> T:
    """Return what *look* sees as soon as that is true."""
    deadline = time.monotonic() + PATIENCE_S
    while not (seen := look()):
        assert time.monotonic() < deadline, f"waited {PATIENCE_S} s for {what}"
        time.sleep(0.05)
    return seen


class Tab:
    """One tab of Chromium over the DevTools protocol; it notes every request, also those of the page's workers."""

    _calls = itertools.count(1)

    def __init__(self, devtools: ClientConnection) -> None:
        self._devtools = devtools
        self.requested: list[str] = []
        self.complaints: list[str] = []
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        self._session: str = self._call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self._watch(self._session)
        self._call("Page.enable", self._session)

    def open(self, url: str) -> None:
        """Go to *url*."""
        self._call("Page.navigate", self._session, url=url)

    def reload(self) -> None:
        """Load the page again, and wait until the old one is gone."""
        self.run("window.isOld = true")
        self._call("Page.reload", self._session)
        wait_for(lambda: self.run("window.isOld !== true"), "the new page")

    def run(self, expression: str) -> Any:
        """Return the value of a JavaScript *expression*, or None when the page just gave way to the next."""
        answer = self._call("Runtime.evaluate", self._session, expression=expression, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer.get("result", {}).get("value")

    def text(self, selector: str) -> str:
        """Return the visible text of the first match, or nothing."""
        return str(self.run(f"document.querySelector({json.dumps(selector)})?.innerText ?? ''")).replace("\xa0", " ")

    def wait_for_text(self, selector: str, pattern: str) -> str:
        """Return what *pattern* first matches in the text."""
        found = wait_for(lambda: re.search(pattern, self.text(selector)), f"{pattern!r} in {selector}")
        return found.group()

    def click(self, selector: str) -> None:
        """Click the first match, once it is there."""
        element = f"document.querySelector({json.dumps(selector)})"
        wait_for(lambda: self.run(f"{element} !== null"), selector)
        self.run(f"{element}.click()")

    def type(self, text: str) -> None:
        """Put *text* where the cursor is, as a paste does."""
        self._call("Input.insertText", self._session, text=text)

    def resize(self, width: int, height: int) -> None:
        """Give the page another size."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self._call("Emulation.setDeviceMetricsOverride", self._session, **size)

    def another(self) -> "Tab":
        """Return one more tab of the same browser."""
        return Tab(self._devtools)

    def strangers(self) -> list[str]:
        """Return the requests to other hosts than this one."""
        return [url for url in self.requested if urlsplit(url).hostname not in {None, "127.0.0.1"}]

    def _watch(self, session: str) -> None:
        for domain in ("Network", "Runtime", "Log"):
            self._send(f"{domain}.enable", session)
        self._send("Target.setAutoAttach", session, autoAttach=True, waitForDebuggerOnStart=True, flatten=True)
        self._send("Runtime.runIfWaitingForDebugger", session)

    def _send(self, method: str, session: str | None = None, **params: object) -> int:
        call = next(self._calls)
        message = {"id": call, "method": method, "params": params} | ({"sessionId": session} if session else {})
        self._devtools.send(json.dumps(message))
        return call

    def _call(self, method: str, session: str | None = None, **params: object) -> dict[str, Any]:
        call = self._send(method, session, **params)
        while True:
            message: dict[str, Any] = json.loads(self._devtools.recv(timeout=PATIENCE_S))
            if message.get("id") == call:
                if "navigated" in message.get("error", {}).get("message", ""):
                    return {}
                assert "error" not in message, message
                result: dict[str, Any] = message["result"]
                return result
            if "method" in message:
                self._note(message["method"], message["params"])

    def _note(self, method: str, params: dict[str, Any]) -> None:
        match method:
            case "Network.requestWillBeSent":
                self.requested.append(params["request"]["url"])
            case "Network.webSocketCreated":
                self.requested.append(params["url"])
            case "Target.attachedToTarget":
                self._watch(params["sessionId"])
            case "Runtime.exceptionThrown":
                self.complaints.append(str(params["exceptionDetails"]))
            case "Log.entryAdded" if params["entry"]["level"] == "error":
                self.complaints.append(f"{params['entry']['text']} {params['entry'].get('url')}")


@pytest.fixture
def tab(tmp_path: Path) -> Iterator[Tab]:
    """Start a Chromium with a profile of its own."""
    profile = tmp_path / "profile"
    assert CHROMIUM is not None
    command = [
        CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync", "--window-size=1400,900",
        f"--user-data-dir={profile}", "--remote-debugging-port=0", "about:blank",
    ]  # fmt: skip
    with (tmp_path / "chromium.log").open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as chromium:
        try:
            port_file = profile / "DevToolsActivePort"
            wait_for(lambda: port_file.exists() and port_file.read_text().count("\n"), "Chromium")
            port, path = port_file.read_text().split()
            with connect(f"ws://127.0.0.1:{port}{path}", max_size=None, proxy=None) as devtools:
                yield Tab(devtools)
                devtools.send(json.dumps({"id": 0, "method": "Browser.close"}))
        finally:
            try:
                chromium.wait(timeout=10)
            except subprocess.TimeoutExpired:
                chromium.kill()


# --- the tests

KEY = "dev+key/1="
RUN = ".graphiql-execute-button"
QUERY = ".graphiql-query-editor .view-lines"
EXPLORER = ".graphiql-plugin"
RESPONSE = ".graphiql-response .view-lines"


def link(address: str, *, key: str | None = None, query: str | None = None) -> str:
    """Return a link to the page that carries these in its fragment."""
    parts = {"key": key, "query": query}
    return f"{address}/graphql#" + "&".join(f"{k}={quote(v, safe='+')}" for k, v in parts.items() if v is not None)


@needs_chromium
def test_a_person_runs_queries_and_subscriptions_without_another_host(built: Path, tab: Tab) -> None:
    with serving(built) as address:
        tab.open(link(address, key=KEY, query="query Who { credential }"))
        tab.wait_for_text(QUERY, "query Who")
        assert tab.run("document.title") == "oms_api"
        assert tab.run("location.href") == f"{address}/graphql", "the key must not stay in the address bar"
        tab.wait_for_text(EXPLORER, "credential")

        tab.click(RUN)
        assert tab.wait_for_text(RESPONSE, r'"credential": ".*"') == f'"credential": "Bearer {KEY}"'

        tab.reload()
        tab.wait_for_text(QUERY, "query Who")
        tab.wait_for_text(EXPLORER, "credential")
        tab.click(RUN)
        assert KEY in tab.wait_for_text(RESPONSE, r'"credential": ".*"'), "the key lives as long as the browser tab"

        tab.open(link(address, query="subscription Count { count }"))
        tab.wait_for_text(QUERY, "subscription Count")
        tab.wait_for_text(EXPLORER, "count")
        tab.click(RUN)
        values = [tab.wait_for_text(RESPONSE, rf'"count": ".* no\. {number}"') for number in ("[1-4]", "[5-9]", "1[0-9]")]
        assert all(f"Bearer {KEY}" in value for value in values)
        tab.click(RUN)  # it is the stop button now

    assert f"{address}/graphql" in tab.requested
    assert address.replace("http", "ws") + "/graphql" in tab.requested
    assert any("worker" in url for url in tab.requested), "requests of workers are seen too"
    assert tab.strangers() == []
    assert tab.complaints == []
    assert not [url for url in tab.requested if KEY in url]


@needs_chromium
def test_what_is_pasted_goes_into_the_editor(built: Path, tab: Tab) -> None:
    with serving(built) as address:
        tab.open(link(address, key=KEY, query="query Twice { doubled(number: 5) }"))
        tab.wait_for_text(QUERY, "query Twice")
        tab.wait_for_text(EXPLORER, "doubled")
        tab.type("# pasted ")
        tab.wait_for_text(QUERY, "# pasted query Twice")


@needs_chromium
def test_each_tab_has_a_document_of_its_own(built: Path, tab: Tab) -> None:
    with serving(built) as address:
        tab.open(link(address, key=KEY, query="query Mine { credential }"))
        tab.wait_for_text(QUERY, "query Mine")
        other = tab.another()
        other.open(link(address, key=KEY))
        other.wait_for_text(QUERY, "Welcome to oms_api")


@needs_chromium
@pytest.mark.parametrize(("width", "shown"), [(999, False), (1000, True)])
def test_the_explorer_leaves_a_narrow_window_to_the_editor(built: Path, tab: Tab, width: int, shown: bool) -> None:
    tab.resize(width, 800)
    with serving(built) as address:
        tab.open(link(address, key=KEY, query="query Who { credential }"))
        tab.wait_for_text(QUERY, "query Who")
        assert tab.run(f"document.querySelector({json.dumps(EXPLORER)}).innerText !== ''") is shown


@needs_chromium
def test_a_page_that_was_not_built_says_so_and_asks_no_other_host(tmp_path: Path, tab: Tab) -> None:
    with serving(tmp_path / "nothing") as address:
        tab.open(link(address, key=KEY))
        tab.wait_for_text("body", "GraphiQL was not built")
        assert "make graphiql" in tab.text("body")
        assert tab.run("document.querySelector('a.button').href") == link(address, key=KEY).replace("#", "?cdn=1#")
        time.sleep(0.5)

    assert tab.strangers() == []
    assert tab.complaints == []


def test_only_the_page_that_was_asked_for_may_use_the_cdn(tmp_path: Path) -> None:
    with serving(tmp_path / "nothing") as address:
        plain, asked = (get(f"{address}/graphql{query}", accept="text/html") for query in ("", "?cdn=1"))
        assert graphiql.CDN not in plain.headers["Content-Security-Policy"]
        assert graphiql.CDN in asked.headers["Content-Security-Policy"]
        assert f'src="{graphiql.CDN}' not in (text := plain.read().decode())
        assert f'href="{graphiql.CDN}' not in text


def test_a_client_that_is_no_browser_reaches_the_api(tmp_path: Path) -> None:
    with serving(tmp_path / "nothing") as address:
        answer = get(f"{address}/graphql?query=%7Bcredential%7D", accept="application/graphql-response+json")
        assert json.load(answer) == {"data": {"credential": "None"}}


def test_the_page_is_checked_each_time_and_its_files_are_kept(built: Path) -> None:
    asset = next(file.name for file in (built / "assets").iterdir())
    with serving(built) as address:
        page, file = get(f"{address}/graphql", accept="text/html"), get(f"{address}/graphiql/assets/{asset}")
        assert page.headers["Cache-Control"] == "no-cache"
        assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert "immutable" in file.headers["Cache-Control"]
        assert {page.headers["X-Content-Type-Options"], file.headers["X-Content-Type-Options"]} == {"nosniff"}


def test_the_cdn_page_uses_the_versions_of_the_build() -> None:
    pinned = json.loads((REPOSITORY / "graphiql/package-lock.json").read_text())["packages"]
    offered = re.findall(rf"{graphiql.CDN}/((?:@[^/]+/)?[^@/]+)@([0-9.]+)", json.dumps(graphiql.CDN_IMPORTS))
    assert offered
    assert {name: pinned[f"node_modules/{name}"]["version"] for name, _ in offered} == dict(offered)


def test_the_welcome_query_fits_the_schema() -> None:
    schema = REPOSITORY / "schema.graphql"
    if not schema.exists():
        pytest.skip("schema.graphql was not written yet")
    welcome = (REPOSITORY / "graphiql/src/welcome.graphql").read_text()
    assert validate(build_schema(schema.read_text()), parse(welcome)) == []


def get(url: str, accept: str = "*/*") -> Any:
    """Return the response to a GET."""
    return urllib.request.urlopen(urllib.request.Request(url, headers={"Accept": accept}), timeout=PATIENCE_S)
