"""Correcting stock by a count: more units become free, missing ones are taken away, as of when each line was counted."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from oms_api.db.documents import changing
from oms_api.db.rows import updates
from oms_api.db.session import LookAgain, Tx
from oms_api.db.sql import Sql
from oms_api.domain.inventory.correcting import UnitsLeft, found, missed
from oms_api.domain.inventory.counts.comparing import COMPARE_COUNT, Compared
from oms_api.domain.inventory.counts.document import CountDocument
from oms_api.domain.inventory.counts.states import StockCountOutcome, StockCountStatus
from oms_api.domain.inventory.counts.tables import StockCountLineRow, StockCountRow
from oms_api.domain.inventory.counts.verbs import POST
from oms_api.domain.inventory.errors import TooMuchStock, of_sku
from oms_api.domain.inventory.ledger import post
from oms_api.domain.inventory.levels import Levels, shelves
from oms_api.domain.inventory.lots.policies import by_lot
from oms_api.domain.inventory.moves import Move
from oms_api.domain.inventory.numbers import record_numbers
from oms_api.domain.inventory.shortfall import ALONE, Cover, Covered, Covers, Missing, Taking
from oms_api.domain.inventory.sourcing import LevelKey
from oms_api.domain.inventory.states import CauseKind, NumberSource, OnShortfall
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import OmsError, Refused
from oms_api.kernel.ids import CountId, IdKind
from oms_api.kernel.naming import check_note
from oms_api.kernel.occurrence import occurred
from oms_api.kernel.quantities import LARGEST_QUANTITY

ONE_AT_A_TIME = Sql("SELECT id FROM location WHERE id = :location::uuid FOR NO KEY UPDATE")
"""Counts of a location are posted one after the other: what one corrects the next must see."""

COMPARED = updates(StockCountLineRow, "expected", "variance", "outcome")
WITH_NUMBER = {StockCountOutcome.MATCHED, StockCountOutcome.FOUND, StockCountOutcome.NOT_FOUND}
"""The outcomes of lines of which the count gives the number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostCount:
    """Correct stock by a count; a *note* replaces the one it has."""

    idempotency_key: str
    count_id: CountId
    on_shortfall: OnShortfall = OnShortfall.DEALLOCATE
    note: str | None = None
    expected_version: int | None = None
    occurred_at: datetime | None = None


async def post_count(tx: Tx, command: PostCount, covers: Covers = ALONE) -> StockCountRow:
    """Post what the lines of a count differ by, all or none, and return it: POSTED.

    Raises: NotFound, VersionConflict, IllegalMove, OccurredTooEarly, Busy; Refused with BelowZero, BelowPicked or TooMuchStock
    for each line that cannot be posted, named by its SKU.
    """
    at = tx.business_time(command.occurred_at)
    check_note(command.note, "note")
    async with changing(tx, CountDocument, POST, command.count_id, command.expected_version) as count:
        was = count.was
        await tx.fetch(ONE_AT_A_TIME(location=was.location_id))
        lines = await compared(tx, was.id)
        last = max((line.counted_at for line in lines if line.counted_at is not None), default=was.created_at)
        count.at = at = occurred(at, command.occurred_at, not_before=last, what="the last counting")
        heard: dict[LevelKey, Compared] = {
            (line.sku_id, was.location_id): line for line in lines if line.outcome in WITH_NUMBER
        }
        cover = covers[command.on_shortfall]
        covered = await cover_missing(tx, was, heard, cover, at)
        differing = {key: line for key, line in heard.items() if line.moves}
        check(differing, covered)
        count.move(StockCountStatus.POSTED)
        count.row.closed_at, count.row.closed_by = at, tx.actor
        if command.note is not None:
            count.row.note = command.note
        for outcome, units in Counter(line.outcome for line in lines).items():
            count.also(f"summary.lines.{outcome.lower()}", None, units)
    tx.write(COMPARED, lines)
    corrections = [move for key, line in differing.items() for move in moves(key, line, covered, now=tx.now)]
    post(tx, [*covered.moves, *by_lot(corrections, shelves(covered.levels))], at, numbers=True)
    moments = {covered.levels[key].id: line.counted_at for key, line in heard.items()}
    record_numbers(
        tx, NumberSource.COUNT, {level: moment for level, moment in moments.items() if level is not None and moment is not None}
    )
    return count.row


async def compared(tx: Tx, count_id: CountId) -> Sequence[Compared]:
    """Return each line of a count with what it is compared with."""
    return [Compared(*line) for line in await tx.fetch(COMPARE_COUNT(count=count_id))]


async def cover_missing(tx: Tx, row: StockCountRow, heard: Mapping[LevelKey, Compared], cover: Cover, at: datetime) -> Covered:
    """Lock the levels whose number the count tells, and cover what is missing there.

    Raises: LookAgain, where what the lines were compared with moved before the locks were there.
    """
    if not heard:
        return Covered({}, locked=True)

    def missing(levels: Levels) -> dict[LevelKey, Missing]:
        found = {}
        for key, line in heard.items():
            level, fewer = levels[key], -line.moves
            if fewer > level.free:
                found[key] = Missing(requested=fewer, units=fewer - level.free, aside=level.set_aside)
        return found

    document = IdKind.COUNT, row.id
    covered = await cover(tx, Taking(document=document, keys=heard, missing=missing, at=at, lock=True))
    now = {line.id: line for line in await compared(tx, row.id)}
    if any((now[line.id].outcome, now[line.id].moves) != (line.outcome, line.moves) for line in heard.values()):
        raise LookAgain
    return covered


def check(differing: Mapping[LevelKey, Compared], covered: Covered) -> None:
    """Raises: Refused, with why each line cannot be posted; an error names the SKU of the line."""
    errors: list[OmsError] = []
    for key, line in differing.items():
        full = covered.levels[key].on_hand + line.moves > LARGEST_QUANTITY
        error = covered.short.get(key) or (TooMuchStock() if full else None)
        if error is not None:
            errors.append(of_sku(error, line.sku_code).at("stockCountId"))
    if errors:
        raise Refused(errors=errors)


def moves(key: LevelKey, line: Compared, covered: Covered, *, now: datetime) -> list[Move]:
    """Return the movements that make the ledger say, as of when the line was counted, what was counted."""
    if line.moves > 0:
        steps = found(line.moves)
    else:
        level = covered.levels[key]
        parts = UnitsLeft.of(level, covered.freed.get(key, 0)).miss(-line.moves)
        steps = missed(parts, level, line.since)
    return [
        Move(
            sku_id=key[0],
            location_id=key[1],
            quantity=step.quantity,
            source=step.source,
            target=step.target,
            kind=step.kind,
            cause_kind=CauseKind.COUNT_LINE,
            cause_id=line.id,
            occurred_at=now if step.late else line.counted_at,
        )
        for step in steps
    ]


def _text(number: int | None) -> str | None:
    return None if number is None else str(number)
