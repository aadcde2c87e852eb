"""What every race is run over and held to: many connections, no deadlock, and books that add up."""

from collections.abc import AsyncIterator, Iterator

import pytest

from oms_api.db.engine import create_engine
from oms_api.db.unit_of_work import UnitOfWork
from tests.factories.database import Database
from tests.factories.racing import deadlocks
from tests.factories.trading import findings

CONNECTIONS = 16


@pytest.fixture
async def many(database: Database) -> AsyncIterator[UnitOfWork]:
    """Give many connections; the doctor finds nothing wrong with what was done over them."""
    engine = create_engine(database.app_url, pool_size=CONNECTIONS)
    try:
        yield UnitOfWork(engine)
        assert await findings(UnitOfWork(engine)) == []
    finally:
        await engine.dispose()


@pytest.fixture(autouse=True)
def no_deadlock(database: Database) -> Iterator[None]:
    """Hold that no two transactions waited for one another."""
    yield
    assert deadlocks(database) == 0
