"""A read is built and compiled once for each shape of its arguments; only values differ ever after."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Select, bindparam, delete, false, func, insert, literal, or_, select, text, update

from oms_api.db import statements
from oms_api.db.keyset import Ordering
from oms_api.db.records import Shape, changed, record_class
from oms_api.db.sets import among
from oms_api.db.sql import Sql
from oms_api.db.statements import Argument, Query, Statement, only_reads, statement
from tests.factories.library import BY_PAGES, THICKEST, Book, Genre
from tests.factories.raw import raw


@dataclass(frozen=True)
class Wanted:
    shelf: str | None = None
    lent: bool | None = None
    pages: tuple[int, ...] = ()
    any_of: "list[Wanted] | None" = None


class Built:
    """Counts how often its statement is built."""

    def __init__(self) -> None:
        self.times = 0
        self.statement: Statement[..., Any] = Statement(self.build)

    def build(self, wanted: Wanted, order: Ordering, ids: Any = None, limit: int | None = None) -> Select[Any]:
        self.times += 1
        found = select(Book).where(*self.conditions(wanted)).order_by(*order.by(backwards=False))
        if ids is not None:
            found = found.where(among(Book.id, ids))
        return found if limit is None else found.limit(limit)

    def conditions(self, wanted: Wanted) -> list[Any]:
        met: list[Any] = [Book.pages != each for each in wanted.pages]
        if wanted.shelf is not None:
            met.append(Book.shelf == wanted.shelf)
        if wanted.lent is not None:
            met.append(Book.lent.is_(wanted.lent))
        if wanted.any_of is not None:
            met.append(or_(false(), *(each for one in wanted.any_of for each in self.conditions(one))))
        return met


ONE = [UUID(int=1)]


def test_one_shape_is_built_once_whatever_its_values() -> None:
    built = Built()
    texts = {built.statement(Wanted(shelf=shelf), BY_PAGES, ids).text for shelf in "ABC" for ids in (ONE, ONE * 3)}
    assert (built.times, len(texts)) == (1, 1)
    assert built.statement(Wanted("D"), BY_PAGES, ONE).parameters == ["D", f"{{{ONE[0].hex}}}"]


@pytest.mark.parametrize(
    "arguments",
    [
        (Wanted(), BY_PAGES),
        (Wanted(lent=True), BY_PAGES),
        (Wanted(lent=False), BY_PAGES),
        (Wanted("A"), THICKEST),
        (Wanted("A", pages=(1,)), BY_PAGES),
        (Wanted("A", pages=(1, 2)), BY_PAGES),
        (Wanted("A", any_of=[]), BY_PAGES),
        (Wanted("A", any_of=[Wanted("B")]), BY_PAGES),
        (Wanted("A", any_of=[Wanted(lent=True)]), BY_PAGES),
        (Wanted("A", any_of=[Wanted("B"), Wanted("C")]), BY_PAGES),
        (Wanted("A"), BY_PAGES, ONE),
        (Wanted("A"), BY_PAGES, None, 5),
    ],
)
def test_what_is_asked_for_is_the_shape(arguments: tuple[Any, ...]) -> None:
    built = Built()
    usual, other = built.statement(Wanted("A"), BY_PAGES), built.statement(*arguments)
    assert usual.text != other.text
    assert (built.statement(*arguments), built.times) == (other, 2)


def test_an_empty_list_of_ids_is_no_end_of_the_world() -> None:
    assert Built().statement(Wanted(), BY_PAGES, []).parameters == ["{}"]


def test_arguments_may_have_names() -> None:
    built = Built()
    assert built.statement(wanted=Wanted("A"), order=BY_PAGES).parameters == ["A"]
    assert built.statement(wanted=Wanted("B"), order=BY_PAGES).parameters == ["B"]
    assert built.times == 1


def test_shapes_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statements, "MOST_SHAPES", 20)
    built = Built()
    for most in range(30):
        built.statement(Wanted(pages=(1,) * most), BY_PAGES)
    assert len(built.statement.shapes) == 10


def test_whoever_holds_most_makes_room_for_the_shapes_of_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statements, "HELD", held := Counter[Any]())
    monkeypatch.setattr(statements, "MOST_BYTES", 200_000)
    few, many = Built(), Built()
    for most in range(40):
        few.statement(Wanted(), BY_PAGES)
        many.statement(Wanted(pages=(1,) * most), BY_PAGES)
        assert held.total() <= statements.MOST_BYTES
    assert (few.times, many.times, len(many.statement.shapes) < 40) == (1, 40, True)


@pytest.mark.parametrize(
    "look",
    [
        lambda shelf: shelf == "A",
        lambda shelf: shelf != "A",
        lambda shelf: shelf == Genre.NOVEL,
        lambda shelf: shelf in ("A", "B"),
        lambda shelf: shelf > "A" and shelf,
        bool,
        len,
        list,
        sorted,
        int,
        lambda shelf: shelf.upper(),
        lambda shelf: shelf[0],
    ],
)
def test_a_function_that_looks_at_a_value_fails_at_once(look: Callable[[Any], object]) -> None:
    @statement
    def looks(shelf: str) -> Select[Any]:
        return select(Book).where(Book.shelf == ("Z" if look(shelf) else shelf))

    with pytest.raises((TypeError, NotImplementedError, AttributeError)):
        looks("A")
    assert not looks.shapes


def test_a_value_is_compared_in_sql_as_ever() -> None:
    where = (
        Book.shelf == Argument(0),
        Argument(1) == Book.shelf,
        Argument(2) != func.lower(Book.shelf),
        Book.pages < Argument(3),
    )
    found = str(select(Book.id).where(*where))
    assert found.endswith(
        "book.shelf = :given_0 AND :given_1 = book.shelf AND :given_2 != lower(book.shelf) AND book.pages < :given_3"
    )


def test_statements_of_the_same_columns_share_their_records() -> None:
    whole, ids = raw(select(Book)), raw(select(Book.id))
    assert record_class(tuple(Book.__table__.columns.keys())) is record_class(Shape(Book).names)
    assert whole.record is not None
    assert ids.record is not None
    assert ids.record((1,)) == (1,)
    row = [None] * len(Book.__table__.columns)
    assert type(whole.record(row)) is type(Shape(Book).record(row))
    assert changed(Shape(Book).record(row), pages=5).pages == 5


def test_a_statement_of_its_own_keeps_what_it_holds_itself() -> None:
    query = raw(select(Book.id).where(Book.genre == Genre.NOVEL, Book.shelf.in_(["A", "B"])).limit(3))
    assert query.text.endswith("IN ($3::VARCHAR, $4::VARCHAR) \n LIMIT $2::INTEGER")
    assert query.parameters == ["novel", 3, "A", "B"]
    assert raw(select(literal(1) + bindparam("more", type_=None)), {"more": 4}).parameters == [1, 4]


def test_a_statement_says_whether_it_travels_alone() -> None:
    @statement(alone=True)
    def slow() -> Select[Any]:
        """Take long."""
        return select(Book)

    assert (slow().alone, slow.__doc__) == (True, "Take long.")
    assert not Built().statement(Wanted(), BY_PAGES).alone


@pytest.mark.parametrize(
    "query",
    [
        raw(insert(Book).values(id=ONE[0]).returning(Book.id)),
        raw(update(Book).values(pages=1).returning(Book)),
        raw(delete(Book).returning(Book.id)),
        raw(select(update(Book).values(pages=1).returning(Book.id).cte("changed"))),
        raw(text("DELETE FROM book")),
        raw(text("  WITH gone AS (DELETE\n FROM book RETURNING id) SELECT count(*) FROM gone")),
        raw(text("with a as (insert into book values (1)) select 1")),
        raw(text("TRUNCATE book")),
        raw(text("SET statement_timeout = 0")),
        raw(text("COMMIT")),
        Query(*Sql("MERGE INTO book USING book AS b ON :x DO NOTHING")(x=True)),
    ],
)
def test_what_writes_is_told_from_what_reads(query: Query[Any]) -> None:
    assert not only_reads(query.text)


@pytest.mark.parametrize(
    "query",
    [
        raw(select(Book)),
        raw(select(select(Book.id).cte("found"))),
        raw(select(Book).where(Book.title == "DELETE FROM book").with_for_update()),
        raw(select(Book.id).union(select(Book.author_id))),
        raw(text("VALUES (1)")),
        Query(*Sql(" SELECT updated_at, inserted, set FROM deleted WHERE x = :x")(x=1)),
    ],
)
def test_what_reads_is_told_from_what_writes(query: Query[Any]) -> None:
    assert only_reads(query.text)
