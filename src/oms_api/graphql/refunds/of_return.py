"""What a return shows of the money that goes back for it."""

import strawberry

from oms_api.domain.payments.queries import refunds_by_return
from oms_api.domain.returns.tables import ReturnRow
from oms_api.graphql.context import Info
from oms_api.graphql.described import output
from oms_api.graphql.permissions import guarded
from oms_api.graphql.refunds.types import Refund
from oms_api.kernel.access import Scope


@output
class RefundsOfReturn:
    """The field of a return that tells of its refunds; `Return` inherits it."""

    row: strawberry.Private[ReturnRow]

    @guarded(Scope.PAYMENTS_READ, description="What we owe back or paid back for it, oldest first, at most 250.")
    async def refunds(self, info: Info) -> list[Refund]:
        return [Refund.of(row) for row in await info.context.load(refunds_by_return, self.row.id)]
