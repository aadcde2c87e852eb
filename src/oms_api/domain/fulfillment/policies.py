"""What of a fulfillment order can ship. Pure: the commands and `availableActions` ask the same functions."""

from collections.abc import Callable, Sequence
from uuid import UUID

from oms_api.domain.fulfillment.document import OrderDocument
from oms_api.domain.fulfillment.errors import ExceedsRemaining, LineUnnamed
from oms_api.domain.fulfillment.giving_up import facts_of
from oms_api.domain.fulfillment.units import Promise
from oms_api.domain.fulfillment.verbs import LIFE, SHIP
from oms_api.domain.orders.given import MOST_LINES
from oms_api.kernel.checks import check_length, check_quantity
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import (
    LineTwice,
    NotFound,
    OmsError,
    Refused,
)
from oms_api.kernel.ids import AllocationId, FulfillmentOrderId, FulfillmentOrderLineId, IdKind, LineId, text_id

Exceeds = Callable[..., OmsError]
"""Makes the error that fewer units *remaining* than *requested* are left, at a *field*."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineToShip:
    """Units of one line of a fulfillment order, named by its own id or by that of the order's line."""

    quantity: int
    work_line_id: FulfillmentOrderLineId | None = None
    line_id: LineId | None = None


def decide_shipment(
    document: OrderDocument, work_id: FulfillmentOrderId, wanted: Sequence[LineToShip] | None
) -> list[tuple[Promise, int]]:
    """Return what leaves: the units *wanted*, or all that is left, each from the promise that covers it.

    Raises: FulfillmentOrderNotOpen, OrderOnHold, FulfillmentOrderOnHold; Refused with all that is wrong with the lines.
    """
    check_ships(document, work_id)
    return units_named(document, work_id, wanted, "leave them out to ship all that is left")


def check_ships(document: OrderDocument, work_id: FulfillmentOrderId, field: str = "fulfillmentOrderId") -> None:
    """Raises: FulfillmentOrderNotOpen, OrderOnHold, FulfillmentOrderOnHold, ShipsComplete, naming *field*."""
    work = document.works[work_id]
    error = LIFE.why_not(SHIP, work.status, facts_of(document, work))
    if error is not None:
        error.field = (field,)
        raise error


def units_named(
    document: OrderDocument, work_id: FulfillmentOrderId, wanted: Sequence[LineToShip] | None, otherwise: str | None = None
) -> list[tuple[Promise, int]]:
    """Return the units of a fulfillment order that are *wanted*, or all that is left, each of the promise that covers it.

    Raises: Refused with all that is wrong with the lines; InvalidValue, where there are none, saying what to do *otherwise*.
    """
    promises = [promise for promise in document.promises.values() if promise.work_id == work_id]
    if wanted is None:
        return [(promise, promise.in_fulfillment) for promise in promises if promise.in_fulfillment]
    check_length(wanted, "lines", MOST_LINES, otherwise)
    return chosen_of(promises, wanted)


def chosen_of(
    promises: Sequence[Promise],
    wanted: Sequence[LineToShip],
    exceeds: Exceeds = ExceedsRemaining,
    *,
    path: str = "lines",
    named: str = "fulfillmentOrderLineId",
) -> list[tuple[Promise, int]]:
    """Return the units *wanted*, each of the one of *promises* that covers it; *path* leads to them, *named* by their own id.

    Raises: Refused with all that is wrong.
    """
    by_line: dict[LineId, list[Promise]] = {}
    for promise in promises:
        by_line.setdefault(promise.line_id, []).append(promise)
    picks = Picks({p.work_line_id: [p] for p in promises}, by_line, exceeds, named)
    for index, line in enumerate(wanted):
        try:
            picks.add(line)
        except OmsError as error:
            picks.errors.append(error.at(path, index))
    if picks.errors:
        raise Refused(errors=picks.errors)
    return list(picks.chosen.values())


class Picks:
    """The lines of a shipment, found one by one; an order's line may be promised by several lines of a fulfillment order."""

    def __init__(
        self,
        by_work_line: dict[FulfillmentOrderLineId | None, list[Promise]],
        by_line: dict[LineId, list[Promise]],
        exceeds: Exceeds,
        own_name: str,
    ) -> None:
        self.own_name = own_name
        self.exceeds = exceeds
        self.by_work_line = by_work_line
        self.by_line = by_line
        self.chosen: dict[AllocationId, tuple[Promise, int]] = {}
        self.errors: list[OmsError] = []

    def add(self, line: LineToShip) -> None:
        """Add one line. Raises: LineUnnamed, NotFound, LineTwice, InvalidQuantity, ExceedsRemaining."""
        promises, name = self.named(line)
        if any(promise.id in self.chosen for promise in promises):
            raise LineTwice(field=(name,))
        check_quantity(line.quantity, "quantity")
        remaining, left = sum(promise.in_fulfillment for promise in promises), line.quantity
        if line.quantity > remaining:
            raise self.exceeds(remaining=remaining, requested=line.quantity, field=("quantity",))
        for promise in promises:
            if units := min(left, promise.in_fulfillment):
                self.chosen[promise.id] = promise, units
                left -= units

    def named(self, line: LineToShip) -> tuple[list[Promise], str]:
        """Return the promises that *line* names, and the field that names them."""
        match line.work_line_id, line.line_id:
            case UUID() as key, None:
                found, kind, name = self.by_work_line.get(key), IdKind.FULFILLMENT_ORDER_LINE, self.own_name
            case None, UUID() as key:
                found, kind, name = self.by_line.get(key), IdKind.LINE, "lineId"
            case _:
                raise LineUnnamed
        if not found:
            raise NotFound(what="line of this fulfillment order", given=text_id(kind, key), field=(name,))
        return found, name
