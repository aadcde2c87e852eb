"""What clients send about stock."""

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
from oms_api.graphql.described import enum, input_type, one_of
from oms_api.graphql.filters import id_at
from oms_api.graphql.lots.inputs import LotInput, lot_of
from oms_api.graphql.rows import each_row
from oms_api.kernel.errors import InvalidValue, OmsError
from oms_api.kernel.ids import IdKind

enum(OnShortfall)
enum(UnpromisedBucket, name="InventoryMoveBucket")
enum(ReasonDirection, name="InventoryReasonDirection")


@input_type
class InventoryChangeInput:
    """Units more or less of one SKU in one bucket at one location."""

    sku: SkuByInput
    """The goods."""
    location_id: strawberry.ID
    """Where they lie."""
    delta: int
    """Units more, or (negative) less; not 0."""
    lot: LotInput | None = None
    """The lot they are of. Without it units more are of no lot, and units less are taken from those of no lot, then from the
    lots that expire first. Of a lot that has expired those set aside are taken first, of others free ones."""
    bucket: UnpromisedBucket = UnpromisedBucket.FREE
    """Where they come to, or are taken from. DAMAGED units that are taken away are thrown away: the movement is a SCRAP."""

    def to_change(self, *path: str | int) -> Change:
        """Return the change as the domain takes it. Raises: InvalidId."""
        location = id_at(IdKind.LOCATION, self.location_id, *path, "locationId")
        bucket = Bucket(self.bucket.value)
        return Change(self.sku.to_reference(*path, "sku"), location, self.delta, lot_of(self.lot), bucket)


@input_type
class InventoryAdjustInput:
    """A correction of stock numbers: all of its changes are made, or none."""

    idempotency_key: str
    """Makes a retry safe: the same key answers with the adjustment made first; kept 72 hours."""
    changes: list[InventoryChangeInput]
    """1 to 1,000 changes; several for one bucket and lot of a level count together."""
    reason: str
    """Why the numbers are corrected: the code of an inventory reason that is in use."""
    reference: str | None = None
    """The document behind it: a count sheet, a delivery note."""
    note: str | None = None
    """What you want to add."""
    on_shortfall: OnShortfall = OnShortfall.REFUSE
    """What happens where units that are to be taken away are promised."""
    occurred_at: datetime | None = None
    """When it happened, if not now; needs the scope `orders:import`, never in the future."""

    def to_command(self) -> AdjustInventory:
        """Return the command. Raises: Refused, with each id that is none."""
        return AdjustInventory(
            changes=each_row("changes", self.changes, InventoryChangeInput.to_change),
            reason=self.reason,
            reference=self.reference,
            note=self.note,
            on_shortfall=self.on_shortfall,
            occurred_at=self.occurred_at,
        )


@input_type
class InventoryMoveRowInput:
    """Units of one SKU at one location that go from one bucket to another."""

    sku: SkuByInput
    """The goods."""
    location_id: strawberry.ID
    """Where they lie."""
    quantity: int
    """How many units, at least 1."""
    from_: UnpromisedBucket = strawberry.field(name="from", description="Where they are.")
    to: UnpromisedBucket
    """Where they go."""
    lot: str | None = None
    """The code of the lot that they are of. Units of lots that lie in quality control or are damaged are known by it, so that
    they are not taken for others when the lot expires."""

    def to_row(self, *path: str | int) -> UnitsToMove:
        """Return the row as the domain takes it. Raises: InvalidId."""
        location = id_at(IdKind.LOCATION, self.location_id, *path, "locationId")
        source, target = Bucket(self.from_.value), Bucket(self.to.value)
        return UnitsToMove(self.sku.to_reference(*path, "sku"), location, self.quantity, source, target, self.lot)


@input_type
class InventoryMoveInput:
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
    """What you want to add."""
    on_shortfall: OnShortfall = OnShortfall.REFUSE
    """What happens where units that are to leave FREE are promised."""
    occurred_at: datetime | None = None
    """When it happened, if not now; needs the scope `orders:import`, never in the future."""

    def to_command(self) -> MoveInventory:
        """Return the command. Raises: Refused, with each id that is none."""
        return MoveInventory(
            moves=each_row("moves", self.moves, InventoryMoveRowInput.to_row),
            reason=self.reason,
            reference=self.reference,
            note=self.note,
            on_shortfall=self.on_shortfall,
            occurred_at=self.occurred_at,
        )


@input_type
class InventorySetRowInput:
    """How many units of one SKU one location holds."""

    sku: SkuByInput
    """The goods."""
    location_id: strawberry.ID
    """Where they lie."""
    quantity: int
    """The units on hand: all that are there, also those promised, in quality control or damaged."""
    change_from_quantity: int | None = strawberry.UNSET
    """The units on hand that you believe this replaces, with occurredAt those of that moment: another number is refused. Say
    null to replace whatever is there; leaving it out is refused."""

    def to_row(self, *path: str | int) -> Counted:
        """Return the row as the domain takes it. Raises: InvalidId; InvalidValue, without changeFromQuantity."""
        if self.change_from_quantity is strawberry.UNSET:
            problem = "Say which number this replaces, or null to replace whatever is there."
            raise InvalidValue(problem=problem).at(*path, "changeFromQuantity")
        location = id_at(IdKind.LOCATION, self.location_id, *path, "locationId")
        return Counted(self.sku.to_reference(*path, "sku"), location, self.quantity, self.change_from_quantity)


@input_type
class InventorySetInput:
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
    """What you want to add."""
    on_shortfall: OnShortfall = OnShortfall.REFUSE
    """What happens where fewer units are left than are promised or set aside."""
    occurred_at: datetime | None = None
    """The moment that the numbers are of, if not now: they are compared with what was on hand then, and what moved since stays
    moved. Needs the scope `orders:import`, never in the future. Refused with SUPERSEDED where a level's number was told of a
    later moment, and with BEFORE_RECORDS where its ledger begins later."""

    def to_command(self) -> SetInventory:
        """Return the command. Raises: Refused, with each row that cannot be read."""
        return SetInventory(
            sets=each_row("sets", self.sets, InventorySetRowInput.to_row),
            reason=self.reason,
            reference=self.reference,
            note=self.note,
            on_shortfall=self.on_shortfall,
            occurred_at=self.occurred_at,
        )


@input_type
class InventorySyncRowInput:
    """How many units of one SKU one location held at the moment of the feed."""

    sku: SkuByInput
    """The goods."""
    location_id: strawberry.ID
    """Where they lie."""
    quantity: int
    """The units on hand then: all that were there, also those promised, in quality control or damaged."""

    def to_row(self, index: int) -> CountedThen | OmsError:
        """Return the row as the domain takes it, or the error that it names no level."""
        try:
            location = id_at(IdKind.LOCATION, self.location_id, "rows", index, "locationId")
            return CountedThen(self.sku.to_reference("rows", index, "sku"), location, self.quantity)
        except OmsError as error:
            return error


@input_type
class InventorySyncInput:
    """A feed of counts as of a moment: each row is taken by itself, and what moved since the moment stays moved."""

    idempotency_key: str
    """Makes a retry safe: the same key answers with what became of the rows first; kept 72 hours."""
    as_of: datetime
    """The moment of the counts: never in the future, at most 366 days ago. The corrections are booked as of then. A level whose
    number was told of a later moment, by any feed, a posted count or `inventorySet`, is left as it is (OLDER_FEED); so is one
    whose ledger begins later (BEFORE_RECORDS)."""
    source: str
    """Who counts: a warehouse system, a store's till. Case-sensitive, no blanks around it."""
    rows: list[InventorySyncRowInput]
    """1 to 10,000 rows, each level once."""
    on_shortfall: OnShortfall = OnShortfall.UNPROMISE
    """What happens where fewer units are left than are promised or set aside."""

    def to_command(self) -> SyncInventory:
        """Return the command; rows that name no level fail by themselves."""
        return SyncInventory(
            as_of=self.as_of,
            source=self.source,
            rows=tuple(row.to_row(index) for index, row in enumerate(self.rows)),
            on_shortfall=self.on_shortfall,
        )


@input_type
class SafetyStockTargetInput:
    """How many units of one SKU one location keeps back."""

    sku: SkuByInput
    """The goods."""
    location_id: strawberry.ID
    """The location."""
    quantity: int
    """Units that only channels which sell safety stock may promise; 0 for none."""

    def to_row(self, *path: str | int) -> Target:
        """Return the row as the domain takes it. Raises: InvalidId."""
        location = id_at(IdKind.LOCATION, self.location_id, *path, "locationId")
        return Target(self.sku.to_reference(*path, "sku"), location, self.quantity)


@input_type
class SafetyStockSetInput:
    """What levels keep back: all of it is set, or nothing."""

    idempotency_key: str
    """Makes a retry safe: the same key answers with the same levels; kept 72 hours."""
    targets: list[SafetyStockTargetInput]
    """1 to 1,000 targets, each level once."""

    def to_command(self) -> SetSafetyStock:
        """Return the command. Raises: Refused, with each id that is none."""
        return SetSafetyStock(targets=each_row("targets", self.targets, SafetyStockTargetInput.to_row))


@input_type
class InventoryReasonUpsertInput:
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

    def to_command(self) -> UpsertReason:
        """Return the command."""
        return UpsertReason(code=self.code, title=self.title, direction=self.direction, active=self.active)


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
