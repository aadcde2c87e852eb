"""Watching orders over WebSocket and server-sent events: nothing missed, nothing twice, nothing foreign."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from time import monotonic
from typing import Any
from uuid import uuid4

import httpx
import orjson
import pytest
from sqlalchemy import func, select
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from oms_api.db.outbox import StagedEvent
from oms_api.domain.access.commands.issue_key import OF_SUPPLIERS
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import IdKind, SkuId, new_uuid, parse_id, text_id
from oms_api.workflows.subscribers import SUBSCRIBERS
from tests.factories.database import Database
from tests.factories.feed import relaying, working
from tests.factories.given import SYSTEM
from tests.factories.purchasing import Buyer
from tests.factories.purchasing import line as bought
from tests.factories.raw import raw
from tests.factories.requesting import Desk
from tests.factories.shop import Shop, line, opened
from tests.factories.trading import Shop as Trading
from tests.factories.trading import line as goods

EVENTS = """subscription ($where: EventFilterInput, $after: Cursor) { orderEvents(where: $where, after: $after) {
    cursor type occurredAt changes { field before after } order { id externalRef status lines { nodes { name } } } } }"""
ALL_EVENTS = (
    "subscription ($where: EventFilterInput, $after: Cursor) { events(where: $where, after: $after) { cursor type subjectId } }"
)
STATUS = """subscription ($id: ID!, $after: Cursor) { orderStatusChanged(id: $id, after: $after) {
    cursor order { status } event { type } } }"""
CANCEL = "mutation ($input: OrderCancelInput!) { orderCancel(input: $input) { userErrors { code } order { status } } }"


@pytest.fixture(scope="module")
async def shop(database: Database) -> AsyncIterator[Shop]:
    async with opened(database) as running, relaying(database.app_url, SUBSCRIBERS):
        await running.goods(first=1_000, code="WATCHED")
        yield running


class Watcher:
    """One subscription over one WebSocket."""

    def __init__(self, ws: ClientConnection) -> None:
        self.ws = ws

    async def heard(self) -> Any:
        """Return the next message."""
        async with asyncio.timeout(10):
            return orjson.loads(await self.ws.recv())

    async def next(self, name: str) -> Any:
        """Return the next value of the field *name*."""
        message = await self.heard()
        assert message["type"] == "next", message
        assert "errors" not in message["payload"], message
        return message["payload"]["data"][name]

    async def refusal(self) -> str:
        """Return the code of the error that is told next."""
        message = await self.heard()
        errors = message["payload"] if message["type"] == "error" else message["payload"]["errors"]
        return str(errors[0]["extensions"]["code"])

    async def quiet(self, seconds: float = 0.6) -> None:
        """Check that nothing comes for a while."""
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(seconds):
                pytest.fail(str(await self.ws.recv()))


@asynccontextmanager
async def watching(shop: Shop, query: str, variables: dict[str, Any] | None = None, **key: Any) -> AsyncIterator[Watcher]:
    """Subscribe once all that happened before is in the feed."""
    issued = await shop.served.key(**key)
    await in_the_feed(shop)
    async with connect(shop.served.socket_address, subprotocols=[Subprotocol("graphql-transport-ws")]) as ws:
        watcher = Watcher(ws)
        await ws.send(json.dumps({"type": "connection_init", "payload": {"authorization": f"Bearer {issued.text}"}}))
        assert (await watcher.heard())["type"] == "connection_ack"
        await ws.send(json.dumps({"id": "1", "type": "subscribe", "payload": {"query": query, "variables": variables or {}}}))
        await asyncio.sleep(0.3)
        yield watcher


async def in_the_feed(shop: Shop) -> None:
    """Wait until all that happened has its place in the feed."""
    for _ in range(200):
        async with shop.work.reads(SYSTEM) as read:
            if not await read.value(raw(select(func.count()).select_from(StagedEvent))):
                return
        await asyncio.sleep(0.05)
    pytest.fail("The relay stands still.")


async def order(shop: Shop, **changes: Any) -> Any:
    return await shop.placed(line("WATCHED", name="Thing"), externalRef=uuid4().hex, **changes)


async def test_a_reconnect_misses_nothing_and_repeats_nothing(shop: Shop) -> None:
    placed: list[str] = []
    seen: list[str] = []
    cursor: str | None = None
    for _ in range(3):
        async with watching(shop, EVENTS, {"after": cursor}) as watcher:
            expected = len(placed) - len(seen)
            placed += [(await order(shop))["externalRef"] for _ in range(2)]
            for _ in range(expected + 2):
                event = await watcher.next("orderEvents")
                seen.append(event["order"]["externalRef"])
                cursor = event["cursor"]
        placed += [(await order(shop))["externalRef"] for _ in range(3)]
    async with watching(shop, EVENTS, {"after": cursor}) as watcher:
        seen += [(await watcher.next("orderEvents"))["order"]["externalRef"] for _ in range(3)]
        await watcher.quiet()
    assert seen == placed


async def test_an_event_tells_what_was_and_the_order_as_it_is(shop: Shop) -> None:
    async with watching(shop, EVENTS) as watcher:
        placed = await order(shop)
        event = await watcher.next("orderEvents")
    assert (event["type"], event["order"]["id"]) == ("ORDER_PLACED", placed["id"])
    assert {"field": "status", "before": None, "after": "OPEN"} in event["changes"]
    assert event["order"]["lines"]["nodes"] == [{"name": "Thing"}]


async def test_the_present_state_comes_first_and_then_each_change(shop: Shop) -> None:
    placed = await order(shop)
    async with watching(shop, STATUS, {"id": placed["id"]}) as watcher:
        first = await watcher.next("orderStatusChanged")
        assert (first["order"]["status"], first["event"]) == ("OPEN", None)
        canceled = {"idempotencyKey": uuid4().hex, "orderId": placed["id"], "reason": "CUSTOMER"}
        assert (await shop.ask(CANCEL, input=canceled))["orderCancel"]["userErrors"] == []
        then = await watcher.next("orderStatusChanged")
        assert (then["order"]["status"], then["event"]["type"]) == ("CANCELED", "ORDER_CANCELED")
    async with watching(shop, STATUS, {"id": placed["id"], "after": first["cursor"]}) as watcher:
        present = await watcher.next("orderStatusChanged")
        assert (present["cursor"], present["order"]["status"], present["event"]) == (first["cursor"], "CANCELED", None)
        missed = await watcher.next("orderStatusChanged")
        assert (missed["cursor"], missed["event"]["type"]) == (then["cursor"], "ORDER_CANCELED")
    async with watching(shop, STATUS, {"id": text_id(IdKind.ORDER, new_uuid())}) as watcher:
        assert await watcher.refusal() == "NOT_FOUND"


SHIPMENTS = "subscription ($after: Cursor) { shipmentEvents(after: $after) { type subjectId order { id } } }"
WORK = "query ($id: ID!) { node(id: $id) { ... on Order { fulfillmentOrders { id } } } }"
SHIP = """
mutation ($input: ShipmentCreateInput!) { shipmentCreate(input: $input) { shipment { packages { id } } userErrors { code } } }
"""
REPORT = "mutation ($input: TrackingEventReportInput!) { trackingEventReport(input: $input) { userErrors { code } } }"


async def test_where_packages_are_moves_an_order_and_is_watched(shop: Shop) -> None:
    placed = await order(shop)
    (work,) = (await shop.ask(WORK, id=placed["id"]))["node"]["fulfillmentOrders"]
    async with watching(shop, SHIPMENTS) as shipments, watching(shop, STATUS, {"id": placed["id"]}) as status:
        assert (await status.next("orderStatusChanged"))["event"] is None
        leaves = {"idempotencyKey": uuid4().hex, "fulfillmentOrderId": work["id"], "trackingNumber": uuid4().hex}
        made = (await shop.ask(SHIP, input=leaves))["shipmentCreate"]
        (package,) = made["shipment"]["packages"]
        scan = {"status": "IN_TRANSIT", "occurredAt": shop.work.clock().isoformat()}
        given = {"idempotencyKey": uuid4().hex, "packageId": package["id"], "events": [scan]}
        assert (await shop.ask(REPORT, input=given))["trackingEventReport"]["userErrors"] == []
        told = [await shipments.next("shipmentEvents") for _ in range(2)]
        assert [each["type"] for each in told] == ["SHIPMENT_CREATED", "PACKAGE_TRACKED"]
        assert {each["order"]["id"] for each in told} == {placed["id"]}
        moves = [(await status.next("orderStatusChanged"))["event"]["type"] for _ in range(2)]
        assert moves == ["SHIPMENT_CREATED", "PACKAGE_TRACKED"]
    async with watching(shop, SHIPMENTS, scopes=frozenset({Scope.ORDERS_READ})) as blind:
        assert await blind.refusal() == "MISSING_SCOPE"


async def test_a_filter_lets_through_what_it_names(shop: Shop) -> None:
    other = await shop.given.channel(locations=(shop.first,))
    other_id = text_id(IdKind.CHANNEL, other.id)
    async with (
        watching(shop, ALL_EVENTS, {"where": {"channelId": {"eq": other_id}, "type": {"in": ["ORDER_PLACED"]}}}) as mine,
        watching(shop, ALL_EVENTS, {"where": {"type": {"eq": "ORDER_CANCELED"}}}) as none,
        watching(shop, ALL_EVENTS, {"where": {"orderId": {"eq": other_id}}}) as wrong,
    ):
        assert await wrong.refusal() == "INVALID_ID"
        await order(shop)
        placed = await order(shop, channelId=other_id)
        assert (await mine.next("events"))["subjectId"] == placed["id"]
        await mine.quiet(0.3)
        await none.quiet(0.3)


async def test_a_filter_holds_back_what_it_excludes(shop: Shop) -> None:
    other = await shop.given.channel(locations=(shop.first,))
    other_id = text_id(IdKind.CHANNEL, other.id)
    placed_ones = {"type": {"eq": "ORDER_PLACED"}}
    cases: list[dict[str, Any]] = [
        {**placed_ones, "channelId": {"ne": other_id}},
        {"AND": [placed_ones], "NOT": [{"channelId": {"in": [other_id]}}]},
        {**placed_ones, "orderId": {"isNull": False}, "OR": [{"channelId": {"notIn": [other_id]}}, {"type": {"isNull": True}}]},
    ]
    async with AsyncExitStack() as stack:
        watchers = [await stack.enter_async_context(watching(shop, ALL_EVENTS, {"where": where})) for where in cases]
        await order(shop, channelId=other_id)
        placed = await order(shop)
        for watcher in watchers:
            assert (await watcher.next("events"))["subjectId"] == placed["id"]
            await watcher.quiet(0.3)
    nested = {"where": {"OR": [{"locationId": {"in": [other_id]}}]}}
    async with watching(shop, ALL_EVENTS, nested) as watcher:
        assert await watcher.refusal() == "INVALID_ID"


async def test_a_limited_key_hears_of_its_channel_only(shop: Shop) -> None:
    other = await shop.given.channel(locations=(shop.first,))
    async with watching(shop, EVENTS, channels={other.id}) as watcher:
        foreign = await order(shop)
        placed = await order(shop, channelId=text_id(IdKind.CHANNEL, other.id))
        assert (await watcher.next("orderEvents"))["order"]["id"] == placed["id"]
        await watcher.quiet(0.3)
    async with watching(shop, STATUS, {"id": foreign["id"]}, channels={other.id}) as watcher:
        assert await watcher.refusal() == "NOT_FOUND"


async def test_a_key_limited_to_a_supplier_hears_of_its_records_only(shop: Shop) -> None:
    watched = """subscription ($after: Cursor) { events(after: $after) { cursor type subject { id
        ... on PurchaseOrder { supplier { code } } ... on SupplierSku { preferred } } } }"""
    mine, theirs = await Buyer.open(shop.work), await Buyer.open(shop.work)

    async def trade(*buyers: Buyer) -> None:
        sku = await shop.given.sku()
        for buyer in buyers:
            await buyer.supplied(sku, preferred=True)
            written = (await buyer.write(bought(sku))).value
            await buyer.rewrite(written.id, changes={"note": "Soon"})
            await buyer.submit(written.id)
            await buyer.confirm(written.id)
            await buyer.receive(written.id)
            await buyer.close(written.id)
            await buyer.cancel((await buyer.order(bought(sku))).id)
        await order(shop)

    heard = [
        "SUPPLIER_SKU_CHANGED", "PURCHASE_ORDER_CREATED", "PURCHASE_ORDER_CHANGED", "PURCHASE_ORDER_SUBMITTED",
        "PURCHASE_ORDER_CONFIRMED", "PURCHASE_ORDER_RECEIVED", "PURCHASE_ORDER_CLOSED", "PURCHASE_ORDER_CREATED",
        "PURCHASE_ORDER_SUBMITTED", "PURCHASE_ORDER_CANCELED", "SUPPLIER_SKU_CHANGED",
    ]  # fmt: skip
    limits: dict[str, Any] = {"suppliers": frozenset({mine.supplier.id}), "scopes": OF_SUPPLIERS}
    async with watching(shop, watched, **limits) as watcher:
        await trade(mine, theirs)
        events = [await watcher.next("events") for _ in heard]
        await watcher.quiet()
    assert [event["type"] for event in events] == heard
    of = {event["subject"]["supplier"]["code"] for event in events if "supplier" in event["subject"]}
    assert (of, events[-1]["subject"]["preferred"]) == ({mine.supplier.code}, False)
    async with watching(shop, watched, {"after": events[0]["cursor"]}, **limits) as watcher:
        assert [await watcher.next("events") for _ in heard[1:]] == events[1:]
        await watcher.quiet()
    async with watching(
        shop, watched, {"after": events[0]["cursor"]}, suppliers=frozenset({new_uuid()}), scopes=OF_SUPPLIERS
    ) as watcher:
        await trade(theirs)
        await watcher.quiet()


async def test_returns_are_watched_by_themselves(shop: Shop) -> None:
    watched = """subscription ($where: EventFilterInput) { returnEvents(where: $where) {
        type changes { field before after } subject { id ... on Return { status } } order { returnStatus } } }"""
    trading = Trading(shop.work, shop.channel, (shop.first, shop.second))
    only_canceled = {"where": {"type": {"in": ["RETURN_CANCELED", "ORDER_PLACED"]}}}
    async with watching(shop, watched) as watcher, watching(shop, watched, only_canceled) as selective:
        sold = await trading.sent(goods("WATCHED", 2))
        (only,) = await trading.lines(sold.id)
        back = (await trading.return_(sold.id, (only.id, 1))).value
        subject = {"id": text_id(IdKind.RETURN, back.id), "status": "APPROVED"}
        told = await watcher.next("returnEvents")
        assert (told["type"], told["subject"], told["order"]) == ("RETURN_CREATED", subject, {"returnStatus": "IN_PROGRESS"})
        assert {"field": "return.status", "before": None, "after": "APPROVED"} in told["changes"]
        await trading.take_back(back.id)
        assert (await watcher.next("returnEvents"))["type"] == "RETURN_RECEIVED"
        other = (await trading.return_(sold.id, (only.id, 1))).value
        await trading.cancel_return(other.id)
        assert [(await watcher.next("returnEvents"))["type"] for _ in range(2)] == ["RETURN_CREATED", "RETURN_CANCELED"]
        assert (await selective.next("returnEvents"))["type"] == "RETURN_CANCELED"
        await watcher.quiet(0.3)
        await selective.quiet(0.3)
    async with watching(shop, watched, scopes=frozenset({Scope.ORDERS_READ, Scope.EVENTS_READ})) as watcher:
        assert await watcher.refusal() == "MISSING_SCOPE"


async def test_stock_is_watched_by_itself(shop: Shop) -> None:
    watched = """subscription ($where: EventFilterInput) { inventoryEvents(where: $where) {
        type subject { id } changes { field before after } } }"""
    corrections = {"where": {"type": {"in": ["INVENTORY_ADJUSTED", "ORDER_PLACED"]}}}
    sku = await shop.given.sku("WATCHED-STOCK")
    async with watching(shop, watched, corrections) as watcher:
        await order(shop)
        await shop.given.adjust(sku.id, shop.first.id, 3)
        told = await watcher.next("inventoryEvents")
        assert told["type"] == "INVENTORY_ADJUSTED"
        assert told["subject"]["id"].startswith("adj_")
        await watcher.quiet(0.3)
    async with watching(shop, watched, scopes=frozenset({Scope.ORDERS_READ, Scope.EVENTS_READ})) as watcher:
        assert await watcher.refusal() == "MISSING_SCOPE"


LEVELS = """subscription ($where: EventFilterInput, $after: Cursor) { inventoryEvents(where: $where, after: $after) {
    cursor type channelId orderId channel { code } order { id } changes { field before after }
    subject { ... on InventoryLevel { available committed sku { code } location { code } } } } }"""


async def test_levels_are_told_as_they_change_to_keys_that_may_read_them(shop: Shop, database: Database) -> None:
    (watched, code), other = await sku_of(shop), await shop.given.channel(locations=(shop.first,))
    where = {"skuId": {"eq": watched}, "type": {"in": ["INVENTORY_LEVEL_CHANGED", "CHANNEL_AVAILABILITY_CHANGED"]}}
    here, elsewhere = ({**where, "locationId": {"eq": text_id(IdKind.LOCATION, at)}} for at in (shop.first.id, new_uuid()))
    async with (
        watching(shop, LEVELS, {"where": here}, locations={shop.first.id}) as mine,
        watching(shop, LEVELS, {"where": where}, channels={other.id}) as of_channel,
        watching(shop, LEVELS, {"where": elsewhere}) as foreign,
        working(database.app_url, shop.work, SUBSCRIBERS),
    ):
        await shop.given.adjust(parse_id(SkuId, watched), shop.first.id, 5)
        told = await mine.next("inventoryEvents")
        assert told["type"] == "INVENTORY_LEVEL_CHANGED"
        assert told["changes"] == [{"field": name, "before": "0", "after": "5"} for name in ("onHand", "available")]
        level = {"available": 5, "committed": 0, "sku": {"code": code}, "location": {"code": shop.first.code}}
        assert (told["subject"], told["channelId"], told["channel"], told["order"]) == (level, None, None, None)
        seen = {event["type"]: event for event in [await of_channel.next("inventoryEvents") for _ in range(2)]}
        assert seen["INVENTORY_LEVEL_CHANGED"]["changes"] == told["changes"]
        available = seen["CHANNEL_AVAILABILITY_CHANGED"]
        assert (available["channelId"], available["channel"]) == (text_id(IdKind.CHANNEL, other.id), {"code": other.code})
        await shop.placed(line(code), externalRef=uuid4().hex)
        told = await mine.next("inventoryEvents")
        assert told["changes"] == [
            {"field": "available", "before": "5", "after": "4"}, {"field": "committed", "before": "0", "after": "1"},
        ]  # fmt: skip
        await foreign.quiet(0.3)
    async with watching(shop, LEVELS, {"where": here, "after": told["cursor"]}) as watcher:
        await watcher.quiet(0.3)


async def sku_of(shop: Shop) -> tuple[str, str]:
    """Return the id and the code of a new SKU."""
    sku = await shop.given.sku()
    return text_id(IdKind.SKU, sku.id), sku.code


async def test_a_key_limited_to_a_channel_hears_of_its_own_correction(shop: Shop) -> None:
    other, sku = await shop.given.channel(locations=(shop.first,)), await shop.given.sku()
    corrections = {"where": {"type": {"eq": "INVENTORY_ADJUSTED"}}}
    async with watching(shop, LEVELS, corrections, channels={other.id}) as watcher:
        await shop.given.adjust(sku.id, shop.first.id, 3)
        assert (await watcher.next("inventoryEvents"))["type"] == "INVENTORY_ADJUSTED"


async def test_a_damaged_or_foreign_cursor_is_an_error(shop: Shop) -> None:
    async with watching(shop, EVENTS) as watcher:
        await order(shop)
        cursor = (await watcher.next("orderEvents"))["cursor"]
    page = await shop.ask("{ orders(first: 1) { pageInfo { endCursor } } }")
    flipped = ("A" if cursor[0] != "A" else "B") + cursor[1:]
    for wrong in (flipped, cursor[:-1], "", "x", page["orders"]["pageInfo"]["endCursor"]):
        async with watching(shop, EVENTS, {"after": wrong}) as watcher:
            assert await watcher.refusal() == "INVALID_CURSOR"


async def test_subscriptions_need_their_scope(shop: Shop) -> None:
    for query, scope in ((EVENTS, Scope.EVENTS_READ), (ALL_EVENTS, Scope.ORDERS_READ)):
        async with watching(shop, query, scopes=frozenset({scope})) as watcher:
            assert await watcher.refusal() == "MISSING_SCOPE"


async def test_a_revoked_key_ends_its_subscription_within_five_seconds(shop: Shop) -> None:
    key = await shop.served.key()
    async with connect(shop.served.socket_address, subprotocols=[Subprotocol("graphql-transport-ws")]) as ws:
        await ws.send(json.dumps({"type": "connection_init", "payload": {"authorization": f"Bearer {key.text}"}}))
        await ws.recv()
        await ws.send(json.dumps({"id": "1", "type": "subscribe", "payload": {"query": EVENTS}}))
        await shop.served.revoke(key)
        start = monotonic()
        async with asyncio.timeout(10):
            with suppress(ConnectionClosed):
                while await ws.recv():
                    pass
        assert monotonic() - start < 5
        assert ws.close_code == 4403


async def test_server_sent_events_resume_as_well(shop: Shop) -> None:
    placed: list[str] = []
    seen: list[str] = []
    cursor: str | None = None
    for _ in range(2):
        async with streamed(shop, EVENTS, {"after": cursor}) as lines:
            placed.append((await order(shop))["externalRef"])
            while len(seen) < len(placed):
                event = await next_event(lines)
                seen.append(event["data"]["orderEvents"]["order"]["externalRef"])
                cursor = event["data"]["orderEvents"]["cursor"]
        placed.append((await order(shop))["externalRef"])
    async with streamed(shop, EVENTS, {"after": cursor}) as lines:
        seen.append((await next_event(lines))["data"]["orderEvents"]["order"]["externalRef"])
    assert seen == placed


@asynccontextmanager
async def streamed(shop: Shop, query: str, variables: dict[str, Any]) -> AsyncIterator[AsyncIterator[str]]:
    body = {"query": query, "variables": variables}
    async with shop.client.stream("POST", "/graphql", json=body, headers={"accept": "text/event-stream"}) as answer:
        await asyncio.sleep(0.3)
        yield answer.aiter_lines()


async def next_event(lines: AsyncIterator[str]) -> Any:
    async with asyncio.timeout(10):
        async for text in lines:
            if text.startswith("data:") and len(text) > len("data: "):
                return orjson.loads(text[5:])
    raise httpx.RemoteProtocolError("the stream ended")


async def test_the_progress_of_a_check_is_watched_to_its_end(shop: Shop) -> None:
    start = """mutation ($key: String!) { systemCheck(input: {idempotencyKey: $key}) {
        replayed userErrors { code } job { id status } } }"""
    key = uuid4().hex
    job = (await shop.ask(start, key=key))["systemCheck"]["job"]
    again = (await shop.ask(start, key=key))["systemCheck"]
    assert (again["replayed"], again["job"]["id"]) == (True, job["id"])
    progress = "subscription ($id: ID!) { jobProgress(id: $id) { status done total errors { message } } }"
    statuses = []
    async with watching(shop, progress, {"id": job["id"]}) as watcher, working(shop.database.app_url, shop.work, SUBSCRIBERS):
        while (message := await watcher.heard())["type"] == "next":
            statuses.append(message["payload"]["data"]["jobProgress"])
        assert message["type"] == "complete"
    assert statuses[-1]["status"] == "COMPLETED", statuses
    assert statuses[-1]["errors"] == []
    async with watching(shop, progress, {"id": job["id"]}, client="another", scopes=frozenset({Scope.EVENTS_READ})) as watcher:
        assert await watcher.refusal() == "NOT_FOUND"


async def test_a_supplier_watches_its_requests_alone(shop: Shop) -> None:
    watched = (
        "subscription { requestEvents { type changes { field } fulfillmentRequest { status lines { nodes { remaining } } } } }"
    )
    mine, theirs = await Desk.open(shop.work), await Desk.open(shop.work)
    scopes = frozenset({Scope.REQUESTS_READ})
    keys = [
        {"locations": frozenset({each.location.id}), "suppliers": frozenset({each.supplier.id}), "scopes": scopes}
        for each in (mine, theirs)
    ]
    async with watching(shop, watched, None, **keys[0]) as watcher, watching(shop, watched, None, **keys[1]) as stranger:
        channel = await shop.given.channel(locations=(mine.location,))
        trading = Trading(shop.work, channel, (mine.location,))
        sold = await trading.place(goods(await trading.stocked(5), 2))
        request = await mine.asked(sold.id)
        told = await watcher.next("requestEvents")
        shown = {"status": "SUBMITTED", "lines": {"nodes": [{"remaining": 2}]}}
        assert (told["type"], told["fulfillmentRequest"]) == ("FULFILLMENT_REQUEST_SUBMITTED", shown)
        await mine.accept(request.id)
        assert (await watcher.next("requestEvents"))["changes"] == [{"field": "fulfillmentRequest.status"}]
        await watcher.quiet(0.3)
        await stranger.quiet(0.3)
