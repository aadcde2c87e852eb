"""Definitions of attributes, and the values that records have of them."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, Index, Numeric, Text, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from oms_api.db.columns import Base, Key, coded
from oms_api.db.idempotency import results_in
from oms_api.domain.attributes.states import AttributeOwner, AttributeType
from oms_api.kernel.ids import AttributeDefinitionId

VALUES = ("text", "number", "boolean", "day")


class AttributeDefinitionRow(Base):
    """An attribute of one kind of record. `choices` are the values of a CHOICE, in the order in which they are offered."""

    __tablename__ = "attribute_definition"
    id: Mapped[Key[AttributeDefinitionId]]
    owner: Mapped[AttributeOwner] = mapped_column(coded(AttributeOwner, "owner"))
    code: Mapped[str]
    name: Mapped[str]
    type: Mapped[AttributeType] = mapped_column(coded(AttributeType, "type"))
    choices: Mapped[list[str]] = mapped_column(ARRAY(Text))
    version: Mapped[int] = mapped_column(server_default=sql("1"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("owner", "code"),)


class AttributeValueRow(Base):
    """The value that one record has of one attribute, in the column of its type; a choice is a text."""

    __tablename__ = "attribute_value"
    owner_id: Mapped[UUID] = mapped_column(primary_key=True)
    definition_id: Mapped[AttributeDefinitionId] = mapped_column(ForeignKey("attribute_definition.id"), primary_key=True)
    text: Mapped[str | None]
    number: Mapped[Decimal | None] = mapped_column(Numeric(18, 6))
    boolean: Mapped[bool | None]
    day: Mapped[date | None]
    __table_args__ = (
        *(Index(None, "definition_id", each, "owner_id", postgresql_where=sql(f"{each} IS NOT NULL")) for each in VALUES),
        CheckConstraint("num_nonnulls(text, number, boolean, day) = 1", name="one_value"),
    )


results_in(AttributeDefinitionRow.id, "attributeDefinitionUpsert")
