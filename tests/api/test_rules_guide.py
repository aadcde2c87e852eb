"""The guide to rules in docs/rules.md, document by document, on the demo shop."""

from pathlib import Path

from sqlalchemy import select

from oms_api.db.outbox import JobRow, JobStatus
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.events.jobs import JobRun, finish_job, run_job, validate_job
from oms_api.domain.rules.commands.simulate import JOB
from oms_api.workflows.rule_orders.simulate import simulate
from oms_api.workflows.seed_demo import seed
from tests.factories.asking import Ask
from tests.factories.database import Database
from tests.factories.feed import relay_all
from tests.factories.given import SYSTEM
from tests.factories.ports import ports_of
from tests.factories.raw import raw
from tests.factories.touring import tour


async def test_the_guide_to_rules_is_true(fresh_work: UnitOfWork, fresh_database: Database, repository: Path) -> None:
    assert await seed(fresh_work, SYSTEM) is not None
    ask = Ask(fresh_work, SYSTEM)

    async def settle() -> None:
        async with fresh_work.reads(SYSTEM) as read:
            jobs = await read.all(raw(select(JobRow).where(JobRow.kind == JOB, JobRow.status == JobStatus.CREATED)))
        for job in jobs:
            for step in (validate_job, run_job):
                await fresh_work.execute(SYSTEM, step, job.id)
            await simulate(JobRun(fresh_work, ports_of(fresh_work), SYSTEM, job))
            await fresh_work.execute(SYSTEM, lambda tx, key: finish_job(tx, key, None), job.id)
        await relay_all(fresh_database.app_url)

    assert await tour((repository / "docs/rules.md").read_text(), ask, settle) >= 17
    proofs = (await ask("{ systemInvariants { name ok violations } }"))["systemInvariants"]
    assert [proof for proof in proofs if not proof["ok"]] == []
