"""What root fields give is completed by level exactly as graphql-core completes it, and with far fewer turns."""

import asyncio
import gc
from collections.abc import AsyncIterator, Sequence
from importlib.metadata import version
from typing import Any, ClassVar, ForwardRef

import pytest
import strawberry
from graphql import parse
from strawberry.annotation import StrawberryAnnotation
from strawberry.extensions import SchemaExtension

from oms_api.graphql import plans
from oms_api.graphql.execution import LevelExecutor, read_plainly
from oms_api.graphql.internals import SEEN_IN, core_schema
from oms_api.graphql.plans import MOST_OUTCOMES, Plans
from oms_api.kernel.completions import Completions


@strawberry.type
class Money:
    amount: str
    currency: str


@strawberry.interface
class Node:
    id: strawberry.ID


@strawberry.type
class Thing(Node):
    name: str
    nickname: str | None
    price: Money
    discount: Money | None
    tags: list[str]

    @strawberry.field
    async def twin(self) -> "Thing":
        return self

    @strawberry.field
    def loud(self) -> str:
        return self.name.upper()


def thing(**other: Any) -> Thing:
    plain: dict[str, Any] = {"nickname": None, "price": Money(amount="1.00", currency="GBP"), "discount": None, "tags": ["a"]}
    return Thing(**{"id": strawberry.ID("1"), "name": "box", **plain, **other})


THINGS = {
    "whole": thing(),
    "discounted": thing(nickname="b", discount=Money(amount="0.10", currency="GBP")),
    "nameless": thing(name=None),
    "penniless": thing(price=None),
    "half priced": thing(price=Money(amount="1.00", currency=None)),  # type: ignore[arg-type]
    "half discounted": thing(discount=Money(amount="1.00", currency=None)),  # type: ignore[arg-type]
}


@strawberry.type
class Other(Node):
    size: int


class Calls:
    """How often the root resolver of a shelf was called, and what of it began and ended."""

    shelves = begun = ended = 0


@strawberry.type
class Item:
    place: int

    @strawberry.field
    async def late(self, fails_at: int = -1, stops_at: int = -1) -> int:
        Calls.begun += 1
        await (asyncio.Event().wait() if self.place == stops_at else asyncio.sleep(0))
        if self.place == fails_at:
            raise ValueError(f"{self.place} is out of stock")
        Calls.ended += 1
        return self.place

    @strawberry.field
    def loud(self, fails_at: int = -1) -> int | None:
        if self.place == fails_at:
            raise ValueError(f"{self.place} is broken")
        return self.place


@strawberry.type
class Shelf:
    items: list[Item]
    maybe: list[Item | None]


@strawberry.type
class Query:
    @strawberry.field
    def thing(self, key: str) -> Thing | None:
        return THINGS[key]

    @strawberry.field
    def node(self, key: str) -> Node | None:
        return Other(id=strawberry.ID("2"), size=3) if key == "other" else THINGS[key]

    @strawberry.field
    def either(self, key: str) -> Thing | Other:
        return Other(id=strawberry.ID("2"), size=3) if key == "other" else THINGS[key]

    @strawberry.field
    def shelf(self, length: int = 50) -> Shelf:
        Calls.shelves += 1
        items = [Item(place=place) for place in range(length)]
        return Shelf(items=items, maybe=[None if item.place == 36 else item for item in items])


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def fill(self, length: int) -> Shelf:
        Calls.shelves += 1
        items = [Item(place=place) for place in range(length)]
        return Shelf(items=items, maybe=[])


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def shelves(self) -> AsyncIterator[Shelf]:
        for length in range(3):
            yield Shelf(items=[Item(place=place) for place in range(length)], maybe=[])


class Context:
    """What counts how values were completed."""

    def __init__(self) -> None:
        self.completed = Completions()


DOCUMENTS = [
    "query Q($key: String!) { thing(key: $key) { id name nickname price { amount currency } discount { currency } tags } }",
    "query Q($key: String!) { thing(key: $key) { loud a: name twin { name b: price { amount } } c: name id __typename } }",
    "query Q($key: String!) { node(key: $key) { id __typename ... on Thing { name price { currency } twin { loud } } } }",
    "query Q($key: String!) { node(key: $key) { ... on Other { size } ... on Node { id } ...F } } fragment F on Thing { loud }",
    "query Q($key: String!) { either(key: $key) { __typename ... on Other { size } ... on Thing { id tags } } }",
    "query Q($key: String!) { thing(key: $key) { name @skip(if: true) ...F } } fragment F on Thing { id @include(if: true) }",
]
FAILING = [
    "{ shelf { items { place late(failsAt: 36) } } }",
    "{ shelf { items { loud(failsAt: 36) late } maybe { place } } }",
    "{ shelf { maybe { loud(failsAt: 7) late(failsAt: 36) } } }",
    '{ shelf { maybe { late(failsAt: 7) } } thing(key: "nameless") { name } }',
]


def schema(*, plainly: bool, extensions: Sequence[type[SchemaExtension]] = ()) -> strawberry.Schema:
    executor = LevelExecutor if plainly else None
    built = strawberry.Schema(
        Query, Mutation, Subscription, types=[Thing, Other], execution_context_class=executor, extensions=extensions
    )
    if plainly:
        read_plainly(core_schema(built))
    return built


OURS, ORDINARY = schema(plainly=True), schema(plainly=False)


async def both(document: str, **variables: object) -> strawberry.types.ExecutionResult:
    """Return our answer, which is the ordinary one."""
    ours, ordinary = [await each.execute(document, variable_values=variables) for each in (OURS, ORDINARY)]
    assert ours.data == ordinary.data
    assert [error.formatted for error in ours.errors or []] == [error.formatted for error in ordinary.errors or []]
    return ours


@pytest.mark.parametrize("document", DOCUMENTS)
@pytest.mark.parametrize("key", [*THINGS, "other"])
async def test_both_ways_give_the_same_answer(document: str, key: str) -> None:
    await both(document, key=key)


@pytest.mark.parametrize("document", FAILING)
async def test_errors_are_told_as_ever_and_no_root_field_is_asked_twice(document: str) -> None:
    Calls.shelves = 0
    assert (await both(document)).errors
    assert Calls.shelves == 2  # once each way


async def test_fields_keep_the_order_in_which_they_were_asked_for() -> None:
    result = await OURS.execute(DOCUMENTS[1], variable_values={"key": "whole"})
    assert result.data is not None
    assert list(result.data["thing"]) == ["loud", "a", "twin", "c", "id", "__typename"]


async def test_conditions_choose_among_what_is_compiled_and_never_more_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"v{number}" for number in range(7)]
    fields = " ".join(f"{name}: place @include(if: ${name})" for name in names)
    document = (
        f"query Q({' '.join(f'${name}: Boolean!' for name in names)}) {{ shelf(length: 1) {{ items {{ place {fields} }} }} }}"
    )
    kept = Plans(parse(document))
    monkeypatch.setattr(LevelExecutor, "_own_plans", lambda _: kept)
    for number in range(128):
        chosen = {name: bool(number & 1 << place) for place, name in enumerate(names)}
        answer = await OURS.execute(document, variable_values=chosen)
        assert answer.data == {"shelf": {"items": [dict.fromkeys(["place", *(n for n in names if chosen[n])], 0)]}}
        assert 0 < len(kept.made) <= MOST_OUTCOMES
    assert kept.size == sum(plan.size for made in kept.made.values() for plan in made.values()) > 0


async def test_what_would_compile_into_too_much_is_left_to_graphql_core(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plans, "MOST_FUNCTIONS", 5)
    kept = Plans(parse(DOCUMENTS[1]))
    monkeypatch.setattr(LevelExecutor, "_own_plans", lambda _: kept)
    context = Context()
    for _ in range(2):
        assert (await both(DOCUMENTS[1], key="whole")).errors is None
        await OURS.execute(DOCUMENTS[1], variable_values={"key": "whole"}, context_value=context)
    assert context.completed == Completions(by_core=2)
    assert {plan.complete for made in kept.made.values() for plan in made.values()} == {None}


class Tracing(SchemaExtension):
    """Notes the fields that are resolved, as an exporter of spans would."""

    noted: ClassVar[list[str]] = []

    def resolve(self, _next: Any, root: Any, info: Any, *arguments: Any, **named: Any) -> Any:
        self.noted.append(info.field_name)
        return _next(root, info, *arguments, **named)


@pytest.mark.parametrize("document", [*DOCUMENTS, *FAILING])
async def test_who_traces_each_field_gets_the_same_answers_of_graphql_core(document: str) -> None:
    variables = {"key": "whole"} if "$key" in document else {}
    answers, noted, context = [], [], Context()
    for built in (schema(plainly=True, extensions=[Tracing]), schema(plainly=False, extensions=[Tracing])):
        Tracing.noted.clear()
        answer = await built.execute(document, variable_values=variables, context_value=context)
        answers.append((answer.data, [error.formatted for error in answer.errors or []]))
        noted.append(sorted(Tracing.noted))
    assert answers[0] == answers[1]
    assert noted[0] == noted[1] != []
    assert context.completed == Completions(by_core=document.count("shelf") + document.count("(key: "))


async def test_all_root_fields_of_a_document_are_compiled_into_so_many_functions_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    document = "{ " + " ".join(f"s{number}: shelf(length: 1) {{ items {{ place }} }}" for number in range(9)) + " }"
    kept = Plans(parse(document))
    monkeypatch.setattr(LevelExecutor, "_own_plans", lambda _: kept)
    monkeypatch.setattr(plans, "MOST_FUNCTIONS", 7)
    assert (await both(document)).errors is None
    assert kept.functions == 9
    assert [plan.complete is not None for made in kept.made.values() for plan in made.values()] == [True] * 3 + [False] * 6


async def test_payloads_of_mutations_are_completed_by_level_and_carried_out_once_each_in_its_turn() -> None:
    context, Calls.shelves = Context(), 0
    document = "mutation { one: fill(length: 1) { items { late } } two: fill(length: 37) { items { late(failsAt: 36) } } }"
    answer = await OURS.execute(document, context_value=context)
    assert (answer.data, [error.path for error in answer.errors or []]) == (None, [["two", "items", 36, "late"]])
    assert (Calls.shelves, context.completed) == (2, Completions(by_level=1, anew=1))


async def test_events_of_subscriptions_are_completed_by_level_each_as_if_it_were_alone() -> None:
    context = Context()
    events: Any = await OURS.subscribe("subscription { shelves { items { late(failsAt: 0) place } } }", context_value=context)
    answers = [event async for event in events]
    assert [answer.data for answer in answers] == [{"shelves": {"items": []}}, None, None]
    assert context.completed == Completions(by_level=1, anew=2)


async def test_a_client_that_goes_away_between_two_levels_leaves_nothing_running() -> None:
    Calls.begun = Calls.ended = 0
    before = asyncio.all_tasks()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await OURS.execute("{ shelf { items { late(stopsAt: 7) } } }")
    await asyncio.sleep(0)
    assert (asyncio.all_tasks() - before, Calls.begun, Calls.ended) == (set(), 50, 49)


async def test_what_is_given_up_at_once_goes_on_no_more_and_says_nothing_of_it() -> None:
    said: list[Any] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: said.append(context))
    try:
        await both("{ shelf { items { late loud(failsAt: 0) twice: late } } }")
        for _ in range(9):
            await asyncio.sleep(0)
        gc.collect()
    finally:
        asyncio.get_running_loop().set_exception_handler(None)
    assert said == []


@pytest.mark.parametrize(("package", "seen"), SEEN_IN.items())
def test_inner_parts_are_of_the_versions_that_were_read(package: str, seen: str) -> None:
    assert version(package) == seen, f"read again what internals.py names, then note {package} {version(package)} there"


def test_annotations_that_are_equal_are_resolved_once_and_names_by_their_own_module() -> None:
    assert StrawberryAnnotation(list[int] | None).resolve() is StrawberryAnnotation(list[int] | None).resolve()
    for name in (ForwardRef("Told"), "int"):
        known = [{"Told": told, "int": told} for told in (int, str)]
        assert [StrawberryAnnotation(name, namespace=names).resolve() for names in known] == [int, str]
