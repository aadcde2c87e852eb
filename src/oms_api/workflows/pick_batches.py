"""Batches of fulfillment orders that are picked in one round, line by line; what is missing is rejected, with its reason."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from oms_api.db.documents import changing
from oms_api.db.rows import inserts, updates
from oms_api.db.session import Tx
from oms_api.db.sets import array
from oms_api.db.sql import Sql
from oms_api.domain.channels.queries import locations_by_id
from oms_api.domain.fulfillment.document import OrderDocument, locked_documents
from oms_api.domain.fulfillment.errors import AwaitsPickup
from oms_api.domain.fulfillment.events import FulfillmentOrderChanged
from oms_api.domain.fulfillment.giving_up import facts_of
from oms_api.domain.fulfillment.queries import fulfillment_orders_by_id
from oms_api.domain.fulfillment.states import FulfillmentOrderStatus
from oms_api.domain.fulfillment.tables import FulfillmentOrderRow
from oms_api.domain.fulfillment.units import Promise, Work
from oms_api.domain.fulfillment.verbs import LIFE, PUT_BACK, START
from oms_api.domain.orders.reasons.queries import reason_in_use
from oms_api.domain.orders.reasons.states import OrderReasonUse
from oms_api.domain.orders.reasons.tables import OrderReasonRow
from oms_api.domain.picking.document import PickBatchDocument, PickLine
from oms_api.domain.picking.errors import NothingToPick
from oms_api.domain.picking.events import FulfillmentOrderPicked, PickBatchCreated
from oms_api.domain.picking.policies import MOST_LINES, MOST_WORKS, ToPick, in_order, short_of
from oms_api.domain.picking.queries import batch_by_id
from oms_api.domain.picking.states import PickBatchStatus
from oms_api.domain.picking.tables import PickBatchLineRow, PickBatchRow
from oms_api.domain.picking.verbs import CANCEL, CONFIRM
from oms_api.kernel.checks import check_length
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import InvalidValue, LineTwice, NotFound, OmsError, Refused
from oms_api.kernel.ids import (
    FulfillmentOrderId,
    IdKind,
    LineId,
    LocationId,
    OrderId,
    PickBatchId,
    PickBatchLineId,
    SkuId,
    text_id,
)
from oms_api.workflows.reject_work import Rejected, record_rejected, switch_off

NUMBER = Sql("SELECT nextval('pick_batch_number')")
GOODS = Sql("""
SELECT line.id, line.sku_id, line.sku_code, placed.bin FROM order_line line
LEFT JOIN bin_placement placed ON placed.sku_id = line.sku_id AND placed.location_id = :place::uuid
WHERE line.order_id = ANY (:orders::uuid[]) AND line.kind = 'GOODS'
""")
BATCHES, LINES = inserts(PickBatchRow), inserts(PickBatchLineRow)
TAKEN = updates(FulfillmentOrderRow, "status", "version", "pick_batch_id")
S = FulfillmentOrderStatus
Choose = Callable[[Tx], Awaitable[Sequence[FulfillmentOrderId]]]
Documents = Mapping[OrderId, OrderDocument]


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateBatch:
    """Pick fulfillment orders of a location in one round, at most so many; *asked* says in words which of them."""

    idempotency_key: str
    location_id: LocationId
    most: int = MOST_WORKS
    asked: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PickToConfirm:
    """How many units of a line were found, and why the others were not."""

    line_id: PickBatchLineId
    picked: int
    short_reason_code: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmBatch:
    """Confirm lines of a pick batch."""

    idempotency_key: str
    pick_batch_id: PickBatchId
    lines: tuple[PickToConfirm, ...]
    expected_version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelBatch:
    """Give up what nobody has confirmed of a pick batch."""

    idempotency_key: str
    pick_batch_id: PickBatchId
    expected_version: int | None = None


async def create_batch(tx: Tx, command: CreateBatch, choose: Choose) -> PickBatchRow:
    """Begin with those fulfillment orders of a location that *choose* gives, the first of them first, and return their batch.

    What somebody else has begun meanwhile, or is on hold, is left out. Raises: NotFound, InvalidValue, NothingToPick.
    """
    place = command.location_id
    if not 0 < command.most <= MOST_WORKS:
        raise InvalidValue(problem=f"most is between 1 and {MOST_WORKS}.", field=("most",))
    if await locations_by_id.of_one(tx, place) is None:
        raise NotFound(what="location", given=text_id(IdKind.LOCATION, place), field=("locationId",))
    wanted = await choose(tx)
    found = await fulfillment_orders_by_id(tx, wanted) if wanted else {}
    documents = await locked_documents(tx, [row.order_id for row in found.values()])
    works = [(documents[found[key].order_id], key) for key in wanted if key in found]
    free = [(document, key) for document, key in works if _can_start(document, key, place)]
    if not free:
        raise NothingToPick(field=("where",))
    ((number,),) = await tx.fetch(NUMBER())
    batch = tx.put(
        BATCHES,
        id=tx.new_id(PickBatchId),
        number=number,
        location_id=place,
        status=PickBatchStatus.OPEN,
        version=1,
        actor=tx.actor,
        created_at=tx.now,
        updated_at=tx.now,
    )
    goods = await tx.fetch(GOODS(orders=array({document.order.id for document, _ in free}), place=place))
    round_ = in_order(_to_pick(free, {line: tuple(rest) for line, *rest in goods}))
    _move(tx, free, S.IN_PROGRESS, batch.id)
    order_of = {key: document.order.id for document, key in free}
    tx.write(LINES, [_line(tx, batch.id, order_of[each.work], at, each) for at, each in enumerate(round_, 1)])
    tx.emit(PickBatchCreated(subject_id=batch.id, location_ids=(place,), changes={"status": (None, batch.status)}))
    return batch


def _can_start(document: OrderDocument, key: FulfillmentOrderId, place: LocationId) -> bool:
    work = document.works[key]
    return work.location_id == place and LIFE.why_not(START, work.status, facts_of(document, work)) is None


def _to_pick(free: Iterable[tuple[OrderDocument, FulfillmentOrderId]], goods: Mapping[LineId, tuple[Any, ...]]) -> list[ToPick]:
    """Return the units of fulfillment orders, each of which has a slot."""
    lines = []
    for slot, (document, key) in enumerate(free, 1):
        for promise in document.promises.values():
            if promise.work_id == key and promise.work_line_id is not None and promise.in_fulfillment:
                sku_id, sku, bin_ = goods[promise.line_id]
                lines.append(
                    ToPick(
                        work=key,
                        work_line=promise.work_line_id,
                        line=promise.line_id,
                        sku_id=sku_id,
                        sku=sku,
                        bin=bin_,
                        units=promise.in_fulfillment,
                        slot=slot,
                    )
                )
    return lines


def _line(tx: Tx, batch: PickBatchId, order: OrderId, position: int, line: ToPick) -> dict[str, object]:
    return {
        "id": tx.new_id(PickBatchLineId),
        "batch_id": batch,
        "position": position,
        "order_id": order,
        "fulfillment_order_id": line.work,
        "fulfillment_order_line_id": line.work_line,
        "line_id": line.line,
        "sku_id": line.sku_id,
        "slot": line.slot,
        "bin": line.bin,
        "quantity": line.units,
    }


def _move(tx: Tx, works: Sequence[tuple[OrderDocument, FulfillmentOrderId]], status: S, batch: PickBatchId) -> None:
    """Let fulfillment orders be begun in *batch*, or be put back from it, save their orders and tell of it."""
    held = batch if status is S.IN_PROGRESS else None
    rows, was = [], {key: document.works[key] for document, key in works}
    for document, key in works:
        work = replace(was[key], status=status, pick_batch_id=held)
        document.works[key] = work
        rows.append({"id": key, "status": status, "version": work.version + 1, "pick_batch_id": held})
    saved: set[OrderId] = set()
    for document, key in works:
        new = document.order.id not in saved
        if new:
            document.save(tx, tx.now)
            saved.add(document.order.id)
        document.emit(
            tx,
            FulfillmentOrderChanged,
            {"fulfillmentOrder.status": (was[key].status, status)},
            tx.now,
            subject_id=key,
            location_ids=(was[key].location_id,),
            cause_id=batch,
            statuses=new,
        )
    tx.write(TAKEN, rows)


async def confirm_batch(tx: Tx, command: ConfirmBatch) -> PickBatchRow:
    """Confirm what was found of lines, and return the batch: it is PICKED once every line is confirmed.

    What is missing is rejected with its reason, as `reject_work` does. Raises: NotFound, VersionConflict, IllegalMove,
    InvalidValue, TooManyItems, UnitsPacked; Refused with all that is wrong with the lines.
    """
    check_length(command.lines, "lines", MOST_LINES)
    place = (await batch_by_id(tx, command.pick_batch_id)).location_id
    reasons = await _reasons(tx, command.lines)
    await switch_off(tx, place, reasons.values())
    async with changing(tx, PickBatchDocument, CONFIRM, command.pick_batch_id, command.expected_version) as batch:
        named = _named(batch, command.lines)
        documents = await locked_documents(tx, [line.order_id for line in named])
        missing = _checked(tx, batch, documents, command.lines, named)
        goods = await tx.fetch(GOODS(orders=array(documents), place=place)) if missing else []
        skus: dict[LineId, SkuId] = {line: sku for line, sku, *_ in goods}
        rejected = [
            Rejected.of(it, it.works[line.fulfillment_order_id], reasons[code], [units], skus)
            for line, code, units in missing
            for it in (documents[line.order_id],)
        ]
        for document in {each.document.order.id: each.document for each in rejected}.values():
            document.save(tx, tx.now)
        if rejected:
            await record_rejected(tx, rejected)
        if all(line.confirmed_at is not None for line in batch.lines.values()):
            batch.move(PickBatchStatus.PICKED)
            batch.row.closed_at = tx.now
        picked = {line.fulfillment_order_id: documents[line.order_id] for line in named if batch.lines[line.id].picked}
        for key, document in picked.items():
            where, cause = (place,), batch.was.id
            document.emit(
                tx, FulfillmentOrderPicked, {}, tx.now, subject_id=key, location_ids=where, cause_id=cause, statuses=False
            )
    return batch.row


async def _reasons(tx: Tx, lines: Sequence[PickToConfirm]) -> dict[str, OrderReasonRow]:
    """Return the reasons for rejections that *lines* name, by their codes. Raises: UnknownOrderReason."""
    found: dict[str, OrderReasonRow] = {}
    for at, line in enumerate(lines):
        code = line.short_reason_code
        if code is not None and code not in found:
            found[code] = await reason_in_use(tx, OrderReasonUse.REJECT, code, "lines", str(at), "shortReasonCode")
    return found


def _named(batch: PickBatchDocument, lines: Sequence[PickToConfirm]) -> list[PickLine]:
    """Return the lines of the batch that are named. Raises: Refused."""
    errors: list[OmsError] = []
    for at, line in enumerate(lines):
        if line.line_id not in batch.lines:
            given = text_id(IdKind.PICK_BATCH_LINE, line.line_id)
            errors.append(NotFound(what="line of this pick batch", given=given).at("lines", at, "lineId"))
        elif any(other.line_id == line.line_id for other in lines[:at]):
            errors.append(LineTwice().at("lines", at, "lineId"))
    if errors:
        raise Refused(errors=errors)
    return [batch.lines[line.line_id] for line in lines]


def _checked(
    tx: Tx, batch: PickBatchDocument, documents: Documents, lines: Sequence[PickToConfirm], named: Sequence[PickLine]
) -> list[tuple[PickLine, str, tuple[Promise, int]]]:
    """Confirm the lines in *batch*, and return those of which units are missing, with the reason. Raises: Refused."""
    missing: list[tuple[PickLine, str, tuple[Promise, int]]] = []
    errors: list[OmsError] = []
    for at, (given, line) in enumerate(zip(lines, named, strict=True)):
        promise, wanted = _wanted(documents[line.order_id], line, batch.was.id)
        code = given.short_reason_code
        try:
            short = short_of(wanted, given.picked, code, line.picked)
            if short and documents[line.order_id].works[line.fulfillment_order_id].awaits_pickup:
                raise AwaitsPickup
        except OmsError as error:
            errors.append(error.at("lines", at))
            continue
        reason = code if short else None
        batch.lines[line.id] = replace(line, picked=given.picked, short=short, reason=reason, confirmed_at=tx.now)
        if short and promise is not None and code is not None:
            missing.append((line, code, (promise, short)))
    if errors:
        raise Refused(errors=errors)
    return missing


def _wanted(document: OrderDocument, line: PickLine, batch: PickBatchId) -> tuple[Promise | None, int]:
    """Return how many units of a line are still to be picked in the batch, and the promise of them."""
    work = document.works[line.fulfillment_order_id]
    if work.status is not S.IN_PROGRESS or work.pick_batch_id != batch:
        return None, 0
    promises = document.promises.values()
    promise = next((each for each in promises if each.work_line_id == line.fulfillment_order_line_id), None)
    return promise, 0 if promise is None else min(line.quantity, promise.in_fulfillment)


async def cancel_batch(tx: Tx, command: CancelBatch) -> PickBatchRow:
    """Put back what nobody has confirmed anything of, and return the batch: CANCELED.

    A fulfillment order of which a line is confirmed, or that is packed, stays IN_PROGRESS. Raises: NotFound, VersionConflict,
    IllegalMove.
    """
    async with changing(tx, PickBatchDocument, CANCEL, command.pick_batch_id, command.expected_version) as batch:
        lines, key = batch.lines.values(), batch.was.id
        begun = {line.fulfillment_order_id for line in lines if line.confirmed_at is not None}
        rest = {line.fulfillment_order_id: line.order_id for line in lines if line.fulfillment_order_id not in begun}
        documents = await locked_documents(tx, rest.values())
        works = [(documents[order], work) for work, order in rest.items()]
        back = [(document, work) for document, work in works if _can_put_back(document, document.works[work], key)]
        _move(tx, back, S.OPEN, key)
        batch.row.closed_at = tx.now
        batch.move()
    return batch.row


def _can_put_back(document: OrderDocument, work: Work, batch: PickBatchId) -> bool:
    return work.pick_batch_id == batch and LIFE.why_not(PUT_BACK, work.status, facts_of(document, work)) is None
