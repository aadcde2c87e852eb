"""A small library beside the tables of the OMS, for tests of how anything is read: columns of every type."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, ColumnElement, MetaData, Select, Text, Uuid, create_engine, insert, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from oms_api.db.columns import Base, UnitPrice, coded
from oms_api.db.direct import driver_url
from oms_api.db.keyset import Ordering
from oms_api.db.relations import Keys, all_for, by, of, one_for, pages_of
from oms_api.db.sets import among
from oms_api.kernel.access import Sight
from tests.factories.database import Database

START = datetime(2026, 1, 1, 12, 30, 15, 123_456, tzinfo=UTC)


class Genre(StrEnum):
    NOVEL = "novel"
    POEMS = "poems"


class Tables(Base):
    __abstract__ = True
    metadata = MetaData()


class Book(Tables):
    __tablename__ = "book"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    author_id: Mapped[UUID] = mapped_column(Uuid)
    shelf: Mapped[str]
    pages: Mapped[int]
    title: Mapped[str | None]
    genre: Mapped[Genre | None] = mapped_column(coded(Genre, "genre"))
    price: Mapped[UnitPrice | None]
    copies: Mapped[int | None] = mapped_column(BigInteger)
    weight: Mapped[float | None]
    lent: Mapped[bool | None]
    about: Mapped[Any] = mapped_column(JSONB(none_as_null=True), nullable=True)
    tags: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    readers: Mapped[list[UUID] | None] = mapped_column(ARRAY(Uuid))
    printed_on: Mapped[date | None]
    bought_at: Mapped[datetime | None]


BY_PAGES = Ordering("pages", (Book.pages, Book.id))
THICKEST = Ordering("thickest", (Book.pages, Book.id), descending=True)
AUTHORS = [UUID(int=100 + number) for number in range(3)]
"""The first has five books, the second two, the third none."""
FULL = {
    "title": "Ünder \"the\" 'stars' {\\} 📚",
    "genre": Genre.POEMS,
    "price": Decimal("12.345678"),
    "copies": 2**62,
    "weight": 0.1,
    "lent": True,
    "about": {"a": [1, None, "é"], "price": "1.10"},
    "tags": ["one", 'two, "quoted"', "{three}", "NULL", ""],
    "readers": [UUID(int=7), UUID(int=8)],
    "printed_on": date(1999, 12, 31),
    "bought_at": START,
}
BOOKS: list[dict[str, Any]] = [
    {"id": UUID(int=number), "author_id": AUTHORS[number > 5], "shelf": "A" if number % 2 else "B", "pages": number * 10}
    | (FULL if number == 1 else dict.fromkeys(FULL))
    | ({"bought_at": START + timedelta(days=number)} if number > 1 else {})
    for number in range(1, 8)
]


def furnish(database: Database) -> None:
    """Put the library into *database*."""
    engine = create_engine(driver_url(database.owner_url))
    with engine.begin() as connection:
        Tables.metadata.create_all(connection)
        connection.execute(insert(Book), BOOKS)
        connection.execute(text("GRANT SELECT, UPDATE ON book TO oms_app"))
    engine.dispose()


def visible(sight: Sight) -> Sequence[ColumnElement[bool]]:
    """Return the condition that a book's author is among the channels of *sight*."""
    return () if sight.channels is None else (among(Book.author_id, sight.channels),)


def standing_on(sight: Sight, shelf: str | None = None) -> Sequence[ColumnElement[bool]]:
    """Return the condition that a book may be seen and stands on *shelf*."""
    return visible(sight) if shelf is None else (*visible(sight), Book.shelf == shelf)


book_by_id = by(Book.id, visible=visible)
thickest_on_shelf = by(Book.shelf, order=BY_PAGES)
books_by_author = of(Book.author_id, order=BY_PAGES, visible=visible)
thickest_two_by_author = of(Book.author_id, order=THICKEST, first=2)
pages_by_author = pages_of(Book.author_id, order=BY_PAGES, visible=standing_on)
titles_by_id = book_by_id.turned(lambda book: book and book.title)


@one_for("author_id", "shelf")
def thickest_by_author_and_shelf(authors: Keys, shelves: Keys, sight: Sight) -> Select[Any]:
    return select(Book).where(among(Book.author_id, authors), among(Book.shelf, shelves), *visible(sight)).order_by(Book.pages)


@all_for("author_id", "shelf")
def all_by_author_and_shelf(authors: Keys, shelves: Keys, _sight: Sight) -> Select[Any]:
    return select(Book).where(among(Book.author_id, authors), among(Book.shelf, shelves)).order_by(Book.pages)
