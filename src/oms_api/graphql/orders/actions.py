"""What can be done with orders."""

from asyncio import gather

from oms_api.domain.orders.queries import units_by_order
from oms_api.domain.orders.tables import OrderRow
from oms_api.domain.orders.verbs import LIFE, OrderFacts
from oms_api.domain.payments.queries import balances_by_order
from oms_api.domain.returns.policies import order_actions as return_actions
from oms_api.graphql.actions import AvailableAction
from oms_api.graphql.context import Info
from oms_api.graphql.refunds.actions import order_actions as refund_actions


async def order_actions(info: Info, order: OrderRow) -> list[AvailableAction]:
    """Return every action on *order*, and what stands in the way of it."""
    asked = info.context.load(units_by_order, order.id), info.context.load(balances_by_order, order.id)
    units, balance = await gather(*asked)
    money = refund_actions(balance, order.currency)
    facts = OrderFacts(order.status, units, order.external_ref, order.on_hold)
    return AvailableAction.of([*LIFE.actions(order.status, facts), *return_actions(units), *money])
