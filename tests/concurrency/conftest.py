"""What every race is run over and held to: many connections, no deadlock, and books that add up."""

from collections.abc import AsyncIterator, Iterator

import pytest

from oms_api.db.connections import Pool
from oms_api.db.unit_of_work import UnitOfWork
from tests.factories.database import Database
from tests.factories.racing import deadlocks
from tests.factories.trading import findings

CONNECTIONS = 16


@pytest.fixture
async def many(database: Database) -> AsyncIterator[UnitOfWork]:
    """Give many connections; the doctor finds nothing wrong with what was done over them."""
    pool = Pool(database.app_url, size=CONNECTIONS)
    try:
        yield UnitOfWork(pool)
        assert await findings(UnitOfWork(pool)) == []
    finally:
        await pool.close()


@pytest.fixture(autouse=True)
def no_deadlock(database: Database) -> Iterator[None]:
    """Hold that no two transactions waited for one another."""
    yield
    assert deadlocks(database) == 0
