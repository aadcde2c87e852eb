"""What is told of parcels on their way: alerts, promises and links."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.parcels.states import TrackingStatus
from oms_api.domain.tracking.links import token_of
from oms_api.kernel.access import VISITOR, Scope
from oms_api.kernel.ids import IdKind, OrderId, text_id
from tests.factories.asking import SECRETS, Ask, refusals
from tests.factories.carriage import ordered
from tests.factories.database import Database
from tests.factories.feed import relay_all
from tests.factories.fetching import Store
from tests.factories.given import SYSTEM
from tests.factories.tower import Tower
from tests.factories.trading import Shop, line

SETTINGS = """
mutation ($input: ChannelUpdateInput!) {
  channelUpdate(input: $input) {
    channel { alertUnscannedAfterHours alertQuietAfterDays } userErrors { code field }
  }
}
"""


@pytest.fixture
async def shop(work: UnitOfWork) -> Shop:
    return await Shop.open(work)


async def test_a_channel_says_after_how_long_parcels_raise_alerts(shop: Shop, work: UnitOfWork) -> None:
    ask, key = Ask(work, SYSTEM), text_id(IdKind.CHANNEL, shop.channel.id)
    assert (shop.channel.alert_unscanned_after_hours, shop.channel.alert_quiet_after_days) == (24, 3)
    given = {"id": key, "alertUnscannedAfterHours": None, "alertQuietAfterDays": 5}
    changed = (await ask(SETTINGS, input=given))["channelUpdate"]
    assert changed["channel"] == {"alertUnscannedAfterHours": None, "alertQuietAfterDays": 5}
    wrong = {"id": key, "alertUnscannedAfterHours": 721, "alertQuietAfterDays": 0}
    assert refusals((await ask(SETTINGS, input=wrong))["channelUpdate"]) == [
        ("INVALID_VALUE", ["alertUnscannedAfterHours"]), ("INVALID_VALUE", ["alertQuietAfterDays"]),
    ]  # fmt: skip


ALERTS = """
query ($where: ShipmentAlertFilterInput, $first: Int, $orderBy: ShipmentAlertOrder! = RAISED_AT_DESC) {
  shipmentAlerts(where: $where, first: $first, orderBy: $orderBy) {
    nodes { id kind carrier raisedAt resolvedAt package { trackingNumber } order { id } channel { id } location { id } }
  }
}
"""
PACKAGE = """
query ($id: ID!) { node(id: $id) { ... on Package { promisedOn expectedOn alerts { kind resolvedAt } } } }
"""
TOLD = "query ($id: ID!) { node(id: $id) { ... on Order { timeline(first: 50) { nodes { text } } } } }"
ACCURACY = """
query ($range: DateRange!, $by: [PromiseLaneKey!], $where: PromiseAccuracyFilterInput) {
  promiseAccuracy(range: $range, by: $by, where: $where) {
    lanes { week location { code } country carrier service counts { packages onTheirWay } }
    hasMoreLanes total { packages delivered onTime lateOneDay overdue shareOnTime }
  }
}
"""


async def test_packages_that_need_somebody_are_listed_and_told(work: UnitOfWork, database: Database) -> None:
    tower, ask = await Tower.open(work, database), Ask(work, SYSTEM)
    first, second = await tower.sent(), await tower.sent()
    await tower.told(first, TrackingStatus.RETURN_TO_SENDER)
    await tower.told(second, TrackingStatus.FAILURE)
    await tower.look()
    await tower.told(second, TrackingStatus.DELIVERED)
    await tower.look()
    await relay_all(database.owner_url)
    channel = {"channelId": {"eq": text_id(IdKind.CHANNEL, tower.shop.channel.id)}}

    async def listed(**where: Any) -> list[str]:
        return [each["kind"] for each in (await ask(ALERTS, where={**channel, **where}))["shipmentAlerts"]["nodes"]]

    assert await listed() == ["RETURNING"]
    assert await listed(open=False) == ["FAILED_ATTEMPT"]
    assert sorted(await listed(open=None)) == ["FAILED_ATTEMPT", "RETURNING"]
    assert await listed(kind={"in": ["LOST", "RETURNING"]}) == ["RETURNING"]
    assert await listed(carrier={"eq": "Van"}, packageId={"eq": text_id(IdKind.PACKAGE, first.id)}) == ["RETURNING"]
    assert await listed(locationId={"ne": text_id(IdKind.LOCATION, tower.shop.locations[0].id)}) == []
    (alert,) = (await ask(ALERTS, where=channel))["shipmentAlerts"]["nodes"]
    assert (alert["package"]["trackingNumber"], alert["resolvedAt"]) == (first.tracking_number, None)
    assert alert["order"]["id"] == text_id(IdKind.ORDER, first.order_id)
    package = (await ask(PACKAGE, id=text_id(IdKind.PACKAGE, second.id)))["node"]
    assert [each["kind"] for each in package["alerts"]] == ["FAILED_ATTEMPT"]
    assert package["promisedOn"] is not None
    assert package["promisedOn"] == package["expectedOn"]
    told = (await ask(TOLD, id=alert["order"]["id"]))["node"]["timeline"]["nodes"]
    assert f"Parcel Van {first.tracking_number} is on its way back." in [each["text"] for each in told]
    nobody = Ask(work, replace(SYSTEM, channels=frozenset()))
    assert (await nobody(ALERTS, where={"open": None}))["shipmentAlerts"]["nodes"] == []
    (error,) = await Ask(work, replace(SYSTEM, scopes=frozenset({Scope.ORDERS_READ}))).errors(ALERTS)
    assert error["extensions"]["code"] == "MISSING_SCOPE"


async def test_how_promises_were_kept_is_asked_by_lane(work: UnitOfWork, database: Database) -> None:
    tower, ask = await Tower.open(work, database), Ask(work, SYSTEM)
    on_its_way, arrived = await tower.sent(), await tower.sent()
    await tower.told(arrived, TrackingStatus.DELIVERED)
    await tower.look()
    today = datetime.now(UTC).date()
    days = {"from": str(today - timedelta(days=2)), "before": str(today + timedelta(days=2))}
    where = {"channelId": text_id(IdKind.CHANNEL, tower.shop.channel.id), "carrier": "Van", "country": "GB"}
    report = (await ask(ACCURACY, range=days, where=where))["promiseAccuracy"]
    (lane,) = report["lanes"]
    assert (lane["country"], lane["carrier"], lane["service"]) == ("GB", "Van", None)
    assert lane["location"]["code"] == tower.shop.locations[0].code
    assert lane["counts"] == {"packages": 2, "onTheirWay": 1}
    assert report["total"] == {
        "packages": 2, "delivered": 1, "onTime": 1, "lateOneDay": 0, "overdue": 0, "shareOnTime": "1.0000",
    }  # fmt: skip
    assert on_its_way.order_id != arrived.order_id
    assert (await ask(ACCURACY, range=days, by=[], where=where))["promiseAccuracy"]["lanes"] == []
    (error,) = await ask.errors(ACCURACY, range={**days, "before": days["from"]})
    assert (error["extensions"]["code"], error["extensions"]["field"]) == ("INVALID_VALUE", ["range"])


TRACKED = """
query ($token: String!) { orderTracking(token: $token) {
  status expectedOn packages { status } pickups { status collectBy location { name address { line1 name phone } } }
} }
"""


async def tracked(ask: Ask, order: OrderId) -> dict[str, Any]:
    """Return what the customer of an order is told."""
    token = token_of(SECRETS, order, ask.work.clock() + timedelta(days=1))
    return dict((await ask(TRACKED, token=token))["orderTracking"])


async def test_a_customer_is_told_how_far_an_order_is(work: UnitOfWork, database: Database) -> None:
    tower, ask = await Tower.open(work, database), Ask(work, VISITOR)
    order = await ordered(tower.shop)
    placed = await tracked(ask, order.id)
    assert (placed["status"], placed["expectedOn"]) == ("PLACED", None)
    await tower.look()
    awaited = await tracked(ask, order.id)
    assert (awaited["status"], awaited["expectedOn"] is not None) == ("PLACED", True)
    (todo,) = await tower.shop.works(order.id)
    await tower.shop.start(todo.id)
    assert (await tracked(ask, order.id))["status"] == "PREPARING"
    await tower.shop.ship(todo.id)
    (package,) = await tower.shop.packages(order.id)
    await tower.look()
    (package,) = await tower.shop.packages(order.id)
    left = await tracked(ask, order.id)
    assert (left["status"], left["expectedOn"], left["packages"]) == (
        "SHIPPED", str(package.expected_on), [{"status": "IN_TRANSIT"}],
    )  # fmt: skip
    for told, status in ((TrackingStatus.FAILURE, "SHIPPED"), (TrackingStatus.DELIVERED, "DELIVERED")):
        await tower.told(package, told)
        now = await tracked(ask, order.id)
        assert (now["status"], now["packages"]) == (status, [{"status": told.value}])
    assert now["expectedOn"] is None
    canceled = await ordered(tower.shop)
    await tower.shop.cancel(canceled.id)
    assert await tracked(ask, canceled.id) == {"status": "CANCELED", "expectedOn": None, "packages": [], "pickups": []}


async def test_a_customer_is_told_where_goods_wait_and_not_by_which_code(work: UnitOfWork) -> None:
    store, ask = await Store.open(work), Ask(work, VISITOR)
    todo = await store.ordered(line(await store.shop.stocked(9), 2))
    pickup = await store.ready(todo.id)
    waiting = await tracked(ask, todo.order_id)
    assert (waiting["status"], waiting["packages"]) == ("READY_FOR_PICKUP", [])
    (shown,) = waiting["pickups"]
    assert (shown["status"], shown["collectBy"]) == ("READY", str(pickup.collect_by))
    assert shown["location"]["name"] == store.shop.locations[0].name
    assert pickup.code is not None
    assert pickup.code not in str(waiting)
    await store.hand_over(pickup.id, pickup.code)
    fetched = await tracked(ask, todo.order_id)
    assert (fetched["status"], fetched["packages"]) == ("DELIVERED", [])
    assert [each["status"] for each in fetched["pickups"]] == ["HANDED_OVER"]
