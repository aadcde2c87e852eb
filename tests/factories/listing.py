"""Lists as the queries of the schema read them, for tests of the domain."""

from collections.abc import Iterable

from oms_api.db.session import Reader
from oms_api.domain.payments.discrepancies import NEWEST_ORDERS_FIRST, DiscrepancyRow
from oms_api.graphql.payments.queries import DISCREPANCIES, PaymentDiscrepancyFilterInput
from oms_api.kernel.paging import Page, PageRequest

FIRST_PAGE = PageRequest()


async def page_of_discrepancies(
    read: Reader, page: PageRequest = FIRST_PAGE, **among: Iterable[object]
) -> Page[DiscrepancyRow]:
    """Return a page of the discrepancies whose fields are *among* the values given."""
    filters = PaymentDiscrepancyFilterInput.filters
    where = PaymentDiscrepancyFilterInput(**{name: filters[name].operators()(in_=[*values]) for name, values in among.items()})
    return await DISCREPANCIES.page_of(read, where, NEWEST_ORDERS_FIRST, page)
