"""The verbs of a package, with their refusals. Pure: queries ask the same as commands."""

from oms_api.domain.shipping.errors import PackageLabeled, PackageNotWaiting
from oms_api.domain.shipping.events import (
    PackageChanged,
    PackageFound,
    PackageLost,
    PackageReturned,
    PackageVoided,
    ShipmentCanceled,
    ShipmentDelivered,
)
from oms_api.domain.shipping.states import PackageStatus, ShippingAction
from oms_api.kernel.errors import OmsError
from oms_api.kernel.verbs import Life, Verb, stays

S = PackageStatus


def not_a_draft(status: S, _facts: None) -> OmsError:
    """Return that it has a label, or has left."""
    return PackageLabeled() if status is S.LABEL_PURCHASED else PackageNotWaiting(status=status.value)


UPDATE = Verb[S, None](name=ShippingAction.UPDATE_PACKAGE, moves=stays(S.DRAFT), event=PackageChanged, otherwise=not_a_draft)
VOID = Verb[S, None](
    name=ShippingAction.VOID_PACKAGE,
    moves={S.DRAFT: {S.VOIDED}},
    aim=S.VOIDED,
    event=PackageVoided,
    otherwise=not_a_draft,
)
LABEL = Verb[S, None](moves={S.DRAFT: {S.LABEL_PURCHASED}}, event=None, label="LABEL_PURCHASED")
UNLABEL = Verb[S, None](moves={S.LABEL_PURCHASED: {S.DRAFT}}, event=None, label="LABEL_VOIDED")
"""Its label's events tell of both."""
SHIP = Verb[S, None](
    name=ShippingAction.SHIP_PACKAGE,
    moves={state: {S.SHIPPED} for state in (S.DRAFT, S.LABEL_PURCHASED)},
    aim=S.SHIPPED,
    event=None,
    otherwise=lambda status, _: PackageNotWaiting(status=status.value),
    label="SHIPMENT_CREATED",
)
"""Its shipment's event tells of it."""
MARK_LOST = Verb[S, None](name=ShippingAction.MARK_LOST, moves={S.SHIPPED: {S.LOST}}, aim=S.LOST, event=PackageLost)
MARK_FOUND = Verb[S, None](name=ShippingAction.MARK_FOUND, moves={S.LOST: {S.SHIPPED}}, aim=S.SHIPPED, event=PackageFound)
MARK_RETURNED = Verb[S, None](
    name=ShippingAction.MARK_RETURNED,
    moves={state: {S.RETURNED_TO_SENDER} for state in (S.SHIPPED, S.LOST)},
    aim=S.RETURNED_TO_SENDER,
    event=PackageReturned,
)
DELIVER = Verb[S, None](moves={state: {S.DELIVERED} for state in (S.SHIPPED, S.LOST)}, event=ShipmentDelivered)
"""With its shipment."""
CANCEL = Verb[S, None](moves={S.SHIPPED: {S.CANCELED}}, aim=S.CANCELED, event=ShipmentCanceled)
"""With its shipment."""

LIFE = Life(
    "package", "packageId", S, UPDATE, VOID, LABEL, UNLABEL, SHIP, MARK_LOST, MARK_FOUND, MARK_RETURNED, DELIVER, CANCEL
)
