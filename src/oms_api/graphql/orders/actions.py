"""What can be done with orders."""

from uuid import UUID

from oms_api.db.session import Reader
from oms_api.domain.orders.actions import available_actions
from oms_api.domain.orders.quantities import LineUnits
from oms_api.domain.orders.queries import units_by_order
from oms_api.domain.orders.tables import OrderRow
from oms_api.domain.returns.policies import order_actions as return_actions
from oms_api.graphql.actions import AvailableAction
from oms_api.graphql.context import BatchLoader, Info
from oms_api.graphql.payments.loaders import BalanceByOrder
from oms_api.graphql.refunds.actions import order_actions as refund_actions


class UnitsByOrder(BatchLoader[UUID, list[LineUnits]]):
    """Where the units of all lines of each order are."""

    async def load_batch(self, read: Reader, keys: list[UUID]) -> list[list[LineUnits]]:
        found = await units_by_order(read, keys)
        return [found[key] for key in keys]


async def order_actions(info: Info, order: OrderRow) -> list[AvailableAction]:
    """Return every action on *order*, and what stands in the way of it."""
    units = await info.context.loader(UnitsByOrder).load(order.id)
    balance = await info.context.loader(BalanceByOrder).load(order.id)
    money = refund_actions(balance, order.currency)
    return AvailableAction.of([*available_actions(order.status, units), *return_actions(units), *money])
