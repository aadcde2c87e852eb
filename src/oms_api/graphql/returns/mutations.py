"""Announcing returns, receiving and ending them."""

from oms_api.graphql.declared.mutations import carries_out
from oms_api.graphql.described import output
from oms_api.graphql.payloads import Payload
from oms_api.graphql.returns.inputs import ReturnCancelInput, ReturnCloseInput, ReturnCreateInput, ReturnReceiveInput
from oms_api.graphql.returns.types import Return
from oms_api.kernel.access import Scope
from oms_api.workflows.close_return import cancel_return, close_return
from oms_api.workflows.create_return import create_return
from oms_api.workflows.receive_return import receive_return


@output
class ReturnCreatePayload(Payload):
    """The return, or why there is none."""

    return_: Return | None = None
    """The return. Where `replayed` is true, this is its present state."""


@output
class ReturnReceivePayload(Payload):
    """The return after the receipt, or why nothing was received."""

    return_: Return | None = None
    """The return. Where `replayed` is true, this is its present state."""


@output
class ReturnClosePayload(Payload):
    """The return after closing, or why it was not closed."""

    return_: Return | None = None
    """The return. Where `replayed` is true, this is its present state."""


@output
class ReturnCancelPayload(Payload):
    """The return after the cancellation, or why it was not canceled."""

    return_: Return | None = None
    """The return. Where `replayed` is true, this is its present state."""


@output
class ReturnMutations:
    """Announcing returns, receiving and ending them."""

    return_create = carries_out(
        create_return, ReturnCreateInput, ReturnCreatePayload, Scope.RETURNS_WRITE, describes="The units that come back."
    )
    """Announce that a customer sends units of an order back: the return is approved at once, and a completed order is open
    again. Fails where more units are named than can still come back: the shipped units, minus lost units, minus units that came
    back or are announced already. No money moves: see `refundCreate`."""
    return_receive = carries_out(
        receive_return, ReturnReceiveInput, ReturnReceivePayload, Scope.RETURNS_WRITE, describes="The units received."
    )
    """Receive all or part of the expected units of a return, at any location. Each unit is restocked, scrapped or inspected,
    with a stock movement, and its price is no longer due. Fails where more units came than were announced."""
    return_close = carries_out(close_return, ReturnCloseInput, ReturnClosePayload, Scope.RETURNS_WRITE, describes="The return.")
    """Close a return: units still expected are called off, and may be announced again."""
    return_cancel = carries_out(
        cancel_return, ReturnCancelInput, ReturnCancelPayload, Scope.RETURNS_WRITE, describes="The return."
    )
    """Cancel a return before any of it was received: its units stay with the customer."""
