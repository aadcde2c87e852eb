"""What clients send about customers."""

import strawberry

from oms_api.domain.customers.commands.upsert_customer import CustomerChanges, UpsertCustomer
from oms_api.graphql.addresses import AddressInput
from oms_api.graphql.described import input_type, one_of
from oms_api.graphql.filters import id_at
from oms_api.graphql.given import given
from oms_api.graphql.scalars import CountryCode
from oms_api.kernel.ids import IdKind


@one_of
class CustomerByInput:
    """What a customer is found by: exactly one of these."""

    id: strawberry.ID | None = strawberry.UNSET
    """Its id."""
    external_ref: str | None = strawberry.UNSET
    """Its id in the platform it came from."""


@input_type
class CustomerUpsertInput:
    """A customer by its external reference or id; a new one where neither is given or the reference is new.

    Of one that exists, what is left out stays as it is, and null takes it away. Nobody is found or merged by e-mail.
    """

    idempotency_key: str
    """Makes a retry safe: the same key answers with the same customer; kept 72 hours."""
    id: strawberry.ID | None = None
    """The customer to change."""
    external_ref: str | None = None
    """Its id in the platform it came from; with an id, the one it is to have."""
    name: str | None = strawberry.UNSET
    """The name."""
    email: str | None = strawberry.UNSET
    """The e-mail address."""
    phone: str | None = strawberry.UNSET
    """The telephone number."""
    address: AddressInput | None = strawberry.UNSET
    """Where the customer lives or wants parcels."""
    country: CountryCode | None = strawberry.UNSET
    """Where the customer lives; by default the address's country."""
    expected_version: int | None = None
    """The version the change is based on; another one is refused."""

    def to_command(self) -> UpsertCustomer:
        """Return the command. Raises: InvalidId, InvalidValue."""
        changes = CustomerChanges(**given(self, "name", "email", "phone", "country"))  # type: ignore[typeddict-item]
        if self.address is not strawberry.UNSET:
            changes["address"] = self.address and self.address.to_address("address")
        return UpsertCustomer(
            customer_id=None if self.id is None else id_at(IdKind.CUSTOMER, self.id, "id"),
            external_ref=self.external_ref,
            changes=changes,
            expected_version=self.expected_version,
        )
