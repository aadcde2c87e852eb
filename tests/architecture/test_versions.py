"""The version of a record is raised wherever the record is written: who expects one learns of every change."""

import re
from pathlib import Path

import pytest

import oms_api
import oms_api.domain.tables
from oms_api.db.columns import Base

SOURCE = Path(oms_api.__file__).parent
TABLES = {each.class_.__name__: each.class_.__table__.name for each in Base.registry.mappers if "version" in each.columns}
WRITTEN = re.compile(
    r"updates\((?P<row>\w+),(?P<columns>[^)]*)\)|UPDATE (?P<table>\w+)(?: (?!SET)\w+)? SET(?P<set>.*?)(?:WHERE|FROM)", re.DOTALL
)
SAVED = "the order's save in the same transaction raises it"
ASIDE = "no field shows it: when the program is to look again"
EXCEPTIONS = {
    ("workflows/cancel_shipment.py", "fulfillment_order"): SAVED,
    ("workflows/edit_order/ruled.py", "orders"): SAVED,
    ("workflows/edit_order/write.py", "orders"): SAVED,
    ("workflows/move_work.py", "fulfillment_order"): "the work is made in the same transaction",
    ("workflows/labels/settle.py", "label"): ASIDE,
    ("workflows/tracking/follow.py", "label"): ASIDE,
    (
        "domain/rules/books.py",
        "channel",
    ): "no field shows it: rules are edited elsewhere, and no edit of the channel meets them",
    ("domain/channels/stock_reports.py", "location"): "a report each minute would refuse whoever edits the location",
}
"""The writes that leave the version as it is, with the reason."""


def silent() -> set[tuple[str, str]]:
    """Return where rows of tables with a version are updated without it: the module and the table."""
    found = set()
    for path in SOURCE.rglob("*.py"):
        for write in WRITTEN.finditer(path.read_text()):
            table = TABLES.get(write["row"], "") if write["row"] else write["table"]
            if table in TABLES.values() and "version" not in f"{write['columns']}{write['set']}":
                found.add((str(path.relative_to(SOURCE)), table))
    return found


def test_no_record_is_written_without_its_version() -> None:
    assert silent() - EXCEPTIONS.keys() == set()


@pytest.mark.parametrize("exception", EXCEPTIONS, ids=str)
def test_each_exception_is_still_one(exception: tuple[str, str]) -> None:
    assert exception in silent()
