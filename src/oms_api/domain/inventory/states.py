"""Buckets, outside accounts and kinds of movement."""

from enum import StrEnum


class Bucket(StrEnum):
    """A part of the units on hand at a level, never negative."""

    FREE = "free"
    """Promised to nobody; safety stock is part of it."""
    COMMITTED = "committed"
    """Promised to order lines."""
    RESERVED = "reserved"
    """Held for checkouts, until a deadline."""
    QUALITY_CONTROL = "quality_control"
    """Waiting to be inspected."""
    DAMAGED = "damaged"
    """Not fit for sale."""


class Account(StrEnum):
    """The origin or the destination of units in a movement: a bucket of the inventory level, or an account outside of stock."""

    FREE = "free"
    """Promised to nobody; safety stock is part of it."""
    COMMITTED = "committed"
    """Promised to order lines."""
    RESERVED = "reserved"
    """Held for checkouts, until a deadline."""
    QUALITY_CONTROL = "quality_control"
    """Waiting to be inspected."""
    DAMAGED = "damaged"
    """Not fit for sale."""
    SUPPLIER = "supplier"
    """Outside of stock: the units are with a supplier."""
    CUSTOMER = "customer"
    """Outside of stock: the units are with a customer."""
    IN_TRANSIT = "in_transit"
    """Outside of stock: the units are on the way between two locations."""
    ADJUSTMENT = "adjustment"
    """Outside of stock: found units come from this account, and missing units go to it."""


ACCOUNT_OF = {bucket: Account(bucket.value) for bucket in Bucket}
"""The account that a bucket is in the ledger."""
HELD = tuple(ACCOUNT_OF.values())
"""The accounts that make what a level has on hand."""
ASIDE = (Account.QUALITY_CONTROL, Account.DAMAGED)
"""Those of them whose units are not for sale."""
OUTSIDE = tuple(account for account in Account if account not in HELD)


class MovementKind(StrEnum):
    """The kind of a movement."""

    ALLOCATE = "ALLOCATE"
    """Units were promised to an order line: they moved from FREE to COMMITTED."""
    RELEASE = "RELEASE"
    """The promise of units was taken back: they moved from COMMITTED to FREE."""
    SHIP = "SHIP"
    """Units left for the customer: they moved from COMMITTED to CUSTOMER."""
    RECEIVE = "RECEIVE"
    """Units came from a supplier: they moved from SUPPLIER to FREE or QUALITY_CONTROL."""
    RESERVE = "RESERVE"
    """Units are held for a checkout: they moved from FREE to RESERVED."""
    UNRESERVE = "UNRESERVE"
    """Units are no longer held for a checkout: the checkout was given up, its order needed fewer units, or units were missing.
    The units moved from RESERVED to FREE."""
    CLAIM = "CLAIM"
    """The checkout became an order: its units moved from RESERVED to COMMITTED."""
    SEND = "SEND"
    """Units left for another location: they moved from FREE to IN_TRANSIT."""
    ARRIVE = "ARRIVE"
    """Units came from another location, or back to the location they had left: they moved from IN_TRANSIT to FREE or
    DAMAGED."""
    LOSE = "LOSE"
    """Units were lost on the way between locations: they moved from IN_TRANSIT to ADJUSTMENT."""
    MOVE = "MOVE"
    """Units moved between FREE, QUALITY_CONTROL and DAMAGED: by hand, because their lot expired, or to correct the stock of an
    earlier moment."""
    TAKE_BACK = "TAKE_BACK"
    """Units came back from the customer: they moved from CUSTOMER to FREE, QUALITY_CONTROL or DAMAGED."""
    SCRAP = "SCRAP"
    """Units were thrown away: they moved from DAMAGED to ADJUSTMENT."""
    FOUND = "FOUND"
    """More units were there than recorded: the found units moved from ADJUSTMENT to FREE, QUALITY_CONTROL or DAMAGED."""
    NOT_FOUND = "NOT_FOUND"
    """Fewer units were there than recorded: the missing units moved from FREE, COMMITTED, QUALITY_CONTROL or DAMAGED to
    ADJUSTMENT."""
    SUPERSEDED = "SUPERSEDED"
    """The counter-movement of a movement that was reported late. The level was counted or set after the movement happened, so
    its stock number includes the movement already. The same units moved to or from ADJUSTMENT; the stock number stays."""


class CauseKind(StrEnum):
    """The kind of document line that caused a movement."""

    ORDER_LINE = "line"
    """A line of an order that was placed."""
    CANCELLATION_LINE = "cancelline"
    """A line of a cancellation."""
    SHIPMENT_LINE = "shipline"
    """A line of a shipment."""
    PACKAGE_LINE = "packline"
    """A line of a package that came back undelivered."""
    RETURN_RECEIPT_LINE = "retrecline"
    """A line of a receipt of returned goods."""
    PURCHASE_RECEIPT_LINE = "porecline"
    """A line of a receipt of purchased goods."""
    RESERVATION_LINE = "resline"
    """A line of a reservation."""
    TRANSFER_ACT_LINE = "transline"
    """A line of one step of a transfer: units were sent, arrived, were lost or were brought back."""
    COUNT_LINE = "countline"
    """A line of a stock count."""
    MOVE_LINE = "moveline"
    """A line of a move of units between buckets, such as from FREE to DAMAGED."""
    DEALLOCATION_LINE = "lostline"
    """A promise that was taken back because units are missing."""
    SOURCING_LINE = "sourceline"
    """A line that was allocated after its order was placed."""
    ADJUSTMENT_LINE = "adjline"
    """A line of an inventory adjustment."""


class OnShortfall(StrEnum):
    """How promised units are treated where a change takes more units than are free."""

    REFUSE = "REFUSE"
    """Fail: nothing is taken, and the error tells how many units are free, reserved, committed and picked."""
    DEALLOCATE = "UNPROMISE"  # as in the digests of calls that servers of the version before carried out
    """Take promises back. Reservations are taken back first, beginning with the latest deadline. After them, allocations that
    nobody has picked are taken back, beginning with the lowest priority and, at equal priority, with the newest order."""


class MovableBucket(StrEnum):
    """A bucket that units can be moved from and to by hand."""

    FREE = "free"
    """For sale."""
    QUALITY_CONTROL = "quality_control"
    """Waiting to be inspected."""
    DAMAGED = "damaged"
    """Not fit for sale."""


class AdjustmentKind(StrEnum):
    """The way in which a correction was reported."""

    ADJUST = "ADJUST"
    """A difference was reported: units more or fewer."""
    SET = "SET"
    """The number of units on hand was reported."""
    SYNC = "SYNC"
    """An inventory sync was reported: counts that another system sent, all for one moment."""


class NumberSource(StrEnum):
    """Who told how many units of a level are on hand."""

    FEED = "FEED"
    """An inventory sync, for its moment."""
    COUNT = "COUNT"
    """A stock count, for the moment at which its line was counted."""
    HAND = "HAND"
    """Somebody who set the number."""


class ReasonDirection(StrEnum):
    """The direction of corrections that a reason can explain."""

    MORE = "MORE"
    """Units found beyond the known number."""
    FEWER = "FEWER"
    """Units missing."""
    EITHER = "EITHER"
    """Both directions."""

    def explains(self, delta: int) -> bool:
        """Tell whether it can explain *delta* units more (or, negative, fewer)."""
        return self is ReasonDirection.EITHER or delta == 0 or (delta > 0) is (self is ReasonDirection.MORE)


class AdjustmentReason(StrEnum):
    """The reasons that an installation begins with; more are made as data."""

    OPENING_STOCK = "OPENING_STOCK"
    """What was there when the records began."""
    RECEIVED = "RECEIVED"
    """Goods came in without a purchase order."""
    FOUND = "FOUND"
    """Units turned up."""
    COUNT_CORRECTION = "COUNT_CORRECTION"
    """A count gave another number."""
    DAMAGED = "DAMAGED"
    """Units broke and are gone."""
    LOST = "LOST"
    """Units cannot be found, or were stolen."""
    WRITE_OFF = "WRITE_OFF"
    """Units are not worth keeping."""
    SAMPLE = "SAMPLE"
    """Units were given away, photographed or tested."""
    EXPIRED = "EXPIRED"
    """The last good day of the units is over."""
    OTHER = "OTHER"
    """Another reason: say it in the note."""
