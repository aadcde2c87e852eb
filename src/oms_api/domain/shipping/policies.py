"""What a shipment's packages mean for it, and what can be done with it. Pure."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime

from oms_api.domain.shipping.errors import AlreadyDelivered
from oms_api.domain.shipping.states import PackageStatus, ShipmentStatus, ShippingAction
from oms_api.domain.shipping.verbs import DELIVER, LIFE
from oms_api.kernel.actions import Action
from oms_api.kernel.errors import IllegalMove, OmsError
from oms_api.kernel.ids import PackageId

P = PackageStatus


def shipment_status(packages: Collection[PackageStatus]) -> ShipmentStatus:
    """Return where a shipment is, by its packages."""
    found = set(packages)
    ladder = (
        (found == {P.DELIVERED}, ShipmentStatus.DELIVERED),
        (P.DELIVERED in found, ShipmentStatus.PARTIALLY_DELIVERED),
        (found == {P.RETURNED_TO_SENDER}, ShipmentStatus.RETURNED_TO_SENDER),
        (P.LOST in found and P.SHIPPED not in found, ShipmentStatus.LOST),
    )
    return next((status for holds, status in ladder if holds), ShipmentStatus.SHIPPED)


def arriving(packages: Mapping[PackageId, PackageStatus]) -> list[PackageId]:
    """Return the packages that arrive now: those on their way, and where none is, those that were lost."""
    for status in (P.SHIPPED, P.LOST):
        if found := [key for key, each in packages.items() if each is status]:
            return found
    return []


def why_not_deliver(
    status: ShipmentStatus, packages: Collection[PackageStatus], delivered_at: datetime | None
) -> OmsError | None:
    """Return why no package of a shipment can be marked as delivered, or None."""
    if status is ShipmentStatus.DELIVERED:
        moment = "" if delivered_at is None else delivered_at.astimezone(UTC).isoformat().replace("+00:00", "Z")
        return AlreadyDelivered(delivered_at=moment, field=("shipmentId",))
    if DELIVER.moves.keys().isdisjoint(packages):
        current = ", ".join(sorted(set(packages)))
        return IllegalMove(what=LIFE.noun, current=current, target=PackageStatus.DELIVERED, field=("shipmentId",))
    return None


def available_actions(
    status: ShipmentStatus, packages: Collection[PackageStatus], delivered_at: datetime | None
) -> list[Action]:
    """Return every action on a shipment."""
    return [Action(ShippingAction.MARK_DELIVERED, why_not_deliver(status, packages, delivered_at))]
