"""Levels, the stock ledger, and the documents that change them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, Computed, ForeignKey, Identity, Index, UniqueConstraint, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from oms_api.db.columns import Base, Json, Key, coded
from oms_api.db.idempotency import results_in
from oms_api.db.sets import listed
from oms_api.domain.inventory.states import (
    OUTSIDE,
    Account,
    AdjustmentKind,
    Bucket,
    CauseKind,
    MovementKind,
    NumberSource,
    ReasonDirection,
)
from oms_api.kernel.ids import (
    AdjustmentId,
    AdjustmentLineId,
    AllocationId,
    ChannelId,
    DeallocationId,
    DeallocationLineId,
    InventoryReasonId,
    LevelId,
    LineId,
    LocationId,
    MoveId,
    MoveLineId,
    OrderId,
    ReservationLineId,
    SkuId,
    SyncId,
)

OUTER = listed(OUTSIDE)


class InventoryLevelRow(Base):
    """How much of one SKU one location holds; stock_movement explains every change.

    `sequence` is the number of the level's last movement. `safety_stock_target` is a setting: changing it moves nothing.
    `in_lots` are the units on hand that are of a lot, whatever bucket they lie in.
    """

    __tablename__ = "inventory_level"
    id: Mapped[Key[LevelId]]
    sku_id: Mapped[SkuId] = mapped_column(ForeignKey("sku.id"))
    location_id: Mapped[LocationId] = mapped_column(ForeignKey("location.id"), index=True)
    free: Mapped[int] = mapped_column(server_default=text("0"))
    committed: Mapped[int] = mapped_column(server_default=text("0"))
    reserved: Mapped[int] = mapped_column(server_default=text("0"))
    quality_control: Mapped[int] = mapped_column(server_default=text("0"))
    damaged: Mapped[int] = mapped_column(server_default=text("0"))
    safety_stock_target: Mapped[int] = mapped_column(server_default=text("0"))
    on_hand: Mapped[int] = mapped_column(
        BigInteger, Computed("free::bigint + committed + reserved + quality_control + damaged", persisted=True)
    )
    safety_stock: Mapped[int] = mapped_column(Computed("least(free, safety_stock_target)", persisted=True))
    available: Mapped[int] = mapped_column(Computed("greatest(free - safety_stock_target, 0)", persisted=True))
    in_lots: Mapped[int] = mapped_column(server_default=text("0"))
    sequence: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    __table_args__ = (
        UniqueConstraint("sku_id", "location_id"),
        *(CheckConstraint(f"{bucket} >= 0", name=f"{bucket}_not_negative") for bucket in Bucket),
        CheckConstraint("safety_stock_target >= 0", name="safety_stock_target_not_negative"),
        CheckConstraint("in_lots BETWEEN 0 AND on_hand", name="in_lots_on_hand"),
        {"postgresql_with": {"fillfactor": "70"}},
    )


class StockMovementRow(Base):
    """Units that moved between two accounts, one of them a bucket of this level. Append-only.

    The cause is the line of the operation done, so that doing an operation twice is refused by the unique key. A loss in
    transit has no level and no sequence.
    """

    __tablename__ = "stock_movement"
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    level_id: Mapped[LevelId | None] = mapped_column(ForeignKey("inventory_level.id"))
    sequence: Mapped[int | None] = mapped_column(BigInteger)
    sku_id: Mapped[SkuId]
    kind: Mapped[MovementKind] = mapped_column(coded(MovementKind, "kind"))
    quantity: Mapped[int]
    source: Mapped[Account] = mapped_column(coded(Account, "source"))
    target: Mapped[Account] = mapped_column(coded(Account, "target"))
    lot: Mapped[str | None]
    cause_kind: Mapped[CauseKind] = mapped_column(coded(CauseKind, "cause_kind"))
    cause_id: Mapped[UUID]
    reason: Mapped[str | None]
    actor: Mapped[str]
    occurred_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    __table_args__ = (
        UniqueConstraint("level_id", "sequence"),
        UniqueConstraint(
            "cause_id", "level_id", "kind", "cause_kind", "lot", "source", "target", postgresql_nulls_not_distinct=True
        ),
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("source <> target", name="moves"),
        CheckConstraint(f"NOT (source IN ({OUTER}) AND target IN ({OUTER})) OR level_id IS NULL", name="touches_level"),
        CheckConstraint("(level_id IS NULL) = (sequence IS NULL)", name="numbered_within_level"),
        Index(None, "sku_id", "lot", "id", postgresql_where=text("lot IS NOT NULL")),
        Index(None, "recorded_at", postgresql_using="brin", postgresql_with={"pages_per_range": "32", "autosummarize": "on"}),
    )


class InventoryReasonRow(Base):
    """Why stock numbers are corrected or units set aside: a code that people choose."""

    __tablename__ = "inventory_reason"
    id: Mapped[Key[InventoryReasonId]]
    code: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    direction: Mapped[ReasonDirection] = mapped_column(coded(ReasonDirection, "direction"))
    active: Mapped[bool] = mapped_column(server_default=text("true"))
    updated_at: Mapped[datetime]
    __table_args__ = (CheckConstraint("code = btrim(code) AND code <> ''", name="code_without_outer_blanks"),)


class InventoryAdjustmentRow(Base):
    """A correction of stock numbers, with its reason and the document it refers to."""

    __tablename__ = "inventory_adjustment"
    id: Mapped[Key[AdjustmentId]]
    kind: Mapped[AdjustmentKind] = mapped_column(coded(AdjustmentKind, "kind"), server_default=text("'ADJUST'"))
    reason: Mapped[str] = mapped_column(ForeignKey("inventory_reason.code"))
    reference: Mapped[str | None]
    note: Mapped[str | None]
    actor: Mapped[str]
    occurred_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    __table_args__ = (
        Index(None, "occurred_at", "id"),
        Index(None, "reference", "occurred_at", "id", postgresql_where=text("reference IS NOT NULL")),
        Index(None, "reason", "occurred_at", "id"),
        Index(None, "kind", "occurred_at", "id"),
        Index(None, "actor", "occurred_at", "id"),
    )


class InventoryAdjustmentLineRow(Base):
    """What one adjustment changed at one level, where the caller named a lot of that; the cause of its movements.

    `bucket` is where units were found or missed. Where a number was told, `counted` is that, `was` the units on hand that it
    replaced, as of its moment, and the movements say where the units lay.
    """

    __tablename__ = "inventory_adjustment_line"
    id: Mapped[Key[AdjustmentLineId]]
    adjustment_id: Mapped[AdjustmentId] = mapped_column(ForeignKey("inventory_adjustment.id"))
    position: Mapped[int]
    level_id: Mapped[LevelId] = mapped_column(ForeignKey("inventory_level.id"))
    delta: Mapped[int]
    counted: Mapped[int | None]
    was: Mapped[int | None] = mapped_column(BigInteger)
    lot: Mapped[str | None]
    bucket: Mapped[Bucket] = mapped_column(coded(Bucket, "bucket"), server_default=text("'free'"))
    __table_args__ = (
        Index(None, "adjustment_id", "position", unique=True),
        CheckConstraint("delta <> 0 OR counted IS NOT NULL", name="delta_not_zero"),
        CheckConstraint("counted IS NULL OR counted - was = delta", name="counted_less_was"),
    )


class InventorySyncRow(Base):
    """A feed's numbers as of a moment, row by row: how many were applied, were right already, or failed and why.

    `location_ids` are those that its rows named and its sender sees. `failures` holds for each row that failed its index, the
    code of the error, its data and the field it names.
    """

    __tablename__ = "inventory_sync"
    id: Mapped[Key[SyncId]]
    source: Mapped[str]
    as_of: Mapped[datetime]
    adjustment_id: Mapped[AdjustmentId | None] = mapped_column(ForeignKey("inventory_adjustment.id"), index=True)
    applied: Mapped[int]
    unchanged: Mapped[int]
    failed: Mapped[int]
    failures: Mapped[list[Json]] = mapped_column(JSONB, server_default=text("'[]'"))
    actor: Mapped[str]
    recorded_at: Mapped[datetime]
    location_ids: Mapped[list[LocationId]] = mapped_column(ARRAY(Uuid), server_default=text("'{}'"))
    __table_args__ = (Index(None, "recorded_at", "id"), Index(None, "source", "recorded_at", "id"))


class InventoryFeedRow(Base):
    """The last moment of which a feed told a level's number; with a blank source, of which a count did or somebody by hand.

    What was told of the last of these moments supersedes every number of an earlier one.
    """

    __tablename__ = "inventory_feed"
    level_id: Mapped[LevelId] = mapped_column(ForeignKey("inventory_level.id"), primary_key=True)
    source: Mapped[str] = mapped_column(primary_key=True)
    teller: Mapped[NumberSource] = mapped_column(coded(NumberSource, "teller"), server_default=text("'FEED'"))
    as_of: Mapped[datetime]
    __table_args__ = (
        CheckConstraint("(teller = 'FEED') = (source <> '')", name="feed_has_a_source"),
        {"postgresql_with": {"fillfactor": "70"}},
    )


class InventoryMoveRow(Base):
    """Units moved between free, quality control and damaged."""

    __tablename__ = "inventory_move"
    id: Mapped[Key[MoveId]]
    reason: Mapped[str] = mapped_column(ForeignKey("inventory_reason.code"))
    reference: Mapped[str | None]
    note: Mapped[str | None]
    actor: Mapped[str]
    occurred_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    __table_args__ = (
        Index(None, "occurred_at", "id"),
        Index(None, "reference", "occurred_at", "id", postgresql_where=text("reference IS NOT NULL")),
        Index(None, "reason", "occurred_at", "id"),
        Index(None, "actor", "occurred_at", "id"),
    )


class InventoryMoveLineRow(Base):
    """Units of one level, of one lot if it is named, that one move took from a bucket to another; cause of its movement."""

    __tablename__ = "inventory_move_line"
    id: Mapped[Key[MoveLineId]]
    move_id: Mapped[MoveId] = mapped_column(ForeignKey("inventory_move.id"))
    position: Mapped[int]
    level_id: Mapped[LevelId] = mapped_column(ForeignKey("inventory_level.id"))
    quantity: Mapped[int]
    source: Mapped[Bucket] = mapped_column(coded(Bucket, "source"))
    target: Mapped[Bucket] = mapped_column(coded(Bucket, "target"))
    lot: Mapped[str | None]
    __table_args__ = (
        Index(None, "move_id", "position", unique=True),
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("source <> target", name="moves"),
    )


class InventoryDeallocationRow(Base):
    """Promises taken back because units are missing; the document that missed them is `document_kind`, `document_id`.

    The tables keep the names that they had (`inventory_unpromise`): servers of the version before write them.
    """

    __tablename__ = "inventory_unpromise"
    id: Mapped[Key[DeallocationId]]
    document_kind: Mapped[str]
    document_id: Mapped[UUID] = mapped_column(index=True)
    actor: Mapped[str]
    occurred_at: Mapped[datetime]
    recorded_at: Mapped[datetime]


class InventoryDeallocationLineRow(Base):
    """Units of one promise taken back, of an allocation (with its order and line) or a reservation; cause of the release."""

    __tablename__ = "inventory_unpromise_line"
    id: Mapped[Key[DeallocationLineId]]
    unpromise_id: Mapped[DeallocationId] = mapped_column(ForeignKey("inventory_unpromise.id"))
    position: Mapped[int]
    level_id: Mapped[LevelId] = mapped_column(ForeignKey("inventory_level.id"))
    quantity: Mapped[int]
    order_id: Mapped[OrderId | None] = mapped_column(ForeignKey("orders.id"))
    line_id: Mapped[LineId | None] = mapped_column(ForeignKey("order_line.id"), index=True)
    allocation_id: Mapped[AllocationId | None] = mapped_column(ForeignKey("allocation.id"))
    reservation_line_id: Mapped[ReservationLineId | None]
    __table_args__ = (
        Index(None, "unpromise_id", "position", unique=True),
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("(allocation_id IS NULL) <> (reservation_line_id IS NULL)", name="one_promise"),
        CheckConstraint(
            "(allocation_id IS NULL) = (line_id IS NULL) AND (line_id IS NULL) = (order_id IS NULL)", name="of_an_order"
        ),
    )


class SafetyStockSettingRow(Base):
    """What a level was told to keep back, and what it kept before; all of one call have the same `act_id`."""

    __tablename__ = "safety_stock_setting"
    id: Mapped[Key[UUID]]
    act_id: Mapped[UUID]
    position: Mapped[int]
    level_id: Mapped[LevelId] = mapped_column(ForeignKey("inventory_level.id"))
    was: Mapped[int]
    target: Mapped[int]
    actor: Mapped[str]
    recorded_at: Mapped[datetime]
    __table_args__ = (
        Index(None, "act_id", "position", unique=True),
        Index(None, "level_id", "recorded_at"),
        CheckConstraint("least(was, target) >= 0", name="not_negative"),
    )


class PublishedLevelRow(Base):
    """The numbers of a level that were published last."""

    __tablename__ = "level_told"
    level_id: Mapped[LevelId] = mapped_column(ForeignKey("inventory_level.id"), primary_key=True)
    on_hand: Mapped[int] = mapped_column(BigInteger)
    available: Mapped[int]
    committed: Mapped[int]
    reserved: Mapped[int]
    quality_control: Mapped[int]
    damaged: Mapped[int]
    safety_stock: Mapped[int]
    expired: Mapped[int] = mapped_column(server_default=text("0"))
    told_at: Mapped[datetime]
    __table_args__ = ({"postgresql_with": {"fillfactor": "70"}},)


class ChannelAvailabilityRow(Base):
    """How many units of a SKU a channel was last told that it can sell."""

    __tablename__ = "channel_availability"
    channel_id: Mapped[ChannelId] = mapped_column(ForeignKey("channel.id"), primary_key=True)
    sku_id: Mapped[SkuId] = mapped_column(ForeignKey("sku.id"), primary_key=True)
    available: Mapped[int] = mapped_column(BigInteger)
    told_at: Mapped[datetime]
    __table_args__ = (Index(None, "sku_id"), {"postgresql_with": {"fillfactor": "70"}})


results_in(InventoryAdjustmentRow.id, "inventoryAdjust", "inventorySet")
results_in(InventoryMoveRow.id, "inventoryMove")
results_in(InventoryReasonRow.id, "inventoryReasonUpsert")
results_in(InventorySyncRow.id, "inventorySync", "supplierStockReport")
results_in(SafetyStockSettingRow.act_id, "safetyStockSet")
