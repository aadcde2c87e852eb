"""Transfers, their lines, and the acts that moved their units."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Computed, ForeignKey, Index, Sequence, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from oms_api.db.columns import Base, Key, coded
from oms_api.db.idempotency import results_in
from oms_api.domain.inventory.transfers.states import (
    TransferActKind,
    TransferDiscrepancy,
    TransferOutcome,
    TransferResolution,
    TransferStatus,
)
from oms_api.kernel.ids import LocationId, SkuId, TransferActId, TransferActLineId, TransferId, TransferLineId

transfer_number = Sequence("transfer_number", start=1001, metadata=Base.metadata)


class TransferRow(Base):
    """Goods that go from one location to another.

    `ready_at` is since when the destination expects it, `shipped_at` when the first units left, `closed_at` when it was over.
    """

    __tablename__ = "transfer"
    id: Mapped[Key[TransferId]]
    number: Mapped[int] = mapped_column(BigInteger, unique=True)
    external_ref: Mapped[str | None] = mapped_column(unique=True)
    origin_id: Mapped[LocationId] = mapped_column(ForeignKey("location.id"))
    destination_id: Mapped[LocationId] = mapped_column(ForeignKey("location.id"))
    status: Mapped[TransferStatus] = mapped_column(coded(TransferStatus, "status"))
    expected_at: Mapped[datetime | None]
    note: Mapped[str | None]
    version: Mapped[int] = mapped_column(server_default=text("1"))
    actor: Mapped[str]
    created_at: Mapped[datetime]
    shipped_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    recorded_at: Mapped[datetime]
    ready_at: Mapped[datetime | None]
    __table_args__ = (
        CheckConstraint("origin_id <> destination_id", name="leads_elsewhere"),
        CheckConstraint("(closed_at IS NOT NULL) = (status IN ('RECEIVED', 'CANCELED'))", name="closed_at_its_end"),
        Index(None, "created_at", "id"),
        Index(None, "status", "created_at", "id"),
        Index(None, "origin_id", "created_at", "id"),
        Index(None, "destination_id", "created_at", "id"),
    )


class TransferLineRow(Base):
    """Units of one SKU that a transfer moves, by what became of them so far.

    quantity = called off + sent + what is still to be sent; sent = arrived + damaged + lost + brought back + in transit.
    `to_come` is what the destination may still expect.
    """

    __tablename__ = "transfer_line"
    id: Mapped[Key[TransferLineId]]
    transfer_id: Mapped[TransferId] = mapped_column(ForeignKey("transfer.id"))
    position: Mapped[int]
    sku_id: Mapped[SkuId] = mapped_column(ForeignKey("sku.id"))
    quantity: Mapped[int]
    sent: Mapped[int] = mapped_column(server_default=text("0"))
    arrived: Mapped[int] = mapped_column(server_default=text("0"))
    damaged: Mapped[int] = mapped_column(server_default=text("0"))
    lost: Mapped[int] = mapped_column(server_default=text("0"))
    brought_back: Mapped[int] = mapped_column(server_default=text("0"))
    called_off: Mapped[int] = mapped_column(server_default=text("0"))
    in_transit: Mapped[int] = mapped_column(Computed("sent - arrived - damaged - lost - brought_back", persisted=True))
    to_come: Mapped[int] = mapped_column(
        Computed("quantity - called_off - arrived - damaged - lost - brought_back", persisted=True)
    )
    __table_args__ = (
        UniqueConstraint("transfer_id", "position"),
        UniqueConstraint("transfer_id", "sku_id"),
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("least(sent, arrived, damaged, lost, brought_back, called_off) >= 0", name="not_negative"),
        CheckConstraint("in_transit >= 0", name="in_transit_not_negative"),
        CheckConstraint("sent <= quantity - called_off", name="within_quantity"),
        Index(None, "sku_id"),
        Index("ix_transfer_line_to_come", "sku_id", postgresql_where=text("to_come > 0")),
    )


class TransferActRow(Base):
    """Something that was done with a transfer at one of its ends: units left, came, or were called off."""

    __tablename__ = "transfer_act"
    id: Mapped[Key[TransferActId]]
    transfer_id: Mapped[TransferId] = mapped_column(ForeignKey("transfer.id"))
    kind: Mapped[TransferActKind] = mapped_column(coded(TransferActKind, "kind"))
    location_id: Mapped[LocationId] = mapped_column(ForeignKey("location.id"))
    resolution: Mapped[TransferResolution | None] = mapped_column(coded(TransferResolution, "resolution"))
    reference: Mapped[str | None]
    note: Mapped[str | None]
    actor: Mapped[str]
    occurred_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    __table_args__ = (
        Index(None, "transfer_id", "occurred_at", "id"),
        CheckConstraint("resolution IS NULL OR kind = 'CANCELLATION'", name="resolution_of_cancellation"),
    )


class TransferActLineRow(Base):
    """What became of units of one line in one act, row by row as it was told and lot by lot; the cause of their movement."""

    __tablename__ = "transfer_act_line"
    id: Mapped[Key[TransferActLineId]]
    act_id: Mapped[TransferActId] = mapped_column(ForeignKey("transfer_act.id"))
    transfer_line_id: Mapped[TransferLineId] = mapped_column(ForeignKey("transfer_line.id"), index=True)
    outcome: Mapped[TransferOutcome] = mapped_column(coded(TransferOutcome, "outcome"))
    quantity: Mapped[int]
    reason: Mapped[TransferDiscrepancy | None] = mapped_column(coded(TransferDiscrepancy, "reason"))
    note: Mapped[str | None]
    lot: Mapped[str | None]
    __table_args__ = (
        Index(None, "act_id", "transfer_line_id"),
        CheckConstraint("quantity > 0", name="quantity_positive"),
    )


results_in(
    TransferRow.id, "transferCreate", "transferUpdate", "transferMarkReady", "transferShip", "transferReceive", "transferCancel"
)
