"""Ending the links by which somebody follows an order."""

from oms_api.domain.tracking.commands.revoke_links import RevokeLinks, revoke_links
from oms_api.graphql.declared.inputs import Input
from oms_api.graphql.declared.mutations import carries_out
from oms_api.graphql.described import input_type, output
from oms_api.graphql.orders.types import Order
from oms_api.graphql.payloads import Payload
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import OrderId


@input_type
class TrackingLinkRevokeInput(Input[RevokeLinks]):
    """The order whose tracking links are to stop working."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the order."""
    order_id: OrderId
    """The order, in any status."""
    expected_version: int | None = None
    """The version of the order that the change is based on; any other is refused."""


@output
class TrackingLinkRevokePayload(Payload):
    """The order, or why nothing was done."""

    order: Order | None = None
    """The order, with a new `trackingLink` in place of the revoked link. Where `replayed` is true, this is its present
    state."""


@output
class TrackingMutations:
    """Following orders."""

    tracking_link_revoke = carries_out(
        revoke_links, TrackingLinkRevokeInput, TrackingLinkRevokePayload, Scope.ORDERS_WRITE, describes="The order."
    )
    """End all tracking links that were given for an order so far: they answer LINK_REVOKED. New links work."""
