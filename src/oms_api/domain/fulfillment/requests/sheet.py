"""A supplier's open work as a sheet: a row for each line with units left."""

import csv
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from io import StringIO
from typing import Any

from sqlalchemy import select

from oms_api.db.relations import Found
from oms_api.db.session import Reader
from oms_api.db.statements import statement
from oms_api.domain.fulfillment.requests.queries import request_lines_shown, requests_shown, visible_to
from oms_api.domain.fulfillment.requests.recipients import delivery_point_of, recipient_of
from oms_api.domain.fulfillment.requests.states import AGREED, FulfillmentRequestStatus
from oms_api.domain.fulfillment.requests.tables import FulfillmentRequestRow
from oms_api.domain.fulfillment.tables import FulfillmentOrderLineRow
from oms_api.kernel.access import Sight
from oms_api.kernel.ids import IdKind, text_id

MOST_ROWS = 10_000
ADDRESS = ("name", "company", "line1", "line2", "city", "region", "postal_code", "country", "phone")
COLUMNS = (
    *("request_id", "status", "order_number", "location_code", "submitted_at", "answer_by", "ships_by", "on_hold"),
    *("line_id", "sku_code", "supplier_code", "item_name", "remaining", "unit_cost", "currency"),
    *("shipping_method", *ADDRESS, "delivery_point", "order_note"),
)
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a cell begins with that programs for sheets would calculate."""


@statement(alone=True)
def lines_to_send(sight: Sight, most: int) -> Found:
    """The lines of requests that are SUBMITTED or accepted with units left, those of the oldest first, *most* at most."""
    asked, part = FulfillmentRequestRow, FulfillmentOrderLineRow
    left = (part.quantity - part.shipped - part.canceled).label("left")
    columns = asked.id, asked.status, asked.submitted_at, asked.answer_by, asked.ships_by
    found = select(*columns, part.id.label("part_id"), left).join(part, part.fulfillment_order_id == asked.fulfillment_order_id)
    open_ = asked.status.in_([FulfillmentRequestStatus.SUBMITTED, *AGREED])
    some = part.quantity > part.shipped + part.canceled
    return found.where(open_, some, *visible_to(sight)).order_by(asked.created_at, asked.id, part.id).limit(most)


async def sheet_of_requests(read: Reader) -> tuple[str, bool]:
    """Return the sheet as CSV, and whether there is more than the rows it may have."""
    found = await read.all(lines_to_send(read.sight, MOST_ROWS + 1))
    rows, more = found[:MOST_ROWS], len(found) > MOST_ROWS
    requests = await requests_shown(read, list(dict.fromkeys(row.id for row in rows)))
    lines = await request_lines_shown(read, [row.part_id for row in rows])
    cells = (_cells(row, requests[row.id], lines[row.part_id]) for row in rows)
    return written([COLUMNS, *cells]), more


def written(rows: Iterable[Sequence[object]]) -> str:
    """Return *rows* as CSV, in which no cell is a formula."""
    out = StringIO()
    csv.writer(out).writerows([harmless(cell) for cell in row] for row in rows)
    return out.getvalue()


def harmless(cell: object) -> str:
    """Return a cell as text; what a program for sheets would calculate stays text by a quote before it."""
    match cell:
        case None:
            return ""
        case datetime() | date():
            return cell.isoformat()
        case str() if cell.startswith(FORMULA):
            return f"'{cell}"
    return str(cell)


def _cells(row: Any, shown: Any, line: Any) -> list[object]:  # noqa: ANN401 - rows
    address = recipient_of(shown, row.status) or {}
    point = delivery_point_of(shown, row.status) or {}
    return [
        *(text_id(IdKind.FULFILLMENT_REQUEST, row.id), row.status.value, shown.number, shown.location_code),
        *(row.submitted_at, row.answer_by, row.ships_by, "yes" if shown.on_hold else "no"),
        *(text_id(IdKind.FULFILLMENT_ORDER_LINE, row.part_id), line.sku_code, line.supplier_code, line.name, row.left),
        *(line.unit_cost if line.currency else None, line.currency if line.unit_cost is not None else None),
        *(shown.shipping_method, *(address.get(name) for name in ADDRESS), point.get("code"), shown.order_note),
    ]
