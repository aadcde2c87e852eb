"""A reader and a transaction: all that commands and queries see of the database."""

from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar, cast
from uuid import UUID

from psycopg.pq import TransactionStatus
from sqlalchemy.exc import MultipleResultsFound, NoResultFound

from oms_api.db.columns import Base
from oms_api.db.connections import Driver
from oms_api.db.pipeline import Statement, send, send_all
from oms_api.db.rows import Writing, columns_but_key, inserts, inserts_missing, updates, upserts
from oms_api.db.statements import Query
from oms_api.kernel.access import Principal, Scope, Sight
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import InvalidValue, MissingScope
from oms_api.kernel.events import Event
from oms_api.kernel.ids import Id, IntegrationId, new_uuid

T = TypeVar("T")
Record = TypeVar("Record", bound=Base)
Hear = Callable[[list[tuple[Any, ...]]], None]
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
"""Nothing that is recorded happened before: a year mistyped would be the first moment of a ledger for ever."""
BEGIN: Statement = ("BEGIN", ())
COMMIT: Statement = ("COMMIT", ())
ROLLBACK: Statement = ("ROLLBACK", ())
KEEP: Statement = ("SAVEPOINT kept", ())
LET_GO: Statement = ("ROLLBACK TO SAVEPOINT kept", ())


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to carry out one request once: who asks for what, under which key, with which arguments."""

    client_id: IntegrationId
    mutation: str
    key: str
    arguments: bytes


class Sender(Protocol):
    """The way of statements to the database."""

    async def ask(self, query: Query[T]) -> list[T]:
        """Return the records of *query*."""

    def held(self) -> AbstractAsyncContextManager["Sender"]:
        """Return the way over one connection that is held until the end of the block."""


class Reader:
    """Reads on behalf of a principal.

    A statement that selects one table class gives records with the attributes of that class; they are plain, immutable records,
    not tracked objects: setting nothing, loading nothing. Each statement sees what was committed before it.
    """

    def __init__(self, sender: Sender, principal: Principal) -> None:
        self.sender = sender
        self.principal = principal
        self.sight = Sight.of(principal)

    async def ask(self, query: Query[T]) -> list[T]:
        """Return the records of *query*. Raises: Busy, when no connection comes free or it takes longer than it may."""
        return await self.sender.ask(query)

    @asynccontextmanager
    async def held(self) -> AsyncIterator["Reader"]:
        """Give a reader whose statements share one connection and its settings until the end of the block."""
        async with self.sender.held() as sender:
            yield Reader(sender, self.principal)

    async def all(self, query: Query[T]) -> list[T]:
        """Return every record."""
        return await self.ask(query)

    async def one_or_none(self, query: Query[T]) -> T | None:
        """Return the record, or None. Raises: MultipleResultsFound."""
        found = await self.ask(query)
        if len(found) > 1:
            raise MultipleResultsFound
        return found[0] if found else None

    async def one(self, query: Query[T]) -> T:
        """Return the only record. Raises: NoResultFound, MultipleResultsFound."""
        found = await self.one_or_none(query)
        if found is None:
            raise NoResultFound
        return found

    async def values(self, query: Query[T]) -> list[T]:
        """Return the first column of every row."""
        return [cast("Sequence[T]", record)[0] for record in await self.ask(query)]

    async def value(self, query: Query[T]) -> T | None:
        """Return the first column of the first row, or None."""
        found = await self.values(query)
        return found[0] if found else None


class LookAgain(Exception):
    """What the command read did not hold: run it again, with `tx.pessimistic` set, so that it locks what it reads."""


class Tx(Reader):
    """A transaction that somebody else commits.

    `now` is the moment of recording. `events` and `results` (what each claimed key came to) are written just before
    COMMIT, after the statements of `closing`, and all of them travel with COMMIT in one flush. `pessimistic` says that
    an earlier run lost a race, so that this one must lock what it reads. `races` names the unique constraints whose
    violation by `closing` means that another was first: the command then looks again, and tells. `opened` holds the last
    document of each kind that was locked to be changed. `lasts` is what is to be written behind all of `closing`. BEGIN travels
    with the first statement.
    """

    def __init__(self, driver: Driver, principal: Principal, now: datetime, *, pessimistic: bool = False) -> None:
        super().__init__(self, principal)
        self.driver = driver
        self.now = now
        self.pessimistic = pessimistic
        self.events: list[Event] = []
        self.results: list[tuple[Claim, UUID]] = []
        self.closing: list[Statement] = []
        self.hearing: dict[int, Hear] = {}
        self.races: frozenset[str] = frozenset()
        self.opened: dict[str, UUID] = {}
        self.lasts: dict[Callable[[Tx, Collection[UUID]], None], set[UUID]] = {}
        self.xid: str | None = None
        self.begun = False
        self.commit_sent = False

    @property
    def actor(self) -> str:
        """Who does it, for ledgers and events: the integration's name."""
        return self.principal.name

    def new_id(self, kind: Callable[[UUID], Id]) -> Id:
        """Return a fresh id of that kind: ``tx.new_id(OrderId)``."""
        return kind(new_uuid())

    def emit(self, event: Event) -> None:
        """Tell the feed, in this transaction, that something happened."""
        self.events.append(event)

    def business_time(self, occurred_at: datetime | None) -> datetime:
        """Return when something happened: *occurred_at* where the caller may say so, else now.

        Raises: MissingScope, without orders:import; InvalidValue, for a time in the future or before 1970.
        """
        if occurred_at is None:
            return self.now
        if not self.principal.may(Scope.ORDERS_IMPORT):
            raise MissingScope(scope=Scope.ORDERS_IMPORT.value, field=("occurredAt",))
        if occurred_at > self.now:
            raise InvalidValue(problem="occurredAt must not lie in the future.", field=("occurredAt",))
        if occurred_at < EARLIEST:
            raise InvalidValue(problem=f"occurredAt lies in {EARLIEST.year} or later.", field=("occurredAt",))
        return occurred_at

    async def ask(self, query: Query[T]) -> list[T]:
        """Return the records of *query*, as this transaction sees them."""
        opening: list[Query[Any]] = [] if self.begun else [Query(BEGIN[0], ())]
        self.begun = True
        *_, found = await send_all(self.driver, [*opening, query])
        return found

    async def insert(self, table: type[Record], rows: Sequence[Mapping[str, object]]) -> None:
        """Insert *rows* into *table* in one statement; what they leave out is the database's default, or NULL."""
        if rows:
            await self.fetch(inserts(table).of(rows))

    async def made(self, table: type[Record], row: Mapping[str, object]) -> Record:
        """Insert *row* into *table* and return the record that it is now."""
        return await self._written(inserts(table), row)

    async def made_or_none(self, table: type[Record], row: Mapping[str, object]) -> Record | None:
        """Insert *row* into *table* and return its record, or None where a unique constraint says that it is there."""
        writing = inserts_missing(table)
        found = await self.fetch(writing.of([row], returning=True))
        return writing.shape.record(found[0]) if found else None

    async def updated(self, table: type[Record], row: Mapping[str, object]) -> Record:
        """Write the columns in *row*, which names a key that is there, and return the record that it is now."""
        return await self._written(updates(table, *columns_but_key(table, row)), row)

    async def upserted(self, table: type[Record], row: Mapping[str, object], *names: str, on: Sequence[str]) -> Record:
        """Insert *row*, or write its columns *names* where the columns *on* have a record already; return the record."""
        return await self._written(upserts(table, *names, on=on), row)

    async def _written(self, writing: Writing[Record], row: Mapping[str, object]) -> Record:
        (found,) = await self.fetch(writing.of([row], returning=True))
        return writing.shape.record(found)

    def write(self, writing: Writing[Any], rows: Iterable[object]) -> None:
        """Hand *rows* to the last flush, to be written there, if there are any."""
        if given := list(rows):
            self.closing.append(writing.of(given))

    def put(self, writing: Writing[Record], /, **row: object) -> Record:
        """Hand one row to the last flush, to be written there, and return its record; what it leaves out is None in that."""
        self.closing.append(writing.of([row]))
        return writing.record(row)

    def hear(self, statement: Statement, heard: Hear) -> None:
        """Hand *statement* to the last flush; *heard* gets its rows after COMMIT, unless the answer to that is lost."""
        self.hearing[len(self.closing)] = heard
        self.closing.append(statement)

    def at_last(self, write: Callable[["Tx", Collection[UUID]], None], about: Collection[UUID]) -> None:
        """Let *write* be called once, before the last flush, with all that it is to be called *about*."""
        if about:
            self.lasts.setdefault(write, set()).update(about)

    async def fetch(self, statement: Statement) -> list[tuple[Any, ...]]:
        """Carry out one fixed statement on the driver: one round trip, no compilation."""
        return (await self.flush([statement]))[0]

    async def flush(self, statements: Sequence[Statement], *, commit: bool = False) -> list[list[tuple[Any, ...]]]:
        """Send fixed *statements* in one packet, BEGIN before and COMMIT behind them where due.

        When one fails, none after it happens, COMMIT neither. Returns the rows of each. Raises: psycopg.Error.
        """
        opening = () if self.begun else (BEGIN,)
        self.begun = True
        self.commit_sent = self.commit_sent or commit
        rows = await send(self.driver, [*opening, *statements, *((COMMIT,) if commit else ())])
        return rows[len(opening) : len(opening) + len(statements)]

    def forget(self) -> None:
        """Let nothing happen of what was handed to the last flush: for a look at what would."""
        self.closing.clear()
        self.lasts.clear()
        self.hearing.clear()
        self.events.clear()
        self.results.clear()

    async def keep(self) -> None:
        """Keep what was done and locked so far, whatever is let go after it."""
        await self.flush([KEEP])

    async def let_go(self) -> None:
        """Undo what was done since `keep`, and give up the locks that were taken since."""
        await self.flush([LET_GO])

    async def undo(self) -> None:
        """Roll back what was begun and not committed. psycopg's own rollback would drop every prepared statement."""
        open_ = {TransactionStatus.INTRANS, TransactionStatus.INERROR}
        if self.begun and not self.driver.closed and self.driver.info.transaction_status in open_:
            await send(self.driver, [ROLLBACK])
