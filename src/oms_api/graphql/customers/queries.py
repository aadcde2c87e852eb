"""Asking for customers."""

from enum import Enum

from oms_api.domain.attributes.states import AttributeOwner
from oms_api.domain.customers.queries import LAST_CHANGED_FIRST, NEWEST_FIRST
from oms_api.domain.customers.tables import CustomerPersonRow, CustomerRow
from oms_api.graphql.attributes.values import on_attributes
from oms_api.graphql.customers.types import Customer
from oms_api.graphql.declared.filters import By, Where, key, on
from oms_api.graphql.declared.lists import Listing, found, listed
from oms_api.graphql.declared.searches import text_in
from oms_api.graphql.declared.through import Sought
from oms_api.graphql.described import enum, input_type, one_of, output

PERSON = Sought(CustomerRow.id, CustomerPersonRow.customer_id)


@enum
class CustomerOrder(Enum):
    """The sort order of a list of customers."""

    CREATED_AT_DESC = NEWEST_FIRST
    """The newest first."""
    UPDATED_AT_DESC = LAST_CHANGED_FIRST
    """The most recently changed come first."""


@input_type
class CustomerFilterInput(Where):
    """Conditions on customers; all must be true."""

    external_ref = on(CustomerRow.external_ref)
    """By their ids in the platform they came from."""
    email = on(CustomerPersonRow.email, through=PERSON, searched=True, folded=True, contained=True)
    """By e-mail address; upper and lower case are treated alike. Several customers may share an address."""
    name = on(CustomerPersonRow.name, through=PERSON, searched=True, folded=True, contained=True)
    """By name; upper and lower case are treated alike."""
    phone = on(CustomerPersonRow.phone, through=PERSON, searched=True, contained=True)
    """By phone number, as it was given."""
    text = text_in(
        CustomerPersonRow.name,
        CustomerPersonRow.email,
        CustomerPersonRow.phone,
        key=CustomerRow.id,
        name=CustomerPersonRow.customer_id,
    )
    """By a text in the name, e-mail address or phone number; upper and lower case are treated alike."""
    attribute = on_attributes(AttributeOwner.CUSTOMER, CustomerRow.id)
    """By values of their attributes; all must be true."""
    updated_at = on(CustomerRow.updated_at)
    """When they were last changed."""


@one_of
class CustomerByInput(By):
    """Identifies a customer: give exactly one field."""

    id = key(CustomerRow.id)
    external_ref = key(CustomerRow.external_ref)
    """Its id in the platform it came from."""


CUSTOMERS = Listing(
    show=Customer,
    where=CustomerFilterInput,
    order=CustomerOrder,
    by=CustomerByInput,
    which="Conditions on customers; by default, all customers are included.",
)


@output
class CustomerQueries:
    """Asking for customers."""

    customers = listed(CUSTOMERS)
    """A list of customers, the newest first by default."""
    customer = found(CUSTOMERS, "The id of the customer, or another unique key.")
    """One customer; null where there is none."""
