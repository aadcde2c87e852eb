"""Errors of suppliers and purchase orders."""

from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import OmsError


@dataclass(eq=False)
class SupplierInactive(OmsError):
    """The supplier '{supplier}' is inactive: activate it with supplierUpsert to order from it.

    The supplier is inactive: nothing new is ordered from it.
    """

    code = "SUPPLIER_INACTIVE"
    supplier: str


@dataclass(eq=False)
class NotSupplied(OmsError):
    """The supplier does not supply the SKU '{sku}', or no longer does: record it with supplierSkuUpsert.

    The supplier does not supply the SKU, or no longer does: record it with `supplierSkuUpsert`.
    """

    code = "NOT_SUPPLIED"
    sku: str


@dataclass(eq=False)
class EmptyPurchaseOrder(OmsError):
    """A purchase order needs at least one line."""

    code = "EMPTY_PURCHASE_ORDER"


@dataclass(eq=False)
class UnitCostMissing(OmsError):
    """The supplier's unit cost of '{sku}' in {currency} is not known: give the unit cost.

    The supplier's unit cost in the order's currency is not known: give the unit cost.
    """

    code = "UNIT_COST_MISSING"
    sku: str
    currency: str


@dataclass(eq=False)
class BelowMinimum(OmsError):
    """The supplier takes orders of '{sku}' from {minimum} units on, not of {given}.

    The order quantity is below the supplier's minimum.
    """

    code = "BELOW_MINIMUM"
    sku: str
    minimum: int
    given: int


@dataclass(eq=False)
class NotWholePacks(OmsError):
    """The supplier packs '{sku}' by {pack_size}: {given} units are no whole packs.

    The quantity is not a multiple of the supplier's pack size.
    """

    code = "NOT_WHOLE_PACKS"
    sku: str
    pack_size: int
    given: int


@dataclass(eq=False)
class DuplicatePurchaseOrderRef(OmsError):
    """The supplier already has a purchase order with the external reference '{external_ref}'.

    The supplier has a purchase order with this external reference already.
    """

    code = "DUPLICATE_PURCHASE_ORDER_REF"
    external_ref: str


@dataclass(eq=False)
class NotADraft(OmsError):
    """The purchase order is {current}: only a DRAFT can be rewritten.

    The purchase order was submitted or canceled: only a DRAFT can be rewritten.
    """

    code = "NOT_A_DRAFT"
    current: str


@dataclass(eq=False)
class ConfirmedTooMany(OmsError):
    """Only {ordered} units of the line were ordered: {given} cannot be confirmed.

    More units of a line are confirmed than were ordered.
    """

    code = "CONFIRMED_TOO_MANY"
    ordered: int
    given: int


@dataclass(eq=False)
class BelowDelivered(OmsError):
    """{delivered} units of the line were delivered already: they cannot be {given} in all.

    A purchase order's line cannot have fewer units than were already delivered.
    """

    code = "BELOW_DELIVERED"
    delivered: int
    given: int


@dataclass(eq=False)
class OverReceipt(OmsError):
    """With {accepted} accepted before, {given} units more would pass the {most} that may be accepted: reject the others.

    More units are accepted than were ordered, and more than the tolerance allows: reject the excess units.
    """

    code = "OVER_RECEIPT"
    most: int
    accepted: int
    given: int


@dataclass(eq=False)
class RejectReasonMissing(OmsError):
    """Say why the units are rejected."""

    code = "REJECT_REASON_MISSING"


@dataclass(eq=False)
class NothingIncoming(OmsError):
    """No units of the purchase order are open any more. To receive further units, name its lines."""

    code = "NOTHING_INCOMING"


@dataclass(eq=False)
class DropshipOrder(OmsError):
    """The supplier sends these goods to a customer: the purchase order follows its fulfillment request, so change that."""

    code = "DROPSHIP_ORDER"
