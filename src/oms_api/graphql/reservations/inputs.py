"""What clients send about reservations."""

import strawberry

from oms_api.domain.inventory.reservations.commands.change import ExtendReservation, ReleaseReservation
from oms_api.domain.inventory.reservations.commands.create import CreateReservation
from oms_api.domain.inventory.reservations.sourcing import LineToReserve
from oms_api.graphql.catalog.inputs import SkuByInput
from oms_api.graphql.described import input_type
from oms_api.graphql.filters import id_at
from oms_api.graphql.rows import each_row
from oms_api.kernel.ids import IdKind


@input_type
class ReservationLineInput:
    """Units of one SKU that a checkout wants."""

    sku: SkuByInput
    """The goods, or a bundle: then its components are held."""
    quantity: int
    """How many units, at least 1; of a bundle how many sets."""
    location_id: strawberry.ID | None = None
    """Hold them at this location only; it must be one of the channel's."""

    def to_line(self, *path: str | int) -> LineToReserve:
        """Return the line as the domain takes it. Raises: InvalidId."""
        location = None if self.location_id is None else id_at(IdKind.LOCATION, self.location_id, *path, "locationId")
        return LineToReserve(self.sku.to_reference(*path, "sku"), self.quantity, location)


@input_type
class ReservationCreateInput:
    """What a checkout wants, and for how long it shall be held."""

    idempotency_key: str
    """Makes a retry safe: the same key answers with the reservation made first; kept 72 hours."""
    channel_id: strawberry.ID
    """The channel of the checkout."""
    lines: list[ReservationLineInput]
    """1 to 1,000 lines; several for one SKU count together. All are held, or none."""
    external_ref: str | None = None
    """The checkout's id in the platform: no two active reservations of a channel have the same."""
    minutes: int | None = None
    """How long, 1 to 43,200 minutes; by default the channel's `reservationMinutes`."""

    def to_command(self) -> CreateReservation:
        """Return the command. Raises: Refused, with each id that is none."""
        return CreateReservation(
            idempotency_key=self.idempotency_key,
            channel_id=id_at(IdKind.CHANNEL, self.channel_id, "channelId"),
            lines=each_row("lines", self.lines, ReservationLineInput.to_line),
            external_ref=self.external_ref,
            minutes=self.minutes,
        )


@input_type
class ReservationExtendInput:
    """For how much longer a reservation shall hold its units."""

    idempotency_key: str
    """Makes a retry safe: the same key extends it once; kept 72 hours."""
    reservation_id: strawberry.ID
    """The reservation."""
    minutes: int
    """Minutes beyond its present deadline, at least 1; it lasts 43,200 minutes at most, from its making."""

    def to_command(self) -> ExtendReservation:
        """Return the command. Raises: InvalidId."""
        return ExtendReservation(
            idempotency_key=self.idempotency_key,
            reservation_id=id_at(IdKind.RESERVATION, self.reservation_id, "reservationId"),
            minutes=self.minutes,
        )


@input_type
class ReservationReleaseInput:
    """Which reservation is given up."""

    idempotency_key: str
    """Makes a retry safe: the same key answers with the reservation; kept 72 hours."""
    reservation_id: strawberry.ID
    """The reservation."""

    def to_command(self) -> ReleaseReservation:
        """Return the command. Raises: InvalidId."""
        return ReleaseReservation(
            idempotency_key=self.idempotency_key,
            reservation_id=id_at(IdKind.RESERVATION, self.reservation_id, "reservationId"),
        )
