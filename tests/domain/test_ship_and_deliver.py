from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.catalog.states import SkuKind
from oms_api.domain.fulfillment.errors import FulfillmentOrderNotOpen
from oms_api.domain.orders.errors import OrderOnHold
from oms_api.domain.orders.states import FulfillmentStatus, OrderStatus
from oms_api.domain.returns.queries import returns_by_id
from oms_api.domain.shipping.errors import AlreadyDelivered
from oms_api.domain.shipping.queries import shipment_by_id
from oms_api.kernel.access import Scope
from oms_api.kernel.errors import IdempotencyKeyReused, MissingScope, NotFound, OccurredTooEarly, Refused, VersionConflict
from oms_api.kernel.ids import FulfillmentOrderId, LineId, ShipmentId, new_uuid
from tests.factories.asking import counted_statements
from tests.factories.given import SYSTEM, Given
from tests.factories.holding import hold
from tests.factories.trading import Shop, fee, findings, line


@pytest.fixture
async def shop(work: UnitOfWork) -> Shop:
    return await Shop.open(work, locations=2)


async def refused(shop: Shop, work_id: FulfillmentOrderId, *lines: tuple[LineId, int], **more: Any) -> list[tuple[str, str]]:
    with pytest.raises(Refused) as caught:
        await shop.ship(work_id, *lines, **more)
    return [(error.code, ".".join(error.field)) for error in caught.value.causes]


async def test_an_order_ships_from_both_locations_and_is_completed_when_all_arrived(shop: Shop, work: UnitOfWork) -> None:
    sku = await shop.stocked(3, 4)
    order = await shop.place(line(sku, 5), fee())
    first, second = await shop.works(order.id)
    one = (await shop.ship(first.id, carrier="Royal Mail", tracking_number="RM1")).value
    assert (await shop.order(order.id)).fulfillment_status is FulfillmentStatus.PARTIALLY_SHIPPED
    assert await shop.stock(sku) == (0, 0)
    assert await shop.stock(sku, 1) == (2, 2)
    two = (await shop.ship(second.id)).value
    assert (await shop.order(order.id)).fulfillment_status is FulfillmentStatus.SHIPPED
    assert {each.status for each in await shop.works(order.id)} == {"CLOSED"}
    arrived = (await shop.deliver(one.id)).value
    assert (arrived.status, arrived.delivered_at is not None) == ("DELIVERED", True)
    now = await shop.order(order.id)
    assert (now.status, now.fulfillment_status) == (OrderStatus.OPEN, FulfillmentStatus.PARTIALLY_DELIVERED)
    await shop.deliver(two.id)
    now = await shop.order(order.id)
    assert (now.status, now.fulfillment_status, now.version) == (OrderStatus.COMPLETED, FulfillmentStatus.DELIVERED, 5)
    assert now.completed_at is not None
    assert await findings(work) == []


async def test_versions_rise_with_whatever_changes(shop: Shop, work: UnitOfWork) -> None:
    sku = await shop.stocked(9)
    order = await shop.place(line(sku, 5))
    (todo,), (shirts,) = await shop.works(order.id), await shop.lines(order.id)

    async def versions() -> tuple[int, int]:
        (now,) = await shop.works(order.id)
        return (await shop.order(order.id)).version, now.version

    assert await versions() == (1, 1)
    await shop.start(todo.id)
    assert await versions() == (2, 2), "the status of the order follows"
    await shop.ship(todo.id, (shirts.id, 2))
    assert await versions() == (3, 3), "the work goes on"
    shipment = (await shop.ship(todo.id)).value
    assert await versions() == (4, 4), "the work is closed"
    await shop.deliver(shipment.id)
    assert await versions() == (5, 4)
    with pytest.raises(VersionConflict):
        await shop.cancel(order.id, expected_version=4)
    assert await findings(work) == []


async def test_what_is_answered_is_what_is_written(shop: Shop, work: UnitOfWork) -> None:
    sku = await shop.stocked(9)
    order = await shop.place(line(sku, 5))
    (todo,), (shirts,) = await shop.works(order.id), await shop.lines(order.id)
    shipment = (await shop.ship(todo.id)).value
    async with work.reads(SYSTEM) as read:
        assert shipment == await shipment_by_id(read, shipment.id)
    delivered = (await shop.deliver(shipment.id)).value
    async with work.reads(SYSTEM) as read:
        assert delivered == await shipment_by_id(read, shipment.id)
    back = (await shop.return_(order.id, (shirts.id, 2))).value
    async with work.reads(SYSTEM) as read:
        assert back == await returns_by_id.known(read, back.id)
    received = (await shop.take_back(back.id)).value
    async with work.reads(SYSTEM) as read:
        assert received == await returns_by_id.known(read, back.id)


async def test_a_part_ships_and_the_rest_later(shop: Shop, work: UnitOfWork) -> None:
    sku, other = await shop.stocked(9), await shop.stocked(9)
    order = await shop.place(line(sku, 5), line(other, 2))
    (todo,), (shirts, hats) = await shop.works(order.id), await shop.lines(order.id)
    await shop.ship(todo.id, (shirts.id, 2), (hats.id, 2))
    assert [(each.shipped, each.quantity) for each in await shop.work_lines(todo.id)] == [(2, 5), (2, 2)]
    assert await refused(shop, todo.id, (shirts.id, 4), (hats.id, 1)) == [
        ("EXCEEDS_REMAINING", "lines.0.quantity"),
        ("EXCEEDS_REMAINING", "lines.1.quantity"),
    ]
    await shop.ship(todo.id)
    with pytest.raises(FulfillmentOrderNotOpen):
        await shop.ship(todo.id)
    assert await findings(work) == []


async def test_a_bundle_shows_the_whole_sets_that_shipped(shop: Shop, work: UnitOfWork) -> None:
    cup, spoon = await shop.stocked(10), await shop.stocked(20)
    bundle = await Given(work).sku(kind=SkuKind.BUNDLE, components={cup.code: 1, spoon.code: 2})
    order = await shop.place(line(bundle, 3))
    (todo,), (_, *parts) = await shop.works(order.id), await shop.lines(order.id)
    cups, spoons = (next(each for each in parts if each.sku_id == sku.id) for sku in (cup, spoon))
    shipments = [(await shop.ship(todo.id, (cups.id, 2), (spoons.id, 3))).value]
    parent, *_ = await shop.lines(order.id)
    assert (parent.shipped, parent.in_fulfillment) == (1, 2)
    shipments.append((await shop.ship(todo.id)).value)
    for shipment in shipments:
        await shop.deliver(shipment.id)
    parent, *_ = await shop.lines(order.id)
    assert (parent.shipped, parent.delivered) == (3, 3)
    assert (await shop.order(order.id)).status is OrderStatus.COMPLETED
    assert await findings(work) == []


async def test_every_refusal_has_its_code_and_changes_nothing(shop: Shop) -> None:
    sku = await shop.stocked(5)
    order = await shop.place(line(sku, 2))
    (todo,), (only,) = await shop.works(order.id), await shop.lines(order.id)
    before = await shop.order(order.id)
    assert await refused(shop, todo.id, (only.id, 1), (only.id, 1), (LineId(new_uuid()), 1)) == [
        ("LINE_TWICE", "lines.1.lineId"),
        ("NOT_FOUND", "lines.2.lineId"),
    ]
    for quantity in (0, -1, 2**31):
        assert await refused(shop, todo.id, (only.id, quantity)) == [("INVALID_QUANTITY", "lines.0.quantity")]
    assert await refused(shop, todo.id, carrier="", tracking_number="x" * 256, tracking_url="javascript:alert()") == [
        ("INVALID_VALUE", "carrier"),
        ("INVALID_VALUE", "trackingNumber"),
        ("INVALID_VALUE", "trackingUrl"),
    ]
    with pytest.raises(NotFound):
        await shop.ship(FulfillmentOrderId(new_uuid()))
    with pytest.raises(OccurredTooEarly):
        await shop.ship(todo.id, occurred_at=before.placed_at - timedelta(seconds=1))
    assert await shop.order(order.id) == before
    assert await shop.stock(sku) == (3, 2)


async def test_a_caller_ships_and_delivers_only_within_its_limits(shop: Shop) -> None:
    sku = await shop.stocked(5)
    order = await shop.place(line(sku, 2))
    (todo,) = await shop.works(order.id)
    shipment = (await shop.ship(todo.id, ((await shop.lines(order.id))[0].id, 1))).value
    for limits in ({"channels": frozenset({new_uuid()})}, {"locations": frozenset({shop.locations[1].id})}):
        foreign = replace(shop, principal=replace(SYSTEM, **limits))
        with pytest.raises(NotFound):
            await foreign.ship(todo.id)
        with pytest.raises(NotFound):
            await foreign.deliver(shipment.id)
    no_import = replace(shop, principal=replace(SYSTEM, scopes=SYSTEM.scopes - {Scope.ORDERS_IMPORT}))
    with pytest.raises(MissingScope):
        await no_import.ship(todo.id, occurred_at=datetime.now(UTC))
    with pytest.raises(MissingScope):
        await no_import.deliver(shipment.id, occurred_at=datetime.now(UTC))


async def test_nothing_ships_while_the_order_is_on_hold(shop: Shop) -> None:
    sku = await shop.stocked(5)
    order = await shop.place(line(sku, 2))
    (todo,) = await shop.works(order.id)
    await hold(shop.work, order.id)
    with pytest.raises(OrderOnHold):
        await shop.ship(todo.id)
    assert await shop.stock(sku) == (3, 2)


async def test_each_key_ships_and_delivers_once(shop: Shop, work: UnitOfWork) -> None:
    sku = await shop.stocked(5)
    order = await shop.place(line(sku, 4))
    (todo,), (only,) = await shop.works(order.id), await shop.lines(order.id)
    one = await shop.ship(todo.id, (only.id, 1), key="once")
    two = await shop.ship(todo.id, (only.id, 1), key="once")
    assert (one.replayed, two.replayed, one.value.id == two.value.id) == (False, True, True)
    with pytest.raises(IdempotencyKeyReused):
        await shop.ship(todo.id, (only.id, 2), key="once")
    assert not (await shop.deliver(one.value.id, key="there")).replayed
    assert (await shop.deliver(one.value.id, key="there")).replayed
    with pytest.raises(AlreadyDelivered):
        await shop.deliver(one.value.id, key="there again")
    with pytest.raises(OccurredTooEarly):
        await shop.deliver(one.value.id, occurred_at=one.value.shipped_at - timedelta(seconds=1))
    with pytest.raises(NotFound):
        await shop.deliver(ShipmentId(new_uuid()))
    assert (await shop.lines(order.id))[0].delivered == 1
    assert await findings(work) == []


async def test_an_imported_order_has_the_times_it_was_told(shop: Shop, work: UnitOfWork) -> None:
    sku = await shop.stocked(5)
    placed = datetime(2026, 1, 1, 12, tzinfo=UTC)
    order = await shop.place(line(sku, 1), at=placed)
    (todo,) = await shop.works(order.id)
    shipment = (await shop.ship(todo.id, occurred_at=placed + timedelta(hours=1))).value
    await shop.deliver(shipment.id, occurred_at=placed + timedelta(days=2))
    now = await shop.order(order.id)
    assert now.completed_at == placed + timedelta(days=2)
    assert (await shop.works(order.id))[0].closed_at == placed + timedelta(hours=1)
    assert await findings(work) == []


async def test_the_number_of_statements_does_not_grow_with_the_lines(shop: Shop) -> None:
    counts = []
    for lines in (1, 30):
        skus = [await shop.stocked(2) for _ in range(lines)]
        order = await shop.place(*(line(sku, 2) for sku in skus))
        (todo,) = await shop.works(order.id)
        with counted_statements() as sent:
            shipment = (await shop.ship(todo.id)).value
            await shop.deliver(shipment.id)
        counts.append(len(sent))
    assert counts[0] == counts[1]


async def test_versions_of_shipments_and_packages_rise_with_each_move(shop: Shop) -> None:
    order = await shop.sent(line(await shop.stocked(5), 2), delivered=False)
    (parcel,) = await shop.packages(order.id)

    async def versions() -> tuple[int, int]:
        assert parcel.shipment_id is not None
        async with shop.work.reads(SYSTEM) as read:
            shipment = await shipment_by_id(read, parcel.shipment_id)
        (package,) = await shop.packages(order.id)
        return shipment.version, package.version

    shipment = (await shop.mark_lost(parcel.id)).value
    assert (shipment.version, *await versions()) == (2, 2, 2)
    shipment = await shop.mark_found(parcel.id)
    assert (shipment.version, *await versions()) == (3, 3, 3)
    with pytest.raises(VersionConflict):
        await shop.deliver(shipment.id, expected_version=2)
    shipment = (await shop.deliver(shipment.id, expected_version=3)).value
    assert (shipment.version, *await versions()) == (4, 4, 4)
