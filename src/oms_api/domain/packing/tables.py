"""The boxes that locations pack into."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from oms_api.db.columns import Base, Key, changed_at, coded
from oms_api.db.idempotency import results_in
from oms_api.domain.packing.states import BoxStatus
from oms_api.kernel.ids import BoxId, LocationId


class BoxRow(Base):
    """A kind of box that a location has: how much fits into it, and what it weighs by itself."""

    __tablename__ = "box"
    id: Mapped[Key[BoxId]]
    location_id: Mapped[LocationId] = mapped_column(ForeignKey("location.id"))
    code: Mapped[str]
    name: Mapped[str]
    inner_length_mm: Mapped[int]
    inner_width_mm: Mapped[int]
    inner_height_mm: Mapped[int]
    tare_g: Mapped[int]
    max_weight_g: Mapped[int | None]
    status: Mapped[BoxStatus] = mapped_column(coded(BoxStatus, "status"))
    version: Mapped[int] = mapped_column(server_default=text("1"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime] = changed_at()
    __table_args__ = (
        UniqueConstraint("location_id", "code"),
        CheckConstraint("least(inner_length_mm, inner_width_mm, inner_height_mm) > 0", name="sides_positive"),
        CheckConstraint("tare_g >= 0 AND max_weight_g > tare_g", name="weights_sensible"),
    )


results_in(BoxRow.id, "boxUpsert")
