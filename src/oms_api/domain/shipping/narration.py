"""The events of shipments in words, for timelines; whoever sees such an event sees the shipment."""

from oms_api.db.relations import one_for
from oms_api.db.sql import Sql
from oms_api.domain.events.timeline import Happening, narrate
from oms_api.domain.shipping.events import (
    PackageAdded,
    PackageChanged,
    PackageDelivered,
    PackageFound,
    PackageLost,
    PackageReturned,
    PackageVoided,
    ShipmentCanceled,
    ShipmentCreated,
    ShipmentDelivered,
    ShipmentUpdated,
)
from oms_api.kernel.ids import IdKind
from oms_api.kernel.sentences import enumerated, were

parcels_of_shipments = one_for("id")(
    Sql("""
SELECT shipment.id, location.code,
       ARRAY (SELECT concat_ws(' ', carrier, tracking_number) FROM package
              WHERE shipment_id = shipment.id AND tracking_number IS NOT NULL ORDER BY package.id) AS tracking,
       (SELECT json_object_agg(name, units) FROM (
            SELECT coalesce(line.sku_code, line.name) AS name, sum(content.quantity) AS units
            FROM shipment_line content JOIN order_line line ON line.id = content.line_id
            WHERE content.shipment_id = shipment.id GROUP BY 1 ORDER BY 1) AS sent) AS units
FROM shipment JOIN location ON location.id = shipment.location_id WHERE shipment.id = ANY (:id::uuid[])
""")
)
"""Where each shipment left from, its tracking numbers, and the units in it by what they are called."""
parcels = one_for("id")(
    Sql("SELECT id, concat_ws(' ', carrier, tracking_number) AS named FROM package WHERE id = ANY (:id::uuid[])")
)
"""What each parcel is called."""


def left(it: Happening) -> str:
    """Say what left, from where, and under which tracking numbers."""
    tracking = f" ({enumerated(it.record.tracking)})" if it.record.tracking else ""
    return f"{were(it.record.units or {})} shipped from {it.record.code}{tracking}."


def parcel(it: Happening) -> str:
    """Return what the parcel of an event is called."""
    return f"Parcel {it.record.named}" if it.record.named else "A parcel"


narrate(PackageChanged, lambda it: f"{parcel(it)} was measured or weighed anew.", behind=parcels)
narrate(PackageVoided, lambda it: f"{parcel(it)} was unpacked.", behind=parcels)
narrate(ShipmentCreated, left, behind=parcels_of_shipments)
narrate(
    ShipmentDelivered,
    lambda it: f"{were(it.record.units or {})} delivered; they had left {it.record.code}.",
    behind=parcels_of_shipments,
)
narrate(PackageDelivered, lambda it: f"{parcel(it)} was delivered.", behind=parcels, cause=IdKind.PACKAGE)
narrate(ShipmentUpdated, "Carrier, tracking or method of a shipment was corrected.")
narrate(
    ShipmentCanceled,
    lambda it: f"The shipment was canceled: {were(it.record.units or {})} brought back to {it.record.code}.",
    behind=parcels_of_shipments,
)
narrate(
    PackageAdded, lambda it: f"{parcel(it)} was recorded as a further one of a shipment.", behind=parcels, cause=IdKind.PACKAGE
)
narrate(PackageFound, lambda it: f"{parcel(it)} turned up and is on its way again.", behind=parcels, cause=IdKind.PACKAGE)
narrate(PackageLost, lambda it: f"{parcel(it)} was lost on the way.", behind=parcels, cause=IdKind.PACKAGE)
narrate(PackageReturned, lambda it: f"{parcel(it)} came back undelivered.", behind=parcels, cause=IdKind.PACKAGE)
