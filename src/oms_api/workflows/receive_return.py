"""Taking in goods that come back: units of lines, stock and shares of money, each where it belongs."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from oms_api.db.rows import Given, inserts, types
from oms_api.db.session import Tx
from oms_api.db.sql import Sql
from oms_api.domain.fulfillment.concessions import write_concessions
from oms_api.domain.fulfillment.parts import changing_part
from oms_api.domain.inventory.capacity import levels_without_capacity
from oms_api.domain.inventory.errors import TooMuchStock
from oms_api.domain.inventory.lots.given import Lots, lots_named
from oms_api.domain.inventory.take_back import TakenBack, take_back_units, units_by_level
from oms_api.domain.orders.quantities import LineMoney, money_gone, take_back
from oms_api.domain.returns.document import ReturnDocument
from oms_api.domain.returns.receiving import BUCKETS, Arrival, ReturnLineToReceive, decide_receipt
from oms_api.domain.returns.states import Disposition, ReturnOrderStatus
from oms_api.domain.returns.tables import ReturnReceiptLineRow, ReturnReceiptRow, ReturnRow
from oms_api.domain.returns.verbs import RECEIVE, RECEIVE_ROWS
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import NotFound, OmsError, Refused
from oms_api.kernel.ids import IdKind, LocationId, ReturnId, ReturnReceiptId, ReturnReceiptLineId, text_id
from oms_api.kernel.naming import check_note
from oms_api.kernel.occurrence import occurred

LOCATION = Sql("SELECT id FROM location WHERE id = :location::uuid")
RECEIPTS = inserts(ReturnReceiptRow)
MONEY = ("goods_minor", "discount_minor", "shipping_minor", "tax_minor")
COLUMNS = types(ReturnReceiptLineRow, "id", "receipt_id", "return_line_id", "line_id", "disposition", "quantity", *MONEY, "lot")
LINES = Given("line", sku_id="uuid", location_id="uuid", **COLUMNS)
ADD_LINES = Sql(f"""
INSERT INTO return_receipt_line (level_id, {", ".join(COLUMNS)})
SELECT level.id, {", ".join(f"line.{name}" for name in COLUMNS)} FROM {LINES}
LEFT JOIN inventory_level level ON level.sku_id = line.sku_id AND level.location_id = line.location_id
""")  # noqa: S608 - our own columns


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiveReturn:
    """Goods of a return arrived at a location: *lines*, or all that is expected, for *disposition*."""

    idempotency_key: str
    return_id: ReturnId
    location_id: LocationId
    lines: tuple[ReturnLineToReceive, ...] | None = None
    disposition: Disposition = Disposition.RESTOCK
    note: str | None = None
    expected_version: int | None = None
    occurred_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Received:
    """An arrival with the id it is recorded under, its share of its line's money, and the stock it brings, if it is goods."""

    id: ReturnReceiptLineId
    arrival: Arrival
    money: LineMoney
    stock: TakenBack | None


async def receive_return(tx: Tx, command: ReceiveReturn) -> ReturnRow:
    """Record what came back and what becomes of it, and return the return.

    Raises: NotFound, VersionConflict, OccurredTooEarly, IllegalMove, NothingExpected, TooMuchStock; Refused with all that is
    wrong with the lines.
    """
    at = tx.business_time(command.occurred_at)
    check_note(command.note, "note")
    verb = RECEIVE if command.lines is None else RECEIVE_ROWS
    place = LOCATION(location=command.location_id)
    async with changing_part(tx, ReturnDocument, verb, command.return_id, command.expected_version, place) as back:
        if not back.asked[0] or not tx.principal.sees_location(command.location_id):
            raise NotFound(what="location", given=text_id(IdKind.LOCATION, command.location_id), field=("locationId",))
        at = occurred(at, command.occurred_at, not_before=back.was.created_at, what="the return's creation")
        arrivals = decide_receipt(back, command.lines, command.disposition)
        lots = await lots_of(tx, arrivals)
        before = {arrival.line.line_id: back.order.lines[arrival.line.line_id] for arrival in arrivals}
        received = [take_in(tx, back, arrival, command.location_id) for arrival in arrivals]
        stock = [each.stock for each in received if each.stock is not None]
        await check_capacity(tx, received, stock)
        back.move(ReturnOrderStatus.PARTIALLY_RECEIVED if back.expected else ReturnOrderStatus.RECEIVED)
        if not back.expected:
            back.row.received_at = max(at, back.last_receipt or at)
        back.at, back.cause_id, back.location_id = at, tx.new_id(ReturnReceiptId), command.location_id
        for key, line in before.items():
            back.also(f"lines.{text_id(IdKind.LINE, key)}.returned", line.returned, back.order.lines[key].returned)
    take_back_units(tx, stock, at, lots.made)
    _record(tx, command, received, back.cause_id, at)
    write_concessions(tx, back.order, back.cause_id, at)
    return back.row


def take_in(tx: Tx, back: ReturnDocument, arrival: Arrival, location_id: LocationId) -> Received:
    """Count an arrival in *back* and its order, and return what is recorded of it."""
    line, receipt_line = arrival.line, tx.new_id(ReturnReceiptLineId)
    was = back.order.lines[line.line_id]
    now = take_back(was, arrival.quantity)
    back.order.set_line(now)
    back.receive(line.id, arrival.quantity)
    stock = None
    if line.sku_id is not None:
        bucket = BUCKETS[arrival.disposition]
        stock = TakenBack(line.sku_id, location_id, bucket, arrival.quantity, receipt_line, code_of(arrival))
    return Received(receipt_line, arrival, money_gone(was, now), stock)


def code_of(arrival: Arrival) -> str | None:
    """Return the code of the lot that units are of, if one was named."""
    return None if arrival.lot is None else arrival.lot.code


async def lots_of(tx: Tx, arrivals: Sequence[Arrival]) -> Lots:
    """Return the lots that *arrivals* name. Raises: Refused with LotMismatch, for each row of a lot that is known otherwise."""
    named = [(each, each.line.sku_id, each.lot) for each in arrivals]
    lots = await lots_named(tx, [(sku_id, lot) for _, sku_id, lot in named if sku_id is not None and lot is not None])
    errors: list[OmsError] = []
    for each, sku_id, lot in named:
        if sku_id is not None and lot is not None:
            try:
                lots.add(sku_id, lot)
            except OmsError as error:
                errors.append(error.at("lines", each.row or 0))
    if errors:
        raise Refused(errors=errors)
    return lots


async def check_capacity(tx: Tx, received: Sequence[Received], stock: Sequence[TakenBack]) -> None:
    """Raises: Refused with TooMuchStock, for each row whose units a level cannot hold."""
    full = await levels_without_capacity(tx, units_by_level(stock))
    rows = {each.arrival.row for each in received if each.stock is not None and each.stock.key in full}
    if rows:
        paths = [("locationId",) if row is None else ("lines", str(row), "quantity") for row in rows]
        raise Refused(errors=[TooMuchStock(field=path) for path in sorted(paths)])


def _record(tx: Tx, command: ReceiveReturn, received: Sequence[Received], receipt_id: UUID, at: datetime) -> None:
    """Write the receipt, behind its stock: only then has each line its level."""
    tx.put(
        RECEIPTS,
        id=receipt_id,
        return_id=command.return_id,
        location_id=command.location_id,
        note=command.note,
        actor=tx.actor,
        occurred_at=at,
        recorded_at=tx.now,
    )
    lines = [
        {
            "id": each.id,
            "receipt_id": receipt_id,
            "return_line_id": each.arrival.line.id,
            "line_id": each.arrival.line.line_id,
            "sku_id": each.arrival.line.sku_id,
            "location_id": command.location_id,
            "disposition": each.arrival.disposition,
            "quantity": each.arrival.quantity,
            "goods_minor": each.money.goods,
            "discount_minor": each.money.discount,
            "shipping_minor": each.money.shipping,
            "tax_minor": each.money.tax,
            "lot": code_of(each.arrival),
        }
        for each in received
    ]
    tx.closing.append(ADD_LINES(line=LINES(lines)))
