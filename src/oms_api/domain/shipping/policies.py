"""What a shipment's packages mean for it, and what can be done with it. Pure."""

from collections.abc import Collection
from datetime import UTC, datetime

from oms_api.domain.shipping.errors import AlreadyDelivered
from oms_api.domain.shipping.states import PACKAGE, PackageStatus, ShipmentStatus
from oms_api.kernel.actions import Action, ActionName
from oms_api.kernel.errors import IllegalMove, OmsError


def shipment_status(packages: Collection[PackageStatus]) -> ShipmentStatus:
    """Return where a shipment is, by its packages."""
    delivered = sum(status is PackageStatus.DELIVERED for status in packages)
    if delivered == 0:
        return ShipmentStatus.SHIPPED
    return ShipmentStatus.DELIVERED if delivered == len(packages) else ShipmentStatus.PARTIALLY_DELIVERED


def why_not_deliver(
    status: ShipmentStatus, packages: Collection[PackageStatus], delivered_at: datetime | None
) -> OmsError | None:
    """Return why no package of a shipment can be marked as delivered, or None."""
    if status is ShipmentStatus.DELIVERED:
        moment = "" if delivered_at is None else delivered_at.astimezone(UTC).isoformat().replace("+00:00", "Z")
        return AlreadyDelivered(delivered_at=moment, field=("shipmentId",))
    if PackageStatus.SHIPPED not in packages:
        current = ", ".join(sorted(set(packages)))
        return IllegalMove(what=PACKAGE.what, current=current, target=PackageStatus.DELIVERED, field=("shipmentId",))
    return None


def available_actions(
    status: ShipmentStatus, packages: Collection[PackageStatus], delivered_at: datetime | None
) -> list[Action]:
    """Return every action on a shipment."""
    return [Action(ActionName.MARK_DELIVERED, why_not_deliver(status, packages, delivered_at))]
