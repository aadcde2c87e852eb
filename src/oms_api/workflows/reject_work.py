"""A location that cannot do its work for an order: its units are looked for elsewhere, and stock is what the reason says."""

from collections.abc import Sequence
from dataclasses import dataclass

from oms_api.db.rows import inserts
from oms_api.db.session import Tx
from oms_api.domain.catalog.references import SkuRef
from oms_api.domain.channels.commands.change_location import UpdateLocation, update_location
from oms_api.domain.channels.policies import LocationChanges
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
from oms_api.domain.fulfillment.verbs import REJECT
from oms_api.domain.inventory.adjustment import Correction, write_adjustment
from oms_api.domain.inventory.counts.commands.create import CreateCount, create_count
from oms_api.domain.inventory.events import InventoryAdjusted
from oms_api.domain.inventory.ledger import post
from oms_api.domain.inventory.levels import lock_levels
from oms_api.domain.inventory.reservations.endings import lock_levels_last
from oms_api.domain.inventory.shortfall import Covered
from oms_api.domain.inventory.sourcing import LevelKey, in_key_order
from oms_api.domain.inventory.states import AdjustmentKind, AdjustmentReason
from oms_api.domain.inventory.tables import InventoryAdjustmentRow
from oms_api.domain.inventory.unpromise import Loss, record_losses
from oms_api.domain.orders.reasons.queries import reason_in_use
from oms_api.domain.orders.reasons.states import OrderReasonUse, RejectEffect
from oms_api.kernel.ids import AdjustmentId, CountId, FulfillmentOrderId, LineId, LocationId, RejectionId, RejectionLineId
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


async def reject_work(tx: Tx, command: RejectWork) -> ActedOn:
    """Take units that a location cannot send from it: they are to be sourced elsewhere, and never from there for these lines.

    The reason says what follows for stock. Raises: InvalidValue, UnknownOrderReason, NotFound, VersionConflict,
    FulfillmentOrderNotRejectable; Refused with all that is wrong with the lines.
    """
    check_note(command.note, "note")
    reason = await reason_in_use(tx, OrderReasonUse.REJECT, command.reason_code, "reasonCode")
    effect = reason.effect or RejectEffect.NOTHING
    row = await work_named(tx, command.fulfillment_order_id)
    if effect is RejectEffect.LOCATION_OFF:
        await update_location(tx, UpdateLocation(location_id=row.location_id, changes=LocationChanges(accepts_orders=False)))
    document, work, (goods,) = await locked_for(tx, row, REJECT, command.expected_version, GOODS(order=row.order_id))
    chosen = units_named(document, work.id, command.lines, "leave them out to reject all that is left")
    skus = dict(goods)
    before = {promise.line_id: document.lines[promise.line_id] for promise, _ in chosen}
    losses = [give_up(document, promise, units, skus[promise.line_id]) for promise, units in chosen]
    document.save(tx, tx.now)
    adjustment = None
    if effect.short:
        adjustment = await _write_off(tx, work.id, losses, command.note)
    else:
        _free(tx, work.id, losses)
    count = await _count(tx, work.location_id, losses, command.note) if effect is RejectEffect.COUNT else None
    rejection = tx.put(
        REJECTIONS,
        id=tx.new_id(RejectionId),
        order_id=row.order_id,
        fulfillment_order_id=work.id,
        channel_id=row.channel_id,
        location_id=work.location_id,
        reason=reason.code,
        effect=effect,
        note=command.note,
        count_id=count,
        adjustment_id=adjustment,
        actor=tx.actor,
        rejected_at=tx.now,
    )
    units: dict[LineId, int] = {}
    for promise, each in chosen:
        units[promise.line_id] = units.get(promise.line_id, 0) + each
    tx.write(
        LINES,
        [
            {"id": tx.new_id(RejectionLineId), "rejection_id": rejection.id, "line_id": line, "quantity": each}
            for line, each in units.items()
        ],
    )
    bar(tx, units, work.location_id)
    changes = status_changes(document, work) | line_changes(before, document, ("unsourced",))
    place = (work.location_id,)
    document.emit(tx, FulfillmentOrderRejected, changes, tx.now, subject_id=work.id, location_ids=place, cause_id=rejection.id)
    document.emit_status(tx, tx.now)
    return ActedOn(work.id)


def _free(tx: Tx, work_id: FulfillmentOrderId, losses: Sequence[Loss]) -> None:
    """Make the units of *losses* free, in the last flush of *tx*."""
    lock_levels_last(tx, [loss.promise.key for loss in losses])
    post(tx, record_losses(tx, document_of(work_id), losses, tx.now), tx.now)


async def _write_off(tx: Tx, work_id: FulfillmentOrderId, losses: Sequence[Loss], note: str | None) -> AdjustmentId:
    """Take the units of *losses* off the stock, in the last flush of *tx*, and return the adjustment that says so."""
    units: dict[LevelKey, int] = {}
    for loss in losses:
        units[loss.promise.key] = units.get(loss.promise.key, 0) + loss.units
    levels = await lock_levels(tx, units)
    moves = record_losses(tx, document_of(work_id), losses, tx.now)
    adjustment = InventoryAdjustmentRow(
        id=tx.new_id(AdjustmentId),
        kind=AdjustmentKind.ADJUST,
        reason=AdjustmentReason.LOST.value,
        reference=None,
        note=note,
        actor=tx.actor,
        occurred_at=tx.now,
        recorded_at=tx.now,
    )
    corrections = [Correction(key, position, -units[key]) for position, key in enumerate(in_key_order(units))]
    write_adjustment(tx, adjustment, corrections, Covered(levels, locked=True, freed=units, moves=moves))
    places = tuple(dict.fromkeys(location for _, location in units))
    tx.emit(InventoryAdjusted(subject_id=adjustment.id, location_ids=places))
    return adjustment.id


async def _count(tx: Tx, location_id: LocationId, losses: Sequence[Loss], note: str | None) -> CountId:
    """Open a count of what was not found, and return it."""
    skus = tuple(SkuRef(id=sku) for sku in dict.fromkeys(loss.promise.key[0] for loss in losses))
    counted = await create_count(tx, CreateCount(idempotency_key="", location_id=location_id, skus=skus, note=note))
    return counted.id
