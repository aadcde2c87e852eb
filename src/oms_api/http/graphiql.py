"""GraphiQL at /graphql for browsers: the page that `make graphiql` built, or one that says how to get it.

Nothing is ever loaded from another host unasked. Where GraphiQL was not built, the page offers a link to
`/graphql?cdn=1`, and only that page may load from the CDN. The sources of the built page are in `graphiql/`.
"""

import base64
import hashlib
import html
import json
import os
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Match, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

PATH: Final = "/graphql"
ASSETS_PATH: Final = "/graphiql/assets"
BUILT: Final = Path(__file__).parent / "static" / "graphiql"

CDN: Final = "https://esm.sh"
CDN_IMPORTS: Final = {
    "@emotion/is-prop-valid": "data:text/javascript,",
    "@graphiql/plugin-explorer": f"{CDN}/@graphiql/plugin-explorer@5.1.5?standalone&external=react,@graphiql/react,graphql",
    "@graphiql/react": f"{CDN}/@graphiql/react@0.39.1?standalone"
    "&external=react,react-dom,graphql,@graphiql/toolkit,@emotion/is-prop-valid",
    "@graphiql/toolkit": f"{CDN}/@graphiql/toolkit@0.12.1?standalone&external=graphql",
    "graphiql": f"{CDN}/graphiql@5.4.0?standalone&external=react,react-dom,@graphiql/react,graphql",
    "graphql": f"{CDN}/graphql@16.15.0",
    "graphql-ws": f"{CDN}/graphql-ws@6.4.2?external=graphql",
    "react": f"{CDN}/react@19.3.1",
    "react/": f"{CDN}/react@19.3.1/",
    "react-dom": f"{CDN}/react-dom@19.3.1",
    "react-dom/": f"{CDN}/react-dom@19.3.1/",
    "worker/editor": f"{CDN}/monaco-editor@0.52.2/esm/vs/editor/editor.worker.js?worker",
    "worker/graphql": f"{CDN}/monaco-graphql@1.9.0/esm/graphql.worker.js?worker&deps=monaco-editor@0.52.2",
    "worker/json": f"{CDN}/monaco-editor@0.52.2/esm/vs/language/json/json.worker.js?worker",
}

# The editor sets style attributes on each of its lines, so styles cannot do without 'unsafe-inline'; scripts can.
POLICY: Final = (
    "default-src 'none'; script-src 'self'; worker-src 'self'; connect-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
YEAR_S: Final = 365 * 24 * 3600


def routes(directory: Path = BUILT) -> list[BaseRoute]:
    """Return the page for browsers and its assets, to go in front of the route that answers GraphQL at that path."""
    return [
        _BrowserRoute(PATH, lambda request: page(request, directory), methods=["GET"], name="graphiql"),
        Mount(ASSETS_PATH, _HashedFiles(directory=directory / "assets", check_dir=False), name="graphiql-assets"),
    ]


def wants_page(scope: Scope) -> bool:
    """Tell whether a person's browser asks: it names text/html, which no GraphQL client does."""
    is_read = scope["type"] == "http" and scope["method"] in {"GET", "HEAD"}
    return is_read and any(name == b"accept" and b"text/html" in value.lower() for name, value in scope["headers"])


def page(request: Request, directory: Path = BUILT) -> Response:
    """Return GraphiQL if it was built, else the page that says so, or if asked for the one that uses the CDN."""
    try:
        content, policy = (directory / "index.html").read_text(encoding="utf-8"), POLICY
    except FileNotFoundError:
        asked = "cdn" in request.query_params
        content, policy = (_CDN_PAGE, _CDN_POLICY) if asked else (_NOT_BUILT_PAGE, _NOT_BUILT_POLICY)
    return HTMLResponse(
        content,
        headers={
            "Cache-Control": "no-cache",
            "Content-Security-Policy": policy,
            "Cross-Origin-Opener-Policy": "same-origin",
            "Referrer-Policy": "no-referrer",
            "Vary": "Accept",
            "X-Content-Type-Options": "nosniff",
        },
    )


class _BrowserRoute(Route):
    """A route that leaves every request but a browser's to the routes after it."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        return super().matches(scope) if wants_page(scope) else (Match.NONE, {})


class _HashedFiles(StaticFiles):
    """Files with their hash in the name: a browser never needs to ask for one twice. Not built yet means not found."""

    async def check_config(self) -> None:
        """Allow the directory to be missing: it may be built while the server runs."""

    def file_response(
        self, full_path: str | os.PathLike[str], stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers["Cache-Control"] = f"public, max-age={YEAR_S}, immutable"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response


def _allowing(script: str) -> str:
    """Return the source expression by which a policy allows exactly this inline *script*."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


_PAGE: Final = """<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>oms_api</title>
    <link rel="icon" href="data:,">
    {head}
  </head>
  <body>
    {body}
  </body>
</html>
"""

# The key in the fragment of the address must survive the click.
_KEEP_FRAGMENT: Final = "document.querySelector('a.button').hash = location.hash;"
_NOT_BUILT_POLICY: Final = (
    f"default-src 'none'; script-src {_allowing(_KEEP_FRAGMENT)}; style-src 'unsafe-inline'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_NOT_BUILT_PAGE: Final = _PAGE.format(
    head="""<style>
      body { max-width: 40rem; margin: 12vh auto; padding: 0 1.5rem; font: 1rem/1.6 system-ui, sans-serif }
      code, pre { font: .9em ui-monospace, monospace }
      pre { padding: 1rem; white-space: pre-wrap; border: 1px solid #8886; border-radius: .5rem }
      .button { display: inline-block; padding: .6rem 1rem; border-radius: .5rem; background: #d60590; color: #fff;
                text-decoration: none }
    </style>""",
    body=f"""<h1>oms_api</h1>
    <p>The API runs. <strong>GraphiQL was not built</strong>: that takes Node.js, which was missing. To build it once,
      install Node.js 20.19 or newer, run this in the project's folder and load this page again:</p>
    <pre>make graphiql</pre>
    <p>Or load it from <code>{html.escape(CDN)}</code>. This page loads nothing from there until you ask for it; code
      from there will see your API key and your data.</p>
    <p><a class="button" href="{PATH}?cdn=1" rel="noreferrer">Load GraphiQL from the CDN</a></p>
    <p>Without GraphiQL:</p>
    <pre>curl -H 'Authorization: Bearer &lt;key&gt;' \\
     -H 'Content-Type: application/json' \\
     -d '{{"query": "{{ __typename }}"}}' http://&lt;this host&gt;{PATH}</pre>
    <script>{_KEEP_FRAGMENT}</script>""",
)

_CDN_IMPORT_MAP: Final = json.dumps({"imports": CDN_IMPORTS}, indent=2)
# What graphiql/src does, without its build step.
_CDN_SCRIPT: Final = """
const fragment = location.hash.slice(1);
const fromLink = /(?:^|&)key=([^&]*)/.exec(fragment)?.[1];
if (fromLink !== undefined) sessionStorage.setItem('oms_api.key', decodeURIComponent(fromLink));
history.replaceState(null, '', location.pathname + location.search);

try {
  const all = (...names) => Promise.all(names.map((name) => import(name)));
  const [React, { createRoot }, { GraphiQL, HISTORY_PLUGIN }] = await all('react', 'react-dom/client', 'graphiql');
  const [{ explorerPlugin }, { createGraphiQLFetcher }] = await all('@graphiql/plugin-explorer', '@graphiql/toolkit');
  const [{ createClient }, editor, graphql, json] =
    await all('graphql-ws', 'worker/editor', 'worker/graphql', 'worker/json');
  const workers = { graphql, json };
  globalThis.MonacoEnvironment = { getWorker: (_id, label) => (workers[label] ?? editor).default() };

  const url = new URL('/graphql', location.origin).href;
  const key = sessionStorage.getItem('oms_api.key');
  const withKey = (options) => options.headers || !key ? options : { ...options, headers: { Authorization: `Bearer ${key}` } };
  const fetcher = (operation, options = {}) => createGraphiQLFetcher({
    url,
    enableIncrementalDelivery: false,
    wsClient: createClient({
      url: url.replace(/^http/, 'ws'),
      connectionParams: Object.fromEntries(Object.entries(options.headers ?? {}).map(([k, v]) => [k.toLowerCase(), v])),
      retryAttempts: 0,
    }),
  })(operation, withKey(options));
  const headers = key ? JSON.stringify({ Authorization: `Bearer ${key}` }, null, 2) : undefined;
  const { useGraphiQL } = await import('@graphiql/react');
  const Cursor = () => {
    const editor = useGraphiQL((state) => state.queryEditor);
    React.useEffect(() => editor?.focus(), [editor]);
    return null;
  };
  const explorer = explorerPlugin();
  createRoot(document.getElementById('graphiql')).render(React.createElement(GraphiQL, {
    fetcher,
    plugins: [HISTORY_PLUGIN, explorer],
    visiblePlugin: innerWidth < 1000 ? undefined : explorer,
    initialQuery: new URLSearchParams(fragment).get('query') ?? undefined,
    initialHeaders: headers,
    defaultHeaders: headers,
    shouldPersistHeaders: false,
    defaultEditorToolsVisibility: key ? 'variables' : 'headers',
  }, React.createElement(GraphiQL.Logo, null, 'oms_api'), React.createElement(Cursor)));
} catch (error) {
  document.getElementById('graphiql').textContent = `GraphiQL could not be loaded from the CDN: ${error.message}`;
}
"""
_CDN_POLICY: Final = (
    f"default-src 'none'; script-src {CDN} data: {_allowing(_CDN_IMPORT_MAP)} {_allowing(_CDN_SCRIPT)}; "
    f"worker-src blob:; connect-src 'self' {CDN}; style-src {CDN} 'unsafe-inline'; img-src {CDN} data:; "
    f"font-src {CDN} data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_CDN_PAGE: Final = _PAGE.format(
    head=f"""<link rel="stylesheet" href="{CDN}/graphiql@5.4.0/dist/style.css">
    <link rel="stylesheet" href="{CDN}/@graphiql/plugin-explorer@5.1.5/dist/style.css">
    <style>html, body, #graphiql {{ height: 100%; margin: 0 }}</style>
    <script type="importmap">{_CDN_IMPORT_MAP}</script>""",
    body=f"""<div id="graphiql">Loading GraphiQL from {html.escape(CDN)} …</div>
    <script type="module">{_CDN_SCRIPT}</script>""",
)
