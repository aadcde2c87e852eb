"""The same work on one version of the program, or on two of them in turns."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import orjson
import uvloop

from benchmarks import inventory, start, work
from benchmarks.place import place_in_batches
from benchmarks.stage import Stage, say, serving
from benchmarks.work import S, Side, Taken, Work

MEASURES = ("place", "batch", "rush", "sync", "screens", "reports", "start")
ORDERS = 10_000
Figures = dict[str, Any]


def compared(stages: Sequence[Stage], measures: Sequence[str]) -> list[Figures]:
    """Return the figures of the version on each stage."""
    found: list[Figures] = [{} for _ in stages]
    for measured in (written, read, reported, started):
        for figures, more in zip(found, measured(stages, measures), strict=True):
            figures.update(more)
    return found


def written(stages: Sequence[Stage], measures: Sequence[str]) -> list[Figures]:
    """Return what was measured of placing orders and counting stock, with the worker running."""
    works = [each for each in work.WRITES if each.name in measures]
    if not works:
        return [{} for _ in stages]
    if "sync" in measures:
        for stage in stages:
            inventory.fill(stage)
    with running(stages, worker=True) as sides:
        return uvloop.run(in_turns(sides, works))


def read(stages: Sequence[Stage], measures: Sequence[str]) -> list[Figures]:
    """Return what was measured of the common screens."""
    if "screens" not in measures:
        return [{} for _ in stages]
    with running(stages, worker=False) as sides:
        found = uvloop.run(prepared(sides))
        for figures, more in zip(found, uvloop.run(in_turns(sides, work.SCREENS)), strict=True):
            figures.update(more)
    return found


def reported(stages: Sequence[Stage], measures: Sequence[str]) -> list[Figures]:
    """Return what was measured of what can be sold, and of the report of sales."""
    if "reports" not in measures:
        return [{} for _ in stages]
    with running(stages, worker=True) as sides:
        uvloop.run(placed(sides))
        for side in sides:
            work.prepare_reports(side)
        return uvloop.run(in_turns(sides, work.REPORTS))


def started(stages: Sequence[Stage], measures: Sequence[str]) -> list[Figures]:
    """Return how fast each version is there and its memory; what starts first fills the caches of files and does not count."""
    if "start" not in measures:
        return [{} for _ in stages]
    found = [start.Starts() for _ in stages]
    for stage in stages:
        start.Starts().take(stage)
    for _ in range(start.ROUNDS):
        for taken, stage in zip(found, stages, strict=True):
            taken.take(stage)
    return [{"start": taken.result()} for taken in found]


@contextmanager
def running(stages: Sequence[Stage], *, worker: bool) -> Iterator[list[Side]]:
    """Run the servers of each stage until the block ends."""
    with ExitStack() as stack:
        yield [Side(stage, stack.enter_context(serving(stage, worker=worker))) for stage in stages]


async def prepared(sides: Sequence[Side]) -> list[Figures]:
    """Make what the screens show, and return what each screen needs of the database."""
    await placed(sides)
    for side in sides:
        await work.prepare_screens(side)
    return [{"needs": {screen: await work.needs(side, screen) for screen in side.bodies}} for side in sides]


async def placed(sides: Sequence[Side]) -> None:
    """Place orders, as many as are missing."""
    for side in sides:
        if side.stage.rows("SELECT count(*) FROM orders")[0][0] < ORDERS:
            await place_in_batches(side.stage, side.server, until=ORDERS)


async def in_turns(sides: Sequence[S], works: Sequence[Work[S]]) -> list[Figures]:
    """Return the figures of each work on each side; who is first changes with each round, so that noise hits both."""
    found: list[Figures] = [{} for _ in sides]
    for each in works:
        taken = [Taken() for _ in sides]
        for turn in range(each.warm + each.rounds):
            for index in range(len(sides))[:: 1 if turn % 2 else -1]:
                round_ = await each.take(sides[index])
                if turn >= each.warm:
                    taken[index].add(round_)
        for figures, whole in zip(found, taken, strict=True):
            figures[each.name] = whole.result()
        say(f"{each.what}: {orjson.dumps([figures[each.name] for figures in found]).decode()}")
    return found
