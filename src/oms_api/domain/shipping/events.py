"""What can be told of shipments."""

from dataclasses import dataclass

from oms_api.kernel.events import Event
from oms_api.kernel.ids import IdKind


@dataclass(frozen=True, kw_only=True)
class ShipmentCreated(Event):
    """Goods of an order left a location."""

    type = "SHIPMENT_CREATED"
    subject = IdKind.SHIPMENT


@dataclass(frozen=True, kw_only=True)
class ShipmentDelivered(Event):
    """All packages of a shipment arrived."""

    type = "SHIPMENT_DELIVERED"
    subject = IdKind.SHIPMENT
