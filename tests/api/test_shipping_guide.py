"""The guide to shipping in docs/shipping.md, document by document, on the demo shop."""

from pathlib import Path

from sqlalchemy import select

from oms_api.db.outbox import JobRow, JobStatus
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.jobs.tasks import Tries, carry_out
from oms_api.workflows.seed_carriers import seed_carriers
from oms_api.workflows.seed_demo import seed
from oms_api.workflows.subscribers import SUBSCRIBERS
from tests.factories.asking import Ask
from tests.factories.database import Database
from tests.factories.feed import relay_all
from tests.factories.given import SYSTEM
from tests.factories.ports import ports_of
from tests.factories.raw import raw
from tests.factories.touring import tour


async def test_the_guide_to_shipping_is_true(fresh_work: UnitOfWork, fresh_database: Database, repository: Path) -> None:
    assert await seed(fresh_work, SYSTEM) is not None
    await seed_carriers(fresh_work, SYSTEM, ports_of(fresh_work))

    async def settle() -> None:
        await relay_all(fresh_database.app_url)
        async with fresh_work.reads(SYSTEM) as read:
            waiting = await read.values(raw(select(JobRow.id).where(JobRow.status == JobStatus.CREATED)))
        for job in waiting:
            await carry_out(fresh_work, ports_of(fresh_work), SUBSCRIBERS.job_kinds, job, Tries(0))

    ask = Ask(fresh_work, SYSTEM)
    assert await tour((repository / "docs/shipping.md").read_text(), ask, settle) >= 20
    proofs = (await ask("{ systemInvariants { name ok violations } }"))["systemInvariants"]
    assert [proof for proof in proofs if not proof["ok"]] == []
