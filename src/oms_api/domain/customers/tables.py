"""Customers, and apart from them the person behind each."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from oms_api.db.columns import Base, Json, Key, begins, contained, folded
from oms_api.db.idempotency import results_in
from oms_api.kernel.ids import CustomerId


class CustomerRow(Base):
    """A known buyer. `external_ref` is its id in the platform it came from."""

    __tablename__ = "customer"
    id: Mapped[Key[CustomerId]]
    external_ref: Mapped[str | None] = mapped_column(unique=True)
    country: Mapped[str | None]
    version: Mapped[int] = mapped_column(server_default=text("1"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    __table_args__ = (Index(None, "updated_at", "id"),)


class CustomerPersonRow(Base):
    """What is personal of a customer."""

    __tablename__ = "customer_person"
    customer_id: Mapped[CustomerId] = mapped_column(ForeignKey("customer.id"), primary_key=True)
    name: Mapped[str | None]
    email: Mapped[str | None]
    phone: Mapped[str | None]
    address: Mapped[Json | None] = mapped_column(JSONB(none_as_null=True))
    __table_args__ = (begins("customer_person", "phone", only="phone IS NOT NULL"),)


Index("ix_customer_person_email_folded", folded(CustomerPersonRow.email))
Index("ix_customer_person_name_folded", folded(CustomerPersonRow.name))
contained(CustomerPersonRow.name, CustomerPersonRow.email, CustomerPersonRow.phone)


results_in(CustomerRow.id, "customerUpsert")
