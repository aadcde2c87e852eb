"""What an order takes of a reservation: pure."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from oms_api.domain.inventory.reservations.endings import Ending
from oms_api.domain.inventory.reservations.errors import ReservationNotActive
from oms_api.domain.inventory.reservations.holds import HeldReservation
from oms_api.domain.inventory.reservations.states import ReservationStatus
from oms_api.domain.inventory.reservations.verbs import CONVERT, LIFE, Deadline
from oms_api.domain.inventory.sourcing import Demand, Source, joined
from oms_api.domain.orders.given import Cart
from oms_api.kernel.access import Principal
from oms_api.kernel.checks import refuse_if
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import NotFound
from oms_api.kernel.ids import IdKind, LocationId, OrderId, ReservationId, ReservationLineId, SkuId, text_id
from oms_api.kernel.occurrence import occurred

REASON = "the reservation held it"


@dataclass(frozen=True, slots=True)
class Conversion:
    """Units that lines of an order take of a reservation, where it holds them."""

    hold: HeldReservation
    taken: list[Source]

    def units(self, sku_id: SkuId) -> int:
        """Return how many units of a SKU the order takes."""
        return sum(taken.quantity for taken in self.taken if taken.sku_id == sku_id)

    def promises(self, sources: Sequence[Source]) -> list[Source]:
        """Return what is promised to each line from each location: what was held there, and what *sources* add to it."""
        return joined((*self.taken, *sources))

    def ending(self, order_id: OrderId) -> Ending:
        """Return how the reservation ends: what the order does not take is free again."""
        lines = {line.key: line.id for line in self.hold.lines}
        claimed: dict[ReservationLineId, int] = {}
        for taken in self.taken:
            line_id = lines[taken.sku_id, taken.location_id]
            claimed[line_id] = claimed.get(line_id, 0) + taken.quantity
        return Ending(hold=self.hold, status=ReservationStatus.CONVERTED, order_id=order_id, claimed=claimed)


def check_reservation(
    given: Cart,
    holds: Mapping[ReservationId, HeldReservation],
    principal: Principal,
    now: datetime,
    converted: set[ReservationId],
) -> HeldReservation | None:
    """Return the reservation that an order names, if it names one; *converted* are those that the batch used already.

    Raises: NotFound, also for one of another channel or client; ReservationOverdue, ReservationNotActive; OccurredTooEarly, for
    an order placed before it.
    """
    if given.reservation_id is None:
        return None
    hold = holds.get(given.reservation_id)
    if hold is None or hold.channel_id != given.channel_id or hold.client_id != principal.client_id:
        named = text_id(IdKind.RESERVATION, given.reservation_id)
        raise NotFound(what="reservation", given=named, field=(LIFE.argument,))
    refuse_if(LIFE.why_not(CONVERT, hold.status, Deadline(hold.expires_at, now)))
    if hold.id in converted:
        raise ReservationNotActive(status=ReservationStatus.CONVERTED, field=(LIFE.argument,))
    occurred(now, given.occurred_at, not_before=hold.created_at, what="the reservation's making")
    return hold


def convert(
    hold: HeldReservation, demands: Sequence[Demand], locations: Sequence[LocationId]
) -> tuple[Conversion, list[Demand]]:
    """Return what *demands* take of *hold*, and what is left of them to be sourced.

    Demands that insist on a location choose first; the others take from the channel's *locations* in order, then from any other
    that still holds units for them.
    """
    ranks = {location: rank for rank, location in enumerate(locations)}
    left = {line.id: line.units for line in hold.lines}
    lines = sorted(hold.lines, key=lambda line: ranks.get(line.location_id, len(ranks)))
    taken: list[Source] = []
    rest: dict[int, Demand] = {}
    for position, demand in sorted(enumerate(demands), key=lambda each: each[1].location_id is None):
        missing = demand.quantity
        for line in lines:
            if line.sku_id == demand.sku_id and demand.location_id in {None, line.location_id}:
                units = min(missing, left[line.id])
                if units:
                    left[line.id] -= units
                    missing -= units
                    taken.append(Source(demand.line, demand.sku_id, line.location_id, units, REASON))
        if missing:
            rest[position] = replace(demand, quantity=missing)
    return Conversion(hold, taken), [rest[position] for position in sorted(rest)]
