"""Lots, and how many units of them lie where."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Computed, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from oms_api.db.columns import Base, Json, Key
from oms_api.db.idempotency import results_in
from oms_api.kernel.ids import LevelId, LocationId, LotId, SkuId


class LotRow(Base):
    """Units of one SKU that were made together. `expires_on` is the last day on which they are good; None where they stay so.

    Movements name a lot by its code, which therefore never changes.
    """

    __tablename__ = "lot"
    id: Mapped[Key[LotId]]
    sku_id: Mapped[SkuId] = mapped_column(ForeignKey("sku.id"))
    code: Mapped[str]
    expires_on: Mapped[date | None]
    attributes: Mapped[Json] = mapped_column(JSONB, server_default=text("'{}'"))
    version: Mapped[int] = mapped_column(server_default=text("1"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    __table_args__ = (
        UniqueConstraint("sku_id", "code"),
        CheckConstraint("code = btrim(code) AND code <> ''", name="code_without_outer_blanks"),
    )


class LotLevelRow(Base):
    """How many units of a lot one level holds.

    SKU, location and expiry are copies, so that indexes serve lists by them; `fefo_date` is the expiry, or the last day of all.
    `set_aside` are those of its units that are known to lie in quality control or to be damaged; `on_shelf` tells of others.
    Indexes go by `in_stock` and `on_shelf`, which seldom change, and not by numbers: so that most updates touch no index.
    """

    __tablename__ = "lot_level"
    id: Mapped[Key[UUID]]
    level_id: Mapped[LevelId] = mapped_column(ForeignKey("inventory_level.id"))
    lot_id: Mapped[LotId] = mapped_column(ForeignKey("lot.id"), index=True)
    sku_id: Mapped[SkuId]
    location_id: Mapped[LocationId]
    expires_on: Mapped[date | None]
    on_hand: Mapped[int]
    set_aside: Mapped[int] = mapped_column(server_default=text("0"))
    fefo_date: Mapped[date] = mapped_column(Computed("coalesce(expires_on, '9999-12-31'::date)", persisted=True))
    in_stock: Mapped[bool] = mapped_column(Computed("on_hand > 0", persisted=True))
    on_shelf: Mapped[bool] = mapped_column(Computed("on_hand > set_aside", persisted=True))
    __table_args__ = (
        UniqueConstraint("level_id", "lot_id"),
        CheckConstraint("on_hand >= 0", name="on_hand_not_negative"),
        CheckConstraint("set_aside BETWEEN 0 AND on_hand", name="set_aside_on_hand"),
        Index(None, "level_id", "fefo_date", "id", postgresql_where=text("in_stock")),
        Index(None, "fefo_date", "id", postgresql_where=text("in_stock")),
        Index(None, "expires_on", "id", postgresql_where=text("on_shelf")),
        Index(None, "location_id", "fefo_date", "id", postgresql_where=text("in_stock")),
        Index(None, "sku_id", "fefo_date", "id", postgresql_where=text("in_stock")),
        {"postgresql_with": {"fillfactor": "70"}},
    )


results_in(LotRow.id, "lotUpdate")
