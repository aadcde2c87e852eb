"""The states of an order, and the statuses that are derived from its lines and its money."""

from enum import StrEnum


class OrderStatus(StrEnum):
    """The overall status of an order."""

    OPEN = "OPEN"
    """Placed: stock is promised, and the order is being fulfilled."""
    COMPLETED = "COMPLETED"
    """Nothing is left to do: every unit arrived or was canceled."""
    CANCELED = "CANCELED"
    """Canceled before anything was handed over."""


class LineKind(StrEnum):
    """The purpose of an order line."""

    GOODS = "GOODS"
    """Units that lie at a location, are promised from stock and are shipped."""
    BUNDLE = "BUNDLE"
    """A set of goods sold as one unit; its component lines carry the stock and the price."""
    SERVICE = "SERVICE"
    """Work that is done for the customer."""
    FEE = "FEE"
    """A charge in addition to the goods."""
    DIGITAL = "DIGITAL"
    """Something delivered without a parcel."""
    GIFT_CARD = "GIFT_CARD"
    """Credit that is spent later."""

    @property
    def ships(self) -> bool:
        """Whether units of the line lie in a location and travel; a bundle's component lines do it for the bundle."""
        return self is LineKind.GOODS


class FulfillmentStatus(StrEnum):
    """The progress of the lines with goods to ship. The values are checked from top to bottom: the first true one is given."""

    NOT_REQUIRED = "NOT_REQUIRED"
    """The order has no lines with goods to ship, or no units remain to be shipped."""
    DELIVERED = "DELIVERED"
    """All units have arrived."""
    PARTIALLY_DELIVERED = "PARTIALLY_DELIVERED"
    """Some units have arrived."""
    UNDELIVERED = "UNDELIVERED"
    """All units have left and none will arrive: they were lost, or came back undelivered."""
    SHIPPED = "SHIPPED"
    """All units have left."""
    PARTIALLY_SHIPPED = "PARTIALLY_SHIPPED"
    """Some units have left."""
    IN_PROGRESS = "IN_PROGRESS"
    """A location has work to do for the order."""
    ALLOCATED = "ALLOCATED"
    """All units are allocated from stock."""
    PARTIALLY_ALLOCATED = "PARTIALLY_ALLOCATED"
    """Some units are allocated from stock."""
    BACKORDERED = "BACKORDERED"
    """Units wait for supply."""
    UNALLOCATED = "UNALLOCATED"
    """No unit is allocated yet."""


class PaymentStatus(StrEnum):
    """A summary of the order's payments; the amounts `due` and `outstanding` tell more.

    The status is the first of these that applies: OVERPAID, REFUNDED, PARTIALLY_REFUNDED, PAID, PARTIALLY_PAID, AUTHORIZED,
    VOIDED, NOT_REQUIRED, PENDING.
    """

    NOT_REQUIRED = "NOT_REQUIRED"
    """Nothing is due, paid or authorized."""
    PENDING = "PENDING"
    """An amount is due; nothing is paid or authorized."""
    AUTHORIZED = "AUTHORIZED"
    """An amount is authorized, and nothing is paid. If nothing is due, void the authorization."""
    VOIDED = "VOIDED"
    """The authorized amount was given up, and nothing is paid."""
    PARTIALLY_PAID = "PARTIALLY_PAID"
    """Something is paid, but less than is due."""
    PAID = "PAID"
    """The amount due is paid, and nothing was paid back."""
    OVERPAID = "OVERPAID"
    """More was paid than is due, even after deducting what was paid back. A granted refund lowers the amount `overpaid` at
    once, but the status stays until the refund is paid out."""
    PARTIALLY_REFUNDED = "PARTIALLY_REFUNDED"
    """Part of the money was paid back to the customer; `outstanding` tells whether the customer still owes money."""
    REFUNDED = "REFUNDED"
    """All of the money was paid back."""


class ReturnStatus(StrEnum):
    """The progress of the returns of the order's goods."""

    NONE = "NONE"
    """Nothing is coming back."""
    REQUESTED = "REQUESTED"
    """The customer asked to send something back."""
    IN_PROGRESS = "IN_PROGRESS"
    """Goods are on their way back or being inspected."""
    PARTIALLY_RETURNED = "PARTIALLY_RETURNED"
    """Some units came back."""
    RETURNED = "RETURNED"
    """All shipped units came back."""


class CancelReason(StrEnum):
    """Why units or orders were canceled."""

    CUSTOMER = "CUSTOMER"
    """The customer changed their mind."""
    INVENTORY = "INVENTORY"
    """The goods are missing."""
    FRAUD = "FRAUD"
    """The order looks fraudulent."""
    DECLINED = "DECLINED"
    """The payment was declined."""
    STAFF = "STAFF"
    """Somebody on the staff made a mistake."""
    OTHER = "OTHER"
    """Another reason: say it in the note."""


class CanceledStock(StrEnum):
    """The state of units that were promised to a canceled order or line."""

    RELEASE = "RELEASE"
    """The units are there: they become free for other orders."""
    INSPECT = "INSPECT"
    """The state of the units is unknown: they wait in quality control for inspection."""
    NOT_FOUND = "NOT_FOUND"
    """The units are missing: they are taken off stock."""
    DAMAGED = "DAMAGED"
    """The units are there but not fit for sale: they are set aside as damaged."""

    @property
    def short(self) -> bool:
        """Whether somebody looked for them and could not pick them."""
        return self in {CanceledStock.NOT_FOUND, CanceledStock.DAMAGED}


class OrderAction(StrEnum):
    """What can be done with an order."""

    UPDATE_ORDER = "UPDATE_ORDER"
    """Change the order's contact, billing address, note, tags, attributes, priority or customer: `orderUpdate`."""
    CANCEL_ORDER = "CANCEL_ORDER"
    """Cancel the whole order: `orderCancel` without lines."""
    CANCEL_LINES = "CANCEL_LINES"
    """Cancel quantities of lines: `orderCancel` with lines."""
    EDIT_ORDER = "EDIT_ORDER"
    """Change lines, prices, shipping and the destination: `orderEdit`."""
    SOURCE_ORDER_AGAIN = "SOURCE_ORDER_AGAIN"
    """Look again for locations that can send the order's units: `orderSourceAgain`."""
    FREE_EXTERNAL_REF = "FREE_EXTERNAL_REF"
    """Remove the external reference from a canceled order, so that another order can use it: `orderFreeExternalRef`."""
    ADD_NOTE = "ADD_NOTE"
    """Write a note on the order: `orderNoteAdd`."""
    HOLD_ORDER = "HOLD_ORDER"
    """Keep the order from being picked and shipped: `orderHold`."""
    RELEASE_ORDER_HOLD = "RELEASE_ORDER_HOLD"
    """Release holds of the order: `orderHoldRelease`."""
