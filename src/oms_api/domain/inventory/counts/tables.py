"""Stock counts and their lines."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Sequence, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from oms_api.db.columns import Base, Key, coded
from oms_api.db.idempotency import results_in
from oms_api.domain.inventory.counts.states import StockCountOutcome, StockCountStatus
from oms_api.kernel.ids import CountId, CountLineId, LocationId, SkuId

count_number = Sequence("stock_count_number", start=1001, metadata=Base.metadata)


class StockCountRow(Base):
    """A count of SKUs at one location: certain ones, or (`whole`) all that it holds, so that others may be found.

    Who counts a `blind` one is not told what is expected before the review.
    """

    __tablename__ = "stock_count"
    id: Mapped[Key[CountId]]
    number: Mapped[int] = mapped_column(BigInteger, unique=True)
    location_id: Mapped[LocationId] = mapped_column(ForeignKey("location.id"))
    status: Mapped[StockCountStatus] = mapped_column(coded(StockCountStatus, "status"))
    whole: Mapped[bool]
    blind: Mapped[bool]
    reference: Mapped[str | None]
    note: Mapped[str | None]
    version: Mapped[int] = mapped_column(server_default=text("1"))
    actor: Mapped[str]
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    recorded_at: Mapped[datetime]
    closed_by: Mapped[str | None]
    __table_args__ = (
        CheckConstraint("(closed_at IS NOT NULL) = (status IN ('POSTED', 'CANCELED'))", name="closed_at_its_end"),
        Index(None, "created_at", "id"),
        Index(None, "status", "created_at", "id"),
        Index(None, "location_id", "created_at", "id"),
    )


class StockCountLineRow(Base):
    """One SKU of a count: how many were there, and when somebody looked; the cause of its movements.

    Once posted, `expected` is what was on hand at that moment by the ledger, and variance = counted - expected.
    """

    __tablename__ = "stock_count_line"
    id: Mapped[Key[CountLineId]]
    count_id: Mapped[CountId] = mapped_column(ForeignKey("stock_count.id"))
    position: Mapped[int]
    sku_id: Mapped[SkuId] = mapped_column(ForeignKey("sku.id"))
    counted: Mapped[int | None]
    counted_at: Mapped[datetime | None]
    counted_by: Mapped[str | None]
    expected: Mapped[int | None] = mapped_column(BigInteger)
    variance: Mapped[int | None]
    outcome: Mapped[StockCountOutcome | None] = mapped_column(coded(StockCountOutcome, "outcome"))
    __table_args__ = (
        UniqueConstraint("count_id", "position"),
        UniqueConstraint("count_id", "sku_id"),
        CheckConstraint("counted >= 0", name="counted_not_negative"),
        CheckConstraint(
            "(counted IS NULL) = (counted_at IS NULL) AND (counted IS NULL) = (counted_by IS NULL)", name="counted_once"
        ),
        CheckConstraint("variance = counted - expected", name="variance_from_expected"),
        CheckConstraint(
            "CASE outcome WHEN 'FOUND' THEN variance > 0 WHEN 'NOT_FOUND' THEN variance < 0 WHEN 'MATCHED' THEN variance = 0 "
            "WHEN 'NOT_COUNTED' THEN counted IS NULL ELSE true END",
            name="outcome_of_variance",
        ),
        Index("ix_stock_count_line_counted", "sku_id", "counted_at", postgresql_where=text("counted_at IS NOT NULL")),
    )


results_in(StockCountRow.id, "stockCountCreate", "stockCountSubmit", "stockCountPost", "stockCountCancel")
