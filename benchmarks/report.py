"""The figures as tables: on the terminal, and in benchmarks/README.md."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.desk import REQUIRED_MS as TIMELINE_MS
from benchmarks.desk import TIMELINE
from benchmarks.lists import ONE_REQUEST, REQUIRED_MS
from benchmarks.start import NAMES
from benchmarks.work import REPORTS, SCREENS, WRITES

Figures = dict[str, Any]
README = Path(__file__).with_name("README.md")
BEGIN, END = "<!-- figures: written by python -m benchmarks -->", "<!-- end of figures -->"


class Row(NamedTuple):
    """One line of the table; *met* None: nothing is required."""

    what: str
    measured: str
    required: str = ""
    met: bool | None = None


def rows(figures: Figures) -> Iterator[Row]:
    """Yield the lines of the table."""
    parts = {
        "place": placing,
        "batch": batches,
        "pages": pages,
        "screens": screens,
        "rush": rushes,
        "inventory": inventory,
        "reports": lambda found: reports(found, figures["counting"], figures["rollups"]),
        "start": starting,
        "lists": lists,
        "desk": desk,
        "labels": labels,
        "scans": scans,
    }
    for name, told in parts.items():
        if found := figures.get(name):
            yield from told(found)


def lists(found: Figures) -> Iterator[Row]:
    """Yield what was measured of searching, sorting and counting: the screens beside what is required of them."""
    for name, took in found.items():
        told = f"p50 {took['p50_ms']:.1f}, p95 {took['p95_ms']:.1f} ms"
        yield Row(name, told, "p50 20 ms", took["p50_ms"] < REQUIRED_MS) if name in ONE_REQUEST else Row(name, told)


def desk(found: Figures) -> Iterator[Row]:
    """Yield what was measured of working on single orders: edits beside placing, and the timeline beside what is required."""
    for name, took in found.items():
        told = f"p50 {took['p50_ms']:.1f}, p95 {took['p95_ms']:.1f} ms"
        yield Row(name, told, "p50 15 ms", took["p50_ms"] < TIMELINE_MS) if name == TIMELINE else Row(name, told)


def labels(found: Figures) -> Iterator[Row]:
    """Yield what was measured of printing labels."""
    memory = f"press {found['press_mb']} MB, own {found['own_mb']} MB at most"
    yield Row(f"{found['labels']:,} labels as one PDF", f"{found['labels_per_s']:,.0f} labels/s; {memory}")
    for name in ("pdf", "png"):
        told = f"{found[f'alone_{name}_ms']:.0f} ms; processor time {found[f'alone_{name}_cpu_ms']:.0f} ms"
        yield Row(f"one label alone, as {name.upper()}", told)
    told = f"{found['together_cpu_ms']:.1f} ms; alone takes {found['alone_to_together']:.1f} times that"
    yield Row("processor time of a label in one PDF", told)


def scans(found: Figures) -> Iterator[Row]:
    """Yield what was measured of taking what carriers tell."""
    told = f"{found['scans_per_s']:,.0f} scans/s; {found['arrived']:,} of {found['parcels']:,} parcels arrived"
    yield Row(f"trackingImport, {found['told']:,} scans in any order, each told twice", told)


def placing(found: Figures) -> Iterator[Row]:
    """Yield what was measured of orderPlace."""
    rate, ratio, latency, cpu = found["orders_per_s"], found["ratio"], found["latency_ms"], found["cpu_ms_per_order"]
    rounds = ", ".join(f"{one:.2f}" for one in found["ratio_of_each_round"])
    yield Row("orderPlace, 3 lines, over HTTP, 16 clients", f"{rate:,.0f} orders/s", "300", rate >= 300)
    yield Row("pgbench, same statements and parameters, 16 clients", f"{found['pgbench_orders_per_s']:,.0f} orders/s")
    yield Row("ratio of the two, rounds taken in turns", f"{ratio:.2f} (rounds: {rounds})", "0.25", ratio >= 0.25)
    yield Row("latency of orderPlace", f"p50 {latency['p50']:.0f}, p95 {latency['p95']:.0f}, p99 {latency['p99']:.0f} ms")
    yield Row("processor time of the servers", f"{cpu['servers']:.2f} ms an order")
    yield Row("processor time of PostgreSQL, relay's part included", f"{cpu['PostgreSQL']:.2f} ms an order")
    yield Row("processor time of the worker", f"{cpu['worker']:.2f} ms an order")
    yield Row("load program", f"{cpu['load program']:.2f} ms an order, {found['load_program_of_run']:.0%} of one core")
    yield Row("pgbench's fetching of parameters, not deducted", f"{found['pgbench_fetching_share']:.1%} of its time")
    yield Row("others on the machine", f"{found['cpu_share']['others']:.0%}, during pgbench {found['pgbench_others']:.0%}")


def batches(found: Figures) -> Iterator[Row]:
    """Yield what was measured of ordersPlace."""
    rate, latency, cpu = found["orders_per_s"], found["latency_ms"], found["cpu_ms_per_order"]
    yield Row("ordersPlace, 100 orders of 3 lines a call, 4 calls at a time", f"{rate:,.0f} orders/s", "1,500", rate >= 1_500)
    yield Row("latency of such a call", f"p50 {latency['p50']:.0f}, p95 {latency['p95']:.0f} ms")
    parts = ", ".join(f"{group} {cpu[group]:.2f}" for group in ("servers", "PostgreSQL", "load program"))
    yield Row("processor time", f"{parts} ms an order")
    yield Row("others on the machine", f"{found['cpu_share']['others']:.0%}")


def pages(found: Figures) -> Iterator[Row]:
    """Yield what was measured of the list of orders."""
    first, deep, factor = found["first_page_ms"], found["deep_page_ms"], found["deep_to_first"]
    few, many = found["statements"].values()
    what = f"50 newest of {found['orders']:,} orders with {', '.join(found['fields'])}"
    yield Row(what, f"p50 {first['p50']:.1f}, p95 {first['p95']:.1f} ms", "p50 30 ms", first["p50"] < 30)
    yield Row(f"the same {found['depth']:,} orders down the list", f"p50 {deep['p50']:.1f}, p95 {deep['p95']:.1f} ms")
    yield Row("deep page to first page", f"{factor:.2f}", "1.20 at most", factor <= 1.2)
    cpu = found["cpu_ms_per_page"]
    yield Row("processor time of a page", f"servers {cpu['servers']:.1f}, PostgreSQL {cpu['PostgreSQL']:.1f} ms")
    yield Row("statements for 5 orders, for 50 orders", f"{few}, {many}", "equal", few == many)


def screens(found: Figures) -> Iterator[Row]:
    """Yield what was measured of the common screens."""
    for work in SCREENS:
        one = found[work.name]
        cpu = f"processor time: servers {one['cpu_ms']['servers']:.2f}, PostgreSQL {one['cpu_ms']['PostgreSQL']:.2f} ms"
        required = ("servers 3 ms at most", one["cpu_ms"]["servers"] <= 3) if work.name.startswith("detail") else ()
        yield Row(work.what, f"{one['per_s']:,.0f} a second; p50 {one['p50_ms']:.1f} ms; {cpu}", *required)
    for screen, needed in found["needs"].items():
        yield Row(f"the same, {screen}", f"{needed['statements']} statements, {needed['trips']} round trips")


def starting(found: Figures) -> Iterator[Row]:
    """Yield how fast the program is there, and its memory."""
    limits = {"help_s": 0.5, "first_s": 2.5}
    for name, what in NAMES.items():
        told = f"{found[name]:.0f} MB" if name.endswith("_mb") else f"{found[name]:.2f} s"
        required = (f"{limits[name]:g} s", found[name] <= limits[name]) if name in limits else ()
        yield Row(what, told, *required)


def rushes(found: Figures) -> Iterator[Row]:
    """Yield what was measured of a rush."""
    sold = ", ".join(" + ".join(f"{count} {code}" for code, count in sorted(one.items())) for one in found["outcomes"][:1])
    same = all(one == found["outcomes"][0] for one in found["outcomes"])
    what = f"200 buyers, 100 units over two locations, {len(found['outcomes'])} times"
    ledger = "WRONG" if found["levels_that_differ_from_their_ledger"] else "exact"
    told = f"{sold}{'' if same else ' (others differ)'}; ledger {ledger}"
    yield Row(what, f"{told}; {found['deadlocks']} deadlocks", "100 + 100, exact, none", found["exact"])
    yield Row("longest wait of a buyer", f"{found['slowest_ms']:.0f} ms")


def inventory(found: Figures) -> Iterator[Row]:
    """Yield what was measured of stock at size."""
    rate, asked, hot = found["sync_rows_per_s"], found["availability_ms"], found["hot_latency_ms"]
    yield Row("inventorySync, 10,000 rows a call, all of them changes", f"{rate:,.0f} rows/s", "5,000", rate >= 5_000)
    what = f"availability of 100 SKUs over 20 locations, {found['levels']:,} levels"
    yield Row(what, f"p50 {asked['p50']:.1f}, p95 {asked['p95']:.1f} ms", "p50 20 ms", asked["p50"] < 20)
    told = f"{found['hot_orders_per_s']:,.0f} orders/s; p50 {hot['p50']:.0f}, p99 {hot['p99']:.0f} ms"
    yield Row("orderPlace of one SKU that everybody wants, 16 clients", told)


def reports(found: Figures, counting: Figures, rollups: Figures) -> Iterator[Row]:
    """Yield what was measured of the report of sales and of keeping its sums."""
    for what, latency in found["latency_ms"].items():
        measured = f"p50 {latency['p50']:.1f}, p95 {latency['p95']:.1f} ms, {found['rows'][what]} rows"
        yield Row(f"salesReport, {what}", measured, "p50 50 ms", latency["p50"] < 50)
    cpu = sum(counting["cpu_s_per_1000_orders"].values())
    what = f"counting {counting['orders']:,} orders with {counting['lines']:,} lines for the first time"
    yield Row(what, f"{counting['seconds']:.1f} s; processor time {cpu:.2f} s for 1,000 orders")
    rates, lost, share = rollups["orders_per_s"], rollups["throughput_lost"], rollups["share_of_cpu"]
    yield Row("orderPlace with the rollups, without, in turns", f"{rates['with']:,.0f}, {rates['without']:,.0f} orders/s")
    yield Row("throughput that the rollups cost", f"{lost:.1%}", "10% at most", lost < 0.1)
    yield Row("processor time that they cost", f"{rollups['cpu_of_rollups_ms']:.2f} ms an order, {share:.1%} of an order's")


def table(figures: Figures) -> str:
    """Return the figures as a table in Markdown."""
    lines = ["| what | measured | required |", "|---|---|---|"]
    marks = {True: " ✓", False: " ✗ missed", None: ""}
    lines += [f"| {row.what} | {row.measured} | {row.required}{marks[row.met]} |" for row in rows(figures)]
    return "\n".join(lines)


def side_by_side(before: Figures, after: Figures) -> str:
    """Return the figures of two versions as a table in Markdown; a ratio above 1 is a gain."""
    lines = ["| what | before | after | gain |", "|---|---|---|---|"]
    lines += [f"| {' | '.join(cells)} |" for cells in cells_of(before, after)]
    return "\n".join(lines)


def cells_of(before: Figures, after: Figures) -> Iterator[tuple[str, str, str, str]]:
    """Yield the lines of that table."""
    for work in (*WRITES, *SCREENS, *REPORTS):
        if work.name in before:
            old, new = before[work.name], after[work.name]
            yield _cells(f"{work.what}: {work.unit} a second", old["per_s"], new["per_s"], ",.0f", more_is_better=True)
            yield _cells("p50, ms", old["p50_ms"], new["p50_ms"], ",.1f")
            for group in ("servers", "PostgreSQL", "worker"):
                if group in old["cpu_ms"]:
                    yield _cells(f"processor time of {group}, ms", old["cpu_ms"][group], new["cpu_ms"][group], ".2f")
            yield "others on the machine", f"{old['others']:.0%}", f"{new['others']:.0%}", ""
    for screen in before.get("needs", ()):
        for what in ("statements", "trips"):
            yield _cells(f"{screen}: {what}", before["needs"][screen][what], after["needs"][screen][what], "d")
    for name, what in NAMES.items() if "start" in before else ():
        unit = ", MB" if name.endswith("_mb") else ", s"
        yield _cells(what + unit, before["start"][name], after["start"][name], ".0f" if name.endswith("_mb") else ".2f")


def _cells(what: str, old: float, new: float, form: str, *, more_is_better: bool = False) -> tuple[str, str, str, str]:
    gain = (new / old if more_is_better else old / new) if old and new else 1.0
    return what, format(old, form), format(new, form), f"{gain:.2f}"


def conditions(figures: Figures) -> str:
    """Return what the figures were measured on, as lines."""
    machine, settings = figures["machine"], figures["postgresql"]
    return "\n".join(
        (
            f"- Machine: {', '.join(f'{name} {value}' for name, value in machine.items())}.",
            f"- PostgreSQL: {', '.join(f'{name} {value}' for name, value in settings.items())}.",
            f"- Programs: {', '.join(f'{name} {value}' for name, value in figures['programs'].items())}.",
            f"- The whole run took {figures['seconds']:.0f} s.",
        )
    )


def text(figures: Figures) -> str:
    """Return all of it."""
    told = side_by_side(figures["before"], figures["after"]) if "before" in figures else table(figures)
    return f"{told}\n\n{conditions(figures)}"


def write(told: str, begin: str = BEGIN) -> None:
    """Put what was *told* into the README, between the mark where it begins and the next end."""
    before, _, rest = README.read_text().partition(begin)
    after = rest.partition(END)[2]
    README.write_text(f"{before}{begin}\n{told}\n{END}{after}")
