"""`make replay FILE=...`: the year of a real shop, played again through the public API."""

import asyncio
import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from examples.online_retail.plan import Plan, planned
from examples.online_retail.platform import PlatformError, connected
from examples.online_retail.replay import Replay
from examples.online_retail.report import Report
from examples.online_retail.rows import UnreadableFileError, read
from examples.online_retail.shop import Progress as Tell
from oms_api.cli import home
from oms_api.cli.console import emit_json, read_settings, say, table
from oms_api.cli.failing import INTERRUPTED, CommandError, reported_in_one_line


def online_retail(
    path: Annotated[Path, typer.Argument(help="The parquet file: Online Retail II, one row an invoice line.")],
    limit: Annotated[int | None, typer.Option(min=1, help="Only the first so many invoices.")] = None,
    url: Annotated[str | None, typer.Option(help="The server, such as http://127.0.0.1:8000.")] = None,
    key: Annotated[str | None, typer.Option(help="An API key with every scope, orders:import too.", envvar="OMS_KEY")] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")] = False,
) -> None:
    """Place, pay, ship and take back a year of a real shop's invoices, and prove that the API's sales are those of the file.

    Without --url and --key it finds the server of `make dev`. Ctrl-C stops it; run again, it goes on where it was.
    Exits with 1 when figures do not agree or anything was refused that should not be.
    """
    server, api_key = server_of(url, key)
    try:
        with drawn() as progress:
            plan = planned_from(path, limit)
            report = asyncio.run(played(server, api_key, plan, progress))
    except (UnreadableFileError, PlatformError) as error:
        raise CommandError(str(error)) from error
    except KeyboardInterrupt:
        sys.stderr.write("Stopped. Run the same command again to go on.\n")
        sys.exit(INTERRUPTED)
    if as_json:
        emit_json(report.as_json())
    else:
        show(report)
    sys.exit(0 if report.agrees else 1)


def server_of(url: str | None, key: str | None) -> tuple[str, str]:
    """Return address and key: as given, else of the running development server. Raises: CommandError."""
    if url is not None and key is not None:
        return url, key
    server = home.running(read_settings().home)
    if server is None or (url is not None and url.rstrip("/") != server.address):
        raise CommandError("no development server is running here: start `make dev`, or give --url and --key")
    return server.address, key or server.key


def planned_from(path: Path, limit: int | None) -> Plan:
    """Return the plan for a file. Raises: UnreadableFileError."""
    gc.disable()  # half a million small records, none of them garbage: looking for it doubles the time
    try:
        return planned(read(path), limit)
    finally:
        gc.freeze()
        gc.enable()


async def played(url: str, key: str, plan: Plan, progress: Tell) -> Report:
    """Carry *plan* out. Raises: PlatformError."""
    async with connected(url, key) as platform:
        return await Replay(platform, plan, progress).run()


@contextmanager
def drawn() -> Iterator[Tell]:
    """Give a function that draws progress on standard error, one bar for each phase."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    bars: dict[str, TaskID] = {}
    with Progress(*columns, console=Console(stderr=True)) as progress:

        def tell(phase: str, done: int, total: int) -> None:
            if phase not in bars:
                bars[phase] = progress.add_task(phase, total=total)
            progress.update(bars[phase], completed=done, total=total)

        yield tell


def show(report: Report) -> None:
    """Print *report* for a person."""
    told = report.as_json()
    say(f"\n{told['invoices']:,} invoices, {told['rows']['file']:,} rows")
    table(
        [
            {"rows": f"{rows:,}", "are": fate.value, "kind or reason": kind}
            for fate, kinds in report.rows.items()
            for kind, rows in kinds.items()
        ],
        empty="No rows.",
    )
    orders, rates, returns = told["orders"], told["ordersPerSecond"], told["returns"]
    say(
        f"\nPlaced {orders['placed']:,} orders ({orders['placedBefore']:,} were there), shipped {orders['shipped']:,}, "
        f"delivered {orders['delivered']:,}; {orders['paidInApi']:,} are paid.\n"
        f"{rates['placing']:,} orders a second while placing, {rates['overall']:,} over all.\n"
        f"Took back {returns['received']:,} returns of {returns['planned']:,} ({returns['receivedInApi']:,} are there), "
        f"refunded {returns['refunded']:,}: {returns['refundedInApi']} GBP in all.\n"
    )
    show_credit_notes(told["creditNotes"], returns["cut"])
    table([line for month in told["months"] for line in lines_of(month)], empty="No sales.")
    for problem in [*report.wrong, *(f"{r.what} {r.ref}: {r.code}: {r.message}" for r in report.outcome.refusals)][:MOST_SHOWN]:
        say(f"  {problem}")
    say("\nEverything agrees." if report.agrees else "\nIt does not agree: see what is marked, or --json for all of it.")


def show_credit_notes(notes: dict[str, Any], cuts: list[dict[str, str]]) -> None:
    """Print what became of the credit notes, by reason."""
    say(
        f"{notes['all']:,} credit notes: {notes['matched']:,} matched with orders, {notes['matchedInPart']:,} in part, "
        f"{notes['unmatched']:,} not at all."
    )
    table(
        [
            {"reason": reason, "credit notes": f"{of['notes']:,}", "rows": f"{of['rows']:,}", "units": f"{of['units']:,}"}
            | {"money": of["amount"]}
            for reason, of in notes["byReason"].items()
        ],
        empty="None.",
    )
    for cut in cuts[:MOST_SHOWN]:
        say(f"  {cut['return']}: of {cut['credited']} only {cut['refunded']} was paid and can be refunded")


MOST_SHOWN = 20


def lines_of(month: dict[str, Any]) -> list[dict[str, object]]:
    """Return a month as rows of the table: the file, what the API has less and why, the API."""
    end = "  API agrees" if month["agrees"] else "  API DIFFERS"
    parts = [(month["month"], month["file"])]
    parts += [(f"  {reason}", figures) for reason, figures in month["differences"].items()]
    return [{"month": what, **figures} for what, figures in [*parts, (end, month["api"])]]


if __name__ == "__main__":
    with reported_in_one_line():
        typer.run(online_retail)
