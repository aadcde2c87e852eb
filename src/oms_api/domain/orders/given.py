"""An order as a caller gives it, before anything is checked."""

from dataclasses import fields
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from oms_api.domain.attributes.given import AttributeGiven
from oms_api.domain.attributes.states import AttributeOwner
from oms_api.domain.orders.states import LineKind
from oms_api.kernel.address import Address, Contact, DeliveryPoint
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import ChannelId, CustomerId, LocationId, ReservationId

MOST_LINES = 5_000
"""Of one order, and of a batch of them."""
MOST_ORDERS = 250


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """An amount in major units, and the currency it was said to have, if any."""

    value: Decimal
    currency: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscountGiven:
    """What is taken off, as a positive amount."""

    amount: Amount
    label: str
    code: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxGiven:
    """A tax as the platform computed it; `rate` is a fraction."""

    title: str
    amount: Amount
    rate: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShippingGiven:
    """A shipping charge and its taxes."""

    title: str
    price: Amount
    code: str | None = None
    taxes: tuple[TaxGiven, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LineGiven:
    """One line: a SKU or listing by its code, or a fee or service by kind and name."""

    quantity: int
    sku: str | None = None
    listing: str | None = None
    kind: LineKind | None = None
    name: str | None = None
    unit_price: Amount | None = None
    discounts: tuple[DiscountGiven, ...] = ()
    taxes: tuple[TaxGiven, ...] = ()
    total: Amount | None = None
    location_id: LocationId | None = None
    ship_group: str | None = None
    attributes: tuple[AttributeGiven, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cart:
    """All that is said of an order, apart from when it is to be placed."""

    channel_id: ChannelId
    lines: tuple[LineGiven, ...] = ()
    external_ref: str | None = None
    customer_id: CustomerId | None = None
    reservation_id: ReservationId | None = None
    contact: Contact | None = None
    shipping_address: Address | None = None
    billing_address: Address | None = None
    delivery_point: DeliveryPoint | None = None
    currency: str | None = None
    prices_include_tax: bool | None = None
    discounts: tuple[DiscountGiven, ...] = ()
    shipping: tuple[ShippingGiven, ...] = ()
    total: Amount | None = None
    ship_complete: bool = False
    on_account: bool = False
    priority: int = 0
    note: str | None = None
    tags: tuple[str, ...] = ()
    attributes: tuple[AttributeGiven, ...] = ()
    occurred_at: datetime | None = None

    @property
    def attributes_named(self) -> set[tuple[AttributeOwner, str]]:
        """The attributes that it names, of the order and of its lines."""
        named = {(AttributeOwner.ORDER, each.code) for each in self.attributes}
        return named | {(AttributeOwner.LINE, each.code) for line in self.lines for each in line.attributes}

    @property
    def names_recipient(self) -> bool:
        """Whether anybody is known who gets the goods."""
        return any((self.shipping_address, self.billing_address, self.contact))

    def ordered(self, idempotency_key: str) -> "PlaceOrder":
        """Return the order that it is, to be placed once under *idempotency_key*."""
        said = {each.name: getattr(self, each.name) for each in fields(Cart)}
        return PlaceOrder(idempotency_key=idempotency_key, **said)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceOrder(Cart):
    """An order as a platform sends it."""

    idempotency_key: str


class OnFailure(StrEnum):
    """How a batch is treated when one of its orders is refused."""

    REJECT_ALL = "REJECT_ALL"
    """Place none of the orders."""
    REJECT_FAILED = "REJECT_FAILED"
    """Place the other orders."""
