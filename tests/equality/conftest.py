"""A judge in a town: one for each module, and the words that lead to what is there."""

from collections.abc import AsyncIterator

import pytest

from oms_api.db.connections import Pool
from oms_api.db.unit_of_work import UnitOfWork
from tests.factories.database import Database
from tests.factories.judging import Judge
from tests.factories.questions import Questions
from tests.factories.town import settle


@pytest.fixture(scope="module")
async def judge(database: Database) -> AsyncIterator[Judge]:
    """Give a judge of what a town has; its clock stands still, so that nothing differs because time passes."""
    pool = Pool(database.app_url)
    end = await settle(UnitOfWork(pool), database)
    yield Judge(UnitOfWork(pool, lambda: end))
    await pool.close()


@pytest.fixture(scope="module")
async def questions(judge: Judge) -> Questions:
    """Give one who asks for anything, and has read all that is there, each list and each kind of record, both ways."""
    asking = Questions(judge.whole._schema)
    for question in asking.all_lists():
        asking.known.learn(await judge.agree(question))
    for question in asking.all_records():
        asking.known.learn(await judge.agree(question))
    return asking
