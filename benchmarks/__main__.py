"""Run the benchmarks, print their table, and write it into benchmarks/README.md."""

import argparse
import signal
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from importlib.metadata import version
from pathlib import Path
from time import perf_counter
from typing import Any

import orjson
import uvloop

from benchmarks import compare, lists, machine, report
from benchmarks.desk import work_at_desk
from benchmarks.inventory import measure_stock
from benchmarks.labels import print_labels
from benchmarks.pages import read_pages
from benchmarks.place import place_in_batches, place_one_by_one
from benchmarks.reports import count_a_year, fill, place_with_and_without, read_reports
from benchmarks.rush import rush
from benchmarks.scans import PARCELS, tell_scans
from benchmarks.shop import ship
from benchmarks.stage import HERE, Stage, say, serving, staged

MEASURES = ("place", "batch", "pages", "screens", "rush", "inventory", "reports", "start", "lists", "desk", "labels", "scans")
PROGRAMS = ("oms-api", "strawberry-graphql", "graphql-core", "uvicorn", "sqlalchemy", "psycopg")
ORDERS, SHIPPED_EVERY = 100_000, 5


def main() -> None:
    """Run what was asked for; without it, all."""
    given = arguments()
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))  # so that what was started is stopped
    start = perf_counter()
    figures: dict[str, Any] = {"machine": machine.description(), "programs": {name: version(name) for name in PROGRAMS}}
    with ExitStack() as stack:
        stages = [stack.enter_context(staged(tree)) for tree in (given.against, given.tree) if tree is not None]
        figures["postgresql"] = stages[0].settings()
        say(f"machine: {figures['machine']}\npostgresql: {figures['postgresql']}")
        if given.against is None:
            run(stages[0], figures, given.measures, given.orders)
        else:
            figures["before"], figures["after"] = compare.compared(stages, given.measures)
    figures["seconds"] = perf_counter() - start
    print(orjson.dumps(figures, option=orjson.OPT_INDENT_2).decode() if given.json else report.text(figures))
    if given.against is None and set(given.measures) == set(MEASURES) and (given.tree, given.orders) == (HERE, ORDERS):
        report.write(report.text(figures))


def arguments() -> argparse.Namespace:
    """Return what was asked for; what cannot be done ends the program."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("measures", nargs="*", metavar="measure", help=f"any of {', '.join(MEASURES)}; all unless told")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--orders", type=int, default=ORDERS, help=f"how many orders pages are read from [{ORDERS}]")
    parser.add_argument("--tree", type=Path, default=HERE, help="measure the programs of this checkout, not of our own")
    those = ", ".join(compare.MEASURES)
    parser.add_argument("--against", type=Path, help=f"measure those of this checkout too, in turns: any of {those}")
    given = parser.parse_args()
    known = MEASURES if given.against is None else compare.MEASURES
    if unknown := set(given.measures) - set(known):
        parser.error(f"there is no measure {', '.join(sorted(unknown))}")
    for tree in (given.tree, given.against):
        if tree is not None and not (tree / "src" / "oms_api").is_dir():
            parser.error(f"{tree} is no checkout of oms_api")
    given.measures = given.measures or known
    return given


def run(stage: Stage, figures: dict[str, Any], wanted: Sequence[str], orders: int) -> None:
    """Measure one version of the program."""
    run_writes(stage, figures, wanted, orders)
    if "pages" in wanted:
        run_pages(stage, figures)
    if "screens" in wanted:
        (figures["screens"],) = compare.read([stage], wanted)
    if "rush" in wanted:  # last: its orders of one line would be the newest page, lighter than the others
        run_rush(stage, figures)
    if "inventory" in wanted:
        run_inventory(stage, figures)
    if "reports" in wanted:
        run_reports(stage, figures)
    if "lists" in wanted or "desk" in wanted:
        run_lists(stage, figures, wanted, orders)
    if "labels" in wanted:
        figures["labels"] = uvloop.run(print_labels())
    if "scans" in wanted:
        run_scans(stage, figures)
    if "start" in wanted:
        (found,) = compare.started([stage], wanted)
        figures.update(found)


def run_writes(stage: Stage, figures: dict[str, Any], wanted: Sequence[str], orders: int) -> None:
    """Measure what places orders, with two server processes and the worker."""
    with serving(stage) as server:
        if "place" in wanted:
            figures["place"] = measured(place_one_by_one(stage, server))
        if "batch" in wanted or "pages" in wanted:
            figures["batch"] = measured(place_in_batches(stage, server, until=orders))


def run_scans(stage: Stage, figures: dict[str, Any]) -> None:
    """Measure taking what carriers tell, with two server processes and the worker."""
    with serving(stage) as server:
        measured(place_in_batches(stage, server, until=PARCELS))
        say(f"{ship(stage.postgres.owner_url, every=1)} shipments made")
        figures["scans"] = measured(tell_scans(stage, server))


def run_rush(stage: Stage, figures: dict[str, Any]) -> None:
    """Measure what happens when many want the last units, with two server processes and the worker."""
    with serving(stage) as server:
        figures["rush"] = measured(rush(stage, server))


def run_pages(stage: Stage, figures: dict[str, Any]) -> None:
    """Measure what reads orders, with one server process whose statements are counted."""
    say(f"{ship(stage.postgres.owner_url, every=SHIPPED_EVERY)} shipments made; analyzing ...")
    stage.rows("VACUUM ANALYZE")
    with serving(stage, processes=1, worker=False) as server:
        figures["pages"] = measured(read_pages(stage, server))


def run_reports(stage: Stage, figures: dict[str, Any]) -> None:
    """Measure what keeps the sums of sales, and what reads them: a year of orders beside those that were placed."""
    say("making a year of orders ...")
    fill(stage)
    figures["counting"] = measured(count_a_year(stage))
    with serving(stage, processes=1, worker=False) as server:
        figures["reports"] = measured(read_reports(stage, server))
    with serving(stage, worker=False) as server:
        figures["rollups"] = measured(place_with_and_without(stage, server))


def run_lists(stage: Stage, figures: dict[str, Any], wanted: Sequence[str], orders: int) -> None:
    """Measure searching, sorting and counting, and the work at a service desk, with one server process."""
    say(f"making {orders:,} orders ...")
    lists.fill(stage, orders)
    with serving(stage, processes=1, worker=False) as server:
        if "lists" in wanted:
            figures["lists"] = measured(lists.read_lists(stage, server))
        if "desk" in wanted:
            figures["desk"] = measured(work_at_desk(stage, server))


def run_inventory(stage: Stage, figures: dict[str, Any]) -> None:
    """Measure stock at size, with two server processes and the worker."""
    with serving(stage) as server:
        figures["inventory"] = measured(measure_stock(stage, server))


def measured(measurement: Any) -> dict[str, object]:  # noqa: ANN401
    """Carry out a measurement and return its figures."""
    start = perf_counter()
    figures: dict[str, object] = uvloop.run(measurement).result()
    say(f"{measurement.__name__} took {perf_counter() - start:.0f} s: {orjson.dumps(figures).decode()}")
    return figures


if __name__ == "__main__":
    main()
