"""Asking for refunds, and how much could be refunded."""

from enum import Enum
from typing import Annotated

import strawberry

from oms_api.domain.payments.queries import NEWEST_FIRST, OLDEST_FIRST, RefundFilter, page_of_refunds
from oms_api.graphql.connections import After, Before, Connection, First, Last
from oms_api.graphql.context import Info
from oms_api.graphql.described import argument, enum, output
from oms_api.graphql.filters import id_at
from oms_api.graphql.permissions import query
from oms_api.graphql.refunds.inputs import RefundFilterInput
from oms_api.graphql.refunds.types import Refund, RefundPreview, fetch_refund
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import IdKind
from oms_api.kernel.paging import PageRequest
from oms_api.workflows.refund import preview_of_refund


@enum
class RefundOrder(Enum):
    """How a list of refunds is ordered."""

    GRANTED_AT_DESC = "GRANTED_AT_DESC"
    """The newest first."""
    GRANTED_AT_ASC = "GRANTED_AT_ASC"
    """The oldest first."""


ORDERINGS = {RefundOrder.GRANTED_AT_DESC: NEWEST_FIRST, RefundOrder.GRANTED_AT_ASC: OLDEST_FIRST}


@output
class RefundQueries:
    """Asking for refunds, and how much could be refunded."""

    @query(Scope.PAYMENTS_READ, description="A list of refunds, the newest first unless told otherwise.")
    async def refunds(
        self,
        info: Info,
        where: Annotated[RefundFilterInput | None, argument("Which ones; all of them unless told.")] = None,
        order_by: Annotated[RefundOrder, argument("In which order.")] = RefundOrder.GRANTED_AT_DESC,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Refund]:
        page = PageRequest.of(first, after, last, before)
        wanted = where.to_filter() if where else RefundFilter()
        return Connection.of(await page_of_refunds(info.context.read, wanted, page, by=ORDERINGS[order_by]), Refund.of)

    @query(Scope.PAYMENTS_READ, description="One refund, or null where there is none that the key may see.")
    async def refund(self, info: Info, id: Annotated[strawberry.ID, argument("Its id.")]) -> Refund | None:
        return await fetch_refund(info, id_at(IdKind.REFUND, id, "id"))

    @query(
        Scope.PAYMENTS_READ,
        description="How the money of an order stands, and what `refundCreate` without an amount would grant.",
    )
    async def refund_preview(
        self,
        info: Info,
        order_id: Annotated[strawberry.ID, argument("The order.")],
        return_id: Annotated[strawberry.ID | None, argument("The order's return that a refund would be for.")] = None,
    ) -> RefundPreview:
        order = id_at(IdKind.ORDER, order_id, "orderId")
        back = None if return_id is None else id_at(IdKind.RETURN, return_id, "returnId")
        return RefundPreview.of(await preview_of_refund(info.context.read, order, back))
