"""Reads of customers, and apart from them of persons."""

from dataclasses import dataclass

from sqlalchemy import select

from oms_api.db.keyset import Ordering, keyset
from oms_api.db.relations import by, required
from oms_api.db.session import Reader
from oms_api.db.sets import among
from oms_api.domain.customers.tables import Customer, CustomerPerson
from oms_api.kernel.ids import IdKind
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


customers_by_id = by(Customer.id)
customer_by_id = required(customers_by_id, Customer, "customer", IdKind.CUSTOMER)
customer_by_reference = by(Customer.external_ref).of_one
persons_by_customer = by(CustomerPerson.customer_id)
"""The person behind each customer; one that was erased has none."""
