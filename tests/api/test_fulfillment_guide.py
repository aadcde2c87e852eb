"""The guide to work that moves and to documents in docs/fulfillment.md, document by document, on the demo shop."""

from pathlib import Path

from oms_api import wiring
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.events.sweeps import Batch
from oms_api.domain.intake.connectors import CONNECTORS
from oms_api.workflows.fill_waiting import fill_waiting
from oms_api.workflows.read_intake import read_intakes
from oms_api.workflows.seed_demo import seed
from tests.factories.asking import Ask
from tests.factories.database import Database
from tests.factories.given import SYSTEM
from tests.factories.rearranging import settle as follow
from tests.factories.touring import tour


async def test_the_guide_to_work_is_true(fresh_work: UnitOfWork, fresh_database: Database, repository: Path) -> None:
    CONNECTORS["oms"] = wiring.BuiltInConnector()
    assert await seed(fresh_work, SYSTEM) is not None
    ask = Ask(fresh_work, SYSTEM)

    async def settle() -> None:
        await follow(fresh_work, fresh_database)
        for sweep in (fill_waiting, read_intakes):
            while await fresh_work.execute(SYSTEM, sweep, Batch()):
                pass

    assert await tour((repository / "docs/fulfillment.md").read_text(), ask, settle) >= 14
    proofs = (await ask("{ systemInvariants { name ok violations } }"))["systemInvariants"]
    assert [proof for proof in proofs if not proof["ok"]] == []
