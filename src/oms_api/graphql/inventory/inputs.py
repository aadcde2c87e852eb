"""Inputs about stock."""

from collections.abc import Sequence
from datetime import datetime

import strawberry

from oms_api.domain.inventory.commands.adjust import AdjustInventory, Change
from oms_api.domain.inventory.commands.move import MoveInventory, UnitsToMove
from oms_api.domain.inventory.commands.set_levels import Counted, SetInventory
from oms_api.domain.inventory.commands.set_safety_stock import SetSafetyStock, Target
from oms_api.domain.inventory.commands.sync import CountedThen, SyncInventory
from oms_api.domain.inventory.commands.upsert_reason import UpsertReason
from oms_api.domain.inventory.states import Bucket, MovableBucket, OnShortfall, ReasonDirection
from oms_api.graphql.catalog.inputs import SkuByInput
from oms_api.graphql.declared.inputs import Input, becomes
from oms_api.graphql.described import enum, input_type, one_of
from oms_api.graphql.lots.inputs import LotInput
from oms_api.kernel.errors import InvalidValue, OmsError
from oms_api.kernel.ids import LevelId, LocationId

enum(OnShortfall)
enum(MovableBucket, name="InventoryMoveBucket")
enum(ReasonDirection, name="InventoryReasonDirection")


def bucket_of(given: MovableBucket) -> Bucket:
    """Return the bucket of which clients name some."""
    return Bucket(given.value)


@input_type
class InventoryChangeInput(Input[Change]):
    """A change in the units of one SKU in one bucket at one location."""

    sku: SkuByInput = becomes(by=SkuByInput.to_reference)
    """The goods."""
    location_id: LocationId
    """The location of the goods."""
    delta: int
    """The change in units: negative for fewer, never 0."""
    lot: LotInput | None = None
    """The lot of the units. If no lot is given, added units belong to no lot, and removed units are taken first from units
    without a lot, then from the lots that expire first. With or without a lot given, an expired lot loses its units in quality
    control or damaged first, any other lot its free units."""
    bucket: MovableBucket = becomes(by=bucket_of, default=MovableBucket.FREE)
    """The bucket that gains or loses the units. DAMAGED units that are removed are thrown away: the movement is a SCRAP."""


@input_type
class InventoryAdjustInput(Input[AdjustInventory]):
    """A correction of stock: all of its changes are made, or none."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the adjustment that the first call made."""
    changes: list[InventoryChangeInput]
    """1 to 1,000 changes; changes of the same level, bucket and lot are added up."""
    reason: str
    """The reason for the correction: the code of an active inventory reason."""
    reference: str | None = None
    """The document behind the correction: a count sheet, a delivery note."""
    note: str | None = None
    """A remark."""
    on_shortfall: OnShortfall = OnShortfall.REFUSE
    """How promised units are treated where too few units are free."""
    occurred_at: datetime | None = None
    """When it happened; by default now. Never in the future. Needs the scope `orders:import`."""


@input_type
class InventoryMoveRowInput(Input[UnitsToMove]):
    """Units of one SKU at one location to move from one bucket to another."""

    sku: SkuByInput = becomes(by=SkuByInput.to_reference)
    """The goods."""
    location_id: LocationId
    """The location of the goods."""
    quantity: int
    """Units, at least 1."""
    from_: MovableBucket = becomes("source", by=bucket_of)
    """The origin bucket."""
    to: MovableBucket = becomes("target", by=bucket_of)
    """The destination bucket."""
    lot: str | None = None
    """The code of the lot. Units that are moved to QUALITY_CONTROL or DAMAGED with a lot are recorded as units of that lot.
    When the lot expires, they count as set aside already, and no other units are set aside instead of them."""


@input_type
class InventoryMoveInput(Input[MoveInventory]):
    """Units to move from one bucket to another: all of them move, or none."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the move that the first call made."""
    moves: list[InventoryMoveRowInput]
    """1 to 1,000 rows, one after another: a later row may take units that an earlier row moved."""
    reason: str
    """The reason for the move: the code of an active inventory reason."""
    reference: str | None = None
    """The document behind the move: an inspection report."""
    note: str | None = None
    """A remark."""
    on_shortfall: OnShortfall = OnShortfall.REFUSE
    """How promised units are treated where FREE holds too few units."""
    occurred_at: datetime | None = None
    """When it happened; by default now. Never in the future. Needs the scope `orders:import`."""


def _counted(quantity: int) -> int:
    """Return the number that a row replaces. Raises: InvalidValue, where none was told."""
    if quantity is strawberry.UNSET:
        raise InvalidValue(problem="Say which number this replaces, or null to replace whatever is there.")
    return quantity


@input_type
class InventorySetRowInput(Input[Counted]):
    """The units of one SKU on hand at one location."""

    sku: SkuByInput = becomes(by=SkuByInput.to_reference)
    """The goods."""
    location_id: LocationId
    """The location of the goods."""
    quantity: int
    """All units that are physically there, including promised, quality control and damaged units."""
    change_from_quantity: int | None = becomes("expected", by=_counted, default=strawberry.UNSET)
    """The units on hand that you believe are recorded now. If `occurredAt` is given, these are the units on hand that you
    believe are recorded for that moment. If the number differs, the call fails with STALE_QUANTITY. Null skips this check; the
    field cannot be left out."""


@input_type
class InventorySetInput(Input[SetInventory]):
    """Numbers of units on hand that replace the present numbers: all are set, or none."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the adjustment that the first call made."""
    sets: list[InventorySetRowInput]
    """1 to 1,000 rows, each level once."""
    reason: str
    """The reason for the numbers: the code of an active inventory reason."""
    reference: str | None = None
    """The document behind the numbers: a count sheet."""
    note: str | None = None
    """A remark."""
    on_shortfall: OnShortfall = OnShortfall.REFUSE
    """How promised units and units set aside are treated where the new number is too small to cover them."""
    occurred_at: datetime | None = None
    """The moment at which the numbers were true; by default now, never in the future. The numbers are compared with the units
    on hand at that moment, and later movements stay in effect. Needs the scope `orders:import`. Fails with SUPERSEDED where a
    stock number of a later moment is already recorded for the level. Fails with BEFORE_RECORDS where the first records of the
    level are later than that moment."""


@input_type
class InventorySyncRowInput(Input[CountedThen]):
    """The units of one SKU on hand at one location at the moment of the inventory sync."""

    by_itself = True
    sku: SkuByInput = becomes(by=SkuByInput.to_reference)
    """The goods."""
    location_id: LocationId
    """The location of the goods."""
    quantity: int
    """All units that were physically there at the moment of the inventory sync, including promised, quality control and damaged
    units."""


def rows_of(given: Sequence[InventorySyncRowInput | OmsError]) -> tuple[CountedThen | OmsError, ...]:
    """Return the rows of a feed; those that name no level fail by themselves."""
    return tuple(row.at("rows", i) if isinstance(row, OmsError) else row.to_command() for i, row in enumerate(given))


@input_type
class InventorySyncInput(Input[SyncInventory]):
    """Counted quantities from another system, all for one moment.

    Each row is applied or refused on its own. Movements after that moment stay in effect.
    """

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the results that the first call gave for
    the rows."""
    as_of: datetime
    """The moment of the counts: never in the future, at most 366 days ago. The corrections are booked at that moment. A row is
    refused with OLDER_FEED if its level has a stock number of a moment after `asOf` already: by an inventory sync, a posted
    count or `inventorySet`. A row is refused with BEFORE_RECORDS where the first records of the level are later than the
    counts."""
    source: str
    """The system or person that counts: a warehouse system, a store's till. Case-sensitive, no blanks around it."""
    rows: list[InventorySyncRowInput] = becomes(by=rows_of)
    """1 to 10,000 rows, each level once."""
    on_shortfall: OnShortfall = OnShortfall.DEALLOCATE
    """How promised units and units set aside are treated where the new number is too small to cover them."""


@input_type
class SafetyStockTargetInput(Input[Target]):
    """The safety stock target of one SKU at one location."""

    sku: SkuByInput = becomes(by=SkuByInput.to_reference)
    """The goods."""
    location_id: LocationId
    """The location."""
    quantity: int
    """Units withheld from channels that do not sell safety stock; 0 for none."""


@input_type
class SafetyStockSetInput(Input[SetSafetyStock]):
    """Safety stock targets of levels: all are set, or none."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the same levels."""
    targets: list[SafetyStockTargetInput]
    """1 to 1,000 targets, each level once."""


@input_type
class InventoryReasonUpsertInput(Input[UpsertReason]):
    """A reason for stock corrections, identified by its code. If it exists, fields left out stay as they are."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the same reason."""
    code: str
    """Its code: unique, case-sensitive, no blanks around it."""
    title: str | None = None
    """The name shown to people; required for a new reason."""
    direction: ReasonDirection | None = None
    """The changes that it explains: units found, units missing, or both; EITHER by default for a new reason."""
    active: bool | None = None
    """Whether it can be used; true by default for a new reason."""


@input_type
class SkuAtLocationInput:
    """One SKU at one location."""

    sku: SkuByInput
    """The goods."""
    location_id: LocationId
    """The location."""


@one_of
class InventoryLevelByInput:
    """Identifies a level: give exactly one field."""

    id: LevelId | None = strawberry.UNSET
    """Its id."""
    sku_at: SkuAtLocationInput | None = strawberry.UNSET
    """Its SKU and location."""
