"""Returns, as clients read them."""

from datetime import datetime

import strawberry

from oms_api.domain.orders.quantities import LineMoney
from oms_api.domain.returns.errors import DuplicateReturnRef
from oms_api.domain.returns.narration import RETURN_EVENTS
from oms_api.domain.returns.queries import (
    orders_by_line,
    pages_of_receipt_lines,
    pages_of_return_lines,
    receipt_lines_by_return_line,
    receipts_by_id,
    receipts_by_return,
    return_lines_by_id,
    returns_by_id,
)
from oms_api.domain.returns.states import Disposition, ReturnOrderStatus, ReturnReason
from oms_api.domain.returns.tables import ReturnLineRow, ReturnReceiptLineRow, ReturnReceiptRow, ReturnRow
from oms_api.domain.returns.verbs import LIFE
from oms_api.graphql.actions import AvailableAction
from oms_api.graphql.carriers.types import LabelsOfReturn
from oms_api.graphql.channels.types import Location
from oms_api.graphql.connections import Connection
from oms_api.graphql.context import Info
from oms_api.graphql.declared.links import leads_to, loaded, many, pages
from oms_api.graphql.declared.records import Record, entity, made
from oms_api.graphql.described import enum, output
from oms_api.graphql.errors import UserError, represents
from oms_api.graphql.fulfillment.types import OrderLineType, OrderType
from oms_api.graphql.nodes import Node
from oms_api.graphql.permissions import field
from oms_api.graphql.refunds.of_return import RefundsOfReturn
from oms_api.graphql.returns.value import ReturnValue
from oms_api.graphql.scalars import Int64
from oms_api.graphql.timeline.types import TimelineEntry, timeline
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import LocationId, ReturnId, ReturnLineId, ReturnReceiptId, ReturnReceiptLineId

for states in (ReturnOrderStatus, ReturnReason, Disposition):
    enum(states)


@output
class ReturnReceiptLine(Record[ReturnReceiptLineRow]):
    """Received units of a line, and their treatment."""

    id: ReturnReceiptLineId
    """The id. The `cause` of the stock movements of these units has this id."""
    quantity: int
    """Units."""
    disposition: Disposition
    """The treatment of the units."""
    lot: str | None
    """The code of the lot; null where none was named."""
    receipt: "ReturnReceipt" = leads_to(ReturnReceiptLineRow.receipt_id)
    """The receipt that the units came with."""
    return_line: "ReturnLine" = leads_to(ReturnReceiptLineRow.return_line_id)
    """The line of the return that announced the units."""
    line: OrderLineType = leads_to(ReturnReceiptLineRow.line_id)
    """The order's line."""
    value: ReturnValue = loaded(
        orders_by_line,
        lambda order, *amounts: ReturnValue.of(LineMoney(*amounts), order),
        key=ReturnReceiptLineRow.line_id,
        along=(
            ReturnReceiptLineRow.goods_minor,
            ReturnReceiptLineRow.discount_minor,
            ReturnReceiptLineRow.shipping_minor,
            ReturnReceiptLineRow.tax_minor,
        ),
    )
    """The amount the customer paid for the units. When the units were received, the amount due was lowered by it."""


@entity(receipts_by_id, None)
class ReturnReceipt(Record[ReturnReceiptRow]):
    """Goods of a return that were received at a location together."""

    id: ReturnReceiptId
    """The id."""
    location_id: LocationId
    """The id of the location that the goods came to."""
    note: str | None
    """A remark of the author."""
    actor: str
    """The person or program that received the goods."""
    occurred_at: datetime
    """When the goods came; it may have been recorded later."""
    recorded_at: datetime
    """When it was recorded in this system."""
    location: Location = leads_to(ReturnReceiptRow.location_id)
    """The location that the goods came to."""
    lines: Connection[ReturnReceiptLine] = pages(pages_of_receipt_lines, ReturnReceiptLine)
    """The received units and their treatment."""


@entity(return_lines_by_id, None)
class ReturnLine(Record[ReturnLineRow]):
    """Units of an order's line that come back: quantity = received + calledOff + expected."""

    id: ReturnLineId
    """The id."""
    reason: ReturnReason
    """The reason."""
    note: str | None
    """The customer's remark."""
    quantity: int
    """Units announced."""
    received: int
    """Units received."""
    called_off: int
    """Units no longer expected."""
    expected: int = made(
        lambda quantity, received, called_off: quantity - received - called_off,
        ReturnLineRow.quantity,
        ReturnLineRow.received,
        ReturnLineRow.called_off,
    )
    """Units still expected."""
    line: OrderLineType = leads_to(ReturnLineRow.line_id)
    """The line of the order; for a bundle, the line of a component."""
    receipts: list[ReturnReceiptLine] = many(receipt_lines_by_return_line, ReturnReceiptLine)
    """The receipts of its units, oldest first, at the locations that the API key may see."""


@entity(returns_by_id, Scope.RETURNS_READ)
class Return(Node, RefundsOfReturn, LabelsOfReturn, Record[ReturnRow]):
    """Goods of one order that come back. The money for them is paid back by refunds."""

    id: ReturnId
    number: Int64
    """Its number: unique, with gaps."""
    external_ref: str | None
    """Its id in the platform it came from."""
    status: ReturnOrderStatus
    """The status."""
    note: str | None
    """A remark for the people who handle it."""
    close_note: str | None
    """The remark on closing or canceling; null for none."""
    version: int
    """Increases with every change of the return."""
    created_at: datetime
    """When the return was announced; it may have been recorded later."""
    received_at: datetime | None
    """When the last units were received; null while more are expected."""
    closed_at: datetime | None
    """When it was closed or canceled; null before that."""
    recorded_at: datetime
    """When it was recorded in this system."""
    updated_at: datetime
    """When it was last changed in this system."""
    order: OrderType = leads_to(ReturnRow.order_id)
    """The order that the goods belong to."""
    lines: Connection[ReturnLine] = pages(pages_of_return_lines, ReturnLine)
    """The units that come back, in the order given; for a bundle, the units of its components."""
    receipts: list[ReturnReceipt] = many(receipts_by_return, ReturnReceipt)
    """The receipts, oldest first, at the locations that the API key may see."""
    timeline: Connection[TimelineEntry] = timeline(RETURN_EVENTS, "order_id", "id")
    """All that happened to the return, as far as the API key may see it."""

    @field(description="The actions on it, and whether each is allowed now.")
    async def available_actions(self, info: Info) -> list[AvailableAction]:
        return AvailableAction.of(LIFE.actions(self.row.status, self.row.status))


@represents(DuplicateReturnRef, lambda error: {"return_id": error.return_id})
@output
class DuplicateReturnRefError(UserError):
    """The channel already has a return with this external reference."""

    return_id: strawberry.Private[ReturnId | None]

    @field(description="The return that has the reference.")
    async def return_(self, info: Info) -> Return | None:
        return None if self.return_id is None else await Return.fetch(info, self.return_id)
