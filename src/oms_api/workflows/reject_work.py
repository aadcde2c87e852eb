"""A location that cannot do its work for an order: its units are looked for elsewhere, and stock is what the reason says."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Self

from oms_api.db.rows import inserts
from oms_api.db.session import Tx
from oms_api.domain.catalog.references import SkuRef
from oms_api.domain.channels.commands.change_location import UpdateLocation, update_location
from oms_api.domain.channels.policies import LocationChanges
from oms_api.domain.fulfillment.document import OrderDocument
from oms_api.domain.fulfillment.events import FulfillmentOrderRejected
from oms_api.domain.fulfillment.giving_up import (
    GOODS,
    ActedOn,
    document_of,
    give_up,
    line_changes,
    locked_for,
    status_changes,
    work_named,
)
from oms_api.domain.fulfillment.policies import LineToShip, units_named
from oms_api.domain.fulfillment.rejections.bars import bar
from oms_api.domain.fulfillment.rejections.tables import FulfillmentRejectionLineRow, FulfillmentRejectionRow
from oms_api.domain.fulfillment.units import Promise, Work
from oms_api.domain.fulfillment.verbs import REJECT
from oms_api.domain.inventory.adjustment import Correction, write_adjustment
from oms_api.domain.inventory.counts.commands.create import CreateCount, create_count
from oms_api.domain.inventory.deallocation import Loss, record_losses
from oms_api.domain.inventory.events import InventoryAdjusted
from oms_api.domain.inventory.ledger import post
from oms_api.domain.inventory.levels import lock_levels
from oms_api.domain.inventory.moves import Move
from oms_api.domain.inventory.reservations.endings import lock_levels_last
from oms_api.domain.inventory.shortfall import Covered
from oms_api.domain.inventory.sourcing import LevelKey, in_key_order
from oms_api.domain.inventory.states import AdjustmentKind, AdjustmentReason
from oms_api.domain.inventory.tables import InventoryAdjustmentRow
from oms_api.domain.orders.quantities import LineUnits
from oms_api.domain.orders.reasons.queries import reason_in_use
from oms_api.domain.orders.reasons.states import OrderReasonUse, RejectEffect
from oms_api.domain.orders.reasons.tables import OrderReasonRow
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import (
    AdjustmentId,
    CountId,
    FulfillmentOrderId,
    LineId,
    LocationId,
    RejectionId,
    RejectionLineId,
    SkuId,
)
from oms_api.kernel.naming import check_note

REJECTIONS, LINES = inserts(FulfillmentRejectionRow), inserts(FulfillmentRejectionLineRow)


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectWork:
    """Reject *lines* of a fulfillment order, or all that is left of it, for a reason for rejections."""

    idempotency_key: str
    fulfillment_order_id: FulfillmentOrderId
    reason_code: str
    lines: tuple[LineToShip, ...] | None = None
    note: str | None = None
    expected_version: int | None = None


@dataclass(slots=True)
class Rejected:
    """Units of a fulfillment order that its location cannot send, given up in the *document* of its order."""

    document: OrderDocument
    work: Work
    reason: OrderReasonRow
    losses: Sequence[Loss]
    before: dict[LineId, LineUnits]
    note: str | None = None

    @classmethod
    def of(
        cls,
        document: OrderDocument,
        work: Work,
        reason: OrderReasonRow,
        chosen: Sequence[tuple[Promise, int]],
        skus: Mapping[LineId, SkuId],
    ) -> Self:
        """Give the *chosen* units up in *document*, before it is saved."""
        before = {promise.line_id: document.lines[promise.line_id] for promise, _ in chosen}
        losses = [give_up(document, document.promises[promise.id], units, skus[promise.line_id]) for promise, units in chosen]
        return cls(document, work, reason, losses, before)

    @property
    def effect(self) -> RejectEffect:
        """What follows for stock."""
        return self.reason.effect or RejectEffect.NOTHING

    @property
    def units(self) -> dict[LineId, int]:
        """How many units of which line."""
        units: dict[LineId, int] = {}
        for loss in self.losses:
            if loss.promise.line_id is not None:
                units[loss.promise.line_id] = units.get(loss.promise.line_id, 0) + loss.units
        return units


async def reject_work(tx: Tx, command: RejectWork) -> ActedOn:
    """Take units that a location cannot send from it: they are to be sourced elsewhere, and never from there for these lines.

    The reason says what follows for stock. Raises: InvalidValue, UnknownOrderReason, NotFound, VersionConflict,
    FulfillmentOrderNotRejectable, UnitsPacked; Refused with all that is wrong with the lines.
    """
    check_note(command.note, "note")
    reason = await reason_in_use(tx, OrderReasonUse.REJECT, command.reason_code, "reasonCode")
    row = await work_named(tx, command.fulfillment_order_id)
    await switch_off(tx, row.location_id, [reason])
    document, work, (goods,) = await locked_for(tx, row, REJECT, command.expected_version, GOODS(order=row.order_id))
    chosen = units_named(document, work.id, command.lines, "leave them out to reject all that is left")
    rejected = Rejected.of(document, work, reason, chosen, dict(goods))
    rejected.note = command.note
    document.save(tx, tx.now)
    await record_rejected(tx, [rejected])
    return ActedOn(work.id)


async def switch_off(tx: Tx, location_id: LocationId, reasons: Iterable[OrderReasonRow]) -> None:
    """Let a location accept no orders any more, where one of *reasons* says so; before orders are locked."""
    if any(reason.effect is RejectEffect.LOCATION_OFF for reason in reasons):
        await update_location(tx, UpdateLocation(location_id=location_id, changes=LocationChanges(accepts_orders=False)))


async def record_rejected(tx: Tx, rejected: Sequence[Rejected]) -> None:
    """Write what was rejected at one location, once its orders are saved: stock, counts, and why. Levels are locked once."""
    short = [each for each in rejected if each.effect.short]
    adjustment = await _settle(tx, rejected, short)
    counted = [each for each in rejected if each.effect is RejectEffect.COUNT]
    count = await _count(tx, counted) if counted else None
    documents = {each.document.order.id: each.document for each in rejected}
    not_emitted = set(documents)
    for each in rejected:
        rejection = _write(tx, each, count if each in counted else None, adjustment if each in short else None)
        work, document = each.work, each.document
        changes = status_changes(document, work) | line_changes(each.before, document, ("unsourced",))
        place = (work.location_id,)
        document.emit(
            tx,
            FulfillmentOrderRejected,
            changes,
            tx.now,
            subject_id=work.id,
            location_ids=place,
            cause_id=rejection.id,
            statuses=document.order.id in not_emitted,
        )
        not_emitted.discard(document.order.id)
    for document in documents.values():
        document.emit_status(tx, tx.now)


def _write(tx: Tx, rejected: Rejected, count: CountId | None, adjustment: AdjustmentId | None) -> FulfillmentRejectionRow:
    """Write the record of what was rejected, and ask the location for it no more."""
    order, work, units = rejected.document.order, rejected.work, rejected.units
    rejection = tx.put(
        REJECTIONS,
        id=tx.new_id(RejectionId),
        order_id=order.id,
        fulfillment_order_id=work.id,
        channel_id=order.channel_id,
        location_id=work.location_id,
        reason=rejected.reason.code,
        effect=rejected.effect,
        note=rejected.note,
        count_id=count,
        adjustment_id=adjustment,
        actor=tx.actor,
        rejected_at=tx.now,
    )
    tx.write(
        LINES,
        [
            {"id": tx.new_id(RejectionLineId), "rejection_id": rejection.id, "line_id": line, "quantity": each}
            for line, each in units.items()
        ],
    )
    bar(tx, units, work.location_id)
    return rejection


async def _settle(tx: Tx, rejected: Sequence[Rejected], short: Sequence[Rejected]) -> AdjustmentId | None:
    """Make the units free, those that are *short* only to take them off the stock; return the adjustment that says so."""
    keys = [loss.promise.key for each in rejected for loss in each.losses]
    if not short:
        lock_levels_last(tx, keys)
        post(tx, _freed(tx, rejected), tx.now)
        return None
    levels = await lock_levels(tx, keys)
    moves, units = _freed(tx, rejected), dict[LevelKey, int]()
    for each in short:
        for loss in each.losses:
            units[loss.promise.key] = units.get(loss.promise.key, 0) + loss.units
    adjustment = InventoryAdjustmentRow(
        id=tx.new_id(AdjustmentId),
        kind=AdjustmentKind.ADJUST,
        reason=AdjustmentReason.LOST.value,
        reference=None,
        note=next((each.note for each in short), None),
        actor=tx.actor,
        occurred_at=tx.now,
        recorded_at=tx.now,
    )
    corrections = [Correction(key, position, -units[key]) for position, key in enumerate(in_key_order(units))]
    taken = {key: level for key, level in levels.items() if key in units}
    write_adjustment(tx, adjustment, corrections, Covered(taken, locked=True, freed=units, moves=moves))
    places = tuple(dict.fromkeys(location for _, location in units))
    tx.emit(InventoryAdjusted(subject_id=adjustment.id, location_ids=places))
    return adjustment.id


def _freed(tx: Tx, rejected: Sequence[Rejected]) -> list[Move]:
    """Record what fulfillment orders gave up, and return the movements that make it free."""
    return [move for each in rejected for move in record_losses(tx, document_of(each.work.id), each.losses, tx.now)]


async def _count(tx: Tx, rejected: Sequence[Rejected]) -> CountId:
    """Open a count of what was not found, and return it."""
    skus = tuple(SkuRef(id=sku) for sku in dict.fromkeys(loss.promise.key[0] for each in rejected for loss in each.losses))
    place, note = rejected[0].work.location_id, rejected[0].note
    counted = await create_count(tx, CreateCount(idempotency_key="", location_id=place, skus=skus, note=note))
    return counted.id
