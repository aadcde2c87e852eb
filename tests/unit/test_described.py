"""Descriptions are the docstrings in the source, of whichever class, and a source file is read once."""

import ast
import re
from enum import StrEnum
from inspect import isclass
from pathlib import Path
from typing import Any

import pytest

from oms_api.graphql import described
from oms_api.graphql.orders import types
from oms_api.kernel.access import Scope


class Outer:
    first: int
    """The first."""
    second = 2
    """The second, told on
    two lines."""
    third: str
    note = first = 3
    """Below no one attribute."""

    class Inner:
        first: int
        """The first of another class."""


def made_here() -> type:
    class Local:
        near: int
        """Near."""

    return Local


try:

    class Tried(StrEnum):
        ONE = "one"
        """One of them."""

finally:
    pass


@pytest.mark.parametrize(
    ("cls", "docs"),
    [
        (Outer, {"first": "The first.", "second": "The second, told on two lines."}),
        (Outer.Inner, {"first": "The first of another class."}),
        (made_here(), {"near": "Near."}),
        (Tried, {"ONE": "One of them."}),
        (type("Unwritten", (), {"__module__": __name__}), {}),
    ],
)
def test_the_docstrings_below_attributes_are_found_wherever_a_class_stands(cls: type, docs: dict[str, str]) -> None:
    assert described.attribute_docs(cls) == docs


def test_a_source_file_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    parse, parsed = ast.parse, list[object]()

    def counted(source: Any, *more: Any, **named: Any) -> Any:
        parsed.append(source)
        return parse(source, *more, **named)

    described._docs_in.cache_clear()
    monkeypatch.setattr(ast, "parse", counted)
    own = [one for one in vars(types).values() if isclass(one) and one.__module__ == types.__name__]
    assert len([one for one in own if described.attribute_docs(one)]) > 2
    assert len(parsed) == 1
    described.attribute_docs(Scope)
    assert len(parsed) == 2


def test_no_description_names_its_scope_twice() -> None:
    descriptions = re.findall(r'"""(.*?)"""', Path("schema.graphql").read_text(), re.DOTALL)
    assert any("Needs the scope" in text for text in descriptions)
    assert [text for text in descriptions if text.count("Needs the scope") > 1] == []
