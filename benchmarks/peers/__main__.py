"""Measure our program and Vendure with the same work in turns, print the table, and write it into benchmarks/README.md."""

import argparse
import signal
import subprocess
import sys
from contextlib import ExitStack
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import orjson
import uvloop

from benchmarks import machine
from benchmarks import report as benchmarks_report
from benchmarks.compare import in_turns
from benchmarks.peers import report, vendure
from benchmarks.peers.ours import Ours
from benchmarks.peers.peer import RUSHES, WORKS, Peer, rush
from benchmarks.shop import Shop
from benchmarks.stage import say, serving, staged

ORDERS = 2_000


def main() -> None:
    """Run all of it, or say why it cannot be."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers", description=__doc__)
    parser.add_argument(
        "--orders", type=int, default=ORDERS, help=f"how many orders are there to read, 500 at least [{ORDERS}]"
    )
    parser.add_argument("--folder", type=Path, help="keep Vendure installed here; without it, all of it is removed at the end")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    given = parser.parse_args()
    if why := vendure.missing():
        print(why)
        return
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))  # so that what was started is stopped
    try:
        figures = measured(given.orders, given.folder)
    except subprocess.CalledProcessError as error:
        sys.exit(f"{error}\n{error.stderr or ''}")
    print(orjson.dumps(figures, option=orjson.OPT_INDENT_2).decode() if given.json else report.text(figures))
    if given.orders >= ORDERS:
        benchmarks_report.write(report.text(figures), report.BEGIN)


def measured(orders: int, folder: Path | None) -> dict[str, Any]:
    """Start both programs, each with a PostgreSQL of its own, and return the figures."""
    start = perf_counter()
    figures: dict[str, Any] = {"machine": machine.description(), "orders": orders, "date": f"{datetime.now(UTC):%Y-%m-%d}"}
    figures["programs"] = {"oms-api": version("oms-api")} | vendure.versions()
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(TemporaryDirectory(prefix="oms-peers-")))
        scratch.chmod(0o711)
        vendure.install(installed := folder or scratch / "vendure")
        stage = stack.enter_context(staged())
        figures["postgresql"] = stage.settings()
        theirs = stack.enter_context(vendure.serving(scratch, installed, stage.shop.purchases("peers")))
        ours = Ours(stage, stack.enter_context(serving(stage)), stage.shop.purchases("peers"))
        uvloop.run(work(theirs, ours, stage.shop, figures))
    figures["seconds"] = perf_counter() - start
    return figures


async def work(theirs: Peer, ours: Peer, shop: Shop, figures: dict[str, Any]) -> None:
    """Fill both shops, do all work in turns, and put down what it came to."""
    for name, peer in (("vendure", theirs), ("ours", ours)):
        start = perf_counter()
        await peer.fill(figures["orders"])
        say(f"{name}: {figures['orders']} orders made in {perf_counter() - start:.0f} s")
    figures["vendure"], figures["ours"] = await in_turns((theirs, ours), WORKS)
    for name, peer in (("vendure", theirs), ("ours", ours)):
        figures[name]["rushes"] = [dict(await rush(peer, shop, number)) for number in range(RUSHES)]
        say(f"{name}: {figures[name]['rushes']}")


if __name__ == "__main__":
    main()
