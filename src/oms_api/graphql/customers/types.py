"""Customers, as clients read them."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from oms_api.domain.customers.queries import customers_by_id, persons_by_customer
from oms_api.domain.customers.tables import CustomerPersonRow, CustomerRow
from oms_api.graphql.addresses import Address
from oms_api.graphql.attributes.values import Attribute, attributes
from oms_api.graphql.declared.links import loaded
from oms_api.graphql.declared.records import Record, entity
from oms_api.graphql.nodes import Node
from oms_api.graphql.scalars import CountryCode
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import CustomerId

Value = TypeVar("Value")


def personal(show: Callable[[CustomerPersonRow], Value]) -> Value | None:
    """Declare a field of the person behind a customer; null where that was erased."""
    return loaded(persons_by_customer, lambda person: None if person is None else show(person), scope=Scope.CUSTOMERS_READ)


@entity(customers_by_id, Scope.CUSTOMERS_READ)
class Customer(Node, Record[CustomerRow]):
    """A known buyer. A guest is not a customer: a guest's details are kept on the order only."""

    id: CustomerId
    external_ref: str | None
    """Its id in the platform it came from."""
    country: CountryCode | None
    """The country where the customer lives."""
    version: int
    """Increases with every change."""
    created_at: datetime
    """When the customer was first recorded."""
    updated_at: datetime
    """When it was last changed."""
    name: str | None = personal(lambda person: person.name)
    """The name. Personal."""
    email: str | None = personal(lambda person: person.email)
    """The e-mail address. Personal."""
    phone: str | None = personal(lambda person: person.phone)
    """The telephone number. Personal."""
    address: Address | None = personal(lambda person: Address.of(person.address))
    """The home or delivery address. Personal."""
    attributes: list[Attribute] = attributes()
    """The values of its attributes, sorted by code."""
