"""Keeping by how much an act moved what concessions take off what is due."""

from datetime import datetime
from uuid import UUID

from oms_api.db.rows import Row, inserts
from oms_api.db.session import Tx
from oms_api.domain.fulfillment.document import OrderDocument
from oms_api.domain.orders.dues import NOTHING, Place
from oms_api.domain.payments.states import RefundPartKind
from oms_api.domain.payments.tables import ConcessionRow
from oms_api.kernel.ids import new_uuid

CONCESSIONS = inserts(ConcessionRow)


def write_concessions(tx: Tx, document: OrderDocument, act_id: UUID, at: datetime, *, called_off: bool = False) -> None:
    """Hand to *tx* by how much an act, or the end of one that is *called_off*, moved what concessions take off *document*."""
    before, now = document.took_off, document.dues.conceded
    rows: list[Row] = []
    for place in {**before, **now}:
        moved = now.get(place, NOTHING) - before.get(place, NOTHING)
        if moved.amount:
            rows.append(
                {
                    "id": new_uuid(),
                    "order_id": document.order.id,
                    "act_id": act_id,
                    "called_off": called_off,
                    **place_columns(place),
                    "amount_minor": moved.amount,
                    "shipping_minor": moved.shipping,
                    "tax_minor": moved.tax,
                    "occurred_at": at,
                }
            )
    tx.write(CONCESSIONS, rows)


def place_columns(place: Place) -> dict[str, object]:
    """Return the columns that say what an amount is of."""
    by_kind = isinstance(place, RefundPartKind)
    return {"kind": place if by_kind else RefundPartKind.LINE, "line_id": None if by_kind else place}
