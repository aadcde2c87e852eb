"""Inputs about reservations."""

from oms_api.domain.inventory.reservations.commands.change import ExtendReservation, ReleaseReservation
from oms_api.domain.promising.commands.create_reservation import CreateReservation
from oms_api.domain.promising.reserving import LineToReserve
from oms_api.graphql.catalog.inputs import SkuByInput
from oms_api.graphql.declared.inputs import Input, becomes
from oms_api.graphql.described import input_type
from oms_api.kernel.ids import ChannelId, LocationId, ReservationId


@input_type
class ReservationLineInput(Input[LineToReserve]):
    """Units of one SKU that a checkout wants."""

    sku: SkuByInput = becomes(by=SkuByInput.to_reference)
    """The SKU; for a bundle, its components are held."""
    quantity: int
    """Units, at least 1. For a bundle: the number of complete bundles."""
    location_id: LocationId | None = None
    """The only location where the units may be held; it must be one of the channel's locations."""


@input_type
class ReservationCreateInput(Input[CreateReservation]):
    """The units that a checkout wants, and the minutes to hold them."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the reservation that the first call
    made."""
    channel_id: ChannelId
    """The channel of the checkout."""
    lines: list[ReservationLineInput]
    """1 to 1,000 lines; lines of the same SKU are added up. Either all units are held, or none."""
    external_ref: str | None = None
    """The checkout's id in the platform. No two active reservations of a channel have the same id."""
    minutes: int | None = None
    """Minutes to hold the units, 1 to 43,200; by default the channel's `reservationMinutes`."""


@input_type
class ReservationExtendInput(Input[ExtendReservation]):
    """The extension of a reservation."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, further calls with the same key do not extend the reservation again."""
    reservation_id: ReservationId
    """The reservation."""
    minutes: int
    """Minutes to add to the present deadline, at least 1. The new deadline is at most 43,200 minutes after the creation of the
    reservation."""


@input_type
class ReservationReleaseInput(Input[ReleaseReservation]):
    """The reservation to release."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the reservation."""
    reservation_id: ReservationId
    """The reservation."""
