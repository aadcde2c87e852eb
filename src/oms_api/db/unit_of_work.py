"""The unit of work: a command runs in one transaction, once, and its outcome is always known."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from random import random
from time import monotonic
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID

import psycopg
import structlog
from psycopg.errors import UniqueViolation

from oms_api.db.connections import Pool, lost, refusal
from oms_api.db.idempotency import KeyBusy, claim, claim_of
from oms_api.db.outbox import IdempotencyRecord, StagedEvent
from oms_api.db.pipeline import Statement, send
from oms_api.db.reads import RoundTrips
from oms_api.db.rows import Row, inserts
from oms_api.db.session import Claim, LookAgain, Reader, Tx
from oms_api.db.sql import Sql
from oms_api.kernel.access import Principal
from oms_api.kernel.clock import Clock, system_clock
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import Busy, IdempotencyInProgress, IdempotencyKeyReused, OutcomeUnknown, Unavailable
from oms_api.kernel.events import Event
from oms_api.kernel.ids import EventId, IdKind
from oms_api.kernel.naming import shown
from oms_api.kernel.occurrence import text_time

Result_co = TypeVar("Result_co", covariant=True)
Result = TypeVar("Result", bound="Identified")
Value = TypeVar("Value")
CommandType = TypeVar("CommandType")

SERIALIZATION_FAILURE, DEADLOCK, LOCK_TIMEOUT = "40001", "40P01", "55P03"
GUARDS_FAILED = {"OM001", "OM003"}
"""What our own guards refuse by: the command looks again, and tells what is wrong by itself."""
UNPREPARED = "26000"
BUDGET_S, FIRST_PAUSE_S, LONGEST_PAUSE_S, JITTER_S = 5.0, 0.005, 0.2, 0.02
KEY_WAIT_S = 0.5
OUTCOME_WAIT_S = 2.0

EVENTS, RECORDS = inserts(StagedEvent), inserts(IdempotencyRecord)
OUTCOME = Sql("SELECT pg_xact_status(:xid::text::xid8)")
LEAVE = Sql(f"WITH staged AS ({EVENTS}), kept AS ({RECORDS}) SELECT pg_current_xact_id()::text")

log = structlog.get_logger("oms_api.db")


class Identified(Protocol):
    """A record with an id."""

    @property
    def id(self) -> UUID:
        """The id of the record."""


@dataclass(frozen=True, slots=True)
class Done(Generic[Result_co]):
    """What a command came to; *replayed* when its key had been carried out before."""

    value: Result_co
    replayed: bool = False


class UnitOfWork:
    """Runs commands and opens readers."""

    def __init__(self, pool: Pool, clock: Clock = system_clock) -> None:
        self.pool = pool
        self.clock = clock

    @asynccontextmanager
    async def reads(self, principal: Principal) -> AsyncIterator[Reader]:
        """Open a reader; what is still being read at the end of the block is given up."""
        trips = RoundTrips(self.pool, principal.holder)
        try:
            yield Reader(trips, principal)
        finally:
            trips.stop()

    async def once(
        self,
        principal: Principal,
        command: Callable[[Tx, CommandType], Awaitable[Result]],
        arguments: CommandType,
        *,
        key: str,
        name: str,
        again: Callable[[Reader, Any], Awaitable[Result]],
    ) -> Done[Result]:
        """Run *command* once under the idempotency *key*; a second call answers with *again* of the first's id.

        Raises: IdempotencyKeyReused, and what `execute` raises.
        """
        wanted = claim_of(principal, name, key, arguments)

        async def claimed(tx: Tx, arguments: CommandType) -> Done[Result]:
            (found,), _ = await claim(tx, [wanted])
            if isinstance(found, IdempotencyKeyReused):
                raise found
            if found is not None:
                return Done(await again(tx, found), replayed=True)
            value = await command(tx, arguments)
            tx.results.append((wanted, value.id))
            return Done(value)

        return await self.execute(principal, claimed, arguments)

    async def execute(
        self, principal: Principal, command: Callable[[Tx, CommandType], Awaitable[Value]], arguments: CommandType
    ) -> Value:
        """Run *command* in a transaction of its own and commit it.

        The whole runs again after a serialization failure, a deadlock, a connection lost before COMMIT was sent, or when
        *command* wants to look again; after a lock timeout or a guard that failed once. Raises: OutcomeUnknown, Busy,
        Unavailable, IdempotencyInProgress, and what *command* raises.
        """
        attempts = _Attempts()
        while True:
            try:
                return await self._attempt(principal, command, arguments, attempts)
            except Exception as error:
                if not attempts.may_run_again(error):
                    raise attempts.refusal(error) from error
                (log.warning if gone(error) else log.debug)("running_again", error=type(error).__name__)
            await attempts.wait()

    async def _attempt(
        self,
        principal: Principal,
        command: Callable[[Tx, CommandType], Awaitable[Value]],
        arguments: CommandType,
        attempts: "_Attempts",
    ) -> Value:
        async with self.pool.lease() as driver:
            tx = Tx(driver, principal, self.clock(), pessimistic=attempts.pessimistic)
            try:
                value = await command(tx, arguments)
                await leave(tx)
            except (psycopg.OperationalError, psycopg.InterfaceError) as error:
                if not (tx.commit_sent and lost(error)):
                    raise
            except UniqueViolation as error:
                if error.diag.constraint_name in tx.races:
                    raise LookAgain from error
                raise
            else:
                return value
            finally:
                await undo(tx)
        committed = await self._outcome(tx.xid)
        if committed:
            return value
        raise ConnectionLost

    async def _outcome(self, xid: str | None) -> bool:
        """Ask the database whether the transaction *xid* was committed. Raises: OutcomeUnknown."""
        deadline = monotonic() + OUTCOME_WAIT_S
        while xid is not None and monotonic() < deadline:
            try:
                async with self.pool.lease() as driver:
                    (((status,),),) = await send(driver, [OUTCOME(xid=xid)])
            except (psycopg.Error, Busy, Unavailable):
                status = None
            if status in {"committed", "aborted"}:
                return bool(status == "committed")
            await asyncio.sleep(0.05)
        raise OutcomeUnknown


async def undo(tx: Tx) -> None:
    """Roll back what *tx* did not commit; where the connection is lost the server does it."""
    with suppress(psycopg.Error):
        await tx.undo()


async def leave(tx: Tx) -> None:
    """Write the closing statements, events and results of *tx*, and commit; then tell who wants to hear what that gave."""
    for write, about in tx.lasts.items():
        write(tx, about)
    last = [*tx.closing, _left(tx)] if tx.closing or tx.events or tx.results else []
    if last and tx.xid is None:
        *answers, ((tx.xid,),) = await tx.flush(last)
        await tx.flush([], commit=True)
    else:
        answers = await tx.flush(last, commit=True)
    for place, heard in tx.hearing.items():
        heard(answers[place])


def _left(tx: Tx) -> Statement:
    events = [_staged(tx, event) for event in tx.events]
    return LEAVE(outbox_stage=EVENTS(events), idempotency=RECORDS([_kept(tx, *result) for result in tx.results]))


def _kept(tx: Tx, claim: Claim, result_id: UUID) -> Row:
    return {
        "client_id": claim.client_id,
        "mutation": claim.mutation,
        "key": claim.key,
        "arguments": claim.arguments,
        "result_id": result_id,
        "recorded_at": tx.now,
    }


def _staged(tx: Tx, event: Event) -> Row:
    return {
        "id": tx.new_id(EventId),
        "type": event.type,
        "subject_kind": event.subject.value,
        "subject_id": event.subject_id,
        "order_id": event.order_id,
        "channel_id": event.channel_id,
        "location_ids": event.location_ids,
        **({"supplier_ids": event.supplier_ids} if event.supplier_ids else {}),
        **_about(event),
        "cause_id": event.cause_id,
        "changes": event.changes and {shown(name): tuple(map(_said, both)) for name, both in event.changes.items()},
        "actor": tx.actor,
        "occurred_at": event.occurred_at or tx.now,
        "recorded_at": tx.now,
    }


def _about(event: Event) -> dict[str, UUID]:
    """Return the SKU that *event* is about, if it is about one: the many events of orders are not."""
    sku_id = event.subject_id if event.subject is IdKind.SKU else event.sku_id
    return {} if sku_id is None else {"sku_id": sku_id}


def _said(value: object) -> object:
    return text_time(value) if isinstance(value, datetime) else value


class ConnectionLost(Exception):
    """The connection broke, and the database says that nothing was committed."""


class _Attempts:
    """Decides whether a failed attempt may run again."""

    def __init__(self) -> None:
        self.pessimistic = False
        self.lock_timeouts = 0
        self.ends_at = self.busy_until = 0.0
        self.pause_s = 0.0

    def may_run_again(self, error: Exception) -> bool:
        self.ends_at = self.ends_at or monotonic() + BUDGET_S
        if monotonic() > self.ends_at:
            return False
        if isinstance(error, KeyBusy):
            self.busy_until = self.busy_until or monotonic() + KEY_WAIT_S
            return monotonic() < self.busy_until
        state = sqlstate(error)
        if isinstance(error, LookAgain) or state in GUARDS_FAILED:
            first, self.pessimistic = not self.pessimistic, True
            return first or isinstance(error, LookAgain)
        if state == LOCK_TIMEOUT:
            self.lock_timeouts += 1
            return self.lock_timeouts == 1
        if state == DEADLOCK:
            self.pause_s = self.pause_s or FIRST_PAUSE_S  # whoever it was with goes first
        return state in {SERIALIZATION_FAILURE, DEADLOCK, UNPREPARED} or _same_key_won(error) or gone(error)

    async def wait(self) -> None:
        """Wait before the next attempt: not at all at first, then longer and longer, and not as long as others do."""
        await asyncio.sleep(self.pause_s and self.pause_s + random() * JITTER_S)  # noqa: S311 - nobody need be unable to guess
        self.pause_s = min(max(self.pause_s * 2, FIRST_PAUSE_S), LONGEST_PAUSE_S)

    def refusal(self, error: Exception) -> Exception:
        """Return what the caller is told of an *error* that ends the attempts."""
        if isinstance(error, KeyBusy):
            return IdempotencyInProgress(field=("idempotencyKey",))
        if isinstance(error, LookAgain) or sqlstate(error) in {LOCK_TIMEOUT, SERIALIZATION_FAILURE, DEADLOCK, *GUARDS_FAILED}:
            return Busy()
        return Unavailable() if isinstance(error, ConnectionLost) else refusal(error)


def gone(error: BaseException) -> bool:
    """Tell whether the connection broke, and nothing was committed."""
    return isinstance(error, ConnectionLost) or lost(error)


def sqlstate(error: BaseException) -> str | None:
    """Return the SQLSTATE of a database error, or None."""
    return error.sqlstate if isinstance(error, psycopg.Error) else None


def _same_key_won(error: Exception) -> bool:
    return isinstance(error, UniqueViolation) and error.diag.constraint_name == "pk_idempotency"
