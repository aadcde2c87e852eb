"""Returns, as clients read them."""

from datetime import datetime
from typing import Annotated, Self, cast
from uuid import UUID

import strawberry

from oms_api.domain.orders.quantities import LineMoney
from oms_api.domain.orders.queries import lines_by_id, orders_by_id
from oms_api.domain.orders.tables import OrderRow
from oms_api.domain.returns.errors import DuplicateReturnRef
from oms_api.domain.returns.policies import available_actions
from oms_api.domain.returns.states import Disposition, ReturnOrderStatus, ReturnReason
from oms_api.domain.returns.tables import ReturnLineRow, ReturnRow
from oms_api.domain.returns.tables import ReturnReceipt as ReceiptRow
from oms_api.domain.returns.tables import ReturnReceiptLine as ReceiptLineRow
from oms_api.graphql.actions import AvailableAction
from oms_api.graphql.channels.types import Location
from oms_api.graphql.connections import After, Before, Connection, First, Last
from oms_api.graphql.context import Info
from oms_api.graphql.described import enum, output
from oms_api.graphql.errors import UserError, represents
from oms_api.graphql.fulfillment.types import OrderLineType, OrderType, location_of, order_line_of, order_of
from oms_api.graphql.nodes import Node, fetches
from oms_api.graphql.permissions import field
from oms_api.graphql.refunds.of_return import RefundsOfReturn
from oms_api.graphql.returns.loaders import (
    LinesByReceipt,
    LinesByReturn,
    ReceiptById,
    ReceiptLinesByReturnLine,
    ReceiptsByReturn,
    ReturnById,
    ReturnLineById,
)
from oms_api.graphql.returns.value import ReturnValue
from oms_api.graphql.scalars import Int64
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import IdKind, text_id
from oms_api.kernel.paging import PageRequest

ReturnType = Annotated["Return", strawberry.lazy("oms_api.graphql.returns.types")]
ReturnLineType = Annotated["ReturnLine", strawberry.lazy("oms_api.graphql.returns.types")]
for states in (ReturnOrderStatus, ReturnReason, Disposition):
    enum(states)


@output
class ReturnReceipt:
    """Goods of a return that arrived at a location together."""

    row: strawberry.Private[ReceiptRow]
    id: strawberry.ID
    """The id."""
    location_id: strawberry.ID
    """The id of the location they came to."""
    note: str | None
    """What somebody wanted to add."""
    actor: str
    """Who took them in."""
    occurred_at: datetime
    """When they came, by the business's clock."""
    recorded_at: datetime
    """When that was recorded here."""

    @classmethod
    def of(cls, row: ReceiptRow) -> Self:
        """Describe a stored receipt."""
        return cls(
            row=row,
            id=strawberry.ID(text_id(IdKind.RETURN_RECEIPT, row.id)),
            location_id=strawberry.ID(text_id(IdKind.LOCATION, row.location_id)),
            note=row.note,
            actor=row.actor,
            occurred_at=row.occurred_at,
            recorded_at=row.recorded_at,
        )

    @field(description="The location they came to.")
    async def location(self, info: Info) -> Location:
        return await location_of(info, self.row.location_id)

    @field(description="What came, and what became of it.")
    async def lines(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection["ReturnReceiptLine"]:
        loader = info.context.loader(LinesByReceipt, PageRequest.of(first, after, last, before))
        return Connection.of(await loader.load(self.row.id), ReturnReceiptLine.of)


@output
class ReturnReceiptLine:
    """Units that came back, and what became of them."""

    row: strawberry.Private[ReceiptLineRow]
    id: strawberry.ID
    """The id, as the stock movements it caused name it."""
    quantity: int
    """How many units."""
    disposition: Disposition
    """What became of them."""
    lot: str | None
    """The code of the lot that they are of, where one was named."""

    @classmethod
    def of(cls, row: ReceiptLineRow) -> Self:
        """Describe a stored line."""
        line_id = strawberry.ID(text_id(IdKind.RETURN_RECEIPT_LINE, row.id))
        return cls(row=row, id=line_id, quantity=row.quantity, disposition=row.disposition, lot=row.lot)

    @field(description="The receipt it belongs to.")
    async def receipt(self, info: Info) -> ReturnReceipt:
        return ReturnReceipt.of(cast("ReceiptRow", await info.context.loader(ReceiptById).load(self.row.receipt_id)))

    @field(description="The line of the return that announced them.")
    async def return_line(self, info: Info) -> ReturnLineType:
        return ReturnLine.of(cast("ReturnLineRow", await info.context.loader(ReturnLineById).load(self.row.return_line_id)))

    @field(description="The order's line.")
    async def line(self, info: Info) -> OrderLineType:
        return await order_line_of(info, self.row.line_id)

    @field(description="What the customer paid for them; since they came it is not due any more.")
    async def value(self, info: Info) -> ReturnValue:
        line = await info.context.load(lines_by_id, self.row.line_id)
        order = cast("OrderRow", await info.context.load(orders_by_id, line.order_id))
        row = self.row
        return ReturnValue.of(LineMoney(row.goods_minor, row.discount_minor, row.shipping_minor, row.tax_minor), order)


@output
class ReturnLine:
    """Units of an order's line that come back: quantity = received + calledOff + expected."""

    row: strawberry.Private[ReturnLineRow]
    id: strawberry.ID
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
    expected: int
    """Units that may still come."""

    @classmethod
    def of(cls, row: ReturnLineRow) -> Self:
        """Describe a stored line."""
        return cls(
            row=row,
            id=strawberry.ID(text_id(IdKind.RETURN_LINE, row.id)),
            reason=row.reason,
            note=row.note,
            quantity=row.quantity,
            received=row.received,
            called_off=row.called_off,
            expected=row.quantity - row.received - row.called_off,
        )

    @field(description="The order's line; of a bundle a component's.")
    async def line(self, info: Info) -> OrderLineType:
        return await order_line_of(info, self.row.line_id)

    @field(description="What of it came, oldest first, as far as the key may see the locations it came to.")
    async def receipts(self, info: Info) -> list[ReturnReceiptLine]:
        found = await info.context.loader(ReceiptLinesByReturnLine).load(self.row.id)
        return [ReturnReceiptLine.of(row) for row in found]


@output
class Return(Node, RefundsOfReturn):
    """Goods of one order that come back. What becomes of the money is told by refunds."""

    row: strawberry.Private[ReturnRow]
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

    @classmethod
    def of(cls, row: ReturnRow) -> Self:
        """Describe a stored return."""
        return cls(
            id=strawberry.ID(text_id(IdKind.RETURN, row.id)),
            row=row,
            number=Int64(row.number),
            external_ref=row.external_ref,
            status=row.status,
            note=row.note,
            close_note=row.close_note,
            version=row.version,
            created_at=row.created_at,
            received_at=row.received_at,
            closed_at=row.closed_at,
            recorded_at=row.recorded_at,
        )

    @field(description="The order they belong to.")
    async def order(self, info: Info) -> OrderType:
        return await order_of(info, self.row.order_id)

    @field(description="What comes back, in the order given; a bundle's sets as its components.")
    async def lines(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[ReturnLine]:
        loader = info.context.loader(LinesByReturn, PageRequest.of(first, after, last, before))
        return Connection.of(await loader.load(self.row.id), ReturnLine.of)

    @field(description="What came, oldest first, as far as the key may see the locations it came to.")
    async def receipts(self, info: Info) -> list[ReturnReceipt]:
        return [ReturnReceipt.of(row) for row in await info.context.loader(ReceiptsByReturn).load(self.row.id)]

    @field(description="What can be done with it now, and what stands in the way.")
    async def available_actions(self, info: Info) -> list[AvailableAction]:
        return AvailableAction.of(available_actions(self.row.status))


@fetches(IdKind.RETURN, Scope.RETURNS_READ)
async def fetch_return(info: Info, key: UUID) -> Return | None:
    """Return a return, if the caller may see it."""
    row = await info.context.loader(ReturnById).load(key)
    return Return.of(row) if row else None


@represents(DuplicateReturnRef, lambda error: {"return_id": error.return_id})
@output
class DuplicateReturnRefError(UserError):
    """The channel already has a return with this external reference."""

    return_id: strawberry.Private[UUID | None]

    @field(name="return", description="The return that has it.")
    async def return_(self, info: Info) -> Return | None:
        return None if self.return_id is None else await fetch_return(info, self.return_id)
