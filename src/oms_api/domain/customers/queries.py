"""Reads of customers, and apart from them of persons."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from oms_api.db.keyset import Ordering, keyset
from oms_api.db.session import Reader
from oms_api.db.sets import among
from oms_api.domain.customers.tables import Customer, CustomerPerson
from oms_api.kernel.paging import Page, PageRequest

NEWEST_FIRST = Ordering("newest", (Customer.id,), descending=True)
LAST_CHANGED_FIRST = Ordering("changed", (Customer.updated_at, Customer.id), descending=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerFilter:
    """Which customers. `None` means any."""

    external_refs: tuple[str, ...] | None = None
    emails: tuple[str, ...] | None = None


async def page_of_customers(read: Reader, where: CustomerFilter, by: Ordering, page: PageRequest) -> Page[Customer]:
    """Return one page of the customers."""
    statement = select(Customer)
    if where.external_refs is not None:
        statement = statement.where(among(Customer.external_ref, where.external_refs))
    if where.emails is not None:
        persons = select(CustomerPerson.customer_id).where(among(CustomerPerson.email, where.emails))
        statement = statement.where(Customer.id.in_(persons))
    return await keyset(read, statement, by=by, page=page)


async def customers_by_id(read: Reader, ids: Iterable[UUID]) -> Mapping[UUID, Customer]:
    """Return the customers among *ids* that exist."""
    return {customer.id: customer for customer in await read.all(select(Customer).where(among(Customer.id, ids)))}


async def customer_by_reference(read: Reader, external_ref: str) -> Customer | None:
    """Return the customer with *external_ref*."""
    return await read.one_or_none(select(Customer).where(Customer.external_ref == external_ref))


async def persons_by_customer(read: Reader, customers: Iterable[UUID]) -> Mapping[UUID, CustomerPerson]:
    """Return the person behind each of *customers*; one that was erased has none."""
    found = await read.all(select(CustomerPerson).where(among(CustomerPerson.customer_id, customers)))
    return {person.customer_id: person for person in found}
