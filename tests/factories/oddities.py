"""A small world in which anything may be odd: types of every kind, whose fields give what they should not, now or later."""

# mypy: disable-error-code="no-any-return"
# what resolvers give here is not of their types: that is what it is for

import asyncio
from collections.abc import AsyncIterator, Generator, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from random import Random
from typing import Annotated, Any

import strawberry
from graphql import GraphQLError
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext

from oms_api.graphql.execution import read_plainly
from oms_api.graphql.scalars import SCALARS, Int64
from oms_api.kernel.completions import Completions
from tests.factories.failing import Broken

THINGS = 12
"""How many things there are: each leads to some of the others."""
MANY = 40
HALF = 0.5
Info = strawberry.Info[Any, None]


@dataclass
class World:
    """What the fields of things give: the same for the same seed, whoever asks, in whatever order. It is the context, too."""

    seed: int
    share: float
    completed: Completions = field(default_factory=Completions)

    def dice(self, *what: object) -> Random:
        """Return dice for *what*."""
        return Random(f"{self.seed} {what}")

    def thing(self, number: int) -> "Thing":
        """Return the thing with a number."""
        kind = (Box, Bag, Rock)[number % 3]
        made: Thing = object.__new__(kind)
        made.number = number
        made.lid = number % 2 == 0  # type: ignore[attr-defined]
        for name, value in self.plain(number).items():
            setattr(made, name, self.odd(self.dice("plain", number, name), value, at_once=True))
        return made

    def plain(self, number: int) -> dict[str, Any]:
        """Return the plain attributes of the thing with a number."""
        dice = self.dice("attributes", number)
        return {
            "id": f"thing_{number}",
            "name": f"thing {number}",
            "nick": dice.choice([None, "nick"]),
            "weight": dice.randrange(100),
            "heavy": dice.random() * 10,
            "big": dice.random() < 0.5,
            "price": Decimal(dice.randrange(10_000)) / 100,
            "count": dice.randrange(2**40),
            "color": dice.choice(list(Color)),
            "tags": [f"tag {each}" for each in range(dice.randrange(4))],
            "grid": [[1, 2], None, [dice.randrange(9)]],
            "size": Size(width=dice.randrange(9), unit=dice.choice([None, "cm"])),
        }

    def some(self, number: int, most: int) -> list["Thing"]:
        """Return at most so many things, the same for the same *number*."""
        dice = self.dice("some", number, most)
        return [self.thing(dice.randrange(THINGS)) for _ in range(dice.randrange(max(most, 0) % 9 + 1))]

    def later(self, dice: Random, value: Any) -> "Awaited":
        """Give *value* or something odd some turns later."""
        return Awaited(self, dice, value)

    async def turned(self, dice: Random, value: Any) -> Any:
        """Wait some turns, and give *value* or something odd."""
        for _ in range(dice.choice((0, 0, 1, 2, 5))):
            await asyncio.sleep(0)
        return self.odd(dice, value)

    def odd(self, dice: Random, value: Any, *, at_once: bool = False) -> Any:
        """Return *value*, or something odd in its place. Raises: RuntimeError, ValueError; not where *at_once*."""
        if dice.random() >= self.share:
            return value
        if isinstance(value, list) and dice.random() < HALF:
            return self.odd_list(dice, value)
        choice = dice.choice(["none", "error", "broken", "awaited", *["raise"] * (0 if at_once else 4)])
        if choice == "raise":
            raise dice.choice([RuntimeError, ValueError])(f"raised {dice.randrange(9)}")
        if choice == "awaited":
            return self.later(dice, value)
        return {"none": None, "error": ValueError(f"is an error {dice.randrange(9)}"), "broken": Broken()}[choice]

    def odd_list(self, dice: Random, values: list[Any]) -> Any:
        """Return *values* as a list of another kind, or with something odd among them."""
        if not values or dice.random() < HALF:
            return tuple(values) if dice.random() < HALF else _each(values)
        at = dice.randrange(len(values))
        awaited = self.later(dice, values[at]) if dice.random() < HALF / 2 else None
        inside = awaited or dice.choice([None, Broken(), ValueError("in a list")])
        return [*values[:at], inside, *values[at + 1 :]]


def _each(values: list[Any]) -> Iterator[Any]:
    yield from values


class Awaited:
    """What can be awaited, but may be left: graphql-core leaves some where a list fails."""

    def __init__(self, world: World, dice: Random, value: Any) -> None:
        self.given = dice, value
        self.world = world

    def __repr__(self) -> str:
        return "<awaited>"

    def __await__(self) -> Generator[Any, None, Any]:
        return self.world.turned(*self.given).__await__()


@strawberry.enum
class Color(Enum):
    RED = "red"
    BLUE = "blue"


@strawberry.type
class Size:
    width: int
    unit: str | None


@strawberry.interface
class Thing:
    id: strawberry.ID
    name: str
    nick: str | None
    weight: int
    heavy: float
    big: bool
    price: Decimal
    count: Int64 | None
    color: Color
    tags: list[str]
    grid: list[list[int] | None]
    size: Size
    number: strawberry.Private[int]

    @strawberry.field
    def loud(self, info: Info, times: int = 1) -> str:
        return _now(info, self, f"loud {times}", f"{self.number}!" * (times % 5))

    @strawberry.field
    def shy(self, info: Info) -> str | None:
        return _now(info, self, "shy", "hm")

    @strawberry.field
    async def slow(self, info: Info, by: str | None = None) -> str | None:
        return await _later(info, self, f"slow {by}", "slow")

    @strawberry.field
    async def sure(self, info: Info) -> int:
        return await _later(info, self, "sure", 1)

    @strawberry.field
    async def kin(self, info: Info) -> "Thing":
        return await _later(info, self, "kin", info.context.thing((self.number + 1) % THINGS))

    @strawberry.field
    def friend(self, info: Info) -> "Thing | None":
        return _now(info, self, "friend", info.context.thing(self.number * 5 % THINGS))

    @strawberry.field
    async def things(self, info: Info, most: int = 3) -> "list[Thing]":
        return await _later(info, self, f"things {most}", info.context.some(self.number, most))

    @strawberry.field
    async def perhaps(self, info: Info) -> "list[Thing | None] | None":
        return await _later(info, self, "perhaps", info.context.some(self.number, 3))


@strawberry.type
class Box(Thing):
    lid: bool = True

    @strawberry.field
    async def within(self, info: Info) -> "list[Anything]":
        return await _later(info, self, "within", info.context.some(self.number, 4))

    @strawberry.field
    async def many(self, info: Info) -> "list[Rock]":
        return await _later(info, self, "many", [info.context.thing(2) for _ in range(MANY)])


@strawberry.type
class Bag(Thing):
    @strawberry.field
    def within(self, info: Info) -> "Anything | None":
        return _now(info, self, "within", info.context.thing(self.number * 7 % THINGS))

    @strawberry.field
    async def rows(self, info: Info) -> "list[list[Rock]]":
        return await _later(info, self, "rows", [[info.context.thing(2)], [], [info.context.thing(5)] * 2])


@strawberry.type
class Rock(Thing):
    @strawberry.field
    async def pebbles(self, info: Info) -> "list[Rock | None]":
        return await _later(info, self, "pebbles", [info.context.thing(5), None, info.context.thing(8)])


Anything = Annotated[Box | Bag | Rock, strawberry.union("Anything")]


def _now(info: Info, source: Any, name: str, value: Any) -> Any:
    world: World = info.context
    return world.odd(world.dice("now", source and source.number, name), value)


async def _later(info: Info, source: Any, name: str, value: Any) -> Any:
    world: World = info.context
    return await world.later(world.dice("later", source and source.number, name), value)


@strawberry.type
class Query:
    @strawberry.field
    async def thing(self, info: Info, number: int = 0) -> Thing | None:
        return await _later(info, None, f"thing {number}", info.context.thing(number % THINGS))

    @strawberry.field
    def box(self, info: Info) -> Box:
        return _now(info, None, "box", info.context.thing(0))

    @strawberry.field
    async def all(self, info: Info) -> list[Thing]:
        return await _later(info, None, "all", [info.context.thing(number) for number in range(THINGS)])

    @strawberry.field
    async def anything(self, info: Info) -> list["Anything"] | None:
        return await _later(info, None, "anything", info.context.some(0, 5))


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def change(self, info: Info, number: int = 0) -> Thing:
        return await _later(info, None, f"change {number}", info.context.thing(number % THINGS))

    @strawberry.mutation
    def alter(self, info: Info) -> Box | None:
        return _now(info, None, "alter", info.context.thing(0))


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def changed(self, info: Info) -> AsyncIterator[Thing]:
        for number in range(3):
            yield await _later(info, None, f"changed {number}", info.context.thing(number))


class Quiet(strawberry.Schema):
    """A schema that logs nothing of what goes wrong in it."""

    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        """Log nothing."""


def odd_schema(executor: type[Any]) -> strawberry.Schema:
    """Return the schema of the world, prepared as ours is and carried out by *executor*."""
    whole = Quiet(
        Query,
        Mutation,
        Subscription,
        types=[Box, Bag, Rock],
        execution_context_class=executor,
        config=StrawberryConfig(scalar_map=SCALARS),
    )
    read_plainly(whole._schema)
    return whole
