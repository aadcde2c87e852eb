"""What an order shows of its returns."""

from oms_api.domain.orders.tables import OrderRow
from oms_api.domain.returns.queries import returns_by_order
from oms_api.graphql.declared.links import many
from oms_api.graphql.declared.records import Record
from oms_api.graphql.described import output
from oms_api.graphql.returns.types import Return


@output
class ReturnsOfOrder(Record[OrderRow]):
    """The fields of an order that tell of its returns; `Order` inherits them."""

    returns: list[Return] = many(returns_by_order, Return)
    """Its returns, oldest first, at most 250."""
