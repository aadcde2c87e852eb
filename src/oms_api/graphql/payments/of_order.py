"""What an order shows of its money."""

import strawberry

from oms_api.domain.orders.tables import OrderRow
from oms_api.domain.payments.balance import Balance
from oms_api.domain.payments.queries import balances_by_order, refunds_by_order, transactions_by_order
from oms_api.graphql.context import Info
from oms_api.graphql.described import output
from oms_api.graphql.money import Money
from oms_api.graphql.payments.types import PaymentTransaction
from oms_api.graphql.permissions import field, guarded
from oms_api.graphql.refunds.types import Refund
from oms_api.kernel.access import Scope


@output
class PaymentsOfOrder:
    """The fields of an order that tell of its money; `Order` inherits them."""

    row: strawberry.Private[OrderRow]

    @field(description="What providers promised and can still be captured: authorized less captured and voided.")
    async def authorized(self, info: Info) -> Money:
        return Money.of((await balance_of(info, self.row)).authorized, self.row.currency)

    @field(description="What came, before anything went back.")
    async def captured(self, info: Info) -> Money:
        return Money.of((await balance_of(info, self.row)).captured, self.row.currency)

    @field(description="What providers reported as gone back; what was charged back is not in it.")
    async def refunded(self, info: Info) -> Money:
        return Money.of((await balance_of(info, self.row)).refunded, self.row.currency)

    @field(description="What is to be paid for its units that are neither canceled nor returned.")
    async def due(self) -> Money:
        return Money.of(self.row.due_minor, self.row.currency)

    @field(description="What is still to come of what is due: due less captured, with refunded and charged back added again.")
    async def outstanding(self, info: Info) -> Money:
        return Money.of((await balance_of(info, self.row)).outstanding(self.row.due_minor), self.row.currency)

    @field(description="What can still be granted: captured less refunded, charged back and what open refunds owe.")
    async def refundable(self, info: Info) -> Money:
        return Money.of((await balance_of(info, self.row)).refundable, self.row.currency)

    @field(description="What disputes that are not over are about.")
    async def disputed(self, info: Info) -> Money:
        return Money.of((await balance_of(info, self.row)).disputed, self.row.currency)

    @guarded(Scope.PAYMENTS_READ, description="The transactions that pay for it, by gateway and reference, at most 250.")
    async def payments(self, info: Info) -> list[PaymentTransaction]:
        return [PaymentTransaction.of(row) for row in await info.context.load(transactions_by_order, self.row.id)]

    @guarded(Scope.PAYMENTS_READ, description="What we owe back or paid back of it, oldest first, at most 250.")
    async def refunds(self, info: Info) -> list[Refund]:
        return [Refund.of(row) for row in await info.context.load(refunds_by_order, self.row.id)]


async def balance_of(info: Info, order: OrderRow) -> Balance:
    """Return how the money of *order* stands."""
    return await info.context.load(balances_by_order, order.id)
