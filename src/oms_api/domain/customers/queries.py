"""Reads of customers, and apart from them of persons."""

from oms_api.db.keyset import Ordering
from oms_api.db.relations import One, by
from oms_api.domain.customers.tables import CustomerPersonRow, CustomerRow
from oms_api.kernel.ids import CustomerId

NEWEST_FIRST = Ordering("newest", (CustomerRow.id,), descending=True)
LAST_CHANGED_FIRST = Ordering("changed", (CustomerRow.updated_at, CustomerRow.id), descending=True)

customers_by_id: One[CustomerId, CustomerRow] = by(CustomerRow.id)
customers_by_reference: One[str | None, CustomerRow] = by(CustomerRow.external_ref)
customer_by_reference = customers_by_reference.of_one
persons_by_customer: One[CustomerId, CustomerPersonRow] = by(CustomerPersonRow.customer_id)
"""The person behind each customer; one that was erased has none."""
