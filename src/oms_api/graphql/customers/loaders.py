"""Batch loaders around customers."""

from uuid import UUID

from oms_api.db.session import Reader
from oms_api.domain.customers.queries import customers_by_id, persons_by_customer
from oms_api.domain.customers.tables import Customer, CustomerPerson
from oms_api.graphql.context import BatchLoader


class CustomerById(BatchLoader[UUID, Customer | None]):
    """Customers."""

    async def load_batch(self, read: Reader, keys: list[UUID]) -> list[Customer | None]:
        found = await customers_by_id(read, keys)
        return [found.get(key) for key in keys]


class PersonByCustomer(BatchLoader[UUID, CustomerPerson | None]):
    """The person behind each customer. Personal."""

    async def load_batch(self, read: Reader, keys: list[UUID]) -> list[CustomerPerson | None]:
        found = await persons_by_customer(read, keys)
        return [found.get(key) for key in keys]
