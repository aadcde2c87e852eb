"""The reasons that people give when they cancel, hold or change an order, or reject work."""

from datetime import datetime

from sqlalchemy import CheckConstraint, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from oms_api.db.columns import Base, Key, coded
from oms_api.db.idempotency import results_in
from oms_api.domain.orders.reasons.states import OrderReasonUse, RejectEffect
from oms_api.domain.orders.states import CanceledStock, CancelReason
from oms_api.kernel.ids import OrderReasonId


class OrderReasonRow(Base):
    """A reason, by its use and its code; it is never deleted, for what it explained names its code.

    One of cancellations counts as a `cancel_reason`, and says what becomes of the `stock` unless the caller does. One of
    rejections has an `effect` on stock.
    """

    __tablename__ = "order_reason"
    id: Mapped[Key[OrderReasonId]]
    use: Mapped[OrderReasonUse] = mapped_column(coded(OrderReasonUse, "use"))
    code: Mapped[str]
    name: Mapped[str]
    cancel_reason: Mapped[CancelReason | None] = mapped_column(coded(CancelReason, "cancel_reason"))
    stock: Mapped[CanceledStock | None] = mapped_column(coded(CanceledStock, "stock"))
    effect: Mapped[RejectEffect | None] = mapped_column(coded(RejectEffect, "effect"))
    active: Mapped[bool] = mapped_column(server_default=text("true"))
    updated_at: Mapped[datetime]
    __table_args__ = (
        UniqueConstraint("use", "code"),
        CheckConstraint("(use = 'CANCEL') = (cancel_reason IS NOT NULL)", name="counts_as_one"),
        CheckConstraint("(use = 'REJECT') = (effect IS NOT NULL)", name="effect_of_rejections"),
        CheckConstraint("use = 'CANCEL' OR stock IS NULL", name="stock_of_cancellations"),
        CheckConstraint("code = btrim(code) AND code <> ''", name="code_without_outer_blanks"),
    )


results_in(OrderReasonRow.id, "orderReasonUpsert")
