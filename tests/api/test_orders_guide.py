"""The guide to orders in docs/orders.md, document by document, on the demo shop."""

from pathlib import Path

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.events.sweeps import Batch
from oms_api.workflows.fill_waiting import fill_waiting
from oms_api.workflows.seed_demo import seed
from tests.factories.asking import Ask
from tests.factories.database import Database
from tests.factories.feed import relay_all
from tests.factories.given import SYSTEM
from tests.factories.touring import tour


async def test_the_guide_to_orders_is_true(fresh_work: UnitOfWork, fresh_database: Database, repository: Path) -> None:
    assert await seed(fresh_work, SYSTEM) is not None
    ask = Ask(fresh_work, SYSTEM)

    async def settle() -> None:
        while await fresh_work.execute(SYSTEM, fill_waiting, Batch(1)):
            pass
        await relay_all(fresh_database.app_url)

    assert await tour((repository / "docs/orders.md").read_text(), ask, settle) >= 7
    proofs = (await ask("{ systemInvariants { name ok violations } }"))["systemInvariants"]
    assert [proof for proof in proofs if not proof["ok"]] == []
