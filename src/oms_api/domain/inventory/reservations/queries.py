"""Reading reservations: what a principal may see, and in which order.

A reservation is seen by whoever sees its channel; its lines at other locations are hidden from those limited to some.
"""

from sqlalchemy import ColumnElement, select

from oms_api.db.keyset import Ordering
from oms_api.db.relations import One, Pages, by, pages_of
from oms_api.domain.channels.queries import visible_channels, visible_locations
from oms_api.domain.inventory.reservations.tables import ReservationLineRow, ReservationRow
from oms_api.domain.inventory.states import CauseKind
from oms_api.domain.inventory.stock_documents import document_behind
from oms_api.kernel.access import Sight
from oms_api.kernel.ids import IdKind, ReservationId, ReservationLineId

NEWEST_FIRST = Ordering("created_at_desc", (ReservationRow.created_at, ReservationRow.id), descending=True)
OLDEST_FIRST = Ordering("created_at_asc", (ReservationRow.created_at, ReservationRow.id))
LINE_ORDER = Ordering("position", (ReservationLineRow.position, ReservationLineRow.id))


def visible_to(sight: Sight) -> list[ColumnElement[bool]]:
    """Return the condition that whoever has *sight* sees the channel of a reservation."""
    return visible_channels(sight, ReservationRow.channel_id)


def visible_lines(sight: Sight) -> list[ColumnElement[bool]]:
    """Return the condition that whoever has *sight* sees the location of a line, of a reservation that was seen before."""
    return visible_locations(sight, ReservationLineRow.location_id)


def visible_by_themselves(sight: Sight) -> list[ColumnElement[bool]]:
    """Return the condition that whoever has *sight* sees a line and its reservation."""
    headers = visible_to(sight)
    of_seen = [ReservationLineRow.reservation_id.in_(select(ReservationRow.id).where(*headers))] if headers else []
    return [*visible_lines(sight), *of_seen]


reservations_by_id: One[ReservationId, ReservationRow] = by(ReservationRow.id, visible=visible_to)
"""The reservations that the principal may see."""
reservation_lines_by_id: One[ReservationLineId, ReservationLineRow] = by(ReservationLineRow.id, visible=visible_by_themselves)
"""The lines that the principal may see."""
pages_of_reservation_lines: Pages[ReservationId, ReservationLineRow] = pages_of(
    ReservationLineRow.reservation_id, order=LINE_ORDER, visible=visible_lines
)
"""A page of the lines of each reservation at locations that the principal may see, in their order."""


document_behind(CauseKind.RESERVATION_LINE, IdKind.RESERVATION, ReservationLineRow.id, ReservationLineRow.reservation_id)
