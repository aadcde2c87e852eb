"""Reads of customers, and apart from them of persons."""

from oms_api.db.keyset import Ordering
from oms_api.db.relations import One, by, required
from oms_api.domain.customers.tables import Customer, CustomerPerson
from oms_api.kernel.ids import CustomerId, IdKind

NEWEST_FIRST = Ordering("newest", (Customer.id,), descending=True)
LAST_CHANGED_FIRST = Ordering("changed", (Customer.updated_at, Customer.id), descending=True)

customers_by_id: One[CustomerId, Customer] = by(Customer.id)
customer_by_id = required(customers_by_id, "customer", IdKind.CUSTOMER)
customers_by_reference: One[str | None, Customer] = by(Customer.external_ref)
customer_by_reference = customers_by_reference.of_one
persons_by_customer: One[CustomerId, CustomerPerson] = by(CustomerPerson.customer_id)
"""The person behind each customer; one that was erased has none."""
