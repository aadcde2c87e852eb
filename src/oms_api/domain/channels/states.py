"""States of channels, listings and locations."""

from enum import StrEnum


class Activity(StrEnum):
    """Whether a channel, listing or location takes part in new business."""

    ACTIVE = "ACTIVE"
    """It takes part in new business."""
    INACTIVE = "INACTIVE"
    """It takes part in no new business; existing business goes on."""


class HandOver(StrEnum):
    """The moment at which an order without goods to ship (services, fees, downloads, gift cards) counts as handed over.

    The order is completed at that moment. It applies only to channels with `releaseWhen` PLACED. In other channels, the order
    counts as handed over as soon as its payment allows its release.
    """

    PAYMENT = "PAYMENT"
    """The order counts as handed over as soon as nothing is outstanding. Until then it is open and can be canceled."""
    ACCEPTANCE = "ACCEPTANCE"
    """The order counts as handed over at once, when it is placed."""


class AddressCheck(StrEnum):
    """How an order with goods to ship is treated when its shipping address is missing or doubtful."""

    OFF = "OFF"
    """No check: addresses are accepted as given. This suits sales over the counter and pickup."""
    HOLD = "HOLD"
    """The order is placed but held with the reason ADDRESS, until its address is corrected or the hold is released. The note of
    the hold names the field that is wrong. A delivery point also counts as an address."""


class ReleaseWhen(StrEnum):
    """When an order is released to the warehouse.

    At the same time, lines without goods to ship (services, fees, downloads, gift cards) count as handed over to the customer.
    """

    PLACED = "PLACED"
    """At once."""
    AUTHORIZED = "AUTHORIZED"
    """As soon as authorized and captured amounts cover the amount due."""
    PAID = "PAID"
    """As soon as nothing is outstanding."""


class Oversell(StrEnum):
    """The treatment of an order for more units than can be promised."""

    DENY = "DENY"
    """The order is refused."""
    BACKORDER = "BACKORDER"
    """The order is accepted, and missing units wait for incoming goods."""
    PREORDER = "PREORDER"
    """The order is accepted for an article that comes out later. The order waits for the day when the article ships."""


class Weekday(StrEnum):
    """A day of the week."""

    MONDAY = "MONDAY"
    """The first day of the week."""
    TUESDAY = "TUESDAY"
    """The second day."""
    WEDNESDAY = "WEDNESDAY"
    """The third day."""
    THURSDAY = "THURSDAY"
    """The fourth day."""
    FRIDAY = "FRIDAY"
    """The fifth day."""
    SATURDAY = "SATURDAY"
    """The sixth day."""
    SUNDAY = "SUNDAY"
    """The last day."""


class LocationKind(StrEnum):
    """The kind of a location."""

    WAREHOUSE = "WAREHOUSE"
    """A building for stock, run by the merchant or a logistics provider."""
    STORE = "STORE"
    """A shop that also serves orders."""
    SUPPLIER = "SUPPLIER"
    """A supplier's own stock, which the supplier ships for the merchant."""
