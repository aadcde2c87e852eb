"""A label under the lock of its order, with the package that it is for."""

from typing import ClassVar

from oms_api.db.documents import Changes, published_as
from oms_api.db.pipeline import Rows
from oms_api.db.rows import updates
from oms_api.db.session import Tx
from oms_api.db.sql import Sql
from oms_api.domain.carriers.events import LabelRefused
from oms_api.domain.carriers.states import LabelStatus
from oms_api.domain.carriers.tables import LabelRow
from oms_api.domain.carriers.verbs import LIFE, RESOLVE, LabelFacts
from oms_api.domain.fulfillment.parts import OrderPart
from oms_api.domain.fulfillment.ways import Way
from oms_api.domain.shipping.shapes import PACKAGES
from oms_api.domain.shipping.states import PackageStatus
from oms_api.domain.shipping.tables import PackageRow
from oms_api.kernel.access import Principal
from oms_api.kernel.events import Event
from oms_api.kernel.ids import LocationId

PACKAGE = Sql(f"""
SELECT label.id, {", ".join(f"package.{name}" for name in PACKAGES.names)}
FROM label JOIN package ON package.id = label.package_id WHERE label.id = ANY (:ids::uuid[])
""")  # noqa: S608 - our own columns
LABELED = updates(PackageRow, "status", "carrier", "tracking_number", "tracking_url", "version")
LEFT = frozenset({PackageStatus.SHIPPED, PackageStatus.DELIVERED, PackageStatus.LOST, PackageStatus.RETURNED_TO_SENDER})


class LabelDocument(OrderPart[LabelRow, None]):
    """A label under the lock of its order, and its package, None of a return's."""

    table, life = LabelRow, LIFE
    way = Way("(SELECT bought.order_id FROM label bought WHERE bought.id = :key::uuid)")
    published = published_as(status="label.status", trouble="label.problem.what", tracking_number="label.trackingNumber")
    more: ClassVar = (PACKAGE,)
    package: PackageRow | None = None

    def take(self, package: Rows) -> None:
        """Keep the package."""
        self.package = PACKAGES.record(package[0]) if package else None

    def visible(self, principal: Principal) -> bool:
        """Tell whether *principal* may see the location that the parcel leaves, or comes to."""
        return principal.sees_location(self.was.location_id)

    def facts(self, _principal: Principal) -> LabelFacts:
        """Return whether its parcel left, and whether the carrier saw it."""
        if self.package is None:
            return LabelFacts()
        return LabelFacts(self.package.scanned_at is not None, self.package.status in LEFT)

    def events(self, changes: Changes) -> dict[type[Event], Changes]:
        """Return the event of the verb; said by hand, a label may turn out not to be bought."""
        if self.verb is RESOLVE and self.row.status is LabelStatus.REFUSED:
            return {LabelRefused: changes}
        return dict(super().events(changes))

    @property
    def location_ids(self) -> tuple[LocationId, ...]:
        """Its location."""
        return (self.was.location_id,)

    def put_on(self, tx: Tx, carrier: str) -> None:
        """Let the package have the label, with the last flush of *tx*: where it has left meanwhile, it keeps its status."""
        if self.package is not None:
            waits = self.package.status in {PackageStatus.DRAFT, PackageStatus.LABEL_PURCHASED}
            status = PackageStatus.LABEL_PURCHASED if waits else self.package.status
            self._write(tx, status, carrier, self.row.tracking_number, self.row.tracking_url)

    def take_off(self, tx: Tx) -> None:
        """Let the package have no label again, with the last flush of *tx*, where it waits with this one."""
        waits = self.package is not None and self.package.status is PackageStatus.LABEL_PURCHASED
        if waits and self.package is not None and self.package.tracking_number == self.was.tracking_number:
            self._write(tx, PackageStatus.DRAFT, None, None, None)

    def _write(self, tx: Tx, status: PackageStatus, carrier: str | None, number: str | None, page: str | None) -> None:
        package = self.package
        if package is None:
            return
        row = {"id": package.id, "status": status, "carrier": carrier, "tracking_number": number, "tracking_url": page}
        tx.write(LABELED, [row | {"version": package.version + 1}])
        if status is not package.status:
            self.also("package.status", package.status, status)
