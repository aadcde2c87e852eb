"""A shipment that left, under the lock of its order, with its packages."""

from typing import Any

from oms_api.db.pipeline import Statement
from oms_api.db.session import Tx
from oms_api.db.sql import Sql
from oms_api.domain.fulfillment.document import OrderDocument, locked_document
from oms_api.domain.fulfillment.ways import Way
from oms_api.domain.shipping.shapes import PACKAGES, SHIPMENTS
from oms_api.domain.shipping.tables import PackageRow, ShipmentRow
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import NotFound
from oms_api.kernel.ids import IdKind, PackageId, ShipmentId, text_id
from oms_api.kernel.naming import check_version

BY_SHIPMENT = Way("(SELECT sent.order_id FROM shipment sent WHERE sent.id = :key::uuid)")
SHIPMENT = Sql(f"SELECT {SHIPMENTS.columns} FROM shipment WHERE id = :shipment::uuid")  # noqa: S608 - our own columns
PARCELS = Sql(f"SELECT {PACKAGES.columns} FROM package WHERE shipment_id = :shipment::uuid ORDER BY id")  # noqa: S608 - our own


@dataclass(frozen=True, slots=True)
class Left:
    """A shipment with its order and its packages, and what was asked for alongside."""

    document: OrderDocument
    shipment: ShipmentRow
    packages: dict[PackageId, PackageRow]
    asked: list[list[tuple[Any, ...]]]

    def package(self, key: PackageId | None, *path: str) -> PackageRow:
        """Return one of its packages; without a key the only one. Raises: NotFound."""
        found = next(iter(self.packages.values())) if key is None else self.packages.get(key)
        if found is None or (key is None and len(self.packages) > 1):
            given = "" if key is None else text_id(IdKind.PACKAGE, key)
            raise NotFound(what="package of this shipment", given=given, field=path)
        return found


async def shipment_left(tx: Tx, key: ShipmentId, version: int | None, *alongside: Statement) -> Left:
    """Lock the order of a shipment and return it with its packages, in one round trip. Raises: NotFound, VersionConflict."""
    reads = SHIPMENT(shipment=key), PARCELS(shipment=key)
    document, (shipments, parcels, *asked) = await locked_document(tx, BY_SHIPMENT, key, *reads, *alongside)
    shipment = SHIPMENTS.record(shipments[0]) if shipments else None
    if document is None or shipment is None or not tx.principal.sees_location(shipment.location_id):
        raise NotFound(what="shipment", given=text_id(IdKind.SHIPMENT, key), field=("shipmentId",))
    check_version(version, shipment.version)
    return Left(document, shipment, {each.id: each for each in map(PACKAGES.record, parcels)}, asked)
