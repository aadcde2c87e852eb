"""Asking for customers."""

from enum import Enum

from oms_api.db.relations import everything
from oms_api.domain.customers.queries import LAST_CHANGED_FIRST, NEWEST_FIRST
from oms_api.domain.customers.tables import Customer as CustomerRow
from oms_api.domain.customers.tables import CustomerPerson
from oms_api.graphql.customers.types import Customer
from oms_api.graphql.declared.filters import By, Through, Where, key, on
from oms_api.graphql.declared.lists import Listing, found, listed
from oms_api.graphql.described import enum, input_type, one_of, output
from oms_api.kernel.access import Scope


@enum
class CustomerOrder(Enum):
    """How a list of customers is ordered."""

    CREATED_AT_DESC = NEWEST_FIRST
    """The newest first."""
    UPDATED_AT_DESC = LAST_CHANGED_FIRST
    """Those changed last come first."""


@input_type
class CustomerFilterInput(Where):
    """Conditions on customers; all must hold."""

    external_ref = on(CustomerRow.external_ref)
    """By their ids in the platform they came from."""
    email = on(CustomerPerson.email, through=Through(CustomerPerson.customer_id == CustomerRow.id), folded=True)
    """By e-mail address, without regard to case; several customers may share one."""


@one_of
class CustomerByInput(By):
    """Identifies a customer: give exactly one field."""

    id = key(CustomerRow.id)
    """Its id."""
    external_ref = key(CustomerRow.external_ref)
    """Its id in the platform it came from."""


CUSTOMERS = Listing(
    show=Customer,
    where=CustomerFilterInput,
    order=CustomerOrder,
    by=CustomerByInput,
    visible=everything,
    scope=Scope.CUSTOMERS_READ,
    which="Conditions on customers; all match by default.",
)


@output
class CustomerQueries:
    """Asking for customers."""

    customers = listed(CUSTOMERS)
    """A list of customers, the newest first by default."""
    customer = found(CUSTOMERS, "The id of the customer, or another unique key.")
    """One customer; null where there is none."""
