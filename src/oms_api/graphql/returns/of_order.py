"""What an order shows of its returns."""

import strawberry

from oms_api.domain.orders.tables import OrderRow
from oms_api.domain.returns.queries import returns_by_order
from oms_api.graphql.context import Info
from oms_api.graphql.described import output
from oms_api.graphql.permissions import field
from oms_api.graphql.returns.types import Return


@output
class ReturnsOfOrder:
    """The fields of an order that tell of its returns; `Order` inherits them."""

    row: strawberry.Private[OrderRow]

    @field(description="What comes back of it or came back, oldest first, at most 250.")
    async def returns(self, info: Info) -> list[Return]:
        return Return.of_all(await info.context.load(returns_by_order, self.row.id))
