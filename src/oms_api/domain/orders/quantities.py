"""Moves of units between the buckets of an order line. Pure; after each the buckets add up to what was ordered."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Any

from oms_api.domain.orders.errors import NotCancelable
from oms_api.domain.orders.states import LineKind, OrderStatus
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import LineId

RETRACTABLE = {LineKind.FEE, LineKind.SERVICE}
"""What counts as shipped as soon as the order is accepted or paid, without anybody having handed anything over.

Canceling takes it back (shipped and delivered become canceled), so that a fee beside goods does not make their order
uncancelable. DIGITAL and GIFT_CARD lines are handed over at once and stay shipped: they come back by a return.
"""
LADDER = ("unsourced", "backordered", "allocated", "in_fulfillment", "shipped")


def share(amount: int, units: int, of: int) -> int:
    """Return what *units* of the *of* units take of *amount*, half a minor unit up."""
    return (2 * amount * units + of) // (2 * of)


@dataclass(frozen=True, slots=True)
class LineMoney:
    """What units of a line cost, in minor units: goods before discounts, all discounts, and shares of shipping and tax."""

    goods: int = 0
    discount: int = 0
    shipping: int = 0
    tax: int = 0

    def amount(self, *, prices_include_tax: bool) -> int:
        """Return what the customer pays for it."""
        return self.goods - self.discount + self.shipping + (0 if prices_include_tax else self.tax)

    def share(self, units: int, of: int) -> "LineMoney":
        """Return what *units* of the *of* units cost, each part rounded by itself."""
        return LineMoney(*(share(part, units, of) for part in (self.goods, self.discount, self.shipping, self.tax)))

    def __add__(self, other: "LineMoney") -> "LineMoney":
        return LineMoney(
            self.goods + other.goods, self.discount + other.discount, self.shipping + other.shipping, self.tax + other.tax
        )

    def __sub__(self, other: "LineMoney") -> "LineMoney":
        return LineMoney(
            self.goods - other.goods, self.discount - other.discount, self.shipping - other.shipping, self.tax - other.tax
        )


FREE = LineMoney()


@dataclass(frozen=True, slots=True, kw_only=True)
class LineUnits:
    """Where the units of a line are, and what all of them cost; `shipping_tax` is what of their tax is on shipping.

    One that `sends_again` sends lost units of another line, and is not wanted beside that.
    """

    id: LineId
    kind: LineKind
    parent_id: LineId | None
    ordered: int
    canceled: int = 0
    unsourced: int = 0
    backordered: int = 0
    allocated: int = 0
    in_fulfillment: int = 0
    shipped: int = 0
    delivered: int = 0
    lost: int = 0
    returned_to_sender: int = 0
    in_return: int = 0
    returned: int = 0
    money: LineMoney = FREE
    shipping_tax: int = 0
    sends_again: bool = False

    @property
    def gone(self) -> int:
        """Units that are not paid for any more: canceled or returned."""
        return self.canceled + self.returned

    @property
    def returnable(self) -> int:
        """Units that are with the customer, or on their way there, and are not announced to come back."""
        return self.shipped - self.lost - self.returned_to_sender - self.in_return - self.returned

    @property
    def waiting(self) -> int:
        """Units that are neither canceled nor shipped."""
        return self.unsourced + self.backordered + self.allocated + self.in_fulfillment

    @property
    def waits_for_payment(self) -> bool:
        """Whether units of it that have no source are handed over by nobody but us, once they are paid for."""
        return not self.kind.ships and self.kind is not LineKind.BUNDLE

    @property
    def retractable(self) -> int:
        """Shipped units that a cancellation can take back."""
        return self.returnable if self.kind in RETRACTABLE else 0

    @property
    def cancelable(self) -> int:
        """Units that can be canceled, as far as the line itself knows."""
        return self.waiting + self.retractable

    @property
    def handed_over(self) -> int:
        """Units that left and that no cancellation brings back."""
        return 0 if self.kind is LineKind.BUNDLE else self.shipped - self.retractable

    @property
    def arrived(self) -> bool:
        """Whether nothing of the line waits, and all that was shipped has met its end; what all came back had arrived."""
        reached = self.shipped - self.lost - self.returned_to_sender
        return self.waiting == 0 and reached in {self.delivered, self.returned}


def cancel(line: LineUnits, quantity: int, *, promised_first: bool = False, kept: int = 0) -> LineUnits:
    """Cancel units: from unsourced, backordered, allocated, in fulfillment, and last what can be taken back.

    Where they are *promised_first*, in fulfillment comes first and unsourced last. Units in fulfillment that are *kept* stay.

    Raises: NotCancelable.
    """
    if quantity > line.cancelable:
        raise NotCancelable(cancelable=line.cancelable, requested=quantity, field=("quantity",))
    left = quantity
    taken: dict[str, int] = {}
    for bucket in reversed(LADDER[:-1]) if promised_first else LADDER[:-1]:
        taken[bucket] = min(left, getattr(line, bucket) - (kept if bucket == "in_fulfillment" else 0))
        left -= taken[bucket]
    rest: dict[str, Any] = {bucket: getattr(line, bucket) - units for bucket, units in taken.items()}
    return replace(
        line,
        canceled=line.canceled + quantity,
        shipped=line.shipped - left,
        delivered=line.delivered - min(left, line.delivered),
        **rest,
    )


def hand_over(line: LineUnits) -> LineUnits:
    """Move units that nobody has to send from unsourced to shipped and delivered."""
    units = line.unsourced
    return replace(line, unsourced=0, shipped=line.shipped + units, delivered=line.delivered + units)


def retract(line: LineUnits) -> LineUnits:
    """Move what can be taken back of what was handed over to unsourced."""
    units = line.retractable
    delivered = line.delivered - min(units, line.delivered)
    return replace(line, unsourced=line.unsourced + units, shipped=line.shipped - units, delivered=delivered)


def ship(line: LineUnits, quantity: int) -> LineUnits:
    """Move units from in fulfillment to shipped."""
    return replace(line, in_fulfillment=line.in_fulfillment - quantity, shipped=line.shipped + quantity)


def unship(line: LineUnits, quantity: int) -> LineUnits:
    """Move units from shipped back to in fulfillment."""
    return replace(line, in_fulfillment=line.in_fulfillment + quantity, shipped=line.shipped - quantity)


def deallocate(line: LineUnits, *, allocated: int, in_fulfillment: int) -> LineUnits:
    """Move units that lost their promise back to unsourced."""
    return replace(
        line,
        unsourced=line.unsourced + allocated + in_fulfillment,
        allocated=line.allocated - allocated,
        in_fulfillment=line.in_fulfillment - in_fulfillment,
    )


def source_again(line: LineUnits, quantity: int, *, kept: bool = False) -> LineUnits:
    """Move units to in fulfillment, or where they are *kept* to allocated, that were promised since: waiting ones last."""
    unsourced = min(quantity, line.unsourced)
    return replace(
        line,
        unsourced=line.unsourced - unsourced,
        backordered=line.backordered - (quantity - unsourced),
        allocated=line.allocated + quantity * kept,
        in_fulfillment=line.in_fulfillment + quantity * (not kept),
    )


def put_out(line: LineUnits, quantity: int) -> LineUnits:
    """Move units from allocated to in fulfillment."""
    return replace(line, allocated=line.allocated - quantity, in_fulfillment=line.in_fulfillment + quantity)


def keep_back(line: LineUnits, quantity: int) -> LineUnits:
    """Move units from in fulfillment back to allocated."""
    return put_out(line, -quantity)


def wait_for_supply(line: LineUnits, quantity: int) -> LineUnits:
    """Move units that nobody can promise now from unsourced to backordered."""
    return replace(line, unsourced=line.unsourced - quantity, backordered=line.backordered + quantity)


def deliver(line: LineUnits, quantity: int) -> LineUnits:
    """Count shipped units as delivered."""
    return replace(line, delivered=line.delivered + quantity)


def lose(line: LineUnits, quantity: int) -> LineUnits:
    """Count shipped units as lost. Negative, they were found."""
    return replace(line, lost=line.lost + quantity)


def send_back(line: LineUnits, quantity: int) -> LineUnits:
    """Count shipped units as back at the sender."""
    return replace(line, returned_to_sender=line.returned_to_sender + quantity)


def announce_return(line: LineUnits, quantity: int) -> LineUnits:
    """Count units as coming back. Negative, they do not come after all."""
    return replace(line, in_return=line.in_return + quantity)


def take_back(line: LineUnits, quantity: int) -> LineUnits:
    """Count announced units as returned."""
    return replace(line, in_return=line.in_return - quantity, returned=line.returned + quantity)


def money_gone(before: LineUnits, after: LineUnits) -> LineMoney:
    """Return the share of the line's money that units take which are gone *after* and were not *before*.

    Shares are differences of rounded totals, so that the last unit takes the rest.
    """
    return before.money.share(after.gone, before.ordered) - before.money.share(before.gone, before.ordered)


def units_per_set(bundle: LineUnits, component: LineUnits) -> int:
    """Return how many units of *component* one set of *bundle* holds."""
    return component.ordered // bundle.ordered


def cancelable_sets(bundle: LineUnits, components: Sequence[LineUnits], in_hand: dict[LineId, int]) -> int:
    """Return how many whole sets can be canceled; *in_hand* holds, by line, units that somebody is picking."""
    return min((c.cancelable - in_hand.get(c.id, 0)) // units_per_set(bundle, c) for c in components)


def whole_sets(bundle: LineUnits, components: Sequence[LineUnits]) -> LineUnits:
    """Return *bundle* with the whole sets that its components make in each bucket.

    A set is as far as its least advanced unit: sets shipped are what the shipped units make; sets in fulfillment what those
    in fulfillment and those shipped make together, less the sets shipped; and so on down.
    """

    def sets(*buckets: str) -> int:
        return min(sum(int(getattr(c, bucket)) for bucket in buckets) // units_per_set(bundle, c) for c in components)

    reached = [sets(*LADDER[rung:]) for rung in range(len(LADDER))]
    beyond = [*reached[1:], 0]
    places: dict[str, Any] = {bucket: here - more for bucket, here, more in zip(LADDER, reached, beyond, strict=True)}
    back: dict[str, Any] = {"returned": sets("returned"), "in_return": sets("returned", "in_return") - sets("returned")}
    ends: dict[str, Any] = {bucket: sets(bucket) for bucket in ("canceled", "delivered", "lost", "returned_to_sender")}
    return replace(bundle, **ends, **places, **back)


def all_arrived(lines: Iterable[LineUnits]) -> bool:
    """Tell whether every unit is canceled, delivered, lost or returned to the sender; of bundles those of their components."""
    return all(line.arrived for line in lines if line.kind is not LineKind.BUNDLE)


def settled(lines: Collection[LineUnits], *, was: OrderStatus, open_work: bool, reopened: bool = False) -> OrderStatus:
    """Return where an accepted order is: CANCELED, COMPLETED or OPEN.

    *open_work* says that a return or a refund is open. A completed order stays so unless it is *reopened*.
    """
    if all(line.canceled == line.ordered for line in lines):
        return OrderStatus.CANCELED
    if was is OrderStatus.COMPLETED and not reopened:
        return was
    return OrderStatus.COMPLETED if all_arrived(lines) and not open_work else OrderStatus.OPEN
