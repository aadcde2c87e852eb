"""Errors of an order."""

from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import OmsError
from oms_api.kernel.ids import OrderId


@dataclass(eq=False)
class EmptyOrder(OmsError):
    """An order needs at least one line."""

    code = "EMPTY_ORDER"


@dataclass(eq=False)
class RecipientMissing(OmsError):
    """The order has goods to ship, and its channel needs a recipient: give a shippingAddress, billingAddress or contact."""

    code = "RECIPIENT_MISSING"


@dataclass(eq=False)
class UnknownListing(OmsError):
    """The channel has no listing '{given}': create it with listingUpsert, or name the SKU.

    The channel has no listing with this code.
    """

    code = "UNKNOWN_LISTING"
    given: str


@dataclass(eq=False)
class LineWithoutItem(OmsError):
    """Each line must name a sku or a listing. Only a FEE or SERVICE line may leave out both and give a kind and a name."""

    code = "LINE_WITHOUT_ITEM"


@dataclass(eq=False)
class NegativeAmount(OmsError):
    """{given} is negative: amounts here are zero or more, and a discount is the positive amount it takes off.

    The amount must not be negative; a discount is given as the positive amount it takes off.
    """

    code = "NEGATIVE_AMOUNT"
    given: str


@dataclass(eq=False)
class TotalMismatch(OmsError):
    """The total given is {given}, but the parts add up to {expected}.

    The given total differs from the sum of the parts.
    """

    code = "TOTAL_MISMATCH"
    given: str
    expected: str


@dataclass(eq=False)
class DiscountTooLarge(OmsError):
    """The discounts of {given} exceed the {allowed} they are taken from.

    The discounts exceed the amount that they are taken from.
    """

    code = "DISCOUNT_TOO_LARGE"
    given: str
    allowed: str


@dataclass(eq=False)
class DuplicateExternalRef(OmsError):
    """The channel already has an order with the external reference '{external_ref}'.

    The channel has an order with this external reference already; the error names it.
    """

    code = "DUPLICATE_EXTERNAL_REF"
    external_ref: str
    order_id: OrderId | None = None


@dataclass(eq=False)
class BatchTooLarge(OmsError):
    """A batch holds at most {orders:,} orders and {lines:,} lines.

    The batch holds more orders or lines than one call takes: send it in parts.
    """

    code = "BATCH_TOO_LARGE"
    orders: int = 250
    lines: int = 5_000


@dataclass(eq=False)
class RejectedWithBatch(OmsError):
    """Another order of the batch was refused, and REJECT_ALL was asked for: this order was not placed."""

    code = "REJECTED_WITH_BATCH"


@dataclass(eq=False)
class NotCancelable(OmsError):
    """Only {cancelable} units of the line can be canceled, not {requested}: the others are picked, shipped or canceled.

    More units are to be canceled than the line can spare: picked, shipped and canceled units cannot be canceled.
    """

    code = "NOT_CANCELABLE"
    cancelable: int
    requested: int


@dataclass(eq=False)
class AlreadyShipped(OmsError):
    """{shipped} units of the order have shipped: cancel the quantities that have not.

    Some units of the order have shipped, so it cannot be canceled as a whole: cancel the units that have not shipped.
    """

    code = "ALREADY_SHIPPED"
    shipped: int


@dataclass(eq=False)
class NothingToCancel(OmsError):
    """Nothing of the order can be canceled: everything shipped or was canceled."""

    code = "NOTHING_TO_CANCEL"


@dataclass(eq=False)
class BundleComponent(OmsError):
    """The line is part of a bundle: give the bundle's own line instead, with a number of complete bundles."""

    code = "BUNDLE_COMPONENT"


@dataclass(eq=False)
class PickingBegan(OmsError):
    """{units} units are being picked: the warehouse has to put them back first, with fulfillmentOrderPutBack.

    Some of the units to cancel are already being picked. The warehouse has to put them back first, with
    `fulfillmentOrderPutBack`.
    """

    code = "PICKING_BEGAN"
    units: int


@dataclass(eq=False)
class OrderNotCanceled(OmsError):
    """The order is {current}: only a canceled one gives its external reference up.

    The external reference can be removed only from a canceled order.
    """

    code = "ORDER_NOT_CANCELED"
    current: str


@dataclass(eq=False)
class NoExternalRef(OmsError):
    """The order has no external reference to remove."""

    code = "NO_EXTERNAL_REF"


@dataclass(eq=False)
class OrderOnHold(OmsError):
    """The order is on hold: nothing of it may ship before every hold is released."""

    code = "ORDER_ON_HOLD"


@dataclass(eq=False)
class OrderNotEditable(OmsError):
    """The order is {current}, so its agreement stays: place a new order instead.

    Only open and completed orders can be edited.
    """

    code = "ORDER_NOT_EDITABLE"
    current: str
