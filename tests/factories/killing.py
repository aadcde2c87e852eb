"""Processes that buy and void labels and are killed on the way: a process that has imported everything forks one for each task.

``python -m tests.factories.killing`` reads tasks as JSON, a line each, and answers each with the exit code of its process.
"""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from oms_api.adapters.documents.files import DatabaseFiles
from oms_api.db.connections import Pool
from oms_api.db.session import Tx
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.documents.facts import NewFile
from oms_api.domain.events.jobs import JobRun, job_by_id
from oms_api.domain.parcels.port import Access, BoughtLabel, Purchase
from oms_api.kernel.access import Principal
from oms_api.kernel.ids import CarrierAccountId, FileId, JobId, LabelId, PackageId
from oms_api.workflows.labels.batch import run_purchases
from oms_api.workflows.labels.buy import purchase_label, void_label
from oms_api.workflows.labels.desk import Desk
from oms_api.workflows.labels.outcome import VoidLabel
from oms_api.workflows.labels.request import PurchaseLabel
from tests.factories.carriage import StandIn
from tests.factories.given import SYSTEM
from tests.factories.ports import ports_of

KILLED = 9
BUYING = (
    "before commit 1",
    "after commit 1",
    "before call",
    "after call",
    "before file",
    "after file",
    "before commit 2",
    "after commit 2",
)
VOIDING = ("before commit 1", "after commit 1", "before call", "after call", "before commit 2", "after commit 2")


class Fate:
    """When a process dies: at a step, the *times*-th time that it comes."""

    def __init__(self, step: str, times: int = 1) -> None:
        self.step, self.left = step, times

    def reached(self, step: str) -> None:
        """Die, if it is time."""
        if step == self.step:
            self.left -= 1
            if self.left == 0:
                os._exit(KILLED)


class MortalWork(UnitOfWork):
    """A unit of work whose process dies before or after one of its commits."""

    fate: Fate
    commits = 0

    async def execute(self, principal: Principal, command: Callable[[Tx, Any], Awaitable[Any]], arguments: Any) -> Any:
        """Run *command*, if nothing ends the process before."""
        self.commits += 1
        number = self.commits

        async def mortal(tx: Tx, given: Any) -> Any:
            value = await command(tx, given)
            self.fate.reached(f"before commit {number}")
            self.fate.reached("before commit")
            return value

        value = await super().execute(principal, mortal, arguments)
        self.fate.reached(f"after commit {number}")
        self.fate.reached("after commit")
        return value


class MortalCarrier(StandIn):
    """A stand-in whose caller dies around its calls."""

    fate: Fate

    async def buy(self, access: Access, purchase: Purchase) -> BoughtLabel:
        """Charge, if nothing ends the process before."""
        self.fate.reached("before call")
        bought = await super().buy(access, purchase)
        self.fate.reached("after call")
        return bought

    async def void(self, access: Access, carrier_ref: str) -> None:
        """Give a charge back, if nothing ends the process before."""
        self.fate.reached("before call")
        await super().void(access, carrier_ref)
        self.fate.reached("after call")


class MortalFiles(DatabaseFiles):
    """Files whose process dies around keeping them."""

    fate: Fate

    async def put(self, file: NewFile) -> FileId:
        """Keep *file*, if nothing ends the process before."""
        self.fate.reached("before file")
        key = await super().put(file)
        self.fate.reached("after file")
        return key


async def carry_out(task: dict[str, Any]) -> None:
    """Buy or void a label, or go on with a job, and die where the task says."""
    pool, fate = Pool(task["url"], size=8), Fate(task["step"], task["times"])
    ahead = timedelta(minutes=task["minutes"])
    work = MortalWork(pool, lambda: datetime.now(UTC) + ahead)
    carrier, files = MortalCarrier(Path(task["book"])), MortalFiles(UnitOfWork(pool))
    work.fate = carrier.fate = files.fate = fate
    ports = ports_of(work)
    ports = replace(ports, files=files, carriers={**ports.carriers, "standin": carrier})
    desk = Desk(work, SYSTEM, ports)
    try:
        if task["do"] == "buy":
            account = CarrierAccountId(UUID(task["account"]))
            command = PurchaseLabel(package_id=PackageId(UUID(task["id"])), account_id=account, service="standard")
            await purchase_label(desk, command, key=task["key"])
        elif task["do"] == "void":
            await void_label(desk, VoidLabel(label_id=LabelId(UUID(task["id"]))), key=task["key"])
        else:
            plain = UnitOfWork(pool)
            async with plain.reads(SYSTEM) as read:
                job = await job_by_id(read, JobId(UUID(task["id"])))
            await run_purchases(JobRun(work, ports, SYSTEM, job))
    finally:
        await pool.close()


@contextmanager
def killing() -> Iterator[Callable[..., int]]:
    """Give what carries a task out in a process of its own, and returns its exit code."""
    command = [sys.executable, "-m", __name__]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as forker:
        assert forker.stdin is not None
        assert forker.stdout is not None
        stdin, stdout = forker.stdin, forker.stdout

        def run(**task: Any) -> int:
            stdin.write(json.dumps({"times": 1, "minutes": 0, "key": "", "account": "", **task}, default=str) + "\n")
            stdin.flush()
            return int(stdout.readline())

        yield run
        stdin.close()
        forker.wait(30)


def main() -> None:
    """Fork a process for each task."""
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            code = 1
            try:
                asyncio.run(carry_out(json.loads(line)))
                code = 0
            finally:
                os._exit(code)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)  # noqa: T201 - the answer


if __name__ == "__main__":
    main()
