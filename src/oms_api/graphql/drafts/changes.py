"""What clients send to change a cart in parts."""

import strawberry

from oms_api.domain.orders.drafts.changing import ChangeCart, ChangeCartLine
from oms_api.graphql.declared.inputs import Input
from oms_api.graphql.described import input_type
from oms_api.graphql.orders.inputs import OrderCartInput, OrderLineInput


@input_type
class OrderCartLineChangesInput(Input[ChangeCartLine], changes=OrderLineInput):
    """Changes of a line of a cart.

    Fields left out stay as they are, a field that is null is cleared, and a list replaces the list before.
    """

    position: int
    """Its position in the cart before this change, from 0."""


@input_type
class OrderCartChangesInput(Input[ChangeCart], changes=OrderCartInput, but=["lines"]):
    """Changes of a cart.

    Fields left out stay as they are, a field that is null is cleared, and a list replaces the list before.

    Give `expectedVersion` too, so that positions refer to the cart that was read.
    """

    change_lines: list[OrderCartLineChangesInput] = strawberry.field(default_factory=list)
    """Lines to change."""
    remove_lines: list[int] = strawberry.field(default_factory=list)
    """Lines to remove: their positions in the cart before this change, from 0."""
    add_lines: list[OrderLineInput] = strawberry.field(default_factory=list)
    """Lines to add behind the others."""
