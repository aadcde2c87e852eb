"""Asking for what providers reported beyond what is allowed."""

from typing import Annotated

from oms_api.domain.payments.discrepancies import DiscrepancyFilter, page_of_discrepancies
from oms_api.graphql.connections import After, Before, Connection, First, Last
from oms_api.graphql.context import Info
from oms_api.graphql.described import argument, output
from oms_api.graphql.payments.inputs import PaymentDiscrepancyFilterInput
from oms_api.graphql.payments.types import PaymentDiscrepancy
from oms_api.graphql.permissions import query
from oms_api.kernel.access import Scope
from oms_api.kernel.paging import PageRequest


@output
class PaymentQueries:
    """Asking for what providers reported beyond what is allowed."""

    @query(
        Scope.PAYMENTS_READ,
        description="Where more was reported than is allowed, by the sums as they are now, newest orders first: more captured "
        "or voided than authorized, more gone back than captured or than granted.",
    )
    async def payment_discrepancies(
        self,
        info: Info,
        where: Annotated[PaymentDiscrepancyFilterInput | None, argument("Which ones; all of them unless told.")] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[PaymentDiscrepancy]:
        page = PageRequest.of(first, after, last, before)
        wanted = where.to_filter() if where else DiscrepancyFilter()
        return Connection.of(await page_of_discrepancies(info.context.read, wanted, page), PaymentDiscrepancy.of)
