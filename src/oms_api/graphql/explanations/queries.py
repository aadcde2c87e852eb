"""Asking why an order stands where it stands."""

from typing import Annotated

import strawberry

from oms_api.domain.orders.queries import orders_by_id
from oms_api.graphql.context import Info
from oms_api.graphql.described import argument, output
from oms_api.graphql.explanations.types import OrderStatusExplanation, explanation_of
from oms_api.graphql.nodes import id_at
from oms_api.graphql.permissions import query
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import IdKind


@output
class ExplanationQueries:
    """Asking why an order stands where it stands."""

    @query(
        Scope.ORDERS_READ,
        description=(
            "The causes why an order is not finished yet, or why it ended; null where there is no order that the API key may "
            "see."
        ),
    )
    async def order_status_explanation(
        self, info: Info, order_id: Annotated[strawberry.ID, argument("The order.")]
    ) -> OrderStatusExplanation | None:
        order = await info.context.load(orders_by_id, id_at(IdKind.ORDER, order_id, "orderId"))
        return None if order is None else await explanation_of(info, order)
