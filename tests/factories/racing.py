"""Many who do something at once, and how it ended for each."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable

import psycopg

from oms_api.kernel.errors import Busy, OmsError
from tests.factories.database import Database

Attempt = Callable[[], Awaitable[object]]


async def race(attempts: Iterable[Attempt], *, patient: bool = False) -> Counter[str]:
    """Run all *attempts* at once and count how they ended: done, or by which code.

    Where others keep them from their turn, *patient* ones begin again.
    """
    return Counter(await outcomes(attempts, patient=patient))


async def outcomes(attempts: Iterable[Attempt], *, patient: bool = False) -> list[str]:
    """Run all *attempts* at once and tell of each in turn how it ended."""
    return await asyncio.gather(*(_outcome(attempt, patient=patient) for attempt in attempts))


async def _outcome(attempt: Attempt, *, patient: bool) -> str:
    while True:
        try:
            await attempt()
        except OmsError as error:
            code = error.causes[0].code
            if patient and code == Busy.code:
                continue
            return code
        return "done"


def deadlocks(database: Database) -> int:
    """Return how many deadlocks there were."""
    with psycopg.connect(database.admin_url) as connection:
        connection.execute("SELECT pg_stat_force_next_flush()")
        found = connection.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()").fetchone()
    return int(found[0]) if found else 0
