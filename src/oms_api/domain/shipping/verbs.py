"""What can be done with a package, and why not. Pure: queries ask the same as commands."""

from oms_api.domain.shipping.events import PackageLost, PackageReturned, ShipmentDelivered
from oms_api.domain.shipping.states import PackageStatus, ShippingAction
from oms_api.kernel.verbs import Life, Verb

S = PackageStatus

MARK_LOST = Verb[S, None](name=ShippingAction.MARK_LOST, moves={S.SHIPPED: {S.LOST}}, aim=S.LOST, event=PackageLost)
MARK_RETURNED = Verb[S, None](
    name=ShippingAction.MARK_RETURNED,
    moves={state: {S.RETURNED_TO_SENDER} for state in (S.SHIPPED, S.LOST)},
    aim=S.RETURNED_TO_SENDER,
    event=PackageReturned,
)
DELIVER = Verb[S, None](moves={state: {S.DELIVERED} for state in (S.SHIPPED, S.LOST)}, event=ShipmentDelivered)
"""With its shipment."""

LIFE = Life("package", "packageId", S, MARK_LOST, MARK_RETURNED, DELIVER)
