"""Customers, as clients read them."""

from datetime import datetime
from typing import Self

import strawberry

from oms_api.domain.customers.queries import customers_by_id, persons_by_customer
from oms_api.domain.customers.tables import Customer as CustomerRow
from oms_api.graphql.addresses import Address
from oms_api.graphql.context import Info
from oms_api.graphql.described import output
from oms_api.graphql.nodes import Node, fetches
from oms_api.graphql.permissions import guarded
from oms_api.graphql.scalars import CountryCode
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import CustomerId, IdKind, text_id


@output
class Customer(Node):
    """A known buyer. Guests are none: what is known of them stands on their orders."""

    row: strawberry.Private[CustomerRow]
    external_ref: str | None
    """Its id in the platform it came from."""
    country: CountryCode | None
    """Where it lives."""
    version: int
    """Moves with every change of it."""
    created_at: datetime
    """When it became known."""
    updated_at: datetime
    """When it was changed last."""

    @classmethod
    def of(cls, row: CustomerRow) -> Self:
        """Describe a stored customer."""
        return cls(
            id=strawberry.ID(text_id(IdKind.CUSTOMER, row.id)),
            row=row,
            external_ref=row.external_ref,
            country=None if row.country is None else CountryCode(row.country),
            version=row.version,
            created_at=row.created_at,
            updated_at=row.updated_at,
        )

    @guarded(Scope.CUSTOMERS_READ, description="The name. Personal.")
    async def name(self, info: Info) -> str | None:
        person = await info.context.load(persons_by_customer, self.row.id)
        return person.name if person else None

    @guarded(Scope.CUSTOMERS_READ, description="The e-mail address. Personal.")
    async def email(self, info: Info) -> str | None:
        person = await info.context.load(persons_by_customer, self.row.id)
        return person.email if person else None

    @guarded(Scope.CUSTOMERS_READ, description="The telephone number. Personal.")
    async def phone(self, info: Info) -> str | None:
        person = await info.context.load(persons_by_customer, self.row.id)
        return person.phone if person else None

    @guarded(Scope.CUSTOMERS_READ, description="Where the customer lives or wants parcels. Personal.")
    async def address(self, info: Info) -> Address | None:
        person = await info.context.load(persons_by_customer, self.row.id)
        return Address.of(person.address) if person else None


@fetches(IdKind.CUSTOMER, Scope.CUSTOMERS_READ)
async def fetch_customer(info: Info, customer_id: CustomerId) -> Customer | None:
    """Return a customer."""
    row = await info.context.load(customers_by_id, customer_id)
    return Customer.of(row) if row else None
