"""Levels, the stock ledger, and the adjustments that correct them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Computed, ForeignKey, Identity, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from oms_api.db.columns import Base, Key, coded
from oms_api.domain.inventory.states import Account, AdjustmentReason, Bucket, CauseKind, MovementKind

OUTSIDE = ", ".join(f"'{account}'" for account in Account if account.value not in set(Bucket))


class InventoryLevel(Base):
    """How much of one SKU one location holds; stock_movement explains every change.

    `sequence` is the number of the level's last movement. `safety_stock_target` is a setting: changing it moves nothing.
    """

    __tablename__ = "inventory_level"
    id: Mapped[Key]
    sku_id: Mapped[UUID] = mapped_column(ForeignKey("sku.id"))
    location_id: Mapped[UUID] = mapped_column(ForeignKey("location.id"), index=True)
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
    sequence: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    __table_args__ = (
        UniqueConstraint("sku_id", "location_id"),
        *(CheckConstraint(f"{bucket} >= 0", name=f"{bucket}_not_negative") for bucket in Bucket),
        CheckConstraint("safety_stock_target >= 0", name="safety_stock_target_not_negative"),
        {"postgresql_with": {"fillfactor": "70"}},
    )


class StockMovement(Base):
    """Units that moved between two accounts, one of them a bucket of this level. Append-only.

    The cause is the line of the operation done, so that doing an operation twice is refused by the unique key. A loss in
    transit has no level and no sequence.
    """

    __tablename__ = "stock_movement"
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    level_id: Mapped[UUID | None] = mapped_column(ForeignKey("inventory_level.id"))
    sequence: Mapped[int | None] = mapped_column(BigInteger)
    sku_id: Mapped[UUID]
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
        CheckConstraint(f"NOT (source IN ({OUTSIDE}) AND target IN ({OUTSIDE})) OR level_id IS NULL", name="touches_level"),
        CheckConstraint("(level_id IS NULL) = (sequence IS NULL)", name="numbered_within_level"),
    )


class InventoryAdjustment(Base):
    """A correction of stock numbers, with its reason and the document it refers to."""

    __tablename__ = "inventory_adjustment"
    id: Mapped[Key]
    reason: Mapped[AdjustmentReason] = mapped_column(coded(AdjustmentReason, "reason"))
    reference: Mapped[str | None]
    note: Mapped[str | None]
    actor: Mapped[str]
    occurred_at: Mapped[datetime]
    recorded_at: Mapped[datetime]


class InventoryAdjustmentLine(Base):
    """What one adjustment changed at one level; the cause of its movement."""

    __tablename__ = "inventory_adjustment_line"
    id: Mapped[Key]
    adjustment_id: Mapped[UUID] = mapped_column(ForeignKey("inventory_adjustment.id"))
    position: Mapped[int]
    level_id: Mapped[UUID] = mapped_column(ForeignKey("inventory_level.id"))
    delta: Mapped[int]
    __table_args__ = (
        Index(None, "adjustment_id", "position", unique=True),
        CheckConstraint("delta <> 0", name="delta_not_zero"),
    )
