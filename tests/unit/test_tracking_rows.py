"""Rows of tracking events are read strictly: what could mean two things is refused, with the field and what would be right."""

from datetime import UTC, datetime

import pytest

from oms_api.kernel.csv_text import rows_of
from oms_api.kernel.errors import OmsError
from oms_api.workflows.tracking.rows import COLUMNS, NEEDED, scan_in

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
RIGHT = {"trackingNumber": " 1Z9 ", "status": "DELIVERED", "occurredAt": "2026-05-04T09:30:00+02:00", "place": "", "id": "7"}


def wrong_fields(row: object) -> list[tuple[str, ...]]:
    with pytest.raises(OmsError) as refused:
        scan_in(row, NOW)
    return [cause.field for cause in refused.value.causes]


def test_a_right_row_is_a_scan() -> None:
    told = scan_in(RIGHT | {"weight": 7}, NOW)
    assert (told.tracking_number, told.scan.place, told.scan.scan_ref, told.scan.code) == ("1Z9", None, "7", "")
    assert told.scan.occurred_at == datetime(2026, 5, 4, 7, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "moment",
    [
        "2026-05-04",
        "2026-05-04T09:30:00",
        "yesterday",
        "2026-05-04T24:00:00Z",
        "2026-05-04T12:05:01Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
    ],
)
def test_a_moment_is_one_with_an_offset_that_can_have_been(moment: str) -> None:
    assert wrong_fields(RIGHT | {"occurredAt": moment}) == [("occurredAt",)]


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"trackingNumber": ["A"], "status": {}, "occurredAt": 1}, ["trackingNumber", "status", "occurredAt"]),
        ({"trackingNumber": " ", "status": None}, ["trackingNumber", "status"]),
        ({"status": "delivered"}, ["status"]),
        ({"trackingNumber": "A\0B"}, ["trackingNumber"]),
        ({"trackingNumber": "A" * 256}, ["trackingNumber"]),
        ({"id": "x" * 256, "message": "x" * 2_001}, ["message", "id"]),
        ({"code": True}, ["code"]),
    ],
)
def test_all_that_is_wrong_is_told_at_once(changes: dict[str, object], fields: list[str]) -> None:
    assert wrong_fields(RIGHT | changes) == [(name,) for name in fields]


def test_what_is_no_row_is_refused() -> None:
    rows: tuple[object, ...] = ([], None, 1, "text")
    for row in rows:
        assert wrong_fields(row) == [()]


def test_cells_are_read_by_their_columns() -> None:
    text = 'status , trackingNumber,occurredAt\r\n\r\nLOST,"A,B",now\n,,\nLOST,A,now,,,\nLOST,A,now,more\n'
    rows = rows_of(text, COLUMNS, NEEDED, 10)
    assert [row.get("trackingNumber") for row in rows] == ["A,B", "A", "A"]
    assert [len(row) for row in rows] == [3, 3, 4]
