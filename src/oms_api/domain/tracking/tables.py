"""Alerts of packages, and when each package is looked at next."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from oms_api.db.columns import Base, Key, coded
from oms_api.domain.tracking.states import ShipmentAlertKind
from oms_api.kernel.ids import ChannelId, LocationId, OrderId, PackageId, ShipmentAlertId

OPEN = "resolved_at IS NULL"


class ShipmentAlertRow(Base):
    """A problem of a package, from its detection to its end."""

    __tablename__ = "shipment_alert"
    id: Mapped[Key[ShipmentAlertId]]
    package_id: Mapped[PackageId] = mapped_column(ForeignKey("package.id"))
    order_id: Mapped[OrderId] = mapped_column(ForeignKey("orders.id"))
    channel_id: Mapped[ChannelId]
    location_id: Mapped[LocationId]
    carrier: Mapped[str | None]
    kind: Mapped[ShipmentAlertKind] = mapped_column(coded(ShipmentAlertKind, "kind"))
    raised_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]
    __table_args__ = (
        Index("uq_shipment_alert_open", "package_id", "kind", unique=True, postgresql_where=text(OPEN)),
        Index(None, "package_id", "raised_at", "id"),
        Index(None, "raised_at", "id"),
        Index("ix_shipment_alert_open", "raised_at", "id", postgresql_where=text(OPEN)),
        Index("ix_shipment_alert_open_kind", "kind", "raised_at", "id", postgresql_where=text(OPEN)),
    )


class PackageWatchRow(Base):
    """A package that may raise or resolve an alert, and when it is looked at next."""

    __tablename__ = "package_watch"
    package_id: Mapped[PackageId] = mapped_column(ForeignKey("package.id"), primary_key=True)
    look_at: Mapped[datetime]
    __table_args__ = (Index(None, "look_at", "package_id"),)
