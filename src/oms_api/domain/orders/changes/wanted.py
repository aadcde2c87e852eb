"""What an edit asks for: a list of changes to what was agreed."""

from oms_api.domain.orders.given import Amount, DiscountGiven, LineGiven, ShippingGiven, TaxGiven
from oms_api.kernel.address import Address, DeliveryPoint
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import LineId, LocationId

MOST_CHANGES = 250


@dataclass(frozen=True, slots=True, kw_only=True)
class AddLine:
    """A new line, as an order is placed with it."""

    line: LineGiven


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveLine:
    """Cancel all units of a line of which nothing was shipped."""

    line_id: LineId


@dataclass(frozen=True, slots=True, kw_only=True)
class SetQuantity:
    """The units that are wanted of a line, those that were shipped included; of a bundle whole sets.

    Discounts stay the amounts they are, unless units are canceled, which take their share; taxes keep their rate.
    """

    line_id: LineId
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SwapSku:
    """Another SKU in the place of one, for all units left or *quantity* of them; at the same price unless one is given."""

    line_id: LineId
    sku: str
    quantity: int | None = None
    unit_price: Amount | None = None
    taxes: tuple[TaxGiven, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SendAgain:
    """Lost units of a line once more, for nothing, as a line of their own; from a location of its own where one is given."""

    line_id: LineId
    quantity: int
    location_id: LocationId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPrice:
    """Another price of one unit; without *taxes* those of the line keep their rate."""

    line_id: LineId
    unit_price: Amount
    taxes: tuple[TaxGiven, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetLineDiscounts:
    """All discounts of a line; without *taxes* those of the line keep their rate."""

    line_id: LineId
    discounts: tuple[DiscountGiven, ...]
    taxes: tuple[TaxGiven, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetOrderDiscounts:
    """All discounts of the whole order."""

    discounts: tuple[DiscountGiven, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SetShipping:
    """All shipping charges, with their methods and taxes."""

    charges: tuple[ShippingGiven, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SetShippingAddress:
    """Where the goods go; None for nowhere."""

    address: Address | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetDeliveryPoint:
    """The pickup point that the goods go to; None for none."""

    delivery_point: DeliveryPoint | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetShipComplete:
    """Whether all goods leave together."""

    ship_complete: bool


Change = (
    AddLine
    | RemoveLine
    | SetQuantity
    | SwapSku
    | SendAgain
    | SetPrice
    | SetLineDiscounts
    | SetOrderDiscounts
    | SetShipping
    | SetShippingAddress
    | SetDeliveryPoint
    | SetShipComplete
)
OF_ORDER = (SetOrderDiscounts, SetShipping, SetShippingAddress, SetDeliveryPoint, SetShipComplete)
"""Changes of the whole order: each at most once in an edit."""
