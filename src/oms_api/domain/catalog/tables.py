"""SKUs and the components of bundles."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from oms_api.db.columns import Base, Key, Minor, begins, coded, contained, folded
from oms_api.db.idempotency import results_in
from oms_api.domain.catalog.states import SkuKind, SkuStatus
from oms_api.kernel.ids import SkuId


class SkuRow(Base):
    """Something that is sold: goods with weight (g) and box (mm), or a service, a fee, a bundle."""

    __tablename__ = "sku"
    id: Mapped[Key[SkuId]]
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    kind: Mapped[SkuKind] = mapped_column(coded(SkuKind, "kind"))
    status: Mapped[SkuStatus] = mapped_column(coded(SkuStatus, "status"))
    barcode: Mapped[str | None]
    weight_g: Mapped[int | None]
    length_mm: Mapped[int | None]
    width_mm: Mapped[int | None]
    height_mm: Mapped[int | None]
    cost_minor: Mapped[Minor | None]
    cost_currency: Mapped[str | None]
    origin_country: Mapped[str | None]
    hs_code: Mapped[str | None]
    version: Mapped[int] = mapped_column(server_default=text("1"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    __table_args__ = (
        CheckConstraint("code = btrim(code) AND code <> ''", name="code_without_outer_blanks"),
        CheckConstraint("least(weight_g, length_mm, width_mm, height_mm) >= 0", name="measures_not_negative"),
        Index(None, "updated_at", "id"),
        begins("sku", "code"),
        begins("sku", "barcode", only="barcode IS NOT NULL"),
    )


Index("ix_sku_name_folded", folded(SkuRow.name), SkuRow.id)
contained(SkuRow.code, SkuRow.name, SkuRow.barcode)


class SkuComponentRow(Base):
    """How many units of a component one bundle holds, and the weight of its share in the bundle's price."""

    __tablename__ = "sku_component"
    bundle_id: Mapped[SkuId] = mapped_column(ForeignKey("sku.id"), primary_key=True)
    component_id: Mapped[SkuId] = mapped_column(ForeignKey("sku.id"), primary_key=True, index=True)
    quantity: Mapped[int]
    share: Mapped[int]
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("share >= 0", name="share_not_negative"),
        CheckConstraint("bundle_id <> component_id", name="not_itself"),
    )


results_in(SkuRow.id, "skuUpsert")
