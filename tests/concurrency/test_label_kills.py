"""Whoever buys or voids a label may be killed anywhere: there is one label and one charge, and nothing is left open."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from uuid import uuid4

import pytest

from oms_api.db.connections import Pool
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.carriers.queries import batch_by_id, labels_by_package
from oms_api.domain.carriers.states import LabelStatus, LabelTrouble
from oms_api.domain.carriers.tables import LabelRow
from oms_api.domain.events.jobs import run_job, validate_job
from oms_api.domain.shipping.queries import packages_by_id
from oms_api.domain.shipping.states import PackageStatus
from oms_api.kernel.ids import PackageId
from oms_api.workflows.labels.batch import PurchaseLabels, purchase_labels
from oms_api.workflows.labels.buy import purchase_label
from oms_api.workflows.labels.request import PurchaseLabel
from oms_api.workflows.labels.settle import settle_labels
from tests.factories.carriage import Counter
from tests.factories.database import Database
from tests.factories.given import SYSTEM
from tests.factories.killing import BUYING, KILLED, VOIDING, killing
from tests.factories.racing import race

S = LabelStatus
OPEN = {S.REQUESTED, S.UNKNOWN, S.VOIDING}
Run = Callable[..., int]


@pytest.fixture(scope="module")
def run() -> Iterator[Run]:
    with killing() as forked:
        yield forked


@pytest.fixture
async def counter(database: Database, tmp_path: Path) -> AsyncIterator[Counter]:
    pool = Pool(database.app_url, size=8)
    yield await Counter.open(UnitOfWork(pool), tmp_path / "book")
    await pool.close()


async def labels(counter: Counter, package: PackageId) -> list[LabelRow]:
    async with counter.shop.work.reads(SYSTEM) as read:
        return await labels_by_package.of_one(read, package)


async def status(counter: Counter, package: PackageId) -> PackageStatus:
    async with counter.shop.work.reads(SYSTEM) as read:
        return (await packages_by_id.known(read, package)).status


async def settled(counter: Counter, minutes: int = 5) -> None:
    later = UnitOfWork(counter.shop.work.pool, lambda: datetime.now(UTC) + timedelta(minutes=minutes))
    await settle_labels(later, counter.ports)


async def buy(counter: Counter, package: PackageId, key: str) -> LabelRow:
    command = PurchaseLabel(package_id=package, account_id=counter.account.id, service="standard")
    return (await purchase_label(counter.desk, command, key=key)).value


async def killed_buying(database: Database, counter: Counter, run: Run, step: str) -> None:
    """Kill a buyer at a *step*, settle, and buy on."""
    package, key, before = await counter.package(), uuid4().hex, len(counter.carrier.standing())
    task = {"url": database.app_url, "book": counter.carrier.path, "id": package, "account": counter.account.id, "key": key}
    assert await asyncio.to_thread(partial(run, do="buy", step=step, **task)) == KILLED
    await settled(counter)
    found = await labels(counter, package)
    assert not OPEN & {label.status for label in found}
    assert len(counter.carrier.standing()) - before == sum(label.status is S.PURCHASED for label in found)
    again = await buy(counter, package, key)
    if again.status is S.REFUSED:
        assert again.trouble is LabelTrouble.NOT_BOUGHT
        again = await buy(counter, package, uuid4().hex)
    assert again.status is S.PURCHASED
    assert await status(counter, package) is PackageStatus.LABEL_PURCHASED
    assert len(counter.carrier.standing()) - before == 1
    assert again.reference in counter.carrier.standing()


async def killed_voiding(database: Database, counter: Counter, run: Run, step: str) -> None:
    """Kill who voids a label at a *step*, and settle."""
    package, before = await counter.package(), len(counter.carrier.standing())
    label, key = await buy(counter, package, uuid4().hex), uuid4().hex
    task = {"url": database.app_url, "book": counter.carrier.path, "id": label.id, "key": key}
    assert await asyncio.to_thread(partial(run, do="void", step=step, **task)) == KILLED
    await settled(counter)
    (found,) = await labels(counter, package)
    assert found.status in {S.PURCHASED, S.VOIDED}
    assert (found.reference in counter.carrier.standing()) is (found.status is S.PURCHASED)
    assert await asyncio.to_thread(partial(run, do="void", step="never", **task)) == 0
    assert [each.status for each in await labels(counter, package)] == [S.VOIDED]
    assert (len(counter.carrier.standing()), await status(counter, package)) == (before, PackageStatus.DRAFT)


async def killed_in_a_job(database: Database, counter: Counter, run: Run, steps: list[tuple[str, int]], packages: int) -> None:
    """Kill who buys the labels of a batch at each of *steps* in turn, let it be done, and settle."""
    keys = [await counter.package() for _ in range(packages)]
    before, execute = len(counter.carrier.standing()), counter.shop.work.execute
    command = PurchaseLabels(package_ids=tuple(keys), account_id=counter.account.id, service="standard")
    batch = await execute(SYSTEM, purchase_labels, command)
    await execute(SYSTEM, validate_job, batch.job_id)
    await execute(SYSTEM, run_job, batch.job_id)
    task = {"url": database.app_url, "book": counter.carrier.path, "id": batch.job_id}
    for minutes, (step, times) in enumerate(steps):
        code = await asyncio.to_thread(partial(run, do="job", step=step, times=times, minutes=3 * minutes, **task))
        assert code in {KILLED, 0}
    assert await asyncio.to_thread(partial(run, do="job", step="never", minutes=3 * len(steps), **task)) == 0
    await settled(counter, minutes=3 * len(steps) + 10)
    for key in keys:
        found = await labels(counter, key)
        assert not OPEN & {label.status for label in found}
        assert sum(label.status is S.PURCHASED for label in found) == 1
    assert len(counter.carrier.standing()) - before == packages
    async with counter.shop.work.reads(SYSTEM) as read:
        assert (await batch_by_id(read, batch.id)).packages == packages


@pytest.mark.parametrize("step", BUYING)
async def test_who_buys_is_killed(database: Database, counter: Counter, run: Run, step: str) -> None:
    await killed_buying(database, counter, run, step)


@pytest.mark.parametrize("step", VOIDING[1:5])
async def test_who_voids_is_killed(database: Database, counter: Counter, run: Run, step: str) -> None:
    await killed_voiding(database, counter, run, step)


async def test_who_buys_many_is_killed(database: Database, counter: Counter, run: Run) -> None:
    await killed_in_a_job(database, counter, run, [("after call", 2), ("before commit", 4), ("before call", 1)], 6)


@pytest.mark.soak
async def test_killed_again_and_again(database: Database, counter: Counter, run: Run) -> None:
    chance = Random(25)
    for _ in range(5):
        for step in BUYING:
            await killed_buying(database, counter, run, step)
        for step in VOIDING:
            await killed_voiding(database, counter, run, step)
    for _ in range(4):
        steps = [
            (chance.choice(["before call", "after call", "before commit", "after commit", "after file"]), chance.randint(1, 6))
            for _ in range(5)
        ]
        await killed_in_a_job(database, counter, run, steps, 12)


async def test_two_who_buy_at_once_get_one_label(counter: Counter) -> None:
    package = await counter.package()
    ended = await race(partial(buy, counter, package, uuid4().hex) for _ in range(8))
    assert ended == {"done": 1, "LABEL_EXISTS": 7}
    assert len(counter.carrier.standing()) == 1


async def test_two_who_use_one_key_get_the_same_label(counter: Counter) -> None:
    package, key = await counter.package(), uuid4().hex
    ended = await race(partial(buy, counter, package, key) for _ in range(4))
    assert set(ended) <= {"done", "IDEMPOTENCY_IN_PROGRESS"}
    assert ended["done"] >= 1
    assert len(await labels(counter, package)) == len(counter.carrier.standing()) == 1
