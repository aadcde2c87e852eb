"""The unit of work keeps its word on a real database: once, whole, and with a known outcome."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import cast
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import func, select, text, update
from structlog.testing import capture_logs

from oms_api.db.connections import Pool
from oms_api.db.outbox import IdempotencyRecord, StagedEvent
from oms_api.db.session import LookAgain, Reader, Tx
from oms_api.db.unit_of_work import Done, UnitOfWork, sqlstate
from oms_api.domain.catalog.states import SkuKind, SkuStatus
from oms_api.domain.catalog.tables import SkuRow
from oms_api.kernel.access import Principal
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import (
    Busy,
    IdempotencyInProgress,
    IdempotencyKeyReused,
    InvalidValue,
    NotFound,
    OmsError,
    OutcomeUnknown,
)
from oms_api.kernel.events import Event
from oms_api.kernel.ids import IdKind, IntegrationId, SkuId, new_uuid
from tests.factories.database import Database
from tests.factories.proxy import Cut, Proxy, proxied
from tests.factories.raw import raw

Before = Callable[[Tx, int], Awaitable[None]]


@dataclass(frozen=True, kw_only=True)
class SkuTested(Event):
    """A SKU was made by a test."""

    type = "test.sku_made"
    subject = IdKind.SKU


@dataclass(frozen=True)
class MakeSku:
    """Make a SKU with this code."""

    code: str
    name: str = "Cup"


@dataclass(frozen=True)
class Made:
    """The id of what was made."""

    id: UUID


class Maker:
    """A command that makes a SKU and tells it; *before* runs in each of its runs, with the number of the run."""

    def __init__(self, before: Before | None = None) -> None:
        self.before = before
        self.runs = 0

    async def __call__(self, tx: Tx, command: MakeSku) -> Made:
        self.runs += 1
        if self.before is not None:
            await self.before(tx, self.runs)
        made = Made(tx.new_id(SkuId))
        row = {
            "id": made.id,
            "code": command.code,
            "name": command.name,
            "kind": SkuKind.GOODS,
            "status": SkuStatus.ACTIVE,
            "created_at": tx.now,
            "updated_at": tx.now,
        }
        await tx.insert(SkuRow, [row])
        tx.emit(SkuTested(subject_id=made.id))
        return made


async def again(_read: Reader, id_: UUID) -> Made:
    return Made(id_)


async def once(work: UnitOfWork, principal: Principal, make: Maker, command: MakeSku, key: str) -> Done[Made]:
    return await work.once(principal, make, command, key=key, name="skuMake", again=again)


@dataclass(frozen=True)
class Left:
    """How many rows with a code, records of its key, and events of all are there."""

    skus: int
    records: int
    events: int


@pytest.fixture
async def direct(work: UnitOfWork, principal: Principal) -> AsyncIterator[Reader]:
    async with work.reads(principal) as read:
        yield read


async def left(read: Reader, code: str) -> Left:
    """Return what there is of *code*, which is also its key."""
    ids = select(SkuRow.id).where(SkuRow.code == code)
    return Left(
        skus=await read.value(raw(select(func.count()).select_from(ids.subquery()))) or 0,
        records=await read.value(raw(select(func.count()).where(IdempotencyRecord.key == code))) or 0,
        events=await read.value(raw(select(func.count()).where(StagedEvent.subject_id.in_(ids)))) or 0,
    )


ONE = Left(1, 1, 1)
NOTHING = Left(0, 0, 0)


@pytest.fixture
def code() -> str:
    return f"sku-{new_uuid()}"


async def test_twenty_calls_with_one_key_do_it_once(work: UnitOfWork, principal: Principal, direct: Reader, code: str) -> None:
    async def slowly(_tx: Tx, _run: int) -> None:
        await asyncio.sleep(0.05)

    async def call() -> str:
        try:
            done = await once(work, principal, make, MakeSku(code), code)
        except IdempotencyInProgress:
            return "in progress"
        answers.add(done.value.id)
        return "replayed" if done.replayed else "new"

    make, answers = Maker(slowly), set[UUID]()
    outcomes = Counter(await asyncio.gather(*(call() for _ in range(20))))
    assert outcomes["new"] == 1
    assert outcomes["replayed"] >= 1
    assert outcomes.total() == 20
    assert len(answers) == make.runs == 1
    assert await left(direct, code) == ONE


async def test_a_key_held_for_long_is_in_progress(work: UnitOfWork, principal: Principal, code: str) -> None:
    async def wait(_tx: Tx, _run: int) -> None:
        holding.set()
        await release.wait()

    holding, release = asyncio.Event(), asyncio.Event()
    first = asyncio.create_task(once(work, principal, Maker(wait), MakeSku(code), code))
    await holding.wait()
    with capture_logs() as logs, pytest.raises(IdempotencyInProgress) as refused:
        await once(work, principal, Maker(), MakeSku(code), code)
    assert refused.value.field == ("idempotencyKey",)
    assert not [line for line in logs if line["log_level"] != "debug"], "a wait for a key is nothing to be warned of"
    release.set()
    assert not (await first).replayed


async def test_a_key_belongs_to_its_arguments_its_client_and_its_mutation(
    work: UnitOfWork, principal: Principal, code: str
) -> None:
    first = await once(work, principal, Maker(), MakeSku(code), code)
    with pytest.raises(IdempotencyKeyReused):
        await once(work, principal, Maker(), MakeSku(code, "Mug"), code)
    assert await once(work, principal, Maker(), MakeSku(code), code) == Done(first.value, replayed=True)
    other = Principal(client_id=IntegrationId(new_uuid()), name="other", scopes=principal.scopes)
    assert not (await once(work, other, Maker(), MakeSku(f"{code}-b"), code)).replayed
    elsewhere = await work.once(principal, Maker(), MakeSku(f"{code}-c"), key=code, name="other", again=again)
    assert not elsewhere.replayed


async def test_a_refused_call_stores_nothing_and_frees_its_key(
    work: UnitOfWork, principal: Principal, direct: Reader, code: str
) -> None:
    async def refusing(tx: Tx, command: MakeSku) -> Made:
        await Maker()(tx, command)
        raise InvalidValue(problem="No.")

    with pytest.raises(InvalidValue):
        await work.once(principal, refusing, MakeSku(code), key=code, name="skuMake", again=again)
    assert await left(direct, code) == NOTHING
    assert not (await once(work, principal, Maker(), MakeSku(code, "Mug"), code)).replayed
    assert await left(direct, code) == ONE


@pytest.mark.parametrize("key", ["", "k" * 256])
async def test_a_key_has_a_length(work: UnitOfWork, principal: Principal, key: str) -> None:
    with pytest.raises(InvalidValue):
        await once(work, principal, Maker(), MakeSku("never"), key)


async def test_a_deadlock_runs_again(work: UnitOfWork, principal: Principal) -> None:
    a, b = [(await work.execute(principal, Maker(), MakeSku(f"sku-{new_uuid()}"))).id for _ in range(2)]
    both = asyncio.Barrier(2)
    runs = Counter[UUID]()

    async def lock(tx: Tx, order: tuple[UUID, UUID]) -> None:
        runs[order[0]] += 1
        await tx.ask(raw(update(SkuRow).where(SkuRow.id == order[0]).values(version=SkuRow.version + 1)))
        if runs[order[0]] == 1:
            await both.wait()
        await tx.ask(raw(update(SkuRow).where(SkuRow.id == order[1]).values(version=SkuRow.version + 1)))

    await asyncio.gather(work.execute(principal, lock, (a, b)), work.execute(principal, lock, (b, a)))
    assert runs.total() == 3
    async with work.reads(principal) as read:
        assert await read.values(raw(select(SkuRow.version).where(SkuRow.id.in_([a, b])))) == [3, 3]


async def test_a_serialization_failure_runs_again(work: UnitOfWork, principal: Principal, direct: Reader, code: str) -> None:
    id_ = (await work.execute(principal, Maker(), MakeSku(f"{code}-hot"))).id
    raise_version = update(SkuRow).where(SkuRow.id == id_).values(version=SkuRow.version + 1)

    async def overtaken(tx: Tx, run: int) -> None:
        if run == 1:
            await tx.ask(raw(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")))
            await tx.value(raw(select(SkuRow.version)))
            await work.execute(principal, lambda other, _: other.ask(raw(raise_version)), None)
        await tx.ask(raw(raise_version))

    make = Maker(overtaken)
    await work.execute(principal, make, MakeSku(code))
    assert make.runs == 2
    assert await left(direct, code) == Left(1, 0, 1)
    assert await direct.value(raw(select(SkuRow.version).where(SkuRow.id == id_))) == 3


@pytest.mark.parametrize("released", [True, False])
async def test_a_lock_timeout_runs_again_once_and_then_is_busy(
    work: UnitOfWork, principal: Principal, direct: Reader, database: Database, code: str, *, released: bool
) -> None:
    hot = (await work.execute(principal, Maker(), MakeSku(f"{code}-hot"))).id
    async with await psycopg.AsyncConnection.connect(database.app_url) as holder:
        await holder.execute("SELECT FROM sku WHERE id = %s FOR UPDATE", (hot,))

        async def blocked(tx: Tx, run: int) -> None:
            if run == 2 and released:
                await holder.rollback()
            await tx.ask(raw(text("SET LOCAL lock_timeout = '50ms'")))
            await tx.ask(raw(update(SkuRow).where(SkuRow.id == hot).values(name="Mug")))

        make = Maker(blocked)
        if released:
            await once(work, principal, make, MakeSku(code), code)
        else:
            with pytest.raises(Busy):
                await once(work, principal, make, MakeSku(code), code)
    assert make.runs == 2
    assert await left(direct, code) == (ONE if released else NOTHING)


async def test_looking_again_runs_once_more_with_locks(
    work: UnitOfWork, principal: Principal, direct: Reader, code: str
) -> None:
    async def doubtful(tx: Tx, _run: int) -> None:
        seen.append(tx.pessimistic)
        if not tx.pessimistic:
            raise LookAgain

    seen: list[bool] = []
    await once(work, principal, Maker(doubtful), MakeSku(code), code)
    assert seen == [False, True]
    assert await left(direct, code) == ONE


async def test_looking_again_may_take_several_looks(work: UnitOfWork, principal: Principal, direct: Reader, code: str) -> None:
    """Under locks too: a level that was made meanwhile is to be locked before the others."""

    async def doubtful(_tx: Tx, run: int) -> None:
        if run < 4:
            raise LookAgain

    make = Maker(doubtful)
    await once(work, principal, make, MakeSku(code), code)
    assert make.runs == 4
    assert await left(direct, code) == ONE


@pytest.mark.parametrize("lasting", [False, True])
async def test_a_guard_that_fails_at_the_end_looks_again_and_then_is_busy(
    work: UnitOfWork, principal: Principal, direct: Reader, code: str, *, lasting: bool
) -> None:
    async def guarded(tx: Tx, _run: int) -> None:
        short = lasting or not tx.pessimistic
        tx.closing.append(("SELECT CASE WHEN $1::bool THEN oms_refuse('short') END", (short,)))

    make = Maker(guarded)
    if lasting:
        with pytest.raises(Busy):
            await once(work, principal, make, MakeSku(code), code)
    else:
        await once(work, principal, make, MakeSku(code), code)
    assert make.runs == 2
    assert await left(direct, code) == (NOTHING if lasting else ONE)


async def terminate(tx: Tx, database: Database) -> None:
    """End the server process of *tx*, and see it gone."""
    pid = tx.driver.info.backend_pid
    async with await psycopg.AsyncConnection.connect(database.admin_url, autocommit=True) as admin:
        await admin.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))


@pytest.mark.parametrize("raw", [False, True])
async def test_a_connection_lost_before_commit_runs_again(
    work: UnitOfWork, principal: Principal, direct: Reader, database: Database, code: str, *, raw: bool
) -> None:
    async def killed(tx: Tx, run: int) -> None:
        if run == 1:
            await terminate(tx, database)
            if raw:
                await tx.fetch(("SELECT 1", ()))

    make = Maker(killed)
    done = await once(work, principal, make, MakeSku(code), code)
    assert (make.runs, done.replayed) == (2, False)
    assert await left(direct, code) == ONE


@pytest.fixture
async def proxy(database: Database) -> AsyncIterator[Proxy]:
    async with proxied(database.app_url) as made:
        yield made


@pytest.fixture
async def far(proxy: Proxy) -> AsyncIterator[UnitOfWork]:
    """Give a unit of work that reaches the database through the proxy, with a connection open already."""
    pool = Pool(proxy.url, size=2)
    async with pool.lease():
        pass
    yield UnitOfWork(pool)
    await pool.close()


@pytest.mark.parametrize(("cut", "runs"), [(Cut.BEFORE_COMMIT_ARRIVES, 2), (Cut.AFTER_COMMIT_IS_DONE, 1)])
@pytest.mark.parametrize("keyed", [True, False])
async def test_a_connection_lost_around_commit_does_it_exactly_once(
    far: UnitOfWork, proxy: Proxy, principal: Principal, direct: Reader, code: str, *, cut: Cut, runs: int, keyed: bool
) -> None:
    make = Maker()
    proxy.cut = cut
    if keyed:
        done = await once(far, principal, make, MakeSku(code), code)
        assert not done.replayed
        assert await left(direct, code) == ONE
        assert await once(far, principal, make, MakeSku(code), code) == Done(done.value, replayed=True)
    else:
        await far.execute(principal, make, MakeSku(code))
        assert await left(direct, code) == Left(1, 0, 1)
    assert proxy.cut is Cut.NEVER
    assert make.runs == runs


async def test_an_outcome_that_cannot_be_known_is_said_to_be_and_the_key_tells_it_later(
    far: UnitOfWork, proxy: Proxy, principal: Principal, direct: Reader, code: str
) -> None:
    make = Maker()
    proxy.cut, proxy.closes_when_cut = Cut.AFTER_COMMIT_IS_DONE, True
    with pytest.raises(OutcomeUnknown):
        await once(far, principal, make, MakeSku(code), code)
    proxy.closed = False
    assert (await once(far, principal, make, MakeSku(code), code)).replayed
    assert make.runs == 1
    assert await left(direct, code) == ONE


async def test_errors_of_the_command_are_told_as_they_are(work: UnitOfWork, principal: Principal, code: str) -> None:
    await work.execute(principal, Maker(), MakeSku(code))
    make = Maker()
    with pytest.raises(Exception, match="uq_sku_code") as refused:
        await work.execute(principal, make, MakeSku(code))
    assert not isinstance(refused.value, OmsError)
    assert make.runs == 1


async def test_what_takes_too_long_is_busy_and_nothing_is_done(work: UnitOfWork, principal: Principal) -> None:
    async def dawdle(tx: Tx, _nothing: None) -> None:
        await tx.fetch(("SELECT set_config('statement_timeout', '50ms', true)", ()))
        await tx.fetch(("SELECT pg_sleep(5)", ()))

    with pytest.raises(Busy):
        await work.execute(principal, dawdle, None)


async def test_a_read_that_takes_too_long_is_busy(work: UnitOfWork, principal: Principal) -> None:
    async def dawdle() -> None:
        async with work.reads(principal) as read:
            await read.all(raw(text("SELECT set_config('statement_timeout', '50ms', false)")))
            try:
                await read.all(raw(text("SELECT pg_sleep(5)")))
            finally:
                await read.all(raw(text("SELECT set_config('statement_timeout', '5s', false)")))

    with pytest.raises(Busy):
        await dawdle()


async def test_what_ended_a_pipeline_is_told_not_what_came_after(work: UnitOfWork, principal: Principal) -> None:
    async def refused(tx: Tx, _nothing: None) -> None:
        await tx.flush([("SELECT oms_refuse($1)", ("short",)), *[("SELECT $1::int", (n,)) for n in range(5)]], commit=True)

    for _ in range(50):
        with pytest.raises(Busy) as told:
            await work.execute(principal, refused, None)
        assert sqlstate(cast("BaseException", told.value.__cause__)) == "OM001"


async def test_a_refusal_keeps_what_the_connection_had_prepared(principal: Principal, database: Database) -> None:
    async def ask(tx: Tx, outcome: str) -> int:
        await tx.fetch(("SELECT $1::int + 40", (2,)))
        ((count,),) = await tx.fetch(("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE $1", ("%+ 40%",)))
        if outcome == "refused":
            raise NotFound(what="thing", given="x")
        return int(count)

    pool = Pool(database.app_url, size=1)
    work = UnitOfWork(pool)
    for _ in range(3):
        with pytest.raises(NotFound):
            await work.execute(principal, ask, "refused")
    assert await work.execute(principal, ask, "done") == 1
    async with pool.lease() as driver:
        await driver.execute("DEALLOCATE ALL")
    assert await work.execute(principal, ask, "done") == 1
    await pool.close()
