"""Making and changing customers."""

from typing import Annotated

from oms_api.domain.customers.commands.upsert_customer import upsert_customer
from oms_api.domain.customers.queries import customer_by_id
from oms_api.graphql.context import Info
from oms_api.graphql.customers.inputs import CustomerUpsertInput
from oms_api.graphql.customers.types import Customer
from oms_api.graphql.described import argument, output
from oms_api.graphql.payloads import Payload, once
from oms_api.graphql.permissions import mutation
from oms_api.kernel.access import Scope


@output
class CustomerUpsertPayload(Payload):
    """The customer as it is now."""

    customer: Customer | None = None
    """The customer."""


@output
class CustomerMutations:
    """Making and changing customers."""

    @mutation(Scope.CUSTOMERS_WRITE, description="Make a customer, or change the one with an id or external reference.")
    async def customer_upsert(
        self, info: Info, input: Annotated[CustomerUpsertInput, argument("The customer.")]
    ) -> CustomerUpsertPayload:
        done = await once(info, input, upsert_customer, again=customer_by_id)
        return CustomerUpsertPayload(customer=Customer.of(done.value), replayed=done.replayed)
