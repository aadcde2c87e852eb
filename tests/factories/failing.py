"""What can go wrong below a field: rows, links and resolvers that fail as chance has it, by what they are and not by when."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from random import Random
from typing import Any
from uuid import UUID

import pytest
from graphql import GraphQLObjectType, GraphQLSchema
from strawberry.types.field import StrawberryField

from oms_api.db import reads
from oms_api.graphql.connections import LoadedPage
from oms_api.graphql.declared.links import LINK, Link
from oms_api.kernel.errors import InvalidValue, NotFound

LATE = 36
"""The place in a list that fails rather than another: the 37th, where there are so many."""


class Broken:
    """A value that nobody can do anything with."""

    def __repr__(self) -> str:
        return "<broken>"


def fault(dice: Random) -> Exception:
    """Return something to raise."""
    told = InvalidValue(problem="It is odd.", field=("odd",)), NotFound(what="thing", given="x")
    return dice.choice([RuntimeError("it broke"), *told])


class Faults:
    """What fails. The same things fail for the same seed, whoever asks for them and in whatever order."""

    def __init__(self) -> None:
        self.seed: int | None = None
        self.share = 0.0
        self.struck = 0

    @contextmanager
    def falling(self, seed: int, share: float) -> Iterator[None]:
        """Let a *share* of things fail until the end of the block."""
        self.seed, self.share = seed, share
        try:
            yield
        finally:
            self.seed = None

    def strikes(self, *what: object, rarer: float = 1.0) -> Random | None:
        """Return the dice that say how *what* fails, or None where it does not."""
        if self.seed is None:
            return None
        dice = Random(f"{self.seed} {what}")
        if dice.random() >= self.share * rarer:
            return None
        self.struck += 1
        return dice

    def row(self, row: Any) -> Any:
        """Return a row that was read, with one of its values gone or broken."""
        names = getattr(row, "_fields", None)
        if not names or (dice := self.strikes("row", getattr(row, "id", row), rarer=0.3)) is None:
            return row
        name = dice.choice(names)
        if name == "id":
            return row
        broken = None if isinstance(getattr(row, name), UUID) else dice.choice([None, None, Broken(), fault(dice)])
        return row._replace(**{name: broken})

    def value(self, dice: Random, value: Any) -> Any:
        """Return what becomes of a *value* that fails; a list fails in one of its places. Raises: what it likes."""
        items = value.nodes if isinstance(value, LoadedPage) else value
        if isinstance(items, list) and items and dice.random() < 0.7:
            at = LATE if len(items) > LATE and dice.random() < 0.5 else dice.randrange(len(items))
            failed = [*items[:at], dice.choice([None, None, fault(dice), Broken()]), *items[at + 1 :]]
            return LoadedPage(value.page, failed) if isinstance(value, LoadedPage) else failed
        match dice.choice(("raise", "none", "is an error")):
            case "raise":
                raise fault(dice)
            case "none":
                return None
        return fault(dice)

    def shown(self, show: Callable[[Any, Any], Any], name: str, record: Any, found: Any) -> Any:
        """Show what a link found, or fail."""
        value = show(record, found)
        dice = self.strikes(name, _mark(record))
        return value if dice is None else self.value(dice, value)

    def resolved(self, resolve: Callable[..., Any], name: str, source: Any, info: Any, **given: Any) -> Any:
        """Resolve a field, or fail: at once, or when it is waited for."""
        dice = self.strikes(name, _mark(source))
        if dice is None:
            return resolve(source, info, **given)
        if dice.random() < 0.3:
            raise fault(dice)
        value = resolve(source, info, **given)
        return self.late(dice, value) if hasattr(value, "__await__") else self.value(dice, value)

    async def late(self, dice: Random, value: Any) -> Any:
        """Fail when *value* is there, or a turn before."""
        if dice.random() < 0.3:
            value.close()
            await asyncio.sleep(0)
            raise fault(dice)
        return self.value(dice, await value)

    async def answers(self, read_each: Callable[..., Any], engine: Any, queries: Sequence[Any]) -> Any:
        """Return what was read, with rows that are broken."""
        told = await read_each(engine, queries)
        return [answer if isinstance(answer, Exception) else [self.row(row) for row in answer] for answer in told]


def _mark(record: Any) -> object:
    """Return what tells a record from others."""
    row = getattr(record, "row", None)
    return getattr(row, "id", None) or getattr(record, "id", None) or type(record).__name__


@contextmanager
def failing(schema: GraphQLSchema) -> Iterator[Faults]:
    """Put faults, none of which falls yet, behind every row, link and resolver of *schema* until the end of the block."""
    faults = Faults()
    links: list[tuple[Link, Any]] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reads, "read_each", partial(faults.answers, reads.read_each))
        for type_ in schema.type_map.values():
            for name, declared in type_.fields.items() if isinstance(type_, GraphQLObjectType) else ():
                definition = declared.extensions.get("strawberry-definition")
                if not isinstance(definition, StrawberryField) or definition.is_basic_field:
                    continue
                link = definition.metadata.get(LINK)
                if isinstance(link, Link):
                    links.append((link, link.show))
                    object.__setattr__(link, "show", partial(faults.shown, link.show, f"{type_.name}.{name}"))
                else:
                    patch.setattr(declared, "resolve", partial(faults.resolved, declared.resolve, f"{type_.name}.{name}"))
        yield faults
    for link, show in reversed(links):
        object.__setattr__(link, "show", show)
