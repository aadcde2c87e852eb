"""How tables are declared: naming convention, column types and the columns that many tables share."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    DateTime,
    Enum,
    Index,
    MetaData,
    Numeric,
    SQLColumnExpression,
    Text,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, MappedColumn, mapped_column

from oms_api.kernel.ids import ID_TYPES, Id

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

BYTEWISE = 'COLLATE "C"'
"""Behind a column of an index: alembic and SQLAlchemy compare no collations, so it stands where they look for operators."""
TRIGRAMS = "gin_trgm_ops"
Json = dict[str, Any]
Minor = Annotated[int, mapped_column(BigInteger)]
UnitPrice = Annotated[Decimal, mapped_column(Numeric(20, 6))]
Key = Annotated[Id, mapped_column(primary_key=True)]
"""The primary key of a row, by its type of id: ``Key[ShipmentId]``."""


class Base(DeclarativeBase):
    """A table. Rows are read as plain records: there are no relationships and no lazy loads."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy's own way to configure a base
        str: Text,
        UUID: Uuid,
        datetime: DateTime(timezone=True),
        Json: JSONB,
        **dict.fromkeys(ID_TYPES, Uuid),
    }


def begins(table: str, column: str, *, only: str | None = None) -> Index:
    """Return the index that finds text by its beginning: in the order of its bytes, whatever the database's own order is."""
    where = None if only is None else text(only)
    return Index(f"ix_{table}_{column}_begins", column, postgresql_ops={column: BYTEWISE}, postgresql_where=where)


def changed_at() -> MappedColumn[datetime]:
    """Declare when a row was last changed: the database keeps it, by a trigger `changed` on the table."""
    return mapped_column(server_default=text("now()"))


def folded(column: SQLColumnExpression[Any]) -> ColumnElement[str]:
    """Return the text of *column* with its Latin letters small: what names the same whatever its case, and may be indexed."""
    return func.lower(column.collate("C"), type_=Text())


def contained(*columns: InstrumentedAttribute[Any]) -> Index:
    """Make the index that finds text by any part of it, whatever the case, in one of the *columns* of a table.

    It is made of trigrams, so only a PostgreSQL with the extension pg_trgm has it (`db.trigrams`).
    """
    parts = [folded(column).label(column.key) for column in columns]
    table = columns[0].class_.__tablename__
    return Index(
        f"ix_{table}_contains",
        *parts,
        postgresql_using="gin",
        postgresql_ops={part.name: TRIGRAMS for part in parts},
        postgresql_with={"fastupdate": "off"},  # a list of what is pending would be read with each search
    )


def coded(states: type[StrEnum], name: str) -> Enum:
    """Return a text column type that holds only the values of *states*, checked by the database."""
    return Enum(
        states,
        name=f"{name}_known",
        native_enum=False,
        create_constraint=True,
        length=40,
        values_callable=lambda members: [member.value for member in members],
    )
