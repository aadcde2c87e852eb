"""Batch loaders around shipments."""

from uuid import UUID

from oms_api.db.session import Reader
from oms_api.domain.shipping.queries import (
    packages_by_shipment,
    pages_of_shipment_lines,
    shipments_by_id,
    shipments_by_order,
)
from oms_api.domain.shipping.tables import PackageRow, ShipmentLine, ShipmentRow
from oms_api.graphql.context import BatchLoader, RequestContext
from oms_api.kernel.paging import Page, PageRequest


class ShipmentById(BatchLoader[UUID, ShipmentRow | None]):
    """Shipments that the caller may see."""

    async def load_batch(self, read: Reader, keys: list[UUID]) -> list[ShipmentRow | None]:
        found = await shipments_by_id(read, keys)
        return [found.get(key) for key in keys]


class ShipmentsByOrder(BatchLoader[UUID, list[ShipmentRow]]):
    """The shipments of each order that the caller may see, at most 250, oldest first."""

    async def load_batch(self, read: Reader, keys: list[UUID]) -> list[list[ShipmentRow]]:
        found = await shipments_by_order(read, keys)
        return [found[key] for key in keys]


class PackagesByShipment(BatchLoader[UUID, list[PackageRow]]):
    """The packages of each shipment."""

    async def load_batch(self, read: Reader, keys: list[UUID]) -> list[list[PackageRow]]:
        found = await packages_by_shipment(read, keys)
        return [found[key] for key in keys]


class LinesByShipment(BatchLoader[UUID, Page[ShipmentLine]]):
    """A page of the lines of each shipment."""

    def __init__(self, context: RequestContext, page: PageRequest) -> None:
        super().__init__(context)
        self.page = page

    async def load_batch(self, read: Reader, keys: list[UUID]) -> list[Page[ShipmentLine]]:
        found = await pages_of_shipment_lines(read, keys, self.page)
        return [found[key] for key in keys]
