"""The command line: every command with its options and its help. What carries it out is imported when it runs."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from oms_api.kernel.access import Scope

Host = Annotated[str | None, typer.Option(help="The address to listen on. [OMS_HOST, 127.0.0.1]")]
Port = Annotated[int | None, typer.Option(min=0, max=65_535, help="The port to listen on. [OMS_PORT, 8000]")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


class WithSettings(TyperGroup):
    """Commands whose help names every setting below them."""

    def format_help(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401 - typer keeps these types to itself
        """Write the help. Only this waits for the settings to be imported."""
        from oms_api.settings import explained

        named = [f"{name:<24} {purpose}" for name, purpose in explained().items()]
        self.epilog = "\n\n".join(["Settings are environment variables:", *named])
        super().format_help(ctx, formatter)


app = typer.Typer(
    name="oms",
    cls=WithSettings,
    help="A headless order management system: one GraphQL API on PostgreSQL.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
keys = typer.Typer(help="Make, list and end API keys.", no_args_is_help=True)
feed = typer.Typer(help="Look after the feed of events.", no_args_is_help=True)


def show_version(asked: bool) -> None:
    """Print the version and end, if that was asked for."""
    if asked:
        from importlib.metadata import version

        typer.echo(f"oms {version('oms_api')}")
        raise typer.Exit


@app.callback()
def oms(
    *,
    version: Annotated[bool, typer.Option("--version", callback=show_version, is_eager=True, help="Show the version.")] = False,
) -> None:
    """Read what stands before a command."""


@app.command()
def dev(host: Host = None, port: Port = None) -> None:
    """Start a demo shop: database, API, worker and GraphiQL in one process.

    The database is a PostgreSQL of its own under .oms/, kept between runs, or the one of OMS_DATABASE_URL. Ctrl-C ends it.
    """
    from oms_api.cli import dev

    dev.start(host, port)


@app.command()
def serve(
    host: Host = None,
    port: Port = None,
    processes: Annotated[int | None, typer.Option(min=1, max=64, help="Server processes. [OMS_PROCESSES, 1]")] = None,
) -> None:
    """Serve the API. Run `oms migrate` before, and `oms worker` beside it. `oms --help` names every setting."""
    from oms_api.cli import operate

    operate.serve(host, port, processes)


@app.command()
def worker() -> None:
    """Run background work: the relay that orders events into the feed, reactions, jobs, housekeeping.

    One is enough; several share the work. It needs the database past any pooler (OMS_DATABASE_DIRECT_URL).
    """
    from oms_api.cli import operate

    operate.work()


@app.command()
def migrate(*, as_json: Json = False) -> None:
    """Bring the database to the tables of this version. It can be run again, and by several at once.

    OMS_DATABASE_OWNER_URL names the role that owns the tables; without it OMS_DATABASE_DIRECT_URL or OMS_DATABASE_URL.
    """
    from oms_api.cli import operate

    operate.migrate(as_json=as_json)


@app.command()
def schema(
    path: Annotated[Path, typer.Argument(help="Where it is written.")] = Path("schema.graphql"),
    *,
    check: Annotated[bool, typer.Option("--check", help="Write nothing; fail if the file differs.")] = False,
) -> None:
    """Write the GraphQL schema to a file. No database is needed."""
    from oms_api.cli import report

    report.schema(path, check=check)


@app.command()
def states(
    path: Annotated[Path, typer.Argument(help="Where they are written.")] = Path("docs/states.md"),
    *,
    check: Annotated[bool, typer.Option("--check", help="Write nothing; fail if the file differs.")] = False,
) -> None:
    """Write the state diagrams of all documents to a file. No database is needed."""
    from oms_api.cli import report

    report.states(path, check=check)


@app.command()
def seed(*, as_json: Json = False) -> None:
    """Fill an empty database with a small demo shop. A database that holds something is left as it is."""
    from oms_api.cli import report

    report.seed(as_json=as_json)


@app.command()
def doctor(*, as_json: Json = False) -> None:
    """Prove that the books add up: ledger and stock, orders and allocations, feed. Exits with 1 if anything is wrong."""
    from oms_api.cli import report

    report.doctor(as_json=as_json)


class Preset(StrEnum):
    """Scopes that are often wanted together."""

    ALL = "all"
    READ = "read"

    @property
    def scopes(self) -> frozenset[Scope]:
        """The scopes."""
        return frozenset(scope for scope in Scope if self is Preset.ALL or scope.value.endswith(":read"))


@keys.command()
def create(
    client: Annotated[str, typer.Argument(help="Who gets it: a shop, a warehouse. Keys of one client share idempotency keys.")],
    name: Annotated[str, typer.Option(help="What tells this key from the client's others.")] = "default",
    scope: Annotated[list[Scope] | None, typer.Option("--scope", "-s", help="A right; may be given many times.")] = None,
    preset: Annotated[Preset | None, typer.Option(help="Every scope, or every scope that only reads.")] = None,
    channel: Annotated[list[str] | None, typer.Option(help="Only this channel (channel_01h...); many times.")] = None,
    location: Annotated[
        list[str] | None,
        typer.Option(
            help="Only this location (location_01h...); many times. Orders and holds of a channel take from all of its own."
        ),
    ] = None,
    supplier: Annotated[list[str] | None, typer.Option(help="Only this supplier (supplier_01h...); many times.")] = None,
    expires_days: Annotated[int | None, typer.Option(min=1, max=36_500, help="For how many days it holds.")] = None,
    *,
    as_json: Json = False,
) -> None:
    """Make an API key and print it. It is shown this once: only a fingerprint is stored.

    Example: oms keys create webshop --scope orders:write --scope orders:read
    """
    from oms_api.cli import keys

    keys.create(
        client,
        name,
        scopes={*(scope or ()), *(preset.scopes if preset else ())},
        channels=channel,
        locations=location,
        suppliers=supplier,
        expires_days=expires_days,
        as_json=as_json,
    )


@keys.command("list")
def list_keys(*, as_json: Json = False) -> None:
    """Show every key there ever was, without its secret."""
    from oms_api.cli import keys

    keys.show(as_json=as_json)


@keys.command()
def revoke(
    prefix: Annotated[str, typer.Argument(help="The key's prefix, from `oms keys list`; or the key itself.")],
    *,
    as_json: Json = False,
) -> None:
    """End an API key for good. Servers refuse it, and close its subscriptions, within 5 seconds."""
    from oms_api.cli import keys

    keys.revoke(prefix, as_json=as_json)


@feed.callback()
def look_after_feed() -> None:
    """Look after the feed of events, which subscriptions and `events(after:)` read."""


@feed.command("new-epoch")
def new_epoch(*, as_json: Json = False) -> None:
    """Begin the feed anew. Do this once after every restore of a backup, before servers and workers start.

    A backup is older than what clients have seen: their cursors point past its end, and positions will be given a second
    time, to other events. From now on every cursor given before is refused with CURSOR_EXPIRED, so that clients read their
    data again instead of missing events without a word. No event and no data are changed.
    """
    from oms_api.cli import feed

    feed.new_epoch(as_json=as_json)


app.add_typer(keys, name="keys")
app.add_typer(feed, name="feed")
