"""Asking for refunds, and how much could be refunded."""

from enum import Enum
from typing import Annotated

from oms_api.domain.payments.queries import NEWEST_FIRST, OLDEST_FIRST
from oms_api.domain.payments.tables import RefundRow
from oms_api.domain.returns.queries import receipts_visible_to
from oms_api.domain.returns.tables import ReturnReceiptRow
from oms_api.graphql.context import Info
from oms_api.graphql.declared.filters import Where, on
from oms_api.graphql.declared.lists import Listing, listed
from oms_api.graphql.declared.through import Sought
from oms_api.graphql.described import argument, enum, input_type, output
from oms_api.graphql.permissions import query
from oms_api.graphql.refunds.types import Refund, RefundPreview
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import OrderId, RefundId, ReturnId
from oms_api.workflows.refund import preview_of_refund

RECEIPTS = Sought(RefundRow.return_id, ReturnReceiptRow.return_id, seen=receipts_visible_to)


@enum
class RefundOrder(Enum):
    """The sort order of a list of refunds."""

    GRANTED_AT_DESC = NEWEST_FIRST
    """The newest first."""
    GRANTED_AT_ASC = OLDEST_FIRST
    """The oldest first."""


@input_type
class RefundFilterInput(Where):
    """Conditions on refunds; all must be true."""

    order_id = on(RefundRow.order_id)
    status = on(RefundRow.status, gauged=True)
    channel_id = on(RefundRow.channel_id, gauged=True)
    """By the channel of the order."""
    reason = on(RefundRow.reason, gauged=True)
    provider_reference = on(RefundRow.provider_reference, searched=True, gauged=True)
    """By the provider's reference."""
    return_id = on(RefundRow.return_id)
    location_id = on(ReturnReceiptRow.location_id, through=RECEIPTS, gauged=True, scope=Scope.RETURNS_READ)
    """By a location where goods of the refund's return arrived. Needs the scope `returns:read`."""
    granted_at = on(RefundRow.granted_at, gauged=True)
    """When the refunds were granted."""


REFUNDS = Listing(show=Refund, where=RefundFilterInput, order=RefundOrder)


@output
class RefundQueries:
    """Asking for refunds, and how much could be refunded."""

    refunds = listed(REFUNDS)
    """A list of refunds, the newest first by default."""

    @query(Scope.PAYMENTS_READ, description="One refund; null where there is none that the API key may see.")
    async def refund(self, info: Info, id: Annotated[RefundId, argument("Its id.")]) -> Refund | None:
        return await Refund.fetch(info, id)

    @query(
        Scope.PAYMENTS_READ,
        description="The state of an order's money, and the amount that `refundCreate` would grant by default.",
    )
    async def refund_preview(
        self,
        info: Info,
        order_id: Annotated[OrderId, argument("The order.")],
        return_id: Annotated[ReturnId | None, argument("The return for which the refund would be granted.")] = None,
    ) -> RefundPreview:
        return RefundPreview.of(await preview_of_refund(info.context.read, order_id, return_id))
