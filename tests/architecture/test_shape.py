"""The shape of the code: small files, telling names, errors that can be found by their code."""

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import oms_api
import oms_api.domain.facts
from oms_api.kernel.errors import OmsError, type_registry
from oms_api.kernel.events import event_types

SOURCE = Path(oms_api.__file__).parent
VAGUE = {"utils", "util", "helpers", "helper", "common", "manager", "base_service", "misc"}
LONGEST = 400
MODULES = sorted(path.relative_to(SOURCE) for path in SOURCE.rglob("*.py"))


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_a_module_is_short_and_its_name_says_what_it_holds(path: Path) -> None:
    assert not VAGUE & {*path.parts, path.stem}
    assert len((SOURCE / path).read_text().splitlines()) <= LONGEST


def test_every_error_is_registered_under_a_code_of_its_own() -> None:
    for module in pkgutil.walk_packages([str(SOURCE)], "oms_api."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    found: list[type[OmsError]] = [OmsError]
    for kind in found:
        found.extend(kind.__subclasses__())
    assert {kind.code: kind for kind in found[1:]} == type_registry
    assert len(found[1:]) == len(type_registry)


def made(tree: ast.AST) -> Iterator[str]:
    """Return the names of what is called, handed to a call, chosen, or looked up: what lists and sets name is not made."""
    for node in ast.walk(tree):
        given: list[ast.expr] = []
        if isinstance(node, ast.Call):
            given = [node.func, *node.args, *(keyword.value for keyword in node.keywords)]
        elif isinstance(node, ast.IfExp):
            given = [node.body, node.orelse]
        elif isinstance(node, ast.Dict):
            given = node.values
        yield from (each.id for each in given if isinstance(each, ast.Name))


def test_every_event_is_emitted_somewhere() -> None:
    found = {name for path in MODULES for name in made(ast.parse((SOURCE / path).read_text()))}
    events = [event.__name__ for event in event_types.values() if event.__module__.startswith("oms_api.")]
    assert [name for name in events if name not in found] == []


UNTOLD = {"HIGH", "STRIDE", "YEAR_S"}
"""Numbers that stand in texts for machines."""


def test_a_number_of_thousands_is_told_in_groups() -> None:
    wrong = []
    for path in MODULES:
        names = set(re.findall(r"\{([A-Z_]{2,})\}", (SOURCE / path).read_text())) - UNTOLD
        module = importlib.import_module(".".join(["oms_api", *path.with_suffix("").parts])) if names else None
        wrong += [(str(path), name) for name in names if type(number := getattr(module, name, 0)) is int and number >= 1_000]
    assert wrong == []


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_parameters_have_names_and_are_counted_in_one_place(path: Path) -> None:
    if path != Path("db/sql.py") and not path.match("db/embedded/*.py"):  # which speaks to a shell
        texts = [node for node in ast.walk(ast.parse((SOURCE / path).read_text())) if isinstance(node, ast.Constant)]
        assert [node.lineno for node in texts if isinstance(node.value, str) and re.search(r"\$\d", node.value)] == []
