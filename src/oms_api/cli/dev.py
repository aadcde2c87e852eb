"""`oms dev`: everything in one process, for development. What is wrong with it is told before the application is loaded."""

import signal
import sys
from textwrap import indent
from urllib.parse import urlsplit

from oms_api.cli import home
from oms_api.cli.console import read_settings, say
from oms_api.cli.database import located
from oms_api.cli.failing import CommandError
from oms_api.cli.home import DevServer
from oms_api.cli.serving import address_of, bind
from oms_api.settings import Settings

PATIENCE_S = 5
FIRST_QUERY = (
    "{ channels { nodes { id code currencyCode } } skus(first: 5) { nodes { code name } } "
    "orders(first: 5) { nodes { number status fulfillmentStatus total { amount currencyCode } } } }"
)
FIRST_ORDER = """mutation {{
  orderPlace(input: {{
    idempotencyKey: "my-first-order"
    contact: {{name: "Ada Lovelace", email: "ada@example.com"}}
    channelId: "{channel_id}"
    lines: [
      {{ listing: "mug-blue", quantity: 2 }}
      {{ listing: "tea-set", quantity: 1 }}
    ]
  }}) {{
    order {{ id number fulfillmentStatus total {{ amount currencyCode }} }}
    userErrors {{ code message field }}
  }}
}}"""


def start(host: str | None, port: int | None) -> None:
    """Serve until a signal comes, or tell where it runs already."""
    settings = read_settings(host=host, port=port).model_copy(update={"graceful_timeout_s": PATIENCE_S})
    if (running := home.running(settings.home)) is not None:
        check_same(running, settings)
        say(f"It runs already (process {running.pid}).")
        introduce(running)
        return
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    listening = bind(settings.host, settings.port)
    try:
        with located(settings, made=True) as settings:
            from oms_api.cli.dev_server import serve_here  # noqa: PLC0415 - seconds of work, for who can be served

            serve_here(settings, listening)
    except KeyboardInterrupt:
        say("\nStopped. The data are kept.")
    finally:
        listening.close()


def check_same(running: DevServer, settings: Settings) -> None:
    """Raises: CommandError, where *settings* ask for another address or database than those of the server that runs."""
    given = settings.model_fields_set
    there = urlsplit(running.address)
    port = settings.port if "port" in given and settings.port else there.port
    address = address_of(settings.host if "host" in given else str(there.hostname), int(port or 0))
    asked = [address] if address != running.address else []
    if settings.database_url not in {None, running.database_url}:
        asked.append("another database")
    if asked:
        raise CommandError(
            f"{' on '.join(asked)} was not started: {running.address} (process {running.pid}) runs from {settings.home} "
            "already. End that one first, or set OMS_HOME to another folder."
        )


def introduce(server: DevServer) -> None:
    """Say where the server is and what to do first."""
    say(
        f"""
  GraphiQL        {server.address}/graphql#key={server.key}
  API             {server.address}/graphql
  Key             {server.key}
  First query     {FIRST_QUERY}

  curl {server.address}/graphql -H 'Authorization: Bearer {server.key}' \\
    -H 'Content-Type: application/json' -d '{{"query": "{FIRST_QUERY}"}}'
"""
    )
    if server.channel_id is not None:
        order = indent(FIRST_ORDER.format(channel_id=server.channel_id), "  ")
        say(f"  A first order, to paste into GraphiQL:\n\n{order}\n")
