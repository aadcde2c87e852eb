"""A package under the lock of its order."""

from oms_api.db.documents import published_as
from oms_api.db.sql import Sql
from oms_api.domain.fulfillment.parts import OrderPart
from oms_api.domain.fulfillment.ways import Way
from oms_api.domain.shipping.tables import PackageLineRow, PackageRow
from oms_api.domain.shipping.verbs import LIFE
from oms_api.kernel.access import Principal
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import FulfillmentOrderLineId, LineId, LocationId, PackageLineId

BY_PACKAGE = Way("(SELECT package.order_id FROM package WHERE package.id = :key::uuid)")


@dataclass(frozen=True, slots=True)
class Packed:
    """Units of a fulfillment order's line that are in a package."""

    id: PackageLineId
    fulfillment_order_line_id: FulfillmentOrderLineId
    line_id: LineId
    quantity: int


class PackageDocument(OrderPart[PackageRow, Packed]):
    """A package that is changed alone; what is done to it with its shipment changes the shipment."""

    table, life, way = PackageRow, LIFE, BY_PACKAGE
    line, line_table = Packed, PackageLineRow
    lines_of = Sql("""
        SELECT package_id, id, fulfillment_order_line_id, line_id, quantity FROM package_line
        WHERE package_id = ANY (:ids::uuid[]) ORDER BY id
    """)
    published = published_as(
        **{name: f"package.{name}" for name in ("status", "length_mm", "width_mm", "height_mm", "weight_g")},
        box_id="package.box.id",
    )

    def visible(self, principal: Principal) -> bool:
        """Tell whether *principal* may see its location."""
        return principal.sees_location(self.was.location_id)

    def facts(self, _principal: Principal) -> None:
        """Return nothing: all depends on its status."""

    @property
    def location_ids(self) -> tuple[LocationId, ...]:
        """Its location."""
        return (self.was.location_id,)

    def unpack(self) -> None:
        """Let its units be packed elsewhere."""
        packed = {line.fulfillment_order_line_id: line.quantity for line in self.lines.values()}
        for promise in list(self.order.promises.values()):
            if promise.work_line_id in packed:
                self.order.pack(promise, -packed[promise.work_line_id])
