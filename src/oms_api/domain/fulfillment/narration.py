"""The events of fulfillment in words, for timelines."""

from sqlalchemy import select

from oms_api.db.relations import Found, Keys, one_for
from oms_api.db.sets import among
from oms_api.domain.channels.tables import LocationRow
from oms_api.domain.events.timeline import Happening, narrate
from oms_api.domain.fulfillment.events import (
    AllocationLost,
    FulfillmentOrderChanged,
    FulfillmentOrderMerged,
    FulfillmentOrderMoved,
    FulfillmentOrderPacked,
    FulfillmentOrderRejected,
    FulfillmentOrderSplit,
    OrderLeavesLocation,
    OrderSourced,
    OrderSourcedAnew,
)
from oms_api.domain.fulfillment.queries import visible_to
from oms_api.domain.fulfillment.rejections.queries import visible_to as rejections_visible_to
from oms_api.domain.fulfillment.rejections.tables import FulfillmentRejectionRow
from oms_api.domain.fulfillment.states import FulfillmentOrderStatus
from oms_api.domain.fulfillment.tables import FulfillmentOrderRow
from oms_api.domain.orders.reasons.tables import OrderReasonRow
from oms_api.kernel.access import Sight
from oms_api.kernel.ids import IdKind
from oms_api.kernel.sentences import units_of, were

S = FulfillmentOrderStatus


@one_for("id")
def places_of_work(works: Keys, sight: Sight) -> Found:
    """Find the location of each fulfillment order that the principal may see, by its code, and the day it opens on."""
    found = select(FulfillmentOrderRow.id, LocationRow.code, FulfillmentOrderRow.opens_on)
    return found.join(LocationRow, LocationRow.id == FulfillmentOrderRow.location_id).where(
        among(FulfillmentOrderRow.id, works), *visible_to(sight)
    )


@one_for("id")
def narrated_rejections(rejections: Keys, sight: Sight) -> Found:
    """Find the location, the reason and the note of each rejection that the principal may see."""
    row, reason = FulfillmentRejectionRow, OrderReasonRow
    found = select(row.id, LocationRow.code, row.note, reason.name).join(LocationRow, LocationRow.id == row.location_id)
    found = found.join(reason, (reason.code == row.reason) & (reason.use == "REJECT"))
    return found.where(among(row.id, rejections), *rejections_visible_to(sight))


def rejected(it: Happening) -> str:
    """Say what a location cannot send."""
    return f"{it.record.code} rejected {units_of(it.units('unsourced'))}: other locations are looked for."


def sourced_anew(it: Happening) -> str:
    """Say that others serve it, and what more is promised."""
    more = it.units("allocated", "inFulfillment")
    return f"Other locations were chosen for what was not begun{f'; {were(more)} promised from stock' if more else ''}."


def worked_on(it: Happening) -> str:
    """Say how far a location is with its work."""
    place, was, now = it.record.code, it.was("fulfillmentOrder.status"), it.now("fulfillmentOrder.status")
    match now:
        case S.IN_PROGRESS:
            return f"{place} began to pick."
        case S.OPEN if was == S.IN_PROGRESS:
            return f"{place} put back what it had begun to pick."
        case S.OPEN:
            return f"{place} has work to do for the order."
        case S.SCHEDULED:
            return f"{place} is to work on it from {it.record.opens_on} on."
        case S.CLOSED:
            return f"{place} has nothing left to do for it."
    return f"The work of {place} was changed."


def changed(it: Happening) -> str:
    """Say what became of the work of a location."""
    if it.now("fulfillmentOrder.awaitsPickup"):
        return f"{it.record.code} set the goods aside for the customer."
    return worked_on(it)


def packed(it: Happening) -> str:
    """Say how much a location has packed."""
    was, now = it.was("fulfillmentOrder.packed"), it.now("fulfillmentOrder.packed")
    return f"{it.record.code} packed {now - was} units."


def sourced(it: Happening) -> str:
    """Say of units that were promised, or wait."""
    promised, waiting = it.units("allocated", "inFulfillment"), it.units("backordered")
    parts = [f"{were(promised)} promised from stock"] if promised or not waiting else []
    parts += [f"{were(waiting)} put on backorder"] if waiting else []
    return f"{'; '.join(parts)}."


narrate(AllocationLost, lambda it: f"{were(it.units('unsourced'))} promised and found missing: others are looked for.")
narrate(OrderSourced, sourced)
narrate(FulfillmentOrderChanged, changed, behind=places_of_work)
narrate(OrderSourcedAnew, sourced_anew)
narrate(FulfillmentOrderPacked, packed, behind=places_of_work)
narrate(OrderLeavesLocation, "A location that works on it stopped taking orders: units not begun there are sourced elsewhere.")
narrate(
    FulfillmentOrderRejected,
    rejected,
    behind=narrated_rejections,
    cause=IdKind.REJECTION,
    reason=lambda rejection: rejection.name,
    note=lambda rejection: rejection.note,
)
narrate(
    FulfillmentOrderMoved,
    lambda it: f"The work was given to {it.record.code}.",
    behind=places_of_work,
    cause=IdKind.FULFILLMENT_ORDER,
)
narrate(FulfillmentOrderSplit, lambda it: f"The work of {it.record.code} was split in two.", behind=places_of_work)
narrate(FulfillmentOrderMerged, lambda it: f"Work of {it.record.code} was joined with other work there.", behind=places_of_work)
