"""Asking for returns, and what units are worth before they come back."""

from enum import Enum
from typing import Annotated, Self

import strawberry

from oms_api.domain.orders.quantities import LineMoney
from oms_api.domain.orders.tables import OrderRow
from oms_api.domain.returns.policies import UnitsWanted
from oms_api.domain.returns.queries import (
    NEWEST_FIRST,
    OLDEST_FIRST,
    ReturnFilter,
    page_of_returns,
    preview_of_return,
    return_by_number,
    return_by_reference,
)
from oms_api.domain.returns.states import ReturnOrderStatus
from oms_api.graphql.connections import After, Before, Connection, First, Last
from oms_api.graphql.context import Info
from oms_api.graphql.described import argument, enum, input_type, one_of, output
from oms_api.graphql.filters import DateTimeRange, Match, id_at, matched, matched_ids
from oms_api.graphql.permissions import query
from oms_api.graphql.returns.inputs import ReturnPreviewInput, ReturnPreviewLineInput
from oms_api.graphql.returns.types import Return, fetch_return
from oms_api.graphql.returns.value import ReturnValue
from oms_api.graphql.rows import each_row
from oms_api.graphql.scalars import Int64
from oms_api.kernel.access import Scope
from oms_api.kernel.errors import OmsError
from oms_api.kernel.ids import IdKind, text_id
from oms_api.kernel.paging import PageRequest


@enum
class ReturnOrder(Enum):
    """How a list of returns is ordered."""

    CREATED_AT_DESC = "CREATED_AT_DESC"
    """The newest first."""
    CREATED_AT_ASC = "CREATED_AT_ASC"
    """The oldest first."""


ORDERINGS = {ReturnOrder.CREATED_AT_DESC: NEWEST_FIRST, ReturnOrder.CREATED_AT_ASC: OLDEST_FIRST}


@input_type
class ReturnFilterInput:
    """Which returns. All that is given must hold."""

    order_id: Match[strawberry.ID] | None = None
    """By order."""
    channel_id: Match[strawberry.ID] | None = None
    """By the channel of the order."""
    status: Match[ReturnOrderStatus] | None = None
    """By how far they are."""
    external_ref: Match[str] | None = None
    """By the platform's id."""
    created_at: DateTimeRange | None = None
    """By when they were announced."""

    def to_filter(self) -> ReturnFilter:
        """Return the filter as the domain takes it. Raises: InvalidId, TooManyItems."""
        return ReturnFilter(
            order_ids=matched_ids(IdKind.ORDER, self.order_id, "where", "orderId"),
            channel_ids=matched_ids(IdKind.CHANNEL, self.channel_id, "where", "channelId"),
            statuses=matched(self.status, "where", "status"),
            external_refs=matched(self.external_ref, "where", "externalRef"),
            created_from=self.created_at.from_ if self.created_at else None,
            created_before=self.created_at.before if self.created_at else None,
        )


@input_type
class ReturnExternalRefInput:
    """A reference that is unique within a channel."""

    channel_id: strawberry.ID
    """The channel."""
    ref: str
    """The return's id in the platform."""


@one_of
class ReturnByInput:
    """What a return is found by: exactly one of these."""

    id: strawberry.ID | None = strawberry.UNSET
    """Its id."""
    number: Int64 | None = strawberry.UNSET
    """Its number."""
    external_ref: ReturnExternalRefInput | None = strawberry.UNSET
    """Its id in the platform it came from."""


@output
class ReturnPreviewLine:
    """What units of one line are worth."""

    line_id: strawberry.ID
    """The order's line, as it was given."""
    quantity: int
    """How many units."""
    value: ReturnValue
    """What the customer paid for them."""

    @classmethod
    def of(cls, given: UnitsWanted, value: LineMoney, order: OrderRow) -> Self:
        """Describe what *given* units are worth."""
        line_id = strawberry.ID(text_id(IdKind.LINE, given.line_id))
        return cls(line_id=line_id, quantity=given.quantity, value=ReturnValue.of(value, order))


@output
class ReturnPreview(ReturnValue):
    """What units would be worth if they came back next: exactly what a receipt would take off what is due."""

    lines: list[ReturnPreviewLine]
    """The same by line, in the order given."""


@output
class ReturnQueries:
    """Asking for returns."""

    @query(Scope.RETURNS_READ, description="A list of returns, the newest first unless told otherwise.")
    async def returns(
        self,
        info: Info,
        where: Annotated[ReturnFilterInput | None, argument("Which ones; all of them unless told.")] = None,
        order_by: Annotated[ReturnOrder, argument("In which order.")] = ReturnOrder.CREATED_AT_DESC,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Return]:
        page = PageRequest.of(first, after, last, before)
        wanted = where.to_filter() if where else ReturnFilter()
        async with info.context.reads() as read:
            return Connection.of(await page_of_returns(read, wanted, page, by=ORDERINGS[order_by]), Return.of)

    @query(Scope.RETURNS_READ, name="return", description="One return, or null where there is none that the key may see.")
    async def return_(self, info: Info, by: Annotated[ReturnByInput, argument("What it is found by.")]) -> Return | None:
        if isinstance(by.id, str):
            return await fetch_return(info, id_at(IdKind.RETURN, by.id, "by", "id"))
        async with info.context.reads() as read:
            if by.external_ref:
                channel = id_at(IdKind.CHANNEL, by.external_ref.channel_id, "by", "externalRef", "channelId")
                row = await return_by_reference(read, channel, by.external_ref.ref)
            else:
                row = await return_by_number(read, by.number or 0)
        return Return.of(row) if row else None

    @query(
        Scope.RETURNS_READ,
        description="What units of an order are worth, before they are announced; refused where `returnCreate` would be.",
    )
    async def return_preview(
        self, info: Info, input: Annotated[ReturnPreviewInput, argument("What might come back.")]
    ) -> ReturnPreview:
        order_id = id_at(IdKind.ORDER, input.order_id, "input", "orderId")
        async with info.context.reads() as read:
            try:
                wanted = each_row("lines", input.lines, ReturnPreviewLineInput.to_units)
                found = await preview_of_return(read, order_id, wanted)
            except OmsError as error:
                raise error.at("input") from None
        whole = ReturnValue.of(found.value, found.order)
        lines = [ReturnPreviewLine.of(given, value, found.order) for given, value in zip(wanted, found.rows, strict=True)]
        return ReturnPreview(**vars(whole), lines=lines)
