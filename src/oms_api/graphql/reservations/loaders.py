"""Batch loaders around reservations."""

from uuid import UUID

from oms_api.db.session import Reader
from oms_api.domain.inventory.reservations.queries import (
    pages_of_reservation_lines,
    reservation_lines_by_id,
    reservations_by_id,
)
from oms_api.domain.inventory.reservations.tables import ReservationLineRow, ReservationRow
from oms_api.graphql.context import BatchLoader, RequestContext
from oms_api.kernel.paging import Page, PageRequest


class ReservationById(BatchLoader[UUID, ReservationRow | None]):
    """Reservations that the caller may see."""

    async def load_batch(self, read: Reader, keys: list[UUID]) -> list[ReservationRow | None]:
        found = await reservations_by_id(read, keys)
        return [found.get(key) for key in keys]


class ReservationLineById(BatchLoader[UUID, ReservationLineRow | None]):
    """Lines of reservations that the caller may see."""

    async def load_batch(self, read: Reader, keys: list[UUID]) -> list[ReservationLineRow | None]:
        found = await reservation_lines_by_id(read, keys)
        return [found.get(key) for key in keys]


class LinesByReservation(BatchLoader[UUID, Page[ReservationLineRow]]):
    """A page of the lines of each reservation."""

    def __init__(self, context: RequestContext, page: PageRequest) -> None:
        super().__init__(context)
        self.page = page

    async def load_batch(self, read: Reader, keys: list[UUID]) -> list[Page[ReservationLineRow]]:
        found = await pages_of_reservation_lines(read, keys, self.page)
        return [found[key] for key in keys]
