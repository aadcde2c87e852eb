"""A page is asked for in Relay's terms; a cursor is taken back only whole and by its own list."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oms_api.db.keyset import Ordering, page_of
from oms_api.domain.catalog.tables import SkuRow
from oms_api.domain.channels.tables import ListingRow
from oms_api.domain.orders.tables import OrderRow
from oms_api.kernel.errors import InvalidValue, TooManyItems
from oms_api.kernel.ids import new_uuid
from oms_api.kernel.paging import DEFAULT_PAGE, LARGEST_PAGE, InvalidCursor, PageRequest
from oms_api.kernel.text import decode_base64, encode_base64

BY_PRICE = Ordering(
    "price", (ListingRow.price, ListingRow.code, ListingRow.status, ListingRow.version, ListingRow.updated_at, ListingRow.id)
)
NEWEST = Ordering("newest", (OrderRow.placed_at, OrderRow.id), descending=True)
BY_CHANGE = Ordering("changed", (SkuRow.updated_at, SkuRow.id))
text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
times = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001 - made aware here


@dataclass(frozen=True)
class Record:
    """What a cursor is made of."""

    price: Decimal
    code: str
    status: str
    version: int
    updated_at: datetime
    id: UUID


records = st.builds(
    Record,
    price=st.decimals(0, 10**14, places=6),
    code=text,
    status=st.sampled_from(["ACTIVE", "INACTIVE"]),
    version=st.integers(-(2**31), 2**31 - 1),
    updated_at=times,
    id=st.uuids(),
)


@given(records)
def test_a_cursor_holds_its_place(record: Record) -> None:
    place = BY_PRICE.place(BY_PRICE.cursor(record))
    assert place == [record.price, record.code, record.status, record.version, record.updated_at, record.id]


@given(st.text() | st.binary().map(encode_base64))
def test_damaged_cursors_are_refused(cursor: str) -> None:
    with pytest.raises(InvalidCursor):
        NEWEST.place(cursor)


@given(st.recursive(st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats() | text, st.lists, max_leaves=8))
def test_forged_cursors_are_refused(value: object) -> None:
    id_ = str(new_uuid())
    for forged in (value, ["price", value], ["price", value, "c", "ACTIVE", 1, "2020-01-01T00:00:00Z", value]):
        with pytest.raises(InvalidCursor):
            BY_PRICE.place(encode_base64(orjson.dumps(forged)))
    for code, version in (("\0", 1), ("c", 2**63), ("c", True)):
        cursor = encode_base64(orjson.dumps(["price", "1", code, "ACTIVE", version, "2020-01-01T00:00:00Z", id_]))
        with pytest.raises(InvalidCursor):
            BY_PRICE.place(cursor)


def test_a_cursor_of_another_order_is_refused() -> None:
    changed = encode_base64(orjson.dumps(["changed", datetime.now(UTC), new_uuid()]))
    assert len(BY_CHANGE.place(changed)) == 2
    with pytest.raises(InvalidCursor):
        NEWEST.place(changed)


@given(st.binary())
def test_base64_round_trips(data: bytes) -> None:
    assert decode_base64(encode_base64(data)) == data


@pytest.mark.parametrize(
    ("asked", "page"),
    [
        ((None, None, None, None), PageRequest(DEFAULT_PAGE)),
        ((10, "c", None, None), PageRequest(10, "c")),
        ((0, None, None, None), PageRequest(0)),
        ((None, "c", None, None), PageRequest(DEFAULT_PAGE, "c")),
        ((None, None, 10, "c"), PageRequest(10, "c", backwards=True)),
        ((None, None, None, "c"), PageRequest(DEFAULT_PAGE, "c", backwards=True)),
        ((LARGEST_PAGE, None, None, None), PageRequest(LARGEST_PAGE)),
    ],
)
def test_the_four_arguments_make_a_page(
    asked: tuple[int | None, str | None, int | None, str | None], page: PageRequest
) -> None:
    assert PageRequest.of(*asked) == page


@pytest.mark.parametrize(
    ("asked", "error", "field"),
    [
        ((1, None, 1, None), InvalidValue, "last"),
        ((None, "c", None, "c"), InvalidValue, "last"),
        ((-1, None, None, None), InvalidValue, "first"),
        ((None, None, -1, None), InvalidValue, "last"),
        ((LARGEST_PAGE + 1, None, None, None), TooManyItems, "first"),
    ],
)
def test_arguments_that_make_no_page_are_refused(
    asked: tuple[int | None, str | None, int | None, str | None], error: type[InvalidValue | TooManyItems], field: str
) -> None:
    with pytest.raises(error) as refused:
        PageRequest.of(*asked)
    assert refused.value.field == (field,)


def test_a_page_read_backwards_is_in_the_lists_own_order() -> None:
    start = datetime(2020, 1, 1, tzinfo=UTC)
    rows: Sequence[OrderRow] = [OrderRow(id=new_uuid(), placed_at=start + timedelta(days=day)) for day in range(3)]
    page = page_of(rows, by=NEWEST, page=PageRequest(2, "here", backwards=True))
    assert list(page.items) == [rows[1], rows[0]]
    assert (page.has_next, page.has_previous) == (True, True)
    assert [NEWEST.place(cursor)[1] for cursor in page.cursors] == [rows[1].id, rows[0].id]
