"""What clients send about stock."""

from collections.abc import Sequence
from datetime import datetime

import strawberry

from oms_api.domain.inventory.commands.adjust import AdjustInventory, Change
from oms_api.domain.inventory.commands.move import MoveInventory, UnitsToMove
from oms_api.domain.inventory.commands.set_levels import Counted, SetInventory
from oms_api.domain.inventory.commands.set_safety_stock import SetSafetyStock, Target
from oms_api.domain.inventory.commands.sync import CountedThen, SyncInventory
from oms_api.domain.inventory.commands.upsert_reason import UpsertReason
from oms_api.domain.inventory.states import Bucket, OnShortfall, ReasonDirection, UnpromisedBucket
from oms_api.graphql.catalog.inputs import SkuByInput
from oms_api.graphql.declared.inputs import Input, becomes
from oms_api.graphql.described import enum, input_type, one_of
from oms_api.graphql.lots.inputs import LotInput
from oms_api.kernel.errors import InvalidValue, OmsError
from oms_api.kernel.ids import LevelId, LocationId

enum(OnShortfall)
enum(UnpromisedBucket, name="InventoryMoveBucket")
enum(ReasonDirection, name="InventoryReasonDirection")


def bucket_of(given: UnpromisedBucket) -> Bucket:
    """Return the bucket of which clients name some."""
    return Bucket(given.value)


@input_type
class InventoryChangeInput(Input[Change]):
    """A change in the units of one SKU in one bucket at one location."""

    sku: SkuByInput = becomes(by=SkuByInput.to_reference)
    """The goods."""
    location_id: LocationId
    """The location where they lie."""
    delta: int
    """The change in units: negative for fewer, never 0."""
    lot: LotInput | None = None
    """The lot of the units. Without it, added units are of no lot; removed units are taken from those of no lot, then from the
    lots that expire first. Of a lot that has expired, units set aside are removed first; of other lots, free ones."""
    bucket: UnpromisedBucket = becomes(by=bucket_of, default=UnpromisedBucket.FREE)
    """The bucket that gains or loses the units. DAMAGED units that are removed are thrown away: the movement is a SCRAP."""


@input_type
class InventoryAdjustInput(Input[AdjustInventory]):
    """A correction of stock numbers: all of its changes are made, or none."""

    idempotency_key: str
    """Makes a retry safe: the same key answers with the adjustment made first; kept 72 hours."""
    changes: list[InventoryChangeInput]
    """1 to 1,000 changes; several for one bucket and lot of a level count together."""
    reason: str
    """Why the numbers are corrected: the code of an inventory reason that is in use."""
    reference: str | None = None
    """The document behind the correction: a count sheet, a delivery note."""
    note: str | None = None
    """A remark."""
    on_shortfall: OnShortfall = OnShortfall.REFUSE
    """How to treat promised units where too few are free."""
    occurred_at: datetime | None = None
    """When it happened, if not now; needs the scope `orders:import`, never in the future."""


@input_type
class InventoryMoveRowInput(Input[UnitsToMove]):
    """Units of one SKU at one location that go from one bucket to another."""

    sku: SkuByInput = becomes(by=SkuByInput.to_reference)
    """The goods."""
    location_id: LocationId
    """The location where they lie."""
    quantity: int
    """How many units, at least 1."""
    from_: UnpromisedBucket = becomes("source", by=bucket_of)
    """Where they are."""
    to: UnpromisedBucket = becomes("target", by=bucket_of)
    """Where they go."""
    lot: str | None = None
    """The code of the lot that they are of. Units of lots that lie in quality control or are damaged are known by it, so that
    they are not taken for others when the lot expires."""


@input_type
class InventoryMoveInput(Input[MoveInventory]):
    """Units that go from one bucket to another: all of them, or none."""

    idempotency_key: str
    """Makes a retry safe: the same key answers with the move made first; kept 72 hours."""
    moves: list[InventoryMoveRowInput]
    """1 to 1,000 rows, one after another: what one brings to a bucket a later one may take from it."""
    reason: str
    """Why they are moved: the code of an inventory reason that is in use."""
    reference: str | None = None
    """The document behind it: an inspection report."""
    note: str | None = None
    """A remark."""
    on_shortfall: OnShortfall = OnShortfall.REFUSE
    """What happens where units that are to leave FREE are promised."""
    occurred_at: datetime | None = None
    """When it happened, if not now; needs the scope `orders:import`, never in the future."""


def _told(quantity: int) -> int:
    """Return the number that a row replaces. Raises: InvalidValue, where none was told."""
    if quantity is strawberry.UNSET:
        raise InvalidValue(problem="Say which number this replaces, or null to replace whatever is there.")
    return quantity


@input_type
class InventorySetRowInput(Input[Counted]):
    """How many units of one SKU one location holds."""

    sku: SkuByInput = becomes(by=SkuByInput.to_reference)
    """The goods."""
    location_id: LocationId
    """The location where they lie."""
    quantity: int
    """The units on hand: all that are there, also those promised, in quality control or damaged."""
    change_from_quantity: int | None = becomes("expected", by=_told, default=strawberry.UNSET)
    """The units on hand that you believe this replaces, with occurredAt those of that moment: another number is refused. Say
    null to replace whatever is there; leaving it out is refused."""


@input_type
class InventorySetInput(Input[SetInventory]):
    """Absolute stock numbers: all of them are set, or none."""

    idempotency_key: str
    """Makes a retry safe: the same key answers with the adjustment made first; kept 72 hours."""
    sets: list[InventorySetRowInput]
    """1 to 1,000 rows, each level once."""
    reason: str
    """Why the numbers are set: the code of an inventory reason that is in use."""
    reference: str | None = None
    """The document behind it: a count sheet."""
    note: str | None = None
    """A remark."""
    on_shortfall: OnShortfall = OnShortfall.REFUSE
    """What happens where fewer units are left than are promised or set aside."""
    occurred_at: datetime | None = None
    """The moment that the numbers are of, if not now: they are compared with what was on hand then, and what moved since stays
    moved. Needs the scope `orders:import`, never in the future. Refused with SUPERSEDED where a level's number was told of a
    later moment, and with BEFORE_RECORDS where its ledger begins later."""


@input_type
class InventorySyncRowInput(Input[CountedThen]):
    """How many units of one SKU one location held at the moment of the feed."""

    by_itself = True
    sku: SkuByInput = becomes(by=SkuByInput.to_reference)
    """The goods."""
    location_id: LocationId
    """The location where they lie."""
    quantity: int
    """The units on hand then: all that were there, also those promised, in quality control or damaged."""


def rows_of(given: Sequence[InventorySyncRowInput | OmsError]) -> tuple[CountedThen | OmsError, ...]:
    """Return the rows of a feed; those that name no level fail by themselves."""
    return tuple(row.at("rows", i) if isinstance(row, OmsError) else row.to_command() for i, row in enumerate(given))


@input_type
class InventorySyncInput(Input[SyncInventory]):
    """A feed of counts as of a moment: each row is taken by itself, and what moved since the moment stays moved."""

    idempotency_key: str
    """Makes a retry safe: the same key answers with what became of the rows first; kept 72 hours."""
    as_of: datetime
    """The moment of the counts: never in the future, at most 366 days ago. The corrections are booked as of then. A level whose
    number was told of a later moment, by any feed, a posted count or `inventorySet`, is left as it is (OLDER_FEED); so is one
    whose ledger begins later (BEFORE_RECORDS)."""
    source: str
    """Who counts: a warehouse system, a store's till. Case-sensitive, no blanks around it."""
    rows: list[InventorySyncRowInput] = becomes(by=rows_of)
    """1 to 10,000 rows, each level once."""
    on_shortfall: OnShortfall = OnShortfall.UNPROMISE
    """What happens where fewer units are left than are promised or set aside."""


@input_type
class SafetyStockTargetInput(Input[Target]):
    """How many units of one SKU one location keeps back."""

    sku: SkuByInput = becomes(by=SkuByInput.to_reference)
    """The goods."""
    location_id: LocationId
    """The location."""
    quantity: int
    """Units that only channels which sell safety stock may promise; 0 for none."""


@input_type
class SafetyStockSetInput(Input[SetSafetyStock]):
    """What levels keep back: all of it is set, or nothing."""

    idempotency_key: str
    """Makes a retry safe: the same key answers with the same levels; kept 72 hours."""
    targets: list[SafetyStockTargetInput]
    """1 to 1,000 targets, each level once."""


@input_type
class InventoryReasonUpsertInput(Input[UpsertReason]):
    """A reason by its code. Of one that exists, what is left out stays as it is."""

    idempotency_key: str
    """Makes a retry safe: the same key answers with the same reason; kept 72 hours."""
    code: str
    """Its code: unique, case-sensitive, no blanks around it."""
    title: str | None = None
    """What people read; needed for a new one."""
    direction: ReasonDirection | None = None
    """Which corrections it can explain; a new one explains EITHER."""
    active: bool | None = None
    """Whether it may be given; a new one may."""


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
