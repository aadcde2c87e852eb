"""Events by pages, for those who poll: all of them, once, from the beginning, at a bounded cost."""

from contextlib import aclosing
from dataclasses import replace
from typing import Any

import pytest

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.events import pages
from oms_api.domain.events.live import LiveFeed
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import IdKind, text_id
from tests.factories.asking import SECRETS, Ask
from tests.factories.database import Database
from tests.factories.feed import feed, relay_all
from tests.factories.given import SYSTEM
from tests.factories.trading import Shop, line

EVENTS = """
query ($first: Int, $after: Cursor, $where: EventFilterInput) {
  events(first: $first, after: $after, where: $where) {
    nodes { id cursor type order { id status } }
    hasNextPage endCursor
  }
}
"""


@pytest.fixture
async def shop(fresh_work: UnitOfWork) -> Shop:
    return await Shop.open(fresh_work)


async def every(ask: Ask, first: int, after: str | None = None, **where: Any) -> tuple[list[dict[str, Any]], str, int]:
    """Return all events behind a place, the place to go on from, and how many pages it took."""
    found: list[dict[str, Any]] = []
    for count in range(1, 1_000):
        page = (await ask(EVENTS, first=first, after=after, where=where or None))["events"]
        found, after = found + page["nodes"], page["endCursor"]
        if not page["hasNextPage"]:
            return found, str(after), count
    raise AssertionError("it never ends")


async def test_pages_hold_every_event_once_from_the_beginning(
    shop: Shop, fresh_work: UnitOfWork, fresh_database: Database
) -> None:
    ask, cup = Ask(fresh_work, SYSTEM), await shop.stocked(9)
    assert await every(ask, 50) == ([], (await every(ask, 50))[1], 1)
    order = await shop.place(line(cup, 2))
    await relay_all(fresh_database.app_url)
    first, place, _ = await every(ask, 3)
    assert [event["id"] for event in first] == [text_id(IdKind.EVENT, event.id) for event in await feed(fresh_work)]
    assert (await every(ask, 0, place))[0] == []
    await shop.cancel(order.id)
    await relay_all(fresh_database.app_url)
    later, _, _ = await every(ask, 1, place)
    assert [event["type"] for event in later] == ["ORDER_CANCELED"]
    assert first[-1]["order"] | {"status": "CANCELED"} == later[-1]["order"]
    live = LiveFeed(fresh_database.app_url, fresh_work, SECRETS)
    async with live, aclosing(live.follow(SYSTEM, after=place)) as followed:
        cursor, event = await anext(followed)
    assert (text_id(IdKind.EVENT, event.id), cursor) == (later[0]["id"], later[0]["cursor"])


async def test_a_rare_event_is_found_by_pages_that_search_a_stride_each(
    shop: Shop, fresh_work: UnitOfWork, fresh_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "STRIDE", 3)
    ask, cup = Ask(fresh_work, SYSTEM), await shop.stocked(9)
    order = await shop.place(line(cup, 2))
    await shop.cancel(order.id)
    await relay_all(fresh_database.app_url)
    length = len(await feed(fresh_work))
    found, _, count = await every(ask, 50, type={"eq": "ORDER_CANCELED"})
    assert ([event["type"] for event in found], count) == (["ORDER_CANCELED"], -(-length // 3))
    of_order, _, count = await every(ask, 50, orderId={"eq": text_id(IdKind.ORDER, order.id)})
    assert ([event["type"] for event in of_order], count) == (["ORDER_PLACED", "ORDER_CANCELED"], 1)


async def test_who_sees_less_gets_less_and_bad_places_are_named(
    shop: Shop, fresh_work: UnitOfWork, fresh_database: Database
) -> None:
    await shop.place(line(await shop.stocked(9), 2))
    await relay_all(fresh_database.app_url)
    blind = Ask(fresh_work, replace(SYSTEM, channels=frozenset(), locations=frozenset()))
    assert (await every(blind, 50))[0] == []
    poor = Ask(fresh_work, replace(SYSTEM, scopes=SYSTEM.scopes - {Scope.EVENTS_READ}))
    ask = Ask(fresh_work, SYSTEM)
    codes: list[tuple[Ask, dict[str, Any], str]] = [
        (poor, {}, "MISSING_SCOPE"),
        (ask, {"after": "nonsense"}, "INVALID_CURSOR"),
        (ask, {"first": -1}, "INVALID_VALUE"),
        (ask, {"first": 251}, "TOO_MANY_ITEMS"),
    ]
    for who, given, code in codes:
        (error,) = await who.errors(EVENTS, **given)
        assert error["extensions"]["code"] == code
