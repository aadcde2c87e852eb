"""Correcting stock."""

from typing import Annotated

from oms_api.domain.inventory.commands.adjust import adjust_inventory
from oms_api.domain.inventory.errors import BelowZero
from oms_api.domain.inventory.queries import adjustment_by_id
from oms_api.graphql.context import Info
from oms_api.graphql.described import argument, output
from oms_api.graphql.errors import UserError, represents
from oms_api.graphql.inventory.inputs import InventoryAdjustInput
from oms_api.graphql.inventory.types import InventoryAdjustment
from oms_api.graphql.payloads import Payload
from oms_api.graphql.permissions import mutation
from oms_api.kernel.access import Scope


@represents(BelowZero, lambda error: {"free": error.free, "requested": error.requested})
@output
class BelowZeroError(UserError):
    """More units were to be taken away than nobody was promised."""

    free: int
    """How many could be taken away."""
    requested: int
    """How many were to be, all changes of the level together."""


@output
class InventoryAdjustPayload(Payload):
    """The adjustment."""

    inventory_adjustment: InventoryAdjustment | None = None
    """The adjustment."""


@output
class InventoryMutations:
    """Correcting stock."""

    @mutation(Scope.INVENTORY_WRITE, description="Correct stock numbers, at one or up to 1,000 levels; all or none.")
    async def inventory_adjust(
        self, info: Info, input: Annotated[InventoryAdjustInput, argument("The correction.")]
    ) -> InventoryAdjustPayload:
        done = await info.context.once(
            "inventoryAdjust", adjust_inventory, input.to_command(), key=input.idempotency_key, again=adjustment_by_id
        )
        return InventoryAdjustPayload(inventory_adjustment=InventoryAdjustment.of(done.value), replayed=done.replayed)
