"""Asking for shipments."""

from enum import Enum

from oms_api.domain.shipping.queries import NEWEST_FIRST, OLDEST_FIRST
from oms_api.domain.shipping.tables import PackageRow, ShipmentRow
from oms_api.graphql.declared.filters import By, Where, key, on
from oms_api.graphql.declared.lists import Listing, found, listed
from oms_api.graphql.declared.through import Through
from oms_api.graphql.described import enum, input_type, one_of, output
from oms_api.graphql.shipping.types import Shipment

PACKAGES = Through(PackageRow.shipment_id == ShipmentRow.id)


@enum
class ShipmentOrder(Enum):
    """The sort order of a list of shipments."""

    SHIPPED_AT_DESC = NEWEST_FIRST
    """The newest first."""
    SHIPPED_AT_ASC = OLDEST_FIRST
    """The oldest first."""


@input_type
class ShipmentFilterInput(Where):
    """Conditions on shipments; all must be true."""

    status = on(ShipmentRow.status)
    order_id = on(ShipmentRow.order_id)
    fulfillment_order_id = on(ShipmentRow.fulfillment_order_id)
    """By the fulfillment order that the goods were shipped for."""
    location_id = on(ShipmentRow.location_id)
    """By the location that the goods left."""
    channel_id = on(ShipmentRow.channel_id)
    """By the channel of the order."""
    tracking_number = on(PackageRow.tracking_number, through=PACKAGES, searched=True)
    """By the tracking number of a package."""
    shipped_at = on(ShipmentRow.shipped_at)
    """When the goods left."""


@one_of
class ShipmentByInput(By):
    """Identifies a shipment."""

    id = key(ShipmentRow.id)


SHIPMENTS = Listing(show=Shipment, where=ShipmentFilterInput, order=ShipmentOrder, by=ShipmentByInput)


@output
class ShippingQueries:
    """Asking for shipments."""

    shipments = listed(SHIPMENTS)
    """A list of shipments, the newest first by default."""
    shipment = found(SHIPMENTS, "The id of the record, or another unique key.")
    """One shipment; null where there is none that the API key may see."""
