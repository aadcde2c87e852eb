"""Granting, requesting and canceling refunds."""

from typing import Annotated

from oms_api.domain.payments.queries import refund_by_id
from oms_api.graphql.context import Info
from oms_api.graphql.described import argument, output
from oms_api.graphql.payloads import Payload, once
from oms_api.graphql.permissions import mutation
from oms_api.graphql.refunds.inputs import RefundCancelInput, RefundCreateInput, RefundRequestInput
from oms_api.graphql.refunds.types import Refund
from oms_api.kernel.access import Scope
from oms_api.workflows.refund import cancel_refund, create_refund, request_refund


@output
class RefundCreatePayload(Payload):
    """The refund, or why there is none."""

    refund: Refund | None = None
    """The refund; on a replay as it is now."""


@output
class RefundRequestPayload(Payload):
    """The refund after the request, or why nothing was requested."""

    refund: Refund | None = None
    """The refund; on a replay as it is now."""


@output
class RefundCancelPayload(Payload):
    """The refund after its end, or why it was not canceled."""

    refund: Refund | None = None
    """The refund; on a replay as it is now."""


@output
class RefundMutations:
    """Granting, requesting and canceling refunds."""

    @mutation(
        Scope.PAYMENTS_WRITE,
        description="Grant a refund: from here on we owe it. Never more than was captured, less what went back, was charged "
        "back or is granted already. No money moves: tell the provider, then `refundRequest`; its report makes it succeed.",
    )
    async def refund_create(
        self, info: Info, input: Annotated[RefundCreateInput, argument("What goes back.")]
    ) -> RefundCreatePayload:
        done = await once(info, input, create_refund, again=refund_by_id)
        return RefundCreatePayload(refund=Refund.of(done.value), replayed=done.replayed)

    @mutation(
        Scope.PAYMENTS_WRITE,
        description="Record that a provider was told to pay a refund, the first time or after a failure. What it reported "
        "before this was known counts at once.",
    )
    async def refund_request(
        self, info: Info, input: Annotated[RefundRequestInput, argument("Which refund, and who pays.")]
    ) -> RefundRequestPayload:
        done = await once(info, input, request_refund, again=refund_by_id)
        return RefundRequestPayload(refund=Refund.of(done.value), replayed=done.replayed)

    @mutation(
        Scope.PAYMENTS_WRITE,
        description="Call off what is not paid of a refund that was not requested, or that failed.",
    )
    async def refund_cancel(
        self, info: Info, input: Annotated[RefundCancelInput, argument("Which refund.")]
    ) -> RefundCancelPayload:
        done = await once(info, input, cancel_refund, again=refund_by_id)
        return RefundCancelPayload(refund=Refund.of(done.value), replayed=done.replayed)
