"""Making, extending and releasing reservations."""

from functools import partial
from typing import Annotated

from oms_api.domain.inventory.reservations.commands.change import extend_reservation, release_reservation
from oms_api.domain.inventory.reservations.commands.create import create_reservation
from oms_api.domain.inventory.reservations.queries import reservation_by_id
from oms_api.domain.purchasing.incoming import next_arrivals
from oms_api.graphql.context import Info
from oms_api.graphql.described import argument, output
from oms_api.graphql.payloads import Payload, once
from oms_api.graphql.permissions import mutation
from oms_api.graphql.reservations.inputs import ReservationCreateInput, ReservationExtendInput, ReservationReleaseInput
from oms_api.graphql.reservations.types import Reservation
from oms_api.kernel.access import Scope


@output
class ReservationCreatePayload(Payload):
    """The reservation, or why nothing is held."""

    reservation: Reservation | None = None
    """The reservation; on a replay as it is now."""


@output
class ReservationExtendPayload(Payload):
    """The reservation with its new deadline, or why it stays what it was."""

    reservation: Reservation | None = None
    """The reservation; on a replay as it is now."""


@output
class ReservationReleasePayload(Payload):
    """The reservation after its end, or why nothing was released."""

    reservation: Reservation | None = None
    """The reservation; on a replay as it is now."""


@output
class ReservationMutations:
    """Making, extending and releasing reservations."""

    @mutation(
        Scope.INVENTORY_WRITE,
        description="Hold what a checkout wants until a deadline, over the channel's locations by priority, all or nothing. "
        "Place the order with `reservationId` to take it; held units that it does not want are free again. Fails where the "
        "channel could not sell as much now.",
    )
    async def reservation_create(
        self, info: Info, input: Annotated[ReservationCreateInput, argument("What is to be held.")]
    ) -> ReservationCreatePayload:
        done = await once(info, input, partial(create_reservation, next_arrivals=next_arrivals), again=reservation_by_id)
        return ReservationCreatePayload(reservation=Reservation.of(done.value), replayed=done.replayed)

    @mutation(
        Scope.INVENTORY_WRITE,
        description="Hold a checkout's units for longer. Fails for a reservation that is over or whose deadline has passed.",
    )
    async def reservation_extend(
        self, info: Info, input: Annotated[ReservationExtendInput, argument("For how much longer.")]
    ) -> ReservationExtendPayload:
        done = await once(info, input, extend_reservation, again=reservation_by_id)
        return ReservationExtendPayload(reservation=Reservation.of(done.value), replayed=done.replayed)

    @mutation(
        Scope.INVENTORY_WRITE,
        description="Give a reservation up: all of its units are free again. Fails for one that is over.",
    )
    async def reservation_release(
        self, info: Info, input: Annotated[ReservationReleaseInput, argument("Which one.")]
    ) -> ReservationReleasePayload:
        done = await once(info, input, release_reservation, again=reservation_by_id)
        return ReservationReleasePayload(reservation=Reservation.of(done.value), replayed=done.replayed)
