"""What clients send about stock."""

from datetime import datetime

import strawberry

from oms_api.domain.inventory.commands.adjust import AdjustInventory, Change
from oms_api.graphql.catalog.inputs import SkuByInput
from oms_api.graphql.described import input_type, one_of
from oms_api.graphql.filters import id_at
from oms_api.kernel.errors import OmsError, Refused
from oms_api.kernel.ids import IdKind


@input_type
class InventoryChangeInput:
    """Units more or less of one SKU at one location."""

    sku: SkuByInput
    """The goods."""
    location_id: strawberry.ID
    """Where they lie."""
    delta: int
    """Units more, or (negative) less; not 0."""

    def to_change(self, *path: str | int) -> Change:
        """Return the change as the domain takes it. Raises: InvalidId."""
        location = id_at(IdKind.LOCATION, self.location_id, *path, "locationId")
        return Change(self.sku.to_reference(*path, "sku"), location, self.delta)


@input_type
class InventoryAdjustInput:
    """A correction of stock numbers: all of its changes are made, or none."""

    idempotency_key: str
    """Makes a retry safe: the same key answers with the adjustment made first; kept 72 hours."""
    changes: list[InventoryChangeInput]
    """1 to 1,000 changes; several for one level count together."""
    reason: str
    """Why the numbers are corrected: the code of an inventory reason that is in use."""
    reference: str | None = None
    """The document behind it: a count sheet, a delivery note."""
    note: str | None = None
    """What you want to add."""
    occurred_at: datetime | None = None
    """When it happened, if not now; needs the scope `orders:import`, never in the future."""

    def to_command(self) -> AdjustInventory:
        """Return the command. Raises: Refused, with each id that is none."""
        changes: list[Change] = []
        errors: list[OmsError] = []
        for index, change in enumerate(self.changes):
            try:
                changes.append(change.to_change("changes", index))
            except OmsError as error:
                errors.append(error)
        if errors:
            raise Refused(errors=errors)
        return AdjustInventory(
            changes=tuple(changes),
            reason=self.reason,
            reference=self.reference,
            note=self.note,
            occurred_at=self.occurred_at,
        )


@input_type
class SkuAtLocationInput:
    """One SKU at one location."""

    sku: SkuByInput
    """The goods."""
    location_id: strawberry.ID
    """The location."""


@one_of
class InventoryLevelByInput:
    """What a level is found by: exactly one of these."""

    id: strawberry.ID | None = strawberry.UNSET
    """Its id."""
    sku_at: SkuAtLocationInput | None = strawberry.UNSET
    """Its SKU and location."""
