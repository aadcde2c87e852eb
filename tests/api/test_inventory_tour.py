"""The tour of stock in docs/inventory.md, document by document, on the demo shop."""

from pathlib import Path

from sqlalchemy import select

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.events.sweeps import Batch
from oms_api.domain.planning.tables import StockPlanRow
from oms_api.jobs.tasks import Tries, carry_out
from oms_api.workflows.fill_waiting import fill_waiting
from oms_api.workflows.seed_demo import seed
from oms_api.workflows.subscribers import SUBSCRIBERS
from tests.factories.asking import Ask
from tests.factories.given import SYSTEM
from tests.factories.ports import ports_of
from tests.factories.raw import raw
from tests.factories.touring import tour


async def test_the_tour_of_stock_is_true(fresh_work: UnitOfWork, repository: Path) -> None:
    assert await seed(fresh_work, SYSTEM) is not None
    ask = Ask(fresh_work, SYSTEM)

    async def settle() -> None:
        while await fresh_work.execute(SYSTEM, fill_waiting, Batch(1)):
            pass
        async with fresh_work.reads(SYSTEM) as read:
            jobs = await read.values(raw(select(StockPlanRow.job_id).where(StockPlanRow.finished_at.is_(None))))
        for job in jobs:
            await carry_out(fresh_work, ports_of(fresh_work), SUBSCRIBERS.job_kinds, job, Tries(0))

    assert await tour((repository / "docs/inventory.md").read_text(), ask, settle) >= 29
    proofs = (await ask("{ systemInvariants { name ok violations } }"))["systemInvariants"]
    assert [proof for proof in proofs if not proof["ok"]] == []
