"""Announcing returns, receiving and ending them."""

from typing import Annotated

import strawberry

from oms_api.domain.returns.queries import return_by_id
from oms_api.graphql.context import Info
from oms_api.graphql.described import argument, output
from oms_api.graphql.payloads import Payload, once
from oms_api.graphql.permissions import mutation
from oms_api.graphql.returns.inputs import ReturnCancelInput, ReturnCloseInput, ReturnCreateInput, ReturnReceiveInput
from oms_api.graphql.returns.types import Return
from oms_api.kernel.access import Scope
from oms_api.workflows.close_return import cancel_return, close_return
from oms_api.workflows.create_return import create_return
from oms_api.workflows.receive_return import receive_return


@output
class ReturnCreatePayload(Payload):
    """The return, or why there is none."""

    return_: Return | None = strawberry.field(default=None, name="return", description="The return; on a replay as it is now.")


@output
class ReturnReceivePayload(Payload):
    """The return after the receipt, or why nothing was received."""

    return_: Return | None = strawberry.field(default=None, name="return", description="The return; on a replay as it is now.")


@output
class ReturnClosePayload(Payload):
    """The return after its end, or why it was not closed."""

    return_: Return | None = strawberry.field(default=None, name="return", description="The return; on a replay as it is now.")


@output
class ReturnCancelPayload(Payload):
    """The return after its end, or why it was not canceled."""

    return_: Return | None = strawberry.field(default=None, name="return", description="The return; on a replay as it is now.")


@output
class ReturnMutations:
    """Announcing returns, receiving and ending them."""

    @mutation(
        Scope.RETURNS_WRITE,
        description="Announce that units of an order come back; the return is approved at once, and a completed order is open "
        "again. Fails where more is named than left and is not coming back already. No money moves: see `refundCreate`.",
    )
    async def return_create(
        self, info: Info, input: Annotated[ReturnCreateInput, argument("What comes back.")]
    ) -> ReturnCreatePayload:
        done = await once(info, input, create_return, again=return_by_id)
        return ReturnCreatePayload(return_=Return.of(done.value), replayed=done.replayed)

    @mutation(
        Scope.RETURNS_WRITE,
        description="Receive all or part of what a return expects, at any location: units are sold again, thrown away or wait "
        "for inspection, a stock movement each, and what the customer paid for them is not due any more. Fails where more came "
        "than was announced.",
    )
    async def return_receive(
        self, info: Info, input: Annotated[ReturnReceiveInput, argument("What came.")]
    ) -> ReturnReceivePayload:
        done = await once(info, input, receive_return, again=return_by_id)
        return ReturnReceivePayload(return_=Return.of(done.value), replayed=done.replayed)

    @mutation(
        Scope.RETURNS_WRITE,
        description="Close a return: what is still expected is called off and may be announced again.",
    )
    async def return_close(
        self, info: Info, input: Annotated[ReturnCloseInput, argument("Which return.")]
    ) -> ReturnClosePayload:
        done = await once(info, input, close_return, again=return_by_id)
        return ReturnClosePayload(return_=Return.of(done.value), replayed=done.replayed)

    @mutation(Scope.RETURNS_WRITE, description="Cancel a return of which nothing came yet: its units stay with the customer.")
    async def return_cancel(
        self, info: Info, input: Annotated[ReturnCancelInput, argument("Which return.")]
    ) -> ReturnCancelPayload:
        done = await once(info, input, cancel_return, again=return_by_id)
        return ReturnCancelPayload(return_=Return.of(done.value), replayed=done.replayed)
