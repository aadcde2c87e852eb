"""Making, extending and releasing reservations."""

from functools import partial

from oms_api.domain.inventory.reservations.commands.change import extend_reservation, release_reservation
from oms_api.domain.promising.commands.create_reservation import create_reservation
from oms_api.graphql.declared.mutations import carries_out
from oms_api.graphql.described import output
from oms_api.graphql.payloads import Payload
from oms_api.graphql.reservations.inputs import ReservationCreateInput, ReservationExtendInput, ReservationReleaseInput
from oms_api.graphql.reservations.types import Reservation
from oms_api.kernel.access import Scope


@output
class ReservationCreatePayload(Payload):
    """The reservation, or why nothing is held."""

    reservation: Reservation | None = None
    """The reservation. Where `replayed` is true, this is its present state."""


@output
class ReservationExtendPayload(Payload):
    """The reservation with its new deadline, or why it was not extended."""

    reservation: Reservation | None = None
    """The reservation. Where `replayed` is true, this is its present state."""


@output
class ReservationReleasePayload(Payload):
    """The reservation after the release, or why nothing was released."""

    reservation: Reservation | None = None
    """The reservation. Where `replayed` is true, this is its present state."""


on_reservation = partial(carries_out, scope=Scope.INVENTORY_WRITE)


@output
class ReservationMutations:
    """Making, extending and releasing reservations."""

    reservation_create = on_reservation(
        create_reservation,
        ReservationCreateInput,
        payload=ReservationCreatePayload,
        describes="The units to hold.",
    )
    """Hold units for a checkout until a deadline, at the channel's locations by priority: all or none. `orderPlace` with
    `reservationId` takes the units; units that the order does not want become free again. Fails where the channel cannot sell
    that many units now."""
    reservation_extend = on_reservation(
        extend_reservation, ReservationExtendInput, payload=ReservationExtendPayload, describes="The extension."
    )
    """Extend a reservation. Fails for a reservation that has ended, or that is past its deadline."""
    reservation_release = on_reservation(
        release_reservation, ReservationReleaseInput, payload=ReservationReleasePayload, describes="The record."
    )
    """Release a reservation: all of its units are free again. Fails for a reservation that has ended."""
