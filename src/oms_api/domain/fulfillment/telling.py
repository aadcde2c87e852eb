"""How the events of fulfillment are told."""

from sqlalchemy import select

from oms_api.db.relations import Found, Keys, one_for
from oms_api.db.sets import among
from oms_api.domain.channels.tables import LocationRow
from oms_api.domain.events.timeline import Happening, told
from oms_api.domain.fulfillment.events import AllocationLost, FulfillmentOrderChanged, OrderSourced
from oms_api.domain.fulfillment.queries import visible_to
from oms_api.domain.fulfillment.states import FulfillmentOrderStatus
from oms_api.domain.fulfillment.tables import FulfillmentOrderRow
from oms_api.kernel.access import Sight
from oms_api.kernel.sentences import were

S = FulfillmentOrderStatus


@one_for("id")
def places_of_work(works: Keys, sight: Sight) -> Found:
    """Find the location of each fulfillment order that the principal may see, by its code, and the day it opens on."""
    found = select(FulfillmentOrderRow.id, LocationRow.code, FulfillmentOrderRow.opens_on)
    return found.join(LocationRow, LocationRow.id == FulfillmentOrderRow.location_id).where(
        among(FulfillmentOrderRow.id, works), *visible_to(sight)
    )


def worked_on(it: Happening) -> str:
    """Tell how far a location is with its work."""
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


def sourced(it: Happening) -> str:
    """Tell of units that were promised, or wait."""
    promised, waiting = it.units("allocated", "inFulfillment"), it.units("backordered")
    parts = [f"{were(promised)} promised from stock"] if promised or not waiting else []
    parts += [f"{were(waiting)} put on backorder"] if waiting else []
    return f"{'; '.join(parts)}."


told(AllocationLost, lambda it: f"{were(it.units('unsourced'))} promised and found missing: others are looked for.")
told(OrderSourced, sourced)
told(FulfillmentOrderChanged, worked_on, behind=places_of_work)
