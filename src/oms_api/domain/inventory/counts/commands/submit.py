"""Telling what was counted, line by line, as often as needed until counting is over."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from oms_api.db.documents import changing
from oms_api.db.rows import Row, inserts, updates
from oms_api.db.session import Tx
from oms_api.db.sql import Sql
from oms_api.domain.catalog.references import SkuRef, skus_by_reference
from oms_api.domain.catalog.tables import SkuRow
from oms_api.domain.inventory.counts.document import CountDocument
from oms_api.domain.inventory.counts.errors import LinesUncounted, NotInCount
from oms_api.domain.inventory.counts.policies import MOST_NAMED, MOST_WHOLE
from oms_api.domain.inventory.counts.states import StockCountStatus
from oms_api.domain.inventory.counts.tables import StockCountLineRow, StockCountRow
from oms_api.domain.inventory.counts.verbs import SUBMIT
from oms_api.domain.inventory.errors import AsOfInFuture, NotStocked
from oms_api.kernel.checks import check_length
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import (
    InvalidValue,
    LineTwice,
    OccurredTooEarly,
    OmsError,
    Refused,
    TooManyItems,
)
from oms_api.kernel.ids import CountId, CountLineId, SkuId
from oms_api.kernel.occurrence import occurred, text_time

LINES = Sql("""
SELECT line.sku_id, line.id, line.counted, sku.code
FROM stock_count_line line JOIN sku ON sku.id = line.sku_id WHERE line.count_id = :count::uuid ORDER BY line.position
""")
ADDED, COUNTED = inserts(StockCountLineRow), updates(StockCountLineRow, "counted", "counted_at", "counted_by")


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedUnits:
    """How many units of a SKU were there, and when somebody looked: now unless told."""

    sku: SkuRef
    quantity: int
    counted_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitCount:
    """Tell what was counted; *complete* ends the counting, *leave_uncounted* also with lines that nobody counted."""

    idempotency_key: str
    count_id: CountId
    lines: tuple[CountedUnits, ...]
    complete: bool = False
    leave_uncounted: bool = False
    expected_version: int | None = None
    occurred_at: datetime | None = None


@dataclass(slots=True)
class Sheet:
    """The lines of a count: id, what was counted and code by SKU."""

    whole: bool
    lines: dict[SkuId, tuple[CountLineId, int | None, str]]

    @property
    def counted(self) -> int:
        """How many lines somebody counted."""
        return len(self.lines) - len(self.uncounted)

    @property
    def uncounted(self) -> list[str]:
        """The codes of the SKUs that nobody counted."""
        return [code for _, counted, code in self.lines.values() if counted is None]


@dataclass(frozen=True, slots=True)
class CountedLine:
    """A row of what was told, as it is written: a line that is there already, or with a *position* a new one at the end."""

    id: CountLineId
    position: int | None
    sku_id: SkuId
    counted: int
    counted_at: datetime


async def submit_count(tx: Tx, command: SubmitCount) -> StockCountRow:
    """Write down what was counted and return the count: COUNTING, or REVIEW when it is complete.

    Raises: NotFound, VersionConflict, IllegalMove, OccurredTooEarly, InvalidValue, TooManyItems, LinesUncounted; Refused with
    all that is wrong with the rows.
    """
    at = tx.business_time(command.occurred_at)
    key, version = command.count_id, command.expected_version
    async with changing(tx, CountDocument, SUBMIT, key, version, LINES(count=key)) as count:
        (lines,), was = count.asked, count.was
        count.at = at = occurred(at, command.occurred_at, not_before=was.created_at, what="the count's creation")
        if command.lines or not command.complete:
            check_length(command.lines, "lines", MOST_NAMED, "say that counting is complete")
        sheet = Sheet(was.whole, {sku: tuple(rest) for sku, *rest in lines})
        counted_before = sheet.counted
        counted_lines = decide(tx, was, sheet, command, await skus_by_reference(tx, [line.sku for line in command.lines]), at)
        uncounted = sheet.uncounted
        if command.complete and uncounted and not command.leave_uncounted:
            raise LinesUncounted(uncounted=len(uncounted), first=uncounted[0], field=("complete",))
        count.move(StockCountStatus.REVIEW if command.complete else StockCountStatus.COUNTING)
        count.also("summary.lines.counted", counted_before, sheet.counted)
    write(tx, was, counted_lines)
    return count.row


def decide(
    tx: Tx, row: StockCountRow, sheet: Sheet, command: SubmitCount, skus: Mapping[SkuRef, SkuRow], at: datetime
) -> list[CountedLine]:
    """Return what is written of each row, and count it on the *sheet*. Raises: Refused, TooManyItems."""
    counted_lines: list[CountedLine] = []
    errors: list[OmsError] = []
    seen: set[SkuId] = set()
    for index, line in enumerate(command.lines):
        sku, moment = skus.get(line.sku), line.counted_at or at
        wrong = wrong_with(line, sku, sheet, seen)
        wrong += [] if line.counted_at is None else wrong_moment(moment, row.created_at, tx.now)
        errors += [error.at("lines", index) for error in wrong]
        if sku is None or wrong:
            continue
        seen.add(sku.id)
        known = sheet.lines.get(sku.id)
        key, position = (tx.new_id(CountLineId), len(sheet.lines) + 1) if known is None else (known[0], None)
        sheet.lines[sku.id] = (key, line.quantity, sku.code)
        counted_lines.append(CountedLine(key, position, sku.id, line.quantity, moment))
    if errors:
        raise Refused(errors=errors)
    if len(sheet.lines) > MOST_WHOLE:
        raise TooManyItems(limit=MOST_WHOLE, given=len(sheet.lines), field=("lines",))
    return counted_lines


def write(tx: Tx, row: StockCountRow, counted_lines: Sequence[CountedLine]) -> None:
    """Write new lines and those counted anew in the last flush of *tx*."""

    def counted(line: CountedLine) -> Row:
        return {"id": line.id, "counted": line.counted, "counted_at": line.counted_at, "counted_by": tx.actor}

    new = [line for line in counted_lines if line.position is not None]
    again = [line for line in counted_lines if line.position is None]
    tx.write(
        ADDED,
        [{**counted(line), "count_id": row.id, "position": line.position, "sku_id": line.sku_id} for line in new],
    )
    tx.write(COUNTED, map(counted, again))


def wrong_with(line: CountedUnits, sku: SkuRow | None, sheet: Sheet, seen: set[SkuId]) -> list[OmsError]:
    """Return what is wrong with the SKU and the quantity of one row."""
    errors: list[OmsError] = []
    if sku is None:
        errors.append(line.sku.unknown("sku"))
    elif not sku.kind.stocked:
        errors.append(NotStocked(sku=sku.code, kind=sku.kind, field=("sku",)))
    elif sku.id in seen:
        errors.append(LineTwice(field=("sku",)))
    elif sku.id not in sheet.lines and not sheet.whole:
        errors.append(NotInCount(sku=sku.code, field=("sku",)))
    if line.quantity < 0:
        errors.append(InvalidValue(problem="What was counted is 0 or more.", field=("quantity",)))
    return errors


def wrong_moment(moment: datetime, created_at: datetime, now: datetime) -> Sequence[OmsError]:
    """Return the error that a row was counted before its count was opened or after now, if it was."""
    if moment > now:
        return [AsOfInFuture(given=text_time(moment), field=("countedAt",))]
    if moment < created_at:
        given, earliest = text_time(moment), text_time(created_at)
        return [OccurredTooEarly(given=given, what="the count's creation", earliest=earliest, field=("countedAt",))]
    return []
