"""Making and changing SKUs."""

from typing import Annotated

import strawberry

from oms_api.domain.catalog.commands.deactivate_sku import deactivate_sku
from oms_api.domain.catalog.commands.upsert_skus import Upserted, UpsertSkus, upsert_sku, upsert_skus
from oms_api.graphql.catalog.inputs import SkuDeactivateInput, SkusUpsertInput, SkuUpsertInput
from oms_api.graphql.catalog.types import Sku
from oms_api.graphql.context import Info
from oms_api.graphql.declared.mutations import carries_out
from oms_api.graphql.described import argument, output
from oms_api.graphql.errors import UserError, user_errors
from oms_api.graphql.payloads import Payload
from oms_api.graphql.permissions import mutation
from oms_api.kernel.access import Scope


@output
class SkuUpsertPayload(Payload):
    """The SKU as it is now."""

    sku: Sku | None = None
    """The SKU."""


@output
class SkuUpsertResult:
    """The result of one SKU of a batch."""

    index: int
    """Its place in the batch, from 0."""
    sku: Sku | None
    """The SKU as it is now; null where its row was refused."""
    user_errors: list[UserError]
    """Why the row was refused; empty on success."""
    replayed: bool
    """Whether this is the answer of an earlier call with the same idempotency key."""

    @classmethod
    def of(cls, index: int, done: Upserted) -> "SkuUpsertResult":
        """Describe the outcome of one SKU."""
        errors = [] if done.error is None else user_errors(done.error.at("skus", index))
        return cls(index=index, sku=Sku.of(done.sku) if done.sku else None, user_errors=errors, replayed=done.replayed)


@output
class SkusUpsertPayload(Payload):
    """The result of each SKU. `userErrors` holds only the problems of the batch as a whole."""

    results: list[SkuUpsertResult] = strawberry.field(default_factory=list)
    """One result for each SKU, in the order given."""


@output
class SkuDeactivatePayload(Payload):
    """The SKU as it is now."""

    sku: Sku | None = None
    """The SKU."""


@output
class CatalogMutations:
    """Making and changing SKUs."""

    @mutation(Scope.CATALOG_WRITE, description="Create a SKU, or change the SKU with the same code.")
    async def sku_upsert(self, info: Info, input: Annotated[SkuUpsertInput, argument("The SKU.")]) -> SkuUpsertPayload:
        done = await info.context.execute(upsert_sku, input.to_command())
        return SkuUpsertPayload(sku=Sku.of(done.sku) if done.sku else None, replayed=done.replayed)

    @mutation(Scope.CATALOG_WRITE, description="Create or change up to 1,000 SKUs; each succeeds or is refused on its own.")
    async def skus_upsert(self, info: Info, input: Annotated[SkusUpsertInput, argument("The SKUs.")]) -> SkusUpsertPayload:
        done = await info.context.execute(upsert_skus, UpsertSkus(tuple(sku.to_command() for sku in input.skus)))
        return SkusUpsertPayload(results=[SkuUpsertResult.of(index, one) for index, one in enumerate(done)])

    sku_deactivate = carries_out(
        deactivate_sku, SkuDeactivateInput, SkuDeactivatePayload, Scope.CATALOG_WRITE, describes="The SKU."
    )
    """Deactivate a SKU: it can no longer be ordered; existing orders stay as they are."""
