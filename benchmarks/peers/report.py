"""The figures of the peers as a table in Markdown, a ratio for each."""

from collections.abc import Iterator
from typing import Any

from benchmarks.peers.peer import BUYERS, HOT_UNITS, WORKS

Figures = dict[str, Any]
BEGIN = "<!-- peers: written by python -m benchmarks.peers -->"
GROUPS = ("servers", "worker", "PostgreSQL")


def table(theirs: Figures, ours: Figures) -> str:
    """Return the table; a ratio above 1 says how many times better ours is."""
    lines = ["| what | Vendure | ours | ratio |", "|---|---|---|---|"]
    lines += [f"| {' | '.join(cells)} |" for cells in rows(theirs, ours)]
    return "\n".join(lines)


def rows(theirs: Figures, ours: Figures) -> Iterator[tuple[str, str, str, str]]:
    """Yield the lines of the table."""
    for work in WORKS:
        if work.name in ours:
            yield from compared(work.what, theirs[work.name], ours[work.name])
    if "rushes" in ours:
        what = f"{BUYERS} buyers at once for {HOT_UNITS} units: how many bought one, each time"
        yield what, sold(theirs["rushes"]), sold(ours["rushes"]), ""


def compared(what: str, theirs: Figures, ours: Figures) -> Iterator[tuple[str, str, str, str]]:
    """Yield the lines of one work: what counts is the rate and the processor time, of which the ratio is of the sum."""
    yield f"{what}: a second", f"{theirs['per_s']:,.1f}", f"{ours['per_s']:,.1f}", f"**{ours['per_s'] / theirs['per_s']:.1f}**"
    for what_else, values in (("p50", "p50_ms"), ("p95", "p95_ms")):
        yield f"{what_else} in ms", f"{theirs[values]:,.1f}", f"{ours[values]:,.1f}", f"{theirs[values] / ours[values]:.1f}"
    spent = [sum(one["cpu_ms"][group] for group in GROUPS) for one in (theirs, ours)]
    what_else = f"processor time of {', '.join(GROUPS)} in ms"
    yield what_else, parts(theirs["cpu_ms"]), parts(ours["cpu_ms"]), f"{spent[0] / spent[1]:.1f}"


def parts(spent: dict[str, float]) -> str:
    """Return the processor time of each group."""
    return ", ".join(f"{spent[group]:,.1f}" for group in GROUPS)


def sold(rushes: list[dict[str, int]]) -> str:
    """Return how many buyers got a unit in each rush, and how many calls failed."""
    failed = sum(one.get("failed", 0) for one in rushes)
    return ", ".join(str(one.get("sold", 0)) for one in rushes) + (f" ({failed} calls failed)" if failed else "")


def conditions(figures: Figures) -> str:
    """Return what the figures were measured on, as lines."""
    both = (figures["vendure"], figures["ours"])
    others = max(one[work.name]["others"] for one in both for work in WORKS if work.name in one)
    told = {name: ", ".join(f"{key} {value}" for key, value in figures[name].items()) for name in ("machine", "programs")}
    postgresql = ", ".join(f"{name} {value}" for name, value in figures["postgresql"].items())
    return "\n".join(
        (
            f"- {figures['date']}, {figures['orders']:,} orders on each side; others took {others:.0%} of the machine at most.",
            f"- Machine: {told['machine']}.",
            f"- Programs: {told['programs']}.",
            f"- PostgreSQL, one for each, the same: {postgresql}.",
            f"- The whole run took {figures['seconds']:.0f} s.",
        )
    )


def text(figures: Figures) -> str:
    """Return all of it."""
    return f"{table(figures['vendure'], figures['ours'])}\n\n{conditions(figures)}"
