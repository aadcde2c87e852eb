"""What every race is run over and held to: many connections, no deadlock, and books that add up."""

from collections.abc import AsyncIterator, Iterator

import pytest

from oms_api.db.unit_of_work import UnitOfWork
from tests.factories.database import Database
from tests.factories.racing import deadlocks, patient_work
from tests.factories.trading import findings

CONNECTIONS = 16


@pytest.fixture
async def many(database: Database) -> AsyncIterator[UnitOfWork]:
    """Give many connections over which nobody waits too long; the doctor finds nothing wrong with what was done over them."""
    async with patient_work(database.app_url, CONNECTIONS) as work:
        yield work
        assert await findings(work) == []


@pytest.fixture(autouse=True)
def no_deadlock(database: Database) -> Iterator[None]:
    """Hold that no two transactions waited for one another."""
    yield
    assert deadlocks(database) == 0
