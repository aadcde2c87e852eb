"""Changing details of orders."""

import strawberry

from oms_api.domain.fulfillment.commands.update_order import update_order
from oms_api.domain.orders.updates import LineDetails, UpdateOrder
from oms_api.graphql.addresses import AddressInput, ContactInput
from oms_api.graphql.attributes.values import AttributeInput
from oms_api.graphql.declared.inputs import Input, becomes
from oms_api.graphql.declared.mutations import carries_out
from oms_api.graphql.described import input_type, output
from oms_api.graphql.orders.types import Order
from oms_api.graphql.payloads import Payload
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import CustomerId, LineId, OrderId


@input_type
class OrderUpdateLineInput(Input[LineDetails]):
    """Details of a line to change."""

    line_id: LineId
    """The line."""
    attributes: list[AttributeInput]
    """Values of attributes; attributes that are not named stay as they are."""


@input_type
class OrderUpdateInput(Input[UpdateOrder]):
    """Changes of an order's details. Fields left out stay as they are; a field that is null is cleared."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the order."""
    order_id: OrderId
    """The order, in any status."""
    email: str | None = strawberry.UNSET
    """The e-mail address of the contact."""
    phone: str | None = strawberry.UNSET
    """The telephone number of the contact."""
    contact: ContactInput | None = becomes(by=ContactInput.to_contact, default=strawberry.UNSET)
    """The whole contact, instead of `email` and `phone`."""
    billing_address: AddressInput | None = becomes(by=AddressInput.to_address, default=strawberry.UNSET)
    """The address the invoice goes to."""
    note: str | None = strawberry.UNSET
    """A remark for the people who handle the order, up to 10,000 characters."""
    attributes: list[AttributeInput] = strawberry.field(default_factory=list)
    """Values of attributes; attributes that are not named stay as they are."""
    lines: list[OrderUpdateLineInput] = strawberry.field(default_factory=list)
    """Lines to change, each once."""
    tags: list[str] | None = strawberry.UNSET
    """All tags of the order, instead of `addTags` and `removeTags`."""
    add_tags: list[str] = strawberry.field(default_factory=list)
    """Tags to add to the order."""
    remove_tags: list[str] = strawberry.field(default_factory=list)
    """Tags to remove from the order."""
    priority: int | None = strawberry.UNSET
    """The rank of the order when units are scarce: a higher number is served first. The order's waiting units get the new rank
    at once, and their promised days are worked out again."""
    customer_id: CustomerId | None = strawberry.UNSET
    """The customer; null makes the order a guest's order."""
    reason: str | None = None
    """Why the order is changed, kept with the change, up to 2,000 characters."""
    expected_version: int | None = None
    """The version of the order that the change is based on; any other is refused."""


@output
class OrderUpdatePayload(Payload):
    """The order after the change, or why nothing was changed."""

    order: Order | None = None
    """The order. Where `replayed` is true, this is its present state."""


@output
class OrderUpdateMutations:
    """Changing details of orders."""

    order_update = carries_out(
        update_order, OrderUpdateInput, OrderUpdatePayload, Scope.ORDERS_WRITE, describes="The order and its new details."
    )
    """Change the contact, billing address, note, tags, attributes, priority or customer of an order, or attributes of its
    lines, at any time, also after it was shipped or canceled. Neither stock nor money moves. `changes` keeps the change with
    its author and its reason."""
