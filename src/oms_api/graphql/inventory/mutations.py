"""Changing stock."""

import asyncio
from functools import partial
from typing import Annotated

import oms_api.graphql.inventory.problems  # noqa: F401 - so that the schema knows what is told beside the codes
from oms_api.domain.inventory.commands.adjust import adjust_inventory
from oms_api.domain.inventory.commands.move import move_inventory
from oms_api.domain.inventory.commands.set_levels import set_inventory
from oms_api.domain.inventory.commands.set_safety_stock import safety_stock_set_before, set_safety_stock
from oms_api.domain.inventory.commands.sync import sync_inventory, synced_before
from oms_api.domain.inventory.commands.upsert_reason import upsert_reason
from oms_api.domain.inventory.queries import levels_by_id
from oms_api.graphql.context import Info, seen
from oms_api.graphql.declared.mutations import carries_out
from oms_api.graphql.described import argument, output
from oms_api.graphql.inventory.inputs import (
    InventoryAdjustInput,
    InventoryMoveInput,
    InventoryReasonUpsertInput,
    InventorySetInput,
    InventorySyncInput,
    SafetyStockSetInput,
)
from oms_api.graphql.inventory.payloads import (
    InventoryAdjustPayload,
    InventoryMovePayload,
    InventoryReasonUpsertPayload,
    InventorySetPayload,
    InventorySyncPayload,
    InventorySyncResult,
    SafetyStockSetPayload,
)
from oms_api.graphql.inventory.stock_documents import InventorySync
from oms_api.graphql.inventory.types import InventoryLevel
from oms_api.graphql.payloads import once
from oms_api.graphql.permissions import mutation
from oms_api.kernel.access import Scope
from oms_api.workflows.deallocate import COVERS


@output
class InventoryMutations:
    """Changing stock."""

    inventory_adjust = carries_out(
        partial(adjust_inventory, covers=COVERS),
        InventoryAdjustInput,
        InventoryAdjustPayload,
        Scope.INVENTORY_WRITE,
        describes="The correction.",
    )
    """Correct stock at up to 1,000 levels: all or none. Fails with BELOW_ZERO where too few units are free; where `onShortfall`
    is DEALLOCATE, promised units can be taken too. Fails with BELOW_PICKED where the units are picked or packed. Fails with
    WRONG_REASON where the reason is only for added units and some are taken away, or the reverse. Also fails with EMPTY_BUCKET,
    LOT_SHORT and TOO_MUCH_STOCK."""

    inventory_move = carries_out(
        partial(move_inventory, covers=COVERS),
        InventoryMoveInput,
        InventoryMovePayload,
        Scope.INVENTORY_WRITE,
        describes="The move.",
    )
    """Move units between the buckets FREE, QUALITY_CONTROL and DAMAGED, at up to 1,000 levels: all or none. Fails with
    EMPTY_BUCKET where the bucket holds too few units, with BELOW_ZERO where the units are promised, and with BELOW_PICKED where
    they are picked. Also fails with LOT_SHORT and SAME_BUCKET."""

    inventory_set = carries_out(
        partial(set_inventory, covers=COVERS),
        InventorySetInput,
        InventorySetPayload,
        Scope.INVENTORY_WRITE,
        describes="The numbers.",
    )
    """Set the units on hand at up to 1,000 levels: all or none. For each level you give the number that you expect to replace;
    the call fails with STALE_QUANTITY where the level has another number. Fails with BELOW_ZERO where the new number is too
    small to cover promised units, and with BELOW_PICKED where it is too small to cover picked units. Also fails with
    WRONG_REASON and, for numbers of a past moment, with SUPERSEDED and BEFORE_RECORDS."""

    @mutation(
        Scope.INVENTORY_WRITE,
        description=(
            "Apply up to 10,000 counted quantities from another system, all for one moment. Each row is compared with the "
            "units on hand at that moment, so that movements after it stay in effect. Each row is applied or refused on "
            "its own."
        ),
    )
    async def inventory_sync(
        self, info: Info, input: Annotated[InventorySyncInput, argument("The inventory sync.")]
    ) -> InventorySyncPayload:
        command, sync = input.to_command(), partial(sync_inventory, covers=COVERS)
        again = partial(synced_before, rows=command.rows)
        done = await info.context.once("inventorySync", sync, command, key=input.idempotency_key, again=again)
        record, outcomes = done.value.sync, done.value.outcomes
        return InventorySyncPayload(
            inventory_sync=InventorySync.of(record),
            results=[InventorySyncResult.of(index, outcome) for index, outcome in enumerate(outcomes)],
            applied=record.applied,
            unchanged=record.unchanged,
            failed=record.failed,
            replayed=done.replayed,
        )

    @mutation(
        Scope.INVENTORY_WRITE,
        description=(
            "Set the safety stock targets of up to 1,000 levels: all or none. Safety stock is withheld from channels that "
            "do not sell it. Fails with NOT_STOCKED for a SKU that is not GOODS, and with LEVEL_TWICE."
        ),
    )
    async def safety_stock_set(
        self, info: Info, input: Annotated[SafetyStockSetInput, argument("The targets.")]
    ) -> SafetyStockSetPayload:
        done = await once(info, input, set_safety_stock, again=safety_stock_set_before)
        load = info.context.loading(levels_by_id).load
        rows = await asyncio.gather(*(seen(load(level)) for level in done.value.level_ids))
        return SafetyStockSetPayload(inventory_levels=[InventoryLevel.of(row) for row in rows], replayed=done.replayed)

    inventory_reason_upsert = carries_out(
        upsert_reason, InventoryReasonUpsertInput, InventoryReasonUpsertPayload, Scope.INVENTORY_WRITE, describes="The reason."
    )
    """Create or change a reason for stock corrections. Fails with INVALID_VALUE for a new reason without a title, and with
    LIMITED_KEY for an API key that is limited to certain locations."""
