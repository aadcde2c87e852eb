"""Changing a cart in parts: what is given changes, the rest stays. Pure."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any, TypedDict

from oms_api.domain.attributes.intake import AttributeGiven
from oms_api.domain.orders.intake import Amount, Cart, DiscountGiven, LineGiven, ShippingGiven, TaxGiven
from oms_api.domain.orders.states import LineKind
from oms_api.kernel.address import Address, Contact, DeliveryPoint
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import InvalidValue, OmsError, Refused
from oms_api.kernel.ids import ChannelId, CustomerId, LocationId, ReservationId

LISTS = {"discounts", "shipping", "tags", "attributes", "taxes"}
"""Of these None is none at all."""
NEVER_NULL = {"channel_id": "channelId", "ship_complete": "shipComplete", "on_account": "onAccount", "priority": "priority"}


class CartDetails(TypedDict, total=False):
    """What is to be different of a cart beside its lines."""

    channel_id: ChannelId
    external_ref: str | None
    customer_id: CustomerId | None
    reservation_id: ReservationId | None
    contact: Contact | None
    shipping_address: Address | None
    billing_address: Address | None
    delivery_point: DeliveryPoint | None
    currency: str | None
    prices_include_tax: bool | None
    discounts: tuple[DiscountGiven, ...]
    shipping: tuple[ShippingGiven, ...]
    total: Amount | None
    ship_complete: bool
    on_account: bool
    priority: int
    note: str | None
    tags: tuple[str, ...]
    attributes: tuple[AttributeGiven, ...]
    occurred_at: datetime | None


class CartLineDetails(TypedDict, total=False):
    """What is to be different of a line of a cart."""

    quantity: int
    sku: str | None
    listing: str | None
    kind: LineKind | None
    name: str | None
    unit_price: Amount | None
    discounts: tuple[DiscountGiven, ...]
    taxes: tuple[TaxGiven, ...]
    total: Amount | None
    location_id: LocationId | None
    ship_group: str | None
    attributes: tuple[AttributeGiven, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeCartLine:
    """What is to be different of the line at a position of the cart as it is."""

    position: int
    changes: CartLineDetails


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeCart:
    """Lines that are changed or removed, by their positions in the cart as it is, lines behind them, and what else changes."""

    changes: CartDetails
    change_lines: tuple[ChangeCartLine, ...] = ()
    remove_lines: tuple[int, ...] = ()
    add_lines: tuple[LineGiven, ...] = ()

    def after(self, cart: Cart) -> Cart:
        """Return *cart* with the changes. Raises: Refused, with all that is wrong with them."""
        errors = list(self._wrong(len(cart.lines)))
        if errors:
            raise Refused(errors=errors)
        lines = {at: line for at, line in enumerate(cart.lines) if at not in self.remove_lines}
        for change in self.change_lines:
            lines[change.position] = replace(lines[change.position], **_given(change.changes))
        return replace(cart, **_given(self.changes), lines=(*lines.values(), *self.add_lines))

    def _wrong(self, count: int) -> Iterator[OmsError]:
        for name, path in NEVER_NULL.items():
            if self.changes.get(name, ...) is None:
                yield InvalidValue(problem=f"{path} cannot be null.", field=(path,))
        seen = set[int]()
        places: list[tuple[int, tuple[str, ...]]] = [
            *((change.position, ("changeLines", str(at), "position")) for at, change in enumerate(self.change_lines)),
            *((position, ("removeLines", str(at))) for at, position in enumerate(self.remove_lines)),
        ]
        for position, where in places:
            if not 0 <= position < count:
                yield InvalidValue(problem=f"The cart has {count} lines; positions begin at 0.", field=where)
            elif position in seen:
                yield InvalidValue(problem="A line is changed or removed once.", field=where)
            seen.add(position)
        for at, change in enumerate(self.change_lines):
            if change.changes.get("quantity", ...) is None:
                yield InvalidValue(problem="quantity cannot be null.", field=("changeLines", str(at), "quantity"))


def _given(changes: Any) -> dict[str, Any]:  # noqa: ANN401 - one kind of changes or the other
    return {name: () if value is None and name in LISTS else value for name, value in changes.items()}
