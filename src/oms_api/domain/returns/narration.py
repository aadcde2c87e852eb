"""The events of returns in words, for timelines."""

from uuid import UUID

from sqlalchemy import ColumnElement, SelectBase, select

from oms_api.db.relations import Found, Keys, one_for
from oms_api.db.sets import among
from oms_api.domain.channels.tables import LocationRow
from oms_api.domain.events.timeline import both_ways, narrate, pages_of_part
from oms_api.domain.payments.tables import FeeRow, RefundRow
from oms_api.domain.returns.events import ReturnCanceled, ReturnClosed, ReturnCreated, ReturnReceived
from oms_api.domain.returns.queries import receipts_visible_to, returns_by_id
from oms_api.domain.returns.tables import ReturnReceiptRow
from oms_api.kernel.access import Sight
from oms_api.kernel.ids import IdKind
from oms_api.kernel.sentences import units_of, were


@one_for("id")
def places_of_receipts(receipts: Keys, sight: Sight) -> Found:
    """Find the location of each receipt that the principal may see, and the remark on it."""
    found = select(ReturnReceiptRow.id, ReturnReceiptRow.note, LocationRow.code)
    return found.join(LocationRow, LocationRow.id == ReturnReceiptRow.location_id).where(
        among(ReturnReceiptRow.id, receipts), *receipts_visible_to(sight)
    )


def records_of(back: ColumnElement[UUID]) -> SelectBase:
    """Select the ids of the refunds and fees of a return."""
    granted = select(RefundRow.id).where(RefundRow.return_id == back)
    return granted.union_all(select(FeeRow.id).where(FeeRow.return_id == back))


RETURN_EVENTS = both_ways(lambda order: pages_of_part(order, records_of))
"""The events about returns, their refunds and their fees."""

narrate(
    ReturnCreated,
    lambda it: f"Return {it.record.number} of {units_of(it.units('inReturn')) or 'units'} was announced.",
    behind=returns_by_id,
    note=lambda back: back.note,
)
narrate(
    ReturnReceived,
    lambda it: f"{were(it.units('returned'))} received back in {it.record.code}.",
    behind=places_of_receipts,
    cause=IdKind.RETURN_RECEIPT,
    note=lambda receipt: receipt.note,
)
narrate(
    ReturnClosed,
    lambda it: f"Return {it.record.number} was closed: nothing more is expected.",
    behind=returns_by_id,
    note=lambda back: back.close_note,
)
narrate(
    ReturnCanceled,
    lambda it: f"Return {it.record.number} was canceled.",
    behind=returns_by_id,
    note=lambda back: back.close_note,
)
