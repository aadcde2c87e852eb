"""An area names in its SQL no table of an area above it, nor db/ one of any area: what imports cannot prove of text."""

import ast
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import oms_api
import oms_api.domain.tables
from oms_api.db.columns import Base

SOURCE = Path(oms_api.__file__).parent
NAMED = re.compile(r"\b(?:FROM|JOIN|INTO|UPDATE|USING)\s+(?:ONLY\s+)?([a-z_]+)\b", re.IGNORECASE)
MODULES = sorted(path.relative_to(SOURCE) for floor in ("domain", "db", "kernel") for path in (SOURCE / floor).rglob("*.py"))
BELOW_ALL = -1
STILL = {
    "domain/fulfillment/ways.py": {"returns"},
}
"""What some modules name all the same: this only shrinks, for who names less than stands here fails, too."""


@cache
def heights() -> dict[str, int]:
    """Return how high each area stands, as the import contract has it."""
    settings = tomllib.loads((SOURCE.parents[1] / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (layers,) = (contract["layers"] for contract in settings if contract.get("containers") == ["oms_api.domain"])
    return {area.strip(): height for height, layer in enumerate(reversed(layers)) for area in layer.split("|")}


def height(module: str) -> int:
    """Return how high the area of *module* stands; db/ and kernel/ are below all."""
    floor, area, *_ = [*module.split("."), ""]
    return heights()[area] if floor == "domain" else BELOW_ALL


@cache
def tables() -> dict[str, int]:
    """Return how high the area of each table stands."""
    rows = [mapper.class_ for mapper in Base.registry.mappers]
    return {row.__table__.name: height(row.__module__.removeprefix("oms_api.")) for row in rows}


def texts(path: Path) -> Iterator[str]:
    """Yield the texts in a module that are no docstrings, those of an f-string as one."""
    tree = ast.parse((SOURCE / path).read_text())
    skipped = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            skipped |= {id(part) for part in node.values}
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in skipped:
            yield node.value


def named_above(path: Path) -> set[str]:
    """Return the tables of areas above that the texts of a module name."""
    if path.parent == Path("domain"):
        return set()
    own = height(".".join(path.with_suffix("").parts))
    return {name for text in texts(path) for name in NAMED.findall(text) if tables().get(name, BELOW_ALL) > own}


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_no_statement_names_a_table_of_an_area_above(path: Path) -> None:
    assert named_above(path) == STILL.get(path.as_posix(), set())


@pytest.mark.parametrize("rule", [r"location\.status = 'ACTIVE'", r"ORDER BY sku_id NULLS LAST LIMIT 1"])
def test_where_a_channel_is_served_and_how_it_oversells_is_said_in_one_place(rule: str) -> None:
    found = [path for path in SOURCE.rglob("*.py") if re.search(rule, path.read_text()) and path.stem != "plan_stock"]
    assert found == [SOURCE / "domain/channels/serving.py"]


@pytest.mark.parametrize(
    ("rule", "place"),
    [
        (r"unsourced > 0 AND kind = 'GOODS'|unsourced > 0 AND line\.kind = 'GOODS'", "waiting"),
        (r"served\.location_id( ORDER BY served\.priority\))? FROM [^\n]*\n\s*WHERE served\.channel_id = channel\.id", "look"),
    ],
)
def test_what_can_be_promised_to_whom_is_read_in_one_place(rule: str, place: str) -> None:
    found = [path.stem for path in SOURCE.rglob("*.py") if re.search(rule, path.read_text())]
    assert found == [place]


def test_movements_are_inserted_in_one_place() -> None:
    inserting = re.compile(r"INSERT INTO stock_movement|inserts\w*\(StockMovement")
    found = [path for path in SOURCE.rglob("*.py") if inserting.search(path.read_text())]
    assert found == [SOURCE / "domain/inventory/movements.py"]
