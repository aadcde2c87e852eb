"""Strawberry types whose descriptions are the docstrings in their source: of the class, and below each attribute."""

import ast
import inspect
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import Enum, StrEnum
from functools import cache
from itertools import pairwise
from typing import Any, TypeVar, cast, dataclass_transform

import strawberry

from oms_api.kernel.access import Scope

Type = TypeVar("Type", bound=type)
SCOPE = "scope"
"""The key of a field's metadata that holds the scope it needs."""


def attribute_docs(cls: type) -> dict[str, str]:
    """Return the docstring that stands below each attribute of *cls* in its source; of a class without a source, none."""
    return _docs_in(cls.__module__).get(cls.__qualname__, {})


@cache
def _docs_in(module: str) -> dict[str, dict[str, str]]:
    """Return the docstrings of attributes in *module*, by the qualified names of its classes: its file is read once."""
    tree = ast.parse(inspect.getsource(sys.modules[module]))
    return {name: _docs_below(definition.body) for name, definition in _classes(tree.body)}


def _classes(body: Iterable[ast.AST], prefix: str = "") -> Iterator[tuple[str, ast.ClassDef]]:
    """Yield each class in *body* with its `__qualname__`, those within classes, functions and conditions too."""
    for statement in body:
        match statement:
            case ast.ClassDef(name=name):
                yield prefix + name, statement
                below = f"{prefix}{name}."
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                below = f"{prefix}{name}.<locals>."
            case _:
                below = prefix
        for part in ("body", "orelse", "handlers", "finalbody", "cases"):
            yield from _classes(getattr(statement, part, ()), below)


def _docs_below(body: list[ast.stmt]) -> dict[str, str]:
    docs = {}
    for statement, following in pairwise(body):
        target: ast.expr | None = statement.target if isinstance(statement, ast.AnnAssign) else None
        if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
            target = statement.targets[0]
        match following:
            case ast.Expr(value=ast.Constant(value=str(text))) if isinstance(target, ast.Name):
                docs[target.id] = _one_line(text)
    return docs


def class_doc(cls: type) -> str:
    """Return the docstring of *cls* itself, its lines joined within paragraphs."""
    return "\n\n".join(_one_line(paragraph) for paragraph in inspect.cleandoc(cls.__doc__ or "").split("\n\n"))


def _one_line(text: str) -> str:
    return " ".join(inspect.cleandoc(text).split())


def _described(declare: Callable[..., Type], cls: Type, **options: Any) -> Type:
    """Return *cls* as *declare* makes it, with the descriptions of its fields: its own, or of what it inherits from."""
    shown: Any = declare(cls, description=class_doc(cls), **options)
    bases = [base for base in reversed(shown.__mro__) if "__strawberry_definition__" in vars(base)]
    docs = {name: text for base in bases for name, text in attribute_docs(base).items()}
    for field in shown.__strawberry_definition__.fields:
        if not field.description and field.python_name in docs:
            field.description = naming(docs[field.python_name], field.metadata.get(SCOPE))
    return cast("Type", shown)


def naming(description: str, scope: Scope | None) -> str:
    """Return the *description* of a field that needs *scope*, with that said."""
    return description if scope is None or not description else f"{description} Needs the scope `{scope.value}`."


@dataclass_transform(kw_only_default=True)
def output(cls: Type) -> Type:
    """Make *cls* an object type."""
    return _described(strawberry.type, cls)


@dataclass_transform(kw_only_default=True)
def interface(cls: Type) -> Type:
    """Make *cls* an interface."""
    return _described(strawberry.interface, cls)


@dataclass_transform(kw_only_default=True)
def input_type(cls: Type) -> Type:
    """Make *cls* an input object."""
    return _described(strawberry.input, cls)


@dataclass_transform(kw_only_default=True)
def one_of(cls: Type) -> Type:
    """Make *cls* an input object of which exactly one field is given."""
    return _described(strawberry.input, cls, one_of=True)


EnumType = TypeVar("EnumType", bound=type[Enum])


def enum(cls: EnumType, *, name: str | None = None) -> EnumType:
    """Register the domain's *cls* as an enum; its members' descriptions stand below them in its source.

    strawberry registers an enum by itself when it meets it in an annotation: then the descriptions are added.
    """
    if "__strawberry_definition__" not in vars(cls):
        strawberry.enum(cls, name=name)
    definition = cls.__strawberry_definition__  # type: ignore[attr-defined]
    definition.name = name or definition.name
    definition.description = class_doc(cls)
    docs = attribute_docs(cls)
    for value in definition.values:
        value.description = docs.get(value.name)
    return cls


def joined(name: str, description: str, *parts: type[StrEnum]) -> type[StrEnum]:
    """Return the enum of all members of *parts*, each of them the domain's. Raises: TypeError, for two with one name."""
    docs = {member: text for part in parts for member, text in attribute_docs(part).items()}
    return cast("type[StrEnum]", listed(name, description, [(each.name, each.value) for part in parts for each in part], docs))


def listed(name: str, description: str, members: Sequence[tuple[str, str]], docs: Mapping[str, str]) -> Any:
    """Return the enum of *members*, described by *docs*. Raises: TypeError, for two with one name."""
    make = cast("Callable[[str, Sequence[tuple[str, str]]], type[StrEnum]]", StrEnum)
    whole: Any = strawberry.enum(make(name, members), description=description)
    for value in whole.__strawberry_definition__.values:
        value.description = docs.get(value.name)
    return whole


def argument(description: str, *, name: str | None = None) -> Any:
    """Return a description to annotate an argument with."""
    return strawberry.argument(description=description, name=name)


Resolver = TypeVar("Resolver", bound=Callable[..., Any])
