"""Shipments and packages as fixed statements give them."""

from oms_api.db.records import Shape
from oms_api.domain.shipping.tables import PackageRow, ShipmentRow

SHIPMENTS = Shape(ShipmentRow)
PACKAGES = Shape(PackageRow)
