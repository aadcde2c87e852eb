"""Reading alerts, and an order for its customer: no recipient, no contents, no prices."""

from typing import Any

from sqlalchemy import ColumnElement

from oms_api.db.keyset import Ordering
from oms_api.db.relations import One, Several, by, of, one_for
from oms_api.db.sql import Sql
from oms_api.domain.channels.queries import visible_channels, visible_locations
from oms_api.domain.tracking.tables import ShipmentAlertRow
from oms_api.kernel.access import Sight
from oms_api.kernel.ids import OrderId, PackageId, ShipmentAlertId
from oms_api.kernel.paging import LARGEST_PAGE

NEWEST_ALERTS = Ordering("raised_at_desc", (ShipmentAlertRow.raised_at, ShipmentAlertRow.id), descending=True)
OLDEST_ALERTS = Ordering("raised_at_asc", (ShipmentAlertRow.raised_at, ShipmentAlertRow.id))


def alerts_visible_to(sight: Sight) -> list[ColumnElement[bool]]:
    """Return the limits of channels and locations, as conditions."""
    row = ShipmentAlertRow
    return [*visible_channels(sight, row.channel_id), *visible_locations(sight, row.location_id)]


alerts_by_id: One[ShipmentAlertId, ShipmentAlertRow] = by(ShipmentAlertRow.id, visible=alerts_visible_to)
"""The alerts that can be seen."""
alerts_by_package: Several[PackageId, ShipmentAlertRow] = of(
    ShipmentAlertRow.package_id, order=OLDEST_ALERTS, first=LARGEST_PAGE
)
"""The first 250 alerts of each package, seen before, oldest first."""

MOST_PARCELS = MOST_SCANS = 100
WAITS = "line.unsourced + line.backordered + line.allocated > 0"
"""Units that are not at work anywhere."""
orders_tracked: One[OrderId, Any] = one_for("id")(
    Sql(f"""
SELECT orders.id, orders.number, orders.status, orders.fulfillment_status, orders.placed_at, orders.country, orders.on_hold,
    orders.links_revoked,
    EXISTS (SELECT FROM order_line line WHERE line.order_id = orders.id AND line.kind = 'GOODS' AND {WAITS}) AS waits,
    ARRAY (
        SELECT jsonb_build_object('leave_by', work.leave_by, 'on_hold', work.on_hold, 'zone', location.time_zone,
                                  'calendar', location.calendar)
        FROM fulfillment_order work JOIN location ON location.id = work.location_id
        WHERE work.order_id = orders.id AND work.status IN ('SCHEDULED', 'OPEN', 'IN_PROGRESS')
          AND NOT EXISTS (SELECT FROM pickup WHERE pickup.fulfillment_order_id = work.id AND pickup.status = 'READY')
    ) AS work,
    ARRAY (
        SELECT jsonb_build_object(
            'carrier', parcel.carrier, 'number', parcel.tracking_number, 'url', parcel.tracking_url, 'status', parcel.status,
            'expected_on', parcel.expected_on, 'delivered_at', parcel.delivered_at,
            'scans', (
                SELECT jsonb_agg(jsonb_build_object('status', scan.status, 'occurred_at', scan.occurred_at, 'place', scan.place)
                                 ORDER BY scan.occurred_at, scan.id)
                FROM (SELECT id, status, occurred_at, place FROM tracking_event WHERE package_id = parcel.id
                      ORDER BY occurred_at DESC, id DESC LIMIT {MOST_SCANS}) AS scan
            ))
        FROM package parcel
        WHERE parcel.order_id = orders.id AND parcel.status NOT IN ('DRAFT', 'LABEL_PURCHASED', 'VOIDED', 'CANCELED')
          AND NOT EXISTS (SELECT FROM pickup WHERE pickup.order_id = orders.id AND pickup.shipment_id = parcel.shipment_id)
        ORDER BY parcel.id LIMIT {MOST_PARCELS}
    ) AS packages,
    ARRAY (
        SELECT jsonb_build_object('status', pickup.status, 'collect_by', pickup.collect_by, 'name', location.name,
                                  'address', location.address)
        FROM pickup JOIN location ON location.id = pickup.location_id
        WHERE pickup.order_id = orders.id AND pickup.status <> 'CANCELED'
        ORDER BY pickup.ready_at, pickup.id LIMIT {MOST_PARCELS}
    ) AS pickups
FROM orders WHERE orders.id = ANY (:id::uuid[])
""")  # noqa: S608 - our own parts
)
"""What customers are told of each order, whoever asks: parcels that left, work that is left, and what waits to be fetched."""
