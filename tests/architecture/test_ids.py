"""Ids of rows are told apart by type: in tables, in all that is named after a kind of row, and by mypy."""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_type_hints

import pytest
from mypy import api
from sqlalchemy import ClauseElement
from sqlalchemy.orm import DeclarativeBase

import oms_api
from oms_api.domain.tables import AREAS
from oms_api.kernel.ids import ID_TYPES, EventId, LineId

SOURCE = Path(oms_api.__file__).parent
INSIDE = ("kernel", "db", "domain", "workflows")
"""The packages that know ids as such; at the edge they are text."""
OF_SEVERAL = {EventId, LineId}
"""A `line_id` is one of whatever document it stands in, and an `event_id` that of a payment's event."""
NAMED = {re.sub(r"(?<=[a-z])(?=[A-Z])", "_", kind.__name__).lower(): kind for kind in ID_TYPES if kind not in OF_SEVERAL}
"""The type of what is named after a kind of row: `sku_id` of SkuId."""

MIXED_UP = """
from oms_api.domain.inventory.sourcing import Demand, LevelKey
from oms_api.kernel.access import Principal
from oms_api.kernel.ids import LocationId, SkuId, new_uuid

sku, location = SkuId(new_uuid()), LocationId(new_uuid())
right: LevelKey = (sku, location)
Demand(0, sku, 1, location)
wrong: LevelKey = (location, sku)
Demand(0, location, 1)
Demand(0, sku, 1, sku)
Demand(0, new_uuid(), 1)
def sees(principal: Principal) -> bool: return principal.sees_channel(location)
"""


def tables() -> Iterator[type[DeclarativeBase]]:
    for area in AREAS:
        for found in vars(area).values():
            if isinstance(found, type) and hasattr(found, "__table__") and found.__module__ == area.__name__:
                yield found


def classes() -> Iterator[type]:
    for package in INSIDE:
        for module in pkgutil.walk_packages([str(SOURCE / package)], f"oms_api.{package}."):
            for found in vars(importlib.import_module(module.name)).values():
                if isinstance(found, type) and found.__module__ == module.name and not issubclass(found, ClauseElement):
                    yield found  # those of SQL inherit hints that only SQLAlchemy can read


def kinds_in(hint: object) -> Iterator[object]:
    """Return the types named in *hint*: of ``Mapped[SkuId | None]`` SkuId and NoneType."""
    arguments = getattr(hint, "__args__", ())
    if not arguments:
        yield hint
    for argument in arguments:
        yield from kinds_in(argument)


def test_a_foreign_key_has_the_type_of_the_id_that_it_names() -> None:
    kinds = {
        f"{table.__tablename__}.{name}": next(kinds_in(hint))
        for table in tables()
        for name, hint in get_type_hints(table).items()
    }
    named = {
        f"{table.__tablename__}.{column.key}": key.target_fullname
        for table in tables()
        for column in table.__table__.columns
        for key in column.foreign_keys
    }
    assert len(named) > 80
    assert {source: kinds[source] for source in named} == {source: kinds[target] for source, target in named.items()}


def test_what_is_named_after_a_kind_of_row_has_the_type_of_its_id() -> None:
    hints = [
        (f"{found.__module__}.{found.__qualname__}.{name}", NAMED[name], [*kinds_in(hint)])
        for found in classes()
        for name, hint in get_type_hints(found).items()
        if name in NAMED
    ]
    assert len(hints) > 300
    assert [where for where, kind, kinds in hints if kind not in kinds] == []


def test_an_id_of_another_kind_is_an_error_of_types(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MYPYPATH", str(SOURCE.parent))
    source, lines = tmp_path / "mixed_up.py", MIXED_UP.splitlines()
    source.write_text(MIXED_UP)
    found, trouble, _ = api.run(["--config-file=", "--no-site-packages", f"--cache-dir={tmp_path}", str(source)])
    refused = [lines[int(number) - 1] for number in re.findall(r"mixed_up\.py:(\d+): error", found)]
    assert (refused, trouble) == (lines[-5:], "")
