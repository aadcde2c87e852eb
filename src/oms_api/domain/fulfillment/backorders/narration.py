"""The events of backorders in words, for timelines."""

from sqlalchemy import select

from oms_api.db.relations import Found, Keys, one_for
from oms_api.db.sets import among
from oms_api.domain.catalog.tables import SkuRow
from oms_api.domain.events.timeline import Happening, narrate
from oms_api.domain.fulfillment.backorders.events import BackorderAllocated, BackorderPromised
from oms_api.domain.fulfillment.backorders.queries import visible_to
from oms_api.domain.fulfillment.backorders.tables import BackorderRow
from oms_api.kernel.access import Sight
from oms_api.kernel.sentences import were


@one_for("id")
def goods_waited_for(backorders: Keys, sight: Sight) -> Found:
    """Find the goods of each backorder that the principal may see."""
    found = select(BackorderRow.id, SkuRow.code).join(SkuRow, SkuRow.id == BackorderRow.sku_id)
    return found.where(among(BackorderRow.id, backorders), *visible_to(sight))


def promised(it: Happening) -> str:
    """Say when units that wait will leave."""
    day = it.now("promisedShipOn")
    if day is not None:
        return f"The units of {it.record.code} that wait are promised for {day}."
    if it.was("promisedShipOn") is not None:
        return f"The units of {it.record.code} that wait have no promised day any more."
    return f"The supply of the units of {it.record.code} that wait was changed."


def allocated(it: Happening) -> str:
    """Say how many units wait no longer."""
    units = int(it.now("allocated") or 0) - int(it.was("allocated") or 0)
    return f"{were({it.record.code: units})} promised from stock after waiting."


narrate(BackorderPromised, promised, behind=goods_waited_for)
narrate(BackorderAllocated, allocated, behind=goods_waited_for)
