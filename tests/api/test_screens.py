"""What the screens that people look at all day need of the database: at most so much, for few rows and for many."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from benchmarks.screens import DETAIL, LIST, RETURNS, STOCK
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.payments.states import PaymentEventType
from oms_api.domain.returns.states import Disposition
from oms_api.kernel.address import Address, Contact
from tests.factories.asking import Ask
from tests.factories.given import SYSTEM, Given
from tests.factories.trading import Shop, line

NEEDED = {
    # screen: statements, round trips, tasks of asyncio, at most
    "order detail": (15, 3, 5),
    "order detail, by another key": (15, 4, 5),
    "50 orders": (7, 3, 3),
    "a product's stock": (10, 3, 20),
    "50 returns": (9, 4, 54),
}
ORDERS = 50


@pytest.fixture(scope="module")
async def shop(work: UnitOfWork) -> Shop:
    """Give a shop that shipped 50 orders of three lines in part, and took each back in part."""
    shop = await Shop.open(work, locations=2)
    skus = [await shop.stocked(500, 500) for _ in range(3)]
    for number in range(ORDERS):
        customer = await Given(work).customer(f"customer-{number}", name="Ada Lovelace", email="ada@example.com")
        order = await shop.place(
            *(line(sku, 3) for sku in skus),
            customer_id=customer.id,
            contact=Contact(name="Ada Lovelace"),
            shipping_address=Address(city="London", country="GB"),
        )
        for todo in await shop.works(order.id):
            await shop.ship(todo.id)
        await shop.pay(order.id, "99.00", PaymentEventType.CAPTURED)
        lines = await shop.lines(order.id)
        back = (await shop.return_(order.id, *((each.id, 2) for each in lines))).value
        await shop.take_back(back.id, (lines[0].id, 1, Disposition.RESTOCK))
        await shop.refund(order.id, "1.00")
    return shop


@pytest.fixture
def ask(shop: Shop) -> Ask:
    return Ask(shop.work, SYSTEM)


@contextmanager
def started_tasks() -> Iterator[list[str]]:
    """Give the tasks that the event loop starts during the block."""
    loop, started = asyncio.get_running_loop(), list[str]()

    def start(loop: asyncio.AbstractEventLoop, coroutine: Any, **named: Any) -> Any:
        started.append(str(coroutine))
        return asyncio.Task(coroutine, loop=loop, **named)

    before = loop.get_task_factory()
    loop.set_task_factory(start)
    try:
        yield started
    finally:
        loop.set_task_factory(before)


async def needs(ask: Ask, screen: str, document: str, **variables: Any) -> dict[str, Any]:
    """Return the data of a screen that must need no more than stands in the table."""
    with started_tasks() as started:
        data, traffic = await ask.counted(document, **variables)
    statements, trips, tasks = NEEDED[screen]
    assert 0 < len(started) <= tasks
    assert 0 < traffic.statements <= statements
    assert 0 < traffic.trips <= trips
    return data


async def test_order_detail(ask: Ask) -> None:
    newest = (await ask(LIST, first=1))["orders"]["nodes"][0]
    order = (await needs(ask, "order detail", DETAIL, by={"id": newest["id"]}))["order"]
    assert [each["sku"]["code"] for each in order["lines"]["nodes"]] == [each["skuCode"] for each in order["lines"]["nodes"]]
    assert order["payments"]
    assert order["refunds"]
    assert order["shipments"][0]["packages"]
    assert order["shipments"][0]["lines"]["nodes"]
    assert order["fulfillmentOrders"]


async def test_an_order_that_cannot_be_seen_shows_nothing_of_what_was_asked_with_it(shop: Shop, ask: Ask) -> None:
    newest = (await ask(LIST, first=1))["orders"]["nodes"][0]
    elsewhere = Ask(shop.work, replace(SYSTEM, channels=frozenset()))
    assert await elsewhere(DETAIL, by={"id": newest["id"]}) == {"order": None}


async def test_a_list_of_orders(ask: Ask) -> None:
    for first in (5, ORDERS):
        nodes = (await needs(ask, "50 orders", LIST, first=first))["orders"]["nodes"]
        assert len(nodes) == first
        assert all(node["shipments"][0]["packages"] and node["customer"] and len(node["lines"]["nodes"]) == 3 for node in nodes)


async def test_the_stock_of_a_product(ask: Ask) -> None:
    newest = (await ask(LIST, first=1))["orders"]["nodes"][0]
    sku = (await needs(ask, "a product's stock", STOCK, code=newest["lines"]["nodes"][0]["skuCode"]))["sku"]
    assert [len(level["movements"]["nodes"]) for level in sku["inventoryLevels"]["nodes"]] == [5, 1]


async def test_a_list_of_returns(ask: Ask) -> None:
    for first in (5, ORDERS):
        nodes = (await needs(ask, "50 returns", RETURNS, first=first))["returns"]["nodes"]
        assert len(nodes) == first
        assert all(node["receipts"] and len(node["lines"]["nodes"]) == 3 for node in nodes)


async def test_a_limited_key_needs_no_more(shop: Shop, work: UnitOfWork) -> None:
    channels, locations = frozenset({shop.channel.id}), frozenset(place.id for place in shop.locations)
    limited = Ask(work, replace(SYSTEM, channels=channels, locations=locations))
    nodes = (await needs(limited, "50 orders", LIST, first=ORDERS))["orders"]["nodes"]
    assert len(nodes) == ORDERS
    by = {"number": nodes[0]["number"]}
    assert (await needs(limited, "order detail, by another key", DETAIL, by=by))["order"]["id"] == nodes[0]["id"]
