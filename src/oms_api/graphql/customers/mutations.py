"""Making and changing customers."""

import strawberry

from oms_api.domain.customers.commands.upsert_customer import UpsertCustomer, upsert_customer
from oms_api.graphql.addresses import AddressInput
from oms_api.graphql.attributes.values import AttributeInput
from oms_api.graphql.customers.types import Customer
from oms_api.graphql.declared.inputs import Input, becomes
from oms_api.graphql.declared.mutations import carries_out
from oms_api.graphql.described import input_type, output
from oms_api.graphql.payloads import Payload
from oms_api.graphql.scalars import CountryCode
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import CustomerId


@input_type
class CustomerUpsertInput(Input[UpsertCustomer]):
    """A customer, found by external reference or id. A new customer is created where neither is given or the reference is new.

    Fields left out stay as they are; a field that is null is cleared. Customers are never found or merged by e-mail address.
    """

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the same customer."""
    id: CustomerId | None = becomes("customer_id", default=None)
    """The customer to change."""
    external_ref: str | None = None
    """The customer's id in the platform it came from; given together with `id`, it replaces the known reference."""
    name: str | None = strawberry.UNSET
    """The name."""
    email: str | None = strawberry.UNSET
    """The e-mail address."""
    phone: str | None = strawberry.UNSET
    """The telephone number."""
    address: AddressInput | None = becomes(by=AddressInput.to_address, default=strawberry.UNSET)
    """The home or delivery address."""
    country: CountryCode | None = strawberry.UNSET
    """The country where the customer lives; by default the country of the address."""
    attributes: list[AttributeInput] = strawberry.field(default_factory=list)
    """Values of attributes that are defined for CUSTOMER. Attributes that are not named stay as they are."""
    expected_version: int | None = None
    """The version that the change is based on; any other is refused."""


@output
class CustomerUpsertPayload(Payload):
    """The customer as it is now."""

    customer: Customer | None = None
    """The customer."""


@output
class CustomerMutations:
    """Making and changing customers."""

    customer_upsert = carries_out(
        upsert_customer, CustomerUpsertInput, CustomerUpsertPayload, Scope.CUSTOMERS_WRITE, describes="The customer."
    )
    """Create a customer, or change the customer with the given id or external reference."""
