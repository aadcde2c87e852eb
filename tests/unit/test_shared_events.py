"""An event is completed once for all subscriptions that are told the same, and anew for each that might not be."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import pytest
import strawberry
from graphql import parse
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from oms_api.graphql import shared_events
from oms_api.graphql.declared.records import Record, column
from oms_api.graphql.described import output
from oms_api.graphql.execution import LevelExecutor, read_plainly
from oms_api.graphql.internals import core_schema
from oms_api.graphql.permissions import field
from oms_api.graphql.plans import Plans
from oms_api.kernel.access import Principal, Scope, system_principal
from oms_api.kernel.ids import ChannelId, IntegrationId, LocationId, SupplierId

ONE = UUID(int=1)
ANYONE = replace(system_principal("one key"), scopes=frozenset({Scope.EVENTS_READ}))
PLAIN, READING = "subscription { news { said } }", "subscription ($v: Int) { news { said seen(v: $v) } }"


class Tables(DeclarativeBase):
    """Tables that are in no database: not those of the program, whose metadata other tests compare."""


class NewsRow(Tables):
    __tablename__ = "news_of_tests"
    said: Mapped[str] = mapped_column(primary_key=True)


class Seen:
    """How often it was looked who looks, and what happens then."""

    times = 0
    going_on: asyncio.Event | None = None
    fails = False


@output
class News(Record[NewsRow], along="cursor"):
    """What happened."""

    said: str = column(NewsRow.said)
    """What was said."""

    @field(description="Who sees it.")
    async def seen(self, info: strawberry.Info, v: int | None = None) -> str:
        Seen.times += 1
        if Seen.going_on is not None:
            await Seen.going_on.wait()
        if Seen.fails:
            raise ValueError("broken")
        channels = info.context.principal.channels
        return f"{v} {sorted(map(str, channels)) if channels is not None else 'all'}"


@strawberry.type
class Query:
    nothing: int | None = None


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def news(self, info: strawberry.Info) -> AsyncGenerator[News, None]:
        for cursor in info.context.cursors:
            yield News.of(info.context.row, cursor)


@dataclass
class Context:
    principal: Principal
    plans: Plans
    row: Any
    cursors: tuple[str, ...] = ("c1",)


SCHEMA = strawberry.Schema(query=Query, subscription=Subscription, execution_context_class=LevelExecutor)
read_plainly(core_schema(SCHEMA))


@dataclass
class Row:
    said: str


@pytest.fixture
def plans() -> Plans:
    Seen.times, Seen.going_on, Seen.fails = 0, None, False
    return Plans(parse(READING))


async def told(plans: Plans, who: Principal = ANYONE, text: str = READING, cursor: str = "c1", **variables: Any) -> Any:
    context = Context(who, plans, Row("hello"), (cursor,))
    events: Any = await SCHEMA.subscribe(text, variable_values=variables, context_value=context)
    (event,) = [event async for event in events]
    return event.data["news"] if event.data else [error.message for error in event.errors]


async def test_equal_subscriptions_share_what_is_being_read(plans: Plans) -> None:
    Seen.going_on = asyncio.Event()
    asking = [asyncio.create_task(told(plans, replace(ANYONE, name=f"{n}"))) for n in range(100)]
    await asyncio.sleep(0.01)
    Seen.going_on.set()
    assert await asyncio.gather(*asking) == [{"said": "hello", "seen": "None all"}] * 100
    assert Seen.times == 1
    await told(plans)
    assert Seen.times == 2  # records are told as they are now


async def test_others_have_turns_between_those_who_share(plans: Plans) -> None:
    Seen.going_on, turns = asyncio.Event(), 0
    asking = [asyncio.create_task(told(plans)) for _ in range(100)]
    await asyncio.sleep(0.01)
    Seen.going_on.set()
    while not all(each.done() for each in asking):
        await asyncio.sleep(0)
        turns += 1
    assert (Seen.times, turns > len(asking)) == (1, True)


OTHERS: dict[str, dict[str, Any]] = {
    "channels": {"who": replace(ANYONE, channels=frozenset({ChannelId(ONE)}))},
    "no channel": {"who": replace(ANYONE, channels=frozenset())},
    "locations": {"who": replace(ANYONE, locations=frozenset({LocationId(ONE)}))},
    "suppliers": {"who": replace(ANYONE, suppliers=frozenset({SupplierId(ONE)}))},
    "scopes": {"who": replace(ANYONE, scopes=frozenset())},
    "client": {"who": replace(ANYONE, client_id=IntegrationId(ONE))},
    "variables": {"v": 3},
    "event": {"cursor": "c2"},
}


@pytest.mark.parametrize("other", OTHERS)
async def test_whoever_might_be_told_something_else_is_told_alone(plans: Plans, other: str) -> None:
    Seen.going_on = asyncio.Event()
    asking = [asyncio.create_task(told(plans, **given)) for given in ({}, OTHERS[other], {}, OTHERS[other])]
    await asyncio.sleep(0.01)
    Seen.going_on.set()
    first, second, *again = await asyncio.gather(*asking)
    assert again == [first, second]
    assert (Seen.times, first["seen"]) == (2, "None all")
    if other in {"channels", "no channel", "variables"}:
        assert second["seen"] != first["seen"]


async def test_what_reads_nothing_is_kept_as_far_as_there_is_room_for_all_documents(
    plans: Plans, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_events, "KEPT", kept := shared_events.KeptAnswers(1_000))
    for number in range(20):
        each = Plans(parse(PLAIN)) if number % 2 else plans
        assert await told(each, text=PLAIN, cursor=f"c{number}") == {"said": "hello"}
        assert kept.size <= kept.capacity
    assert 1 < len(kept.kept) < 20
    assert kept.size == sum(size for _, size in kept.kept.values())
    assert not plans.events.under_way


async def test_what_has_no_room_pushes_nothing_out(plans: Plans, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_events, "KEPT", kept := shared_events.KeptAnswers(200))
    await told(plans, text=PLAIN)
    await told(plans, text="subscription { news { a: said b: said c: said d: said e: said } }", cursor="c2")
    assert len(kept.kept) == 1


async def test_whoever_leaves_takes_nothing_from_the_others(plans: Plans) -> None:
    Seen.going_on = asyncio.Event()
    first, *others = [asyncio.create_task(told(plans)) for _ in range(3)]
    await asyncio.sleep(0.01)
    others[0].cancel()
    first.cancel()
    await asyncio.sleep(0.01)
    Seen.going_on.set()
    assert await others[1] == {"said": "hello", "seen": "None all"}
    assert (Seen.times, plans.events.under_way) == (2, {})


async def test_errors_are_shared_with_nobody(plans: Plans) -> None:
    Seen.going_on, Seen.fails = asyncio.Event(), True
    asking = [asyncio.create_task(told(plans)) for _ in range(3)]
    await asyncio.sleep(0.01)
    Seen.going_on.set()
    assert await asyncio.gather(*asking) == [["broken"]] * 3
    assert Seen.times >= 3
