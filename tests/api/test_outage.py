"""PostgreSQL goes away and comes back: who can wait notices nothing, who cannot is told UNAVAILABLE; nothing is done twice."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any
from uuid import uuid4

import httpx
import orjson
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from oms_api.kernel.errors import OutcomeUnknown
from oms_api.workflows.subscribers import SUBSCRIBERS
from tests.factories.feed import relaying
from tests.factories.outage import Mortal, mortal
from tests.factories.shop import PLACE_BRIEFLY, Shop, line, opened

RESPONSE = "application/graphql-response+json"
ORDERS = "{ orders(first: 3) { nodes { number lines { nodes { skuCode } } } } }"
NO_ORDER = '{ order(by: {id: "order_01h2xcejqtf2nbrexx3vqjhp41"}) { number } }'
EVENTS = "subscription { orderEvents { type order { externalRef } } }"
FOR_EVER, NOT_LONG = 300.0, 0.2
PATIENCE_S = 120


@pytest.fixture(scope="module")
async def server() -> AsyncIterator[Mortal]:
    async with mortal() as made:
        yield made


@pytest.fixture(scope="module")
async def shop(server: Mortal) -> AsyncIterator[Shop]:
    async with opened(server.database) as running, relaying(server.database.app_url, SUBSCRIBERS):
        running.served.oms.keyring.holders.seconds = FOR_EVER  # a key is known once it was used
        await running.goods(first=10_000, code="WANTED")
        yield running


@pytest.fixture
async def away(shop: Shop, server: Mortal) -> AsyncIterator[Shop]:
    """Give a shop whose database is away, and which does not wait for it for long."""
    with waiting(shop, NOT_LONG):
        await server.stop()
        yield shop
        await server.start()


@contextmanager
def waiting(shop: Shop, away_s: float) -> Iterator[None]:
    """Let who needs the database wait for it so long."""
    pool = shop.work.pool
    before, pool.away_s = pool.away_s, away_s
    yield
    pool.away_s = before


async def fresh(shop: Shop) -> str:
    """Return a key that the server does not know yet."""
    return (await shop.served.key()).text


async def posted(shop: Shop, query: str, *, key: str | None = None, accept: str = RESPONSE, **variables: Any) -> httpx.Response:
    headers = {"accept": accept, **({"authorization": f"Bearer {key}"} if key else {})}
    body = {"query": query, "variables": variables}
    return await shop.client.post("/graphql", json=body, headers=headers, timeout=PATIENCE_S)


async def placed(shop: Shop, reference: str) -> httpx.Response:
    order = shop.order(line("WANTED"), externalRef=reference, idempotencyKey=reference)
    return await posted(shop, PLACE_BRIEFLY, input=order)


def refused(answer: httpx.Response) -> tuple[int, str | None, str, bool]:
    """Return the status, Retry-After, the code and whether there are data."""
    told = answer.json()
    return answer.status_code, answer.headers.get("retry-after"), told["errors"][0]["extensions"]["code"], "data" in told


UNAVAILABLE = (503, "2", "UNAVAILABLE", False)


# --- who can wait


async def test_all_is_answered_across_an_outage(shop: Shop, server: Mortal) -> None:
    """Reads, keys that are looked up, and writes; each order once, and both subscriptions tell of each of them."""
    told: Counter[str] = Counter()
    references: list[str] = []
    ended = asyncio.Event()

    async def keep(what: str, ask: Callable[[], Awaitable[httpx.Response]]) -> None:
        while not ended.is_set():
            answer = (await ask()).json()
            assert "errors" not in answer, answer
            told[what] += 1

    async def place() -> httpx.Response:
        references.append(uuid4().hex)
        answer = await placed(shop, references[-1])
        assert answer.json()["data"]["orderPlace"]["userErrors"] == []
        await asyncio.sleep(0.1)
        return answer

    async def look_up(key: str | None = None) -> httpx.Response:
        with suppress(OutcomeUnknown):  # of the key that is made, not of the request
            key = await fresh(shop)
        answer = await posted(shop, "{ __typename }", key=key)
        await asyncio.sleep(0.1)
        return answer

    with waiting(shop, FOR_EVER):
        async with socket(shop) as ws, stream(shop) as lines:
            await subscribed(ws)
            asking = [keep("read", lambda: posted(shop, ORDERS)), keep("look up", look_up), keep("place", place)]
            tasks = [asyncio.create_task(each) for each in asking]
            for _ in range(2):
                await asyncio.sleep(0.5)
                await server.stop()
                before = told.copy()
                await asyncio.sleep(0.5)
                await server.start()
                async with asyncio.timeout(PATIENCE_S):
                    while not all(told[what] > before[what] + 1 for what in before):
                        assert not any(task.done() for task in tasks), await asyncio.gather(*tasks)
                        await asyncio.sleep(0.05)
            ended.set()
            await asyncio.gather(*tasks)
            heard = [[await next_placed() for _ in references] for next_placed in (socket_orders(ws), stream_orders(lines))]
    assert heard == [references, references]


async def test_the_first_requests_after_a_restart_are_answered(shop: Shop, server: Mortal) -> None:
    """Though every connection of the pool is dead."""
    size = shop.work.pool.size
    for _ in range(2):
        with waiting(shop, FOR_EVER):
            answers = await asyncio.gather(*(posted(shop, ORDERS) for _ in range(3 * size)))
            assert {answer.status_code for answer in answers} == {200}
        await server.restart()


async def test_what_is_being_written_when_the_database_goes_is_written_once(shop: Shop, server: Mortal) -> None:
    with waiting(shop, FOR_EVER):
        references = [uuid4().hex for _ in range(40)]
        placing = [asyncio.create_task(placed(shop, reference)) for reference in references]
        await asyncio.sleep(0.1)
        await server.restart()
        answers = [(await each).json()["data"]["orderPlace"] for each in placing]
        assert [answer["userErrors"] for answer in answers] == [[]] * len(references)
        again = [(await placed(shop, reference)).json()["data"]["orderPlace"] for reference in references]
    assert [(answer["replayed"], answer["order"]) for answer in again] == [(True, answer["order"]) for answer in answers]


# --- who cannot wait


async def test_what_is_asked_in_an_outage_is_unavailable(shop: Shop, server: Mortal) -> None:
    reference, key = uuid4().hex, await fresh(shop)
    with waiting(shop, NOT_LONG):
        await server.stop()
        assert refused(await posted(shop, ORDERS)) == UNAVAILABLE
        assert refused(await posted(shop, NO_ORDER)) == UNAVAILABLE
        assert refused(await placed(shop, reference)) == UNAVAILABLE
        assert refused(await posted(shop, "{ __typename }", key=key)) == UNAVAILABLE
        for accept, status in (("application/json", 200), (RESPONSE, 503)):
            assert (await posted(shop, ORDERS, accept=accept)).status_code == status
        assert refused(await posted(shop, "{ __typename }", key=key, accept="application/json")) == UNAVAILABLE
        assert refused(await posted(shop, EVENTS, key=key, accept="text/event-stream")) == UNAVAILABLE
        ready = await shop.client.get("/readyz")
        assert (ready.status_code, ready.json()["database"]) == (503, False)
        assert (await shop.client.get("/healthz")).status_code == 200
        await server.start()
    answer = (await placed(shop, reference)).json()["data"]["orderPlace"]
    assert (answer["userErrors"], answer["replayed"]) == ([], False)
    assert (await posted(shop, "{ __typename }", key=key)).json()["data"] == {"__typename": "Query"}
    assert (await shop.client.get("/readyz")).status_code == 200


async def test_what_was_found_before_is_told_beside_what_could_not(away: Shop) -> None:
    answer = (await posted(away, "{ __typename " + NO_ORDER[1:])).json()
    assert answer["data"] == {"__typename": "Query", "order": None}
    assert answer["errors"][0]["extensions"]["code"] == "UNAVAILABLE"


async def test_subscriptions_that_begin_in_an_outage_are_told(shop: Shop, server: Mortal) -> None:
    keys = [await fresh(shop) for _ in range(2)]
    with waiting(shop, NOT_LONG):
        async with socket(shop) as ws:
            await server.stop()
            await ws.send(json.dumps({"id": "1", "type": "subscribe", "payload": {"query": EVENTS}}))
            message = orjson.loads(await ws.recv())
            errors = message["payload"] if message["type"] == "error" else message["payload"]["errors"]
            assert errors[0]["extensions"]["code"] == "UNAVAILABLE"
        async with stream(shop, EVENTS) as lines:
            while "errors" not in (told := await next_data(lines)):  # what came before it may still be told
                pass
            assert told["errors"][0]["extensions"]["code"] == "UNAVAILABLE"
        async with connected(shop) as ws:
            await ws.send(init(keys[0]))
            assert await closed(ws) == (1013, "UNAVAILABLE")
        await server.start()
    async with connected(shop) as ws:
        await ws.send(init(keys[0]))
        assert orjson.loads(await ws.recv())["type"] == "connection_ack"


async def test_subscriptions_that_are_open_are_told_in_an_outage(shop: Shop, server: Mortal) -> None:
    with waiting(shop, NOT_LONG):
        async with socket(shop) as ws, stream(shop) as lines:
            await subscribed(ws)
            await server.stop()
            while "errors" not in (told := await next_data(lines)):  # what came before it may still be told
                pass
            assert told["errors"][0]["extensions"]["code"] == "UNAVAILABLE"
            assert await closed(ws) == (1013, "UNAVAILABLE")
        await server.start()


# --- subscribing


def init(key: str) -> str:
    return json.dumps({"type": "connection_init", "payload": {"authorization": f"Bearer {key}"}})


@asynccontextmanager
async def connected(shop: Shop) -> AsyncIterator[ClientConnection]:
    async with connect(shop.served.socket_address, subprotocols=[Subprotocol("graphql-transport-ws")]) as ws:
        yield ws


@asynccontextmanager
async def socket(shop: Shop) -> AsyncIterator[ClientConnection]:
    key = await fresh(shop)
    async with connected(shop) as ws:
        await ws.send(init(key))
        assert orjson.loads(await ws.recv())["type"] == "connection_ack"
        yield ws


async def subscribed(ws: ClientConnection) -> None:
    await ws.send(json.dumps({"id": "1", "type": "subscribe", "payload": {"query": EVENTS}}))
    await asyncio.sleep(0.5)


async def closed(ws: ClientConnection) -> tuple[int | None, str]:
    """Wait until *ws* is closed, and return its code and the first word of its reason."""
    async with asyncio.timeout(PATIENCE_S):
        with suppress(ConnectionClosed):
            while await ws.recv():
                pass
    return ws.close_code, (ws.close_reason or "").partition(":")[0]


@asynccontextmanager
async def stream(shop: Shop, query: str = EVENTS) -> AsyncIterator[AsyncIterator[str]]:
    headers = {"accept": "text/event-stream"}
    timeout = httpx.Timeout(PATIENCE_S)
    async with shop.client.stream("POST", "/graphql", json={"query": query}, headers=headers, timeout=timeout) as answer:
        assert answer.status_code == 200
        await asyncio.sleep(0.5)
        yield answer.aiter_lines()


async def next_data(lines: AsyncIterator[str]) -> Any:
    async with asyncio.timeout(PATIENCE_S):
        async for text in lines:
            if text.startswith("data:") and len(text) > len("data: "):
                return orjson.loads(text[5:])
    raise AssertionError("the stream ended")


def socket_orders(ws: ClientConnection) -> Callable[[], Awaitable[str]]:
    """Return what waits for the next order that is told of as placed."""

    async def heard() -> str:
        async with asyncio.timeout(PATIENCE_S):
            while True:
                event = orjson.loads(await ws.recv())["payload"]["data"]["orderEvents"]
                if event["type"] == "ORDER_PLACED":
                    return str(event["order"]["externalRef"])

    return heard


def stream_orders(lines: AsyncIterator[str]) -> Callable[[], Awaitable[str]]:
    async def heard() -> str:
        while True:
            event = (await next_data(lines))["data"]["orderEvents"]
            if event["type"] == "ORDER_PLACED":
                return str(event["order"]["externalRef"])

    return heard
