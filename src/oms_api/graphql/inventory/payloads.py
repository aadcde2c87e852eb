"""What mutations of stock answer."""

from typing import Self

import strawberry

from oms_api.domain.inventory.commands.sync import RowOutcome
from oms_api.domain.inventory.queries import levels_at
from oms_api.graphql.context import Info
from oms_api.graphql.described import output
from oms_api.graphql.errors import UserError, user_errors
from oms_api.graphql.inventory.stock_documents import InventoryMove, InventorySync
from oms_api.graphql.inventory.types import InventoryAdjustment, InventoryLevel, InventoryReason
from oms_api.graphql.payloads import Payload
from oms_api.graphql.permissions import field


@output
class InventoryAdjustPayload(Payload):
    """The adjustment."""

    inventory_adjustment: InventoryAdjustment | None = None
    """The adjustment."""


@output
class InventoryMovePayload(Payload):
    """The move."""

    inventory_move: InventoryMove | None = None
    """The move."""


@output
class InventorySetPayload(Payload):
    """The adjustment by which the numbers were set."""

    inventory_adjustment: InventoryAdjustment | None = None
    """The adjustment by which the numbers were set."""


@output
class InventorySyncResult:
    """The result of one row of an inventory sync."""

    outcome: strawberry.Private[RowOutcome]
    index: int
    """The row's index in the request, from 0."""

    @classmethod
    def of(cls, index: int, outcome: RowOutcome) -> Self:
        """Describe the outcome of the row at *index*."""
        return cls(outcome=outcome, index=index)

    @field(description="The level as it is now; null where the row was refused.")
    async def level(self, info: Info) -> InventoryLevel | None:
        row = None if self.outcome.key is None else await info.context.load(levels_at, self.outcome.key)
        return InventoryLevel.of(row) if row else None

    @field(description="Why the row was refused; empty where it was applied, or matched the known stock.")
    def user_errors(self) -> list[UserError]:
        return [] if self.outcome.error is None else user_errors(self.outcome.error)


@output
class InventorySyncPayload(Payload):
    """The inventory sync, and the result of each row."""

    inventory_sync: InventorySync | None = None
    """The inventory sync as it was recorded."""
    results: list[InventorySyncResult] = strawberry.field(default_factory=list)
    """The result of each row, in the order given."""
    applied: int = 0
    """The number of rows that changed a level."""
    unchanged: int = 0
    """The number of rows that matched the known stock."""
    failed: int = 0
    """The number of rows that were refused."""


@output
class SafetyStockSetPayload(Payload):
    """The levels with their new targets, or why nothing was set."""

    inventory_levels: list[InventoryLevel] | None = None
    """The levels as they are now, in the order given."""


@output
class InventoryReasonUpsertPayload(Payload):
    """The reason."""

    inventory_reason: InventoryReason | None = None
    """The reason."""
