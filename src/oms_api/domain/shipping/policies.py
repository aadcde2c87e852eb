"""The status of a shipment by its packages, and its actions. Pure."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta

from oms_api.domain.shipping.errors import AlreadyDelivered, ShipmentScanned, TooLateToCancel, UnitsInReturn
from oms_api.domain.shipping.states import PackageStatus, ShipmentStatus, ShippingAction
from oms_api.domain.shipping.tables import PackageRow, ShipmentRow
from oms_api.domain.shipping.verbs import CANCEL, DELIVER, LIFE
from oms_api.kernel.actions import Action
from oms_api.kernel.errors import IllegalMove, OmsError
from oms_api.kernel.ids import PackageId

P = PackageStatus


def shipment_status(packages: Collection[PackageStatus]) -> ShipmentStatus:
    """Return where a shipment is, by its packages."""
    found = set(packages)
    ladder = (
        (found == {P.CANCELED}, ShipmentStatus.CANCELED),
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
        moment = "" if delivered_at is None else _written(delivered_at)
        return AlreadyDelivered(delivered_at=moment, field=("shipmentId",))
    if DELIVER.moves.keys().isdisjoint(packages):
        current = ", ".join(sorted(set(packages)))
        return IllegalMove(what=LIFE.noun, current=current, target=PackageStatus.DELIVERED, field=("shipmentId",))
    return None


def why_not_cancel(
    packages: Collection[PackageRow], *, shipped_at: datetime, minutes: int, now: datetime, returned: int = 0
) -> OmsError | None:
    """Return why a shipment cannot be undone, or None; *minutes* are what its channel allows, *returned* units on returns."""
    moved = next((LIFE.why_not(CANCEL, each.status, None) for each in packages if each.status not in CANCEL.moves), None)
    scanned = min((each.scanned_at for each in packages if each.scanned_at is not None), default=None)
    error: OmsError | None = moved
    if error is None and scanned is not None:
        error = ShipmentScanned(scanned_at=_written(scanned))
    if error is None and now - shipped_at > timedelta(minutes=minutes):
        error = TooLateToCancel(shipped_at=_written(shipped_at), minutes=minutes)
    if error is None and returned:
        error = UnitsInReturn(units=returned)
    if error is not None:
        error.field = ("shipmentId",)
    return error


def why_not_change(status: ShipmentStatus) -> OmsError | None:
    """Return why nothing more is said of a shipment's packages, or None."""
    if status is not ShipmentStatus.CANCELED:
        return None
    return IllegalMove(what="shipment", current=status.value, target=status.value, field=("shipmentId",))


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def available_actions(shipment: ShipmentRow, packages: Collection[PackageRow], minutes: int, now: datetime) -> list[Action]:
    """Return every action on a shipment; its returns only the command knows."""
    statuses = [package.status for package in packages]
    changes = why_not_change(shipment.status)
    cancels = why_not_cancel(packages, shipped_at=shipment.shipped_at, minutes=minutes, now=now)
    return [
        Action(ShippingAction.UPDATE_SHIPMENT, changes),
        Action(ShippingAction.ADD_PACKAGE, changes),
        Action(ShippingAction.CANCEL_SHIPMENT, cancels),
        Action(ShippingAction.MARK_DELIVERED, why_not_deliver(shipment.status, statuses, shipment.delivered_at)),
    ]
