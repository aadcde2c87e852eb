"""Returns, as clients read them."""

from datetime import datetime

import strawberry

from oms_api.domain.orders.quantities import LineMoney
from oms_api.domain.returns.errors import DuplicateReturnRef
from oms_api.domain.returns.policies import available_actions
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
from oms_api.domain.returns.tables import ReturnLineRow, ReturnRow
from oms_api.domain.returns.tables import ReturnReceipt as ReceiptRow
from oms_api.domain.returns.tables import ReturnReceiptLine as ReceiptLineRow
from oms_api.graphql.actions import AvailableAction
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
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import LocationId, ReturnId, ReturnLineId, ReturnReceiptId, ReturnReceiptLineId

for states in (ReturnOrderStatus, ReturnReason, Disposition):
    enum(states)


@output
class ReturnReceiptLine(Record[ReceiptLineRow]):
    """Units that came back, and what became of them."""

    id: ReturnReceiptLineId
    """The id, as the stock movements it caused name it."""
    quantity: int
    """How many units."""
    disposition: Disposition
    """What became of them."""
    lot: str | None
    """The code of the lot that they are of, where one was named."""
    receipt: "ReturnReceipt" = leads_to(ReceiptLineRow.receipt_id)
    """The receipt it belongs to."""
    return_line: "ReturnLine" = leads_to(ReceiptLineRow.return_line_id)
    """The line of the return that announced them."""
    line: OrderLineType = leads_to(ReceiptLineRow.line_id)
    """The order's line."""
    value: ReturnValue = loaded(
        orders_by_line,
        lambda order, *amounts: ReturnValue.of(LineMoney(*amounts), order),
        key=ReceiptLineRow.line_id,
        along=(
            ReceiptLineRow.goods_minor,
            ReceiptLineRow.discount_minor,
            ReceiptLineRow.shipping_minor,
            ReceiptLineRow.tax_minor,
        ),
    )
    """What the customer paid for them; since they came it is not due any more."""


@entity(receipts_by_id, None)
class ReturnReceipt(Record[ReceiptRow]):
    """Goods of a return that arrived at a location together."""

    id: ReturnReceiptId
    """The id."""
    location_id: LocationId
    """The id of the location they came to."""
    note: str | None
    """A remark of the author."""
    actor: str
    """Who took them in."""
    occurred_at: datetime
    """When they came, by the business's clock."""
    recorded_at: datetime
    """When that was recorded here."""
    location: Location = leads_to(ReceiptRow.location_id)
    """The location they came to."""
    lines: Connection[ReturnReceiptLine] = pages(pages_of_receipt_lines, ReturnReceiptLine)
    """What came, and what became of it."""


@entity(return_lines_by_id, None)
class ReturnLine(Record[ReturnLineRow]):
    """Units of an order's line that come back: quantity = received + calledOff + expected."""

    id: ReturnLineId
    """The id."""
    reason: ReturnReason
    """Why they come back."""
    note: str | None
    """What the customer had to say about it."""
    quantity: int
    """Units that were announced."""
    received: int
    """Units that came."""
    called_off: int
    """Units that do not come after all."""
    expected: int = made(
        lambda quantity, received, called_off: quantity - received - called_off,
        ReturnLineRow.quantity,
        ReturnLineRow.received,
        ReturnLineRow.called_off,
    )
    """Units that may still come."""
    line: OrderLineType = leads_to(ReturnLineRow.line_id)
    """The order's line; of a bundle a component's."""
    receipts: list[ReturnReceiptLine] = many(receipt_lines_by_return_line, ReturnReceiptLine)
    """What of it came, oldest first, as far as the key may see the locations it came to."""


@entity(returns_by_id, Scope.RETURNS_READ)
class Return(Node, RefundsOfReturn, Record[ReturnRow]):
    """Goods of one order that come back. What becomes of the money is told by refunds."""

    id: ReturnId
    number: Int64
    """Its number: unique, with gaps."""
    external_ref: str | None
    """Its id in the platform it came from."""
    status: ReturnOrderStatus
    """How far it is."""
    note: str | None
    """A remark for whoever handles it."""
    close_note: str | None
    """What was remarked when it was closed or canceled."""
    version: int
    """Moves when units are received or called off."""
    created_at: datetime
    """When it was announced, by the business's clock."""
    received_at: datetime | None
    """When the last of it came; null while more is expected."""
    closed_at: datetime | None
    """When it was closed or canceled."""
    recorded_at: datetime
    """When it was recorded here."""
    order: OrderType = leads_to(ReturnRow.order_id)
    """The order they belong to."""
    lines: Connection[ReturnLine] = pages(pages_of_return_lines, ReturnLine)
    """What comes back, in the order given; a bundle's sets as its components."""
    receipts: list[ReturnReceipt] = many(receipts_by_return, ReturnReceipt)
    """What came, oldest first, as far as the key may see the locations it came to."""

    @field(description="The actions on it, and whether each is allowed now.")
    async def available_actions(self, info: Info) -> list[AvailableAction]:
        return AvailableAction.of(available_actions(self.row.status))


@represents(DuplicateReturnRef, lambda error: {"return_id": error.return_id})
@output
class DuplicateReturnRefError(UserError):
    """The channel already has a return with this external reference."""

    return_id: strawberry.Private[ReturnId | None]

    @field(description="The return that has the reference.")
    async def return_(self, info: Info) -> Return | None:
        return None if self.return_id is None else await Return.fetch(info, self.return_id)
