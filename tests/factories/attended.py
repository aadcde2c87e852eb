"""A demo shop that somebody attends to through the API, with all that the worker does in between."""

from typing import Any

from sqlalchemy import select

from oms_api.db.outbox import JobRow, JobStatus
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.events.sweeps import Batch
from oms_api.jobs.tasks import Tries, carry_out
from oms_api.kernel.access import Principal
from oms_api.kernel.ids import FileId, new_uuid, parse_id
from oms_api.workflows.subscribers import SUBSCRIBERS
from oms_api.workflows.sweeps import SWEEPS
from tests.factories.asking import Ask
from tests.factories.database import Database
from tests.factories.given import SYSTEM
from tests.factories.ports import ports_of
from tests.factories.raw import raw
from tests.factories.rearranging import settle

PLACES = "{ channels { nodes { id code } } locations { nodes { id code } } }"


class Attended:
    """Whoever works with a shop: each mutation is carried out once, and the worker follows it with *sweeps* by name."""

    def __init__(self, work: UnitOfWork, database: Database, *sweeps: str, principal: Principal = SYSTEM) -> None:
        self.work, self.database, self.ask = work, database, Ask(work, principal)
        self.sweeps = [sweep for sweep in SWEEPS if sweep.name in sweeps]
        assert len(self.sweeps) == len(sweeps)

    def as_(self, principal: Principal) -> "Attended":
        """Return somebody else who works with the shop."""
        return Attended(self.work, self.database, *(sweep.name for sweep in self.sweeps), principal=principal)

    async def places(self) -> dict[str, str]:
        """Return the ids of channels and locations by their codes."""
        found = await self.ask(PLACES)
        return {each["code"]: each["id"] for kind in ("channels", "locations") for each in found[kind]["nodes"]}

    async def do(self, mutation: str, **given: Any) -> dict[str, Any]:
        """Carry a mutation out, which is not refused, let the worker follow, and return its answer."""
        (answer,) = (await self.ask(mutation, input={"idempotencyKey": new_uuid().hex, **given})).values()
        assert answer["userErrors"] == [], answer
        await self.follow()
        return dict(answer)

    async def refused(self, mutation: str, **given: Any) -> list[str]:
        """Try a mutation, which is refused, and return the codes that say why."""
        (answer,) = (await self.ask(mutation, input={"idempotencyKey": new_uuid().hex, **given})).values()
        return [error["code"] for error in answer["userErrors"]]

    async def follow(self) -> None:
        """Do what the worker does: reactions, jobs and sweeps."""
        await settle(self.work, self.database)
        async with self.work.reads(SYSTEM) as read:
            waiting = await read.values(raw(select(JobRow.id).where(JobRow.status == JobStatus.CREATED)))
        for job in waiting:
            await carry_out(self.work, ports_of(self.work), SUBSCRIBERS.job_kinds, job, Tries(0))
        for sweep in self.sweeps:
            while await self.work.execute(SYSTEM, sweep.batch, Batch(sweep.size)) >= sweep.size:
                pass
        await settle(self.work, self.database)

    async def file(self, key: str) -> bytes:
        """Return what is in a file."""
        content = await ports_of(self.work).files.get(parse_id(FileId, key))
        assert content is not None
        return content

    async def wrong(self) -> list[dict[str, Any]]:
        """Return what the doctor finds wrong."""
        proofs = (await self.ask("{ systemInvariants { name ok examples } }"))["systemInvariants"]
        return [proof for proof in proofs if not proof["ok"]]
