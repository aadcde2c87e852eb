"""Asking for customers."""

from enum import Enum
from typing import Annotated

from oms_api.domain.customers.queries import (
    LAST_CHANGED_FIRST,
    NEWEST_FIRST,
    CustomerFilter,
    customer_by_reference,
    page_of_customers,
)
from oms_api.graphql.connections import After, Before, Connection, First, Last
from oms_api.graphql.context import Info
from oms_api.graphql.customers.inputs import CustomerByInput
from oms_api.graphql.customers.types import Customer, fetch_customer
from oms_api.graphql.described import argument, enum, input_type, output
from oms_api.graphql.filters import Match, id_at, matched
from oms_api.graphql.permissions import query
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import IdKind
from oms_api.kernel.paging import PageRequest


@enum
class CustomerOrder(Enum):
    """How a list of customers is ordered."""

    CREATED_AT_DESC = "CREATED_AT_DESC"
    """Those who became known last first."""
    UPDATED_AT_DESC = "UPDATED_AT_DESC"
    """Those changed last first."""


ORDERINGS = {CustomerOrder.CREATED_AT_DESC: NEWEST_FIRST, CustomerOrder.UPDATED_AT_DESC: LAST_CHANGED_FIRST}


@input_type
class CustomerFilterInput:
    """Which customers. All that is given must hold."""

    external_ref: Match[str] | None = None
    """By their ids in the platform they came from."""
    email: Match[str] | None = None
    """By e-mail address, exactly as it was given; several customers may share one."""

    def to_filter(self, *path: str) -> CustomerFilter:
        """Return the filter as the domain takes it. Raises: TooManyItems."""
        return CustomerFilter(
            external_refs=matched(self.external_ref, *path, "externalRef"), emails=matched(self.email, *path, "email")
        )


@output
class CustomerQueries:
    """Asking for customers."""

    @query(Scope.CUSTOMERS_READ, description="A list of customers, those who became known last first unless told otherwise.")
    async def customers(
        self,
        info: Info,
        where: Annotated[CustomerFilterInput | None, argument("Which customers; all of them unless told.")] = None,
        order_by: Annotated[CustomerOrder, argument("In which order.")] = CustomerOrder.CREATED_AT_DESC,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Customer]:
        page = PageRequest.of(first, after, last, before)
        wanted = where.to_filter("where") if where else CustomerFilter()
        return Connection.of(await page_of_customers(info.context.read, wanted, ORDERINGS[order_by], page), Customer.of)

    @query(Scope.CUSTOMERS_READ, description="One customer, or null where there is none.")
    async def customer(
        self, info: Info, by: Annotated[CustomerByInput, argument("What the customer is found by.")]
    ) -> Customer | None:
        if isinstance(by.id, str):
            return await fetch_customer(info, id_at(IdKind.CUSTOMER, by.id, "by", "id"))
        row = await customer_by_reference(info.context.read, by.external_ref or "")
        return Customer.of(row) if row else None
