"""What is declared in a line finds what belongs to each of many keys, for callers of any sight."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from oms_api.db.relations import Relation
from oms_api.db.session import Reader
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.kernel.access import Principal
from oms_api.kernel.ids import ChannelId
from oms_api.kernel.paging import InvalidCursor, PageRequest
from tests.factories import library
from tests.factories.asking import counted_statements
from tests.factories.database import Database
from tests.factories.given import SYSTEM
from tests.factories.library import AUTHORS, BOOKS, FULL, Book, Genre
from tests.factories.raw import raw

MANY, FEW, NONE = AUTHORS
NOBODY = UUID(int=999)


@pytest.fixture(scope="module", autouse=True)
def furnished(database: Database) -> None:
    library.furnish(database)


@pytest.fixture
async def read(work: UnitOfWork) -> AsyncIterator[Reader]:
    async with work.reads(SYSTEM) as reader:
        yield reader


@pytest.fixture
async def limited(work: UnitOfWork) -> AsyncIterator[Reader]:
    """Give a reader that sees the books of the second author only."""
    principal: Principal = replace(SYSTEM, channels=frozenset({ChannelId(FEW)}))
    async with work.reads(principal) as reader:
        yield reader


def numbers(books: Any) -> list[int]:
    """Return the numbers that the ids of *books* are."""
    return [book.id.int for book in books]


async def test_values_of_every_type_come_back_as_they_were(read: Reader) -> None:
    first = await library.book_by_id.of_one(read, UUID(int=1))
    assert {name: getattr(first, name) for name in FULL} == FULL
    assert (type(first.id), type(first.genre), type(first.price), type(first.pages)) == (UUID, Genre, type(FULL["price"]), int)
    empty = await library.book_by_id.of_one(read, UUID(int=2))
    assert {getattr(empty, name) for name in FULL if name != "bought_at"} == {None}


@pytest.mark.parametrize("name", sorted(FULL))
async def test_values_of_every_type_arrive_as_they_are(read: Reader, name: str) -> None:
    column = Book.__table__.columns[name]
    (found,) = await read.values(raw(select(Book.id).where(column == FULL[name])))
    assert found == BOOKS[0]["id"]
    assert not await read.all(raw(select(Book.id).where(column == FULL[name], column.is_(None))))


async def test_a_record_is_found_by_a_column_or_missed(read: Reader) -> None:
    found = await library.book_by_id(read, [UUID(int=3), NOBODY, UUID(int=3), UUID(int=2)])
    assert {key.int: book.pages for key, book in found.items()} == {3: 30, 2: 20}
    assert await library.book_by_id.of_one(read, NOBODY) is None
    assert await library.book_by_id(read, []) == {}


async def test_of_several_the_last_in_order_is_found(read: Reader) -> None:
    found = await library.thickest_on_shelf(read, ["A", "B", "C"])
    assert {shelf: book.pages for shelf, book in found.items()} == {"A": 70, "B": 60}


async def test_children_come_in_order_all_or_the_first(read: Reader) -> None:
    found = await library.books_by_author(read, AUTHORS)
    assert {key: numbers(books) for key, books in found.items()} == {MANY: [1, 2, 3, 4, 5], FEW: [6, 7], NONE: []}
    found = await library.thickest_two_by_author(read, AUTHORS)
    assert {key: numbers(books) for key, books in found.items()} == {MANY: [5, 4], FEW: [7, 6], NONE: []}
    assert await library.books_by_author.of_one(read, NOBODY) == []


async def test_pages_lead_there_and_back(read: Reader) -> None:
    async def page(**asked: Any) -> Any:
        return await library.pages_by_author.of_one(read, MANY, PageRequest(**asked))

    first = await page(size=2)
    assert (numbers(first.items), first.has_next, first.has_previous) == ([1, 2], True, False)
    second = await page(size=2, cursor=first.cursors[-1])
    assert (numbers(second.items), second.has_next, second.has_previous) == ([3, 4], True, True)
    third = await page(size=2, cursor=second.cursors[-1])
    assert (numbers(third.items), third.has_next) == ([5], False)
    back = await page(size=3, cursor=third.cursors[0], backwards=True)
    assert (numbers(back.items), back.has_previous, back.has_next) == ([2, 3, 4], True, True)
    last = await page(size=2, backwards=True)
    assert (numbers(last.items), last.has_previous, last.has_next) == ([4, 5], True, False)
    assert numbers((await page(size=0)).items) == []


async def test_a_page_of_each_parent_is_one_statement(read: Reader) -> None:
    with counted_statements() as sent:
        found = await library.pages_by_author(read, AUTHORS, PageRequest(size=1))
    assert {key: (numbers(page.items), page.has_next) for key, page in found.items()} == {
        MANY: ([1], True),
        FEW: ([6], True),
        NONE: ([], False),
    }
    assert len(sent) == 1


async def test_pages_take_further_arguments(read: Reader) -> None:
    found = await library.pages_by_author(read, AUTHORS, PageRequest(size=9), "B")
    assert {key: numbers(page.items) for key, page in found.items()} == {MANY: [2, 4], FEW: [6], NONE: []}


async def test_a_page_nobody_found_is_empty() -> None:
    page = library.pages_by_author.missing()
    assert (page.items, page.has_next, page.has_previous) == ([], False, False)


@pytest.mark.parametrize("cursor", ["", "x", "bm90anNvbg", library.THICKEST.cursor(Book(id=UUID(int=1), pages=1))])
async def test_a_damaged_cursor_is_refused(read: Reader, cursor: str) -> None:
    with pytest.raises(InvalidCursor):
        await library.pages_by_author.of_one(read, MANY, PageRequest(cursor=cursor))


async def test_a_key_may_have_several_columns(read: Reader) -> None:
    keys = [(MANY, "A"), (FEW, "B"), (NONE, "A"), (MANY, "A")]
    single = await library.thickest_by_author_and_shelf(read, keys)
    assert {key: book.id.int for key, book in single.items()} == {(MANY, "A"): 5, (FEW, "B"): 6}
    assert await library.thickest_by_author_and_shelf.of_one(read, (NONE, "A")) is None


async def test_what_belongs_to_no_key_is_not_told(read: Reader) -> None:
    """Conditions on each column alone find more than was asked for, such as the first author's books on shelf B."""
    found = await library.all_by_author_and_shelf(read, [(MANY, "A"), (FEW, "B"), (NONE, "A")])
    assert {key: numbers(books) for key, books in found.items()} == {(MANY, "A"): [1, 3, 5], (FEW, "B"): [6], (NONE, "A"): []}


async def test_what_is_found_can_be_turned_into_something_else(read: Reader) -> None:
    titles = library.titles_by_id
    assert await titles(read, [UUID(int=1), UUID(int=2)]) == {UUID(int=1): FULL["title"], UUID(int=2): None}
    assert await titles.of_one(read, NOBODY) is None


@pytest.mark.parametrize(
    ("relation", "expected"),
    [
        (library.books_by_author, {MANY: [], FEW: [6, 7]}),
        (library.book_by_id, {}),
    ],
)
async def test_a_limited_caller_sees_its_own(limited: Reader, relation: Relation[Any, Any], expected: dict[Any, Any]) -> None:
    found = await relation(limited, [MANY, FEW])
    assert {key: numbers(books) for key, books in found.items()} == expected
    assert set(await library.book_by_id(limited, [UUID(int=1), UUID(int=6)])) == {UUID(int=6)}
    pages = await library.pages_by_author(limited, [MANY, FEW], PageRequest())
    assert {key: numbers(page.items) for key, page in pages.items()} == {MANY: [], FEW: [6, 7]}
