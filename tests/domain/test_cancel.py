from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.catalog.states import SkuKind
from oms_api.domain.orders.errors import AlreadyShipped, BundleComponent, NotCancelable, PickingBegan
from oms_api.domain.orders.states import CanceledStock, CancelReason, FulfillmentStatus, LineKind, OrderStatus
from oms_api.kernel.access import Scope
from oms_api.kernel.errors import (
    IdempotencyKeyReused,
    IllegalMove,
    InvalidQuantity,
    InvalidValue,
    LineTwice,
    MissingScope,
    NotFound,
    OccurredTooEarly,
    Refused,
    VersionConflict,
)
from oms_api.kernel.ids import OrderId, new_uuid
from tests.factories.database import Database
from tests.factories.given import SYSTEM, Given
from tests.factories.keeping import Keeper
from tests.factories.lots import Pantry, lot
from tests.factories.trading import Shop, by_hand, fee, findings, line


@pytest.fixture
async def shop(work: UnitOfWork) -> Shop:
    return await Shop.open(work, locations=2)


async def refused(shop: Shop, order, *lines, **more) -> list[tuple[str, str]]:  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN002, ANN003
    with pytest.raises(Refused) as caught:
        await shop.cancel(order, *lines, **more)
    return [(error.code, ".".join(error.field)) for error in caught.value.causes]


async def test_a_whole_order_is_canceled_and_its_stock_is_free_again(shop: Shop, work: UnitOfWork) -> None:
    sku = await shop.stocked(3, 2)
    order = await shop.place(line(sku, 5), fee(), fee(LineKind.SERVICE))
    assert await shop.stock(sku) == (0, 3)
    done = await shop.cancel(order.id)
    now = await shop.order(order.id)
    assert (now.status, now.fulfillment_status, now.version) == (OrderStatus.CANCELED, FulfillmentStatus.NOT_REQUIRED, 2)
    assert now.canceled_at is not None
    assert done.value == now
    assert [(each.canceled, each.shipped) for each in await shop.lines(order.id)] == [(5, 0), (1, 0), (1, 0)]
    assert await shop.stock(sku) == (3, 0)
    assert await shop.stock(sku, 1) == (2, 0)
    assert {each.status for each in await shop.works(order.id)} == {"CLOSED"}
    assert await findings(work) == []


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ({}, (5, 0, 0, 0)),
        ({"stock": CanceledStock.RELEASE, "reason": CancelReason.INVENTORY}, (5, 0, 0, 0)),
        ({"reason": CancelReason.INVENTORY}, (3, 0, 2, 0)),
        ({"stock": CanceledStock.INSPECT}, (3, 0, 2, 0)),
        ({"stock": CanceledStock.NOT_FOUND}, (3, 0, 0, 0)),
        ({"stock": CanceledStock.DAMAGED}, (3, 0, 0, 2)),
    ],
)
async def test_units_that_are_canceled_lie_where_it_is_said(
    shop: Shop, work: UnitOfWork, said: dict[str, Any], left: tuple[int, ...]
) -> None:
    sku = await shop.stocked(5)
    order = await shop.place(line(sku, 2))
    await shop.cancel(order.id, **said)
    level = await Given(work).level(sku.id, shop.locations[0].id)
    assert (level.free, level.committed, level.quality_control, level.damaged) == left
    assert await findings(work) == []


async def test_a_short_pick_takes_what_is_not_there_out_of_hands_and_out_of_stock(shop: Shop, work: UnitOfWork) -> None:
    sku = await shop.stocked(3)
    order = await shop.place(line(sku, 3))
    (only,), (todo,) = await shop.lines(order.id), await shop.works(order.id)
    await shop.start(todo.id)
    assert await refused(shop, order.id, (only.id, 1)) == [("NOT_CANCELABLE", "lines.0.quantity")]
    await shop.cancel(order.id, (only.id, 1), stock=CanceledStock.NOT_FOUND)
    assert await shop.stock(sku) == (0, 2)
    await shop.ship(todo.id)
    assert await shop.stock(sku) == (0, 0)
    assert await findings(work) == []


async def test_what_is_not_found_was_promised_and_not_waited_for(shop: Shop, work: UnitOfWork) -> None:
    sku = await shop.stocked(3)
    order = await shop.place(line(sku, 3))
    (only,) = await shop.lines(order.id)
    await Keeper(work, shop.locations[0]).adjust(sku, -1)
    await shop.cancel(order.id, (only.id, 1), stock=CanceledStock.NOT_FOUND)
    (now,) = await shop.lines(order.id)
    assert (now.unsourced, now.in_fulfillment, now.canceled) == (1, 1, 1)
    assert await shop.stock(sku) == (0, 1)
    assert await findings(work) == []


async def test_units_of_lots_are_not_found_as_they_are_missed(shop: Shop, work: UnitOfWork) -> None:
    pantry = Pantry(shop)
    milk = await pantry.goods((1, None), (3, lot("M1", 5)))
    order = await shop.place(line(milk, 2))
    await shop.cancel(order.id, stock=CanceledStock.NOT_FOUND)
    assert await pantry.held(milk) == {"M1": 2}
    assert await findings(work) == []


async def test_quantities_are_canceled_from_the_location_that_was_asked_last(shop: Shop, work: UnitOfWork) -> None:
    sku = await shop.stocked(3, 2)
    order = await shop.place(line(sku, 5))
    (only,) = await shop.lines(order.id)
    await shop.cancel(order.id, (only.id, 3))
    now = await shop.order(order.id)
    assert (now.status, now.fulfillment_status, now.version) == (OrderStatus.OPEN, FulfillmentStatus.ALLOCATED, 2)
    assert await shop.stock(sku) == (1, 2)
    assert await shop.stock(sku, 1) == (2, 0)
    assert [each.status for each in await shop.works(order.id)] == ["OPEN", "CLOSED"]
    await shop.cancel(order.id, (only.id, 2))
    assert (await shop.order(order.id)).status is OrderStatus.CANCELED
    assert await findings(work) == []


async def test_what_is_left_after_a_cancellation_can_complete_the_order(shop: Shop, work: UnitOfWork) -> None:
    sku = await shop.stocked(5)
    order = await shop.place(line(sku, 5))
    (only,), (todo,) = await shop.lines(order.id), await shop.works(order.id)
    shipment = (await shop.ship(todo.id, (only.id, 2))).value
    await shop.deliver(shipment.id)
    with pytest.raises(AlreadyShipped) as caught:
        await shop.cancel(order.id)
    assert caught.value.shipped == 2
    assert await refused(shop, order.id, (only.id, 4)) == [("NOT_CANCELABLE", "lines.0.quantity")]
    await shop.cancel(order.id, (only.id, 3))
    now = await shop.order(order.id)
    assert (now.status, now.fulfillment_status) == (OrderStatus.COMPLETED, FulfillmentStatus.DELIVERED)
    assert await shop.stock(sku) == (3, 0)
    assert await findings(work) == []


async def test_a_bundle_is_canceled_in_whole_sets_and_its_components_follow(shop: Shop, work: UnitOfWork) -> None:
    given = Given(work)
    cup, spoon = await shop.stocked(10), await shop.stocked(20)
    bundle = await given.sku(kind=SkuKind.BUNDLE, components={cup.code: 1, spoon.code: 2})
    order = await shop.place(line(bundle, 4))
    parent, *parts = await shop.lines(order.id)
    (todo,) = await shop.works(order.id)
    spoons = next(each for each in parts if each.sku_id == spoon.id)
    assert await refused(shop, order.id, (spoons.id, 2)) == [(BundleComponent.code, "lines.0.lineId")]
    await shop.ship(todo.id, (spoons.id, 3))
    assert await refused(shop, order.id, (parent.id, 3)) == [(NotCancelable.code, "lines.0.quantity")]
    await shop.cancel(order.id, (parent.id, 2))
    assert {(each.ordered, each.canceled) for each in await shop.lines(order.id)} == {(4, 2), (8, 4)}
    await shop.ship(todo.id)
    parent, *_ = await shop.lines(order.id)
    assert (parent.canceled, parent.shipped, parent.in_fulfillment) == (2, 2, 0)
    assert await findings(work) == []


async def test_gift_cards_that_were_handed_over_keep_an_order_from_being_canceled(shop: Shop, work: UnitOfWork) -> None:
    card = await Given(work).sku(kind=SkuKind.GIFT_CARD)
    goods = await shop.stocked(1)
    order = await shop.place(line(card), line(goods))
    with pytest.raises(AlreadyShipped):
        await shop.cancel(order.id)
    assert await shop.stock(goods) == (0, 1)
    assert await findings(work) == []


async def test_every_refusal_has_its_code_and_changes_nothing(shop: Shop) -> None:
    sku = await shop.stocked(5)
    order = await shop.place(line(sku, 2))
    (only,) = await shop.lines(order.id)
    before = await shop.order(order.id)
    twice = [(only.id, 1), (only.id, 1), (new_uuid(), 1)]
    assert await refused(shop, order.id, *twice) == [(LineTwice.code, "lines.1.lineId"), ("NOT_FOUND", "lines.2.lineId")]
    for quantity in (0, -1, 2**31):
        assert await refused(shop, order.id, (only.id, quantity)) == [(InvalidQuantity.code, "lines.0.quantity")]
    early, late = before.placed_at - timedelta(seconds=1), datetime.now(UTC) + timedelta(days=1)
    for error, more in (
        (VersionConflict, {"expected_version": 7}),
        (OccurredTooEarly, {"occurred_at": early}),
        (InvalidValue, {"occurred_at": late}),
    ):
        with pytest.raises(error):
            await shop.cancel(order.id, **more)
    with pytest.raises(NotFound):
        await shop.cancel(OrderId(new_uuid()))
    assert await shop.order(order.id) == before
    assert await shop.stock(sku) == (3, 2)


async def test_a_caller_sees_only_orders_within_its_limits(shop: Shop) -> None:
    sku = await shop.stocked(5)
    order = await shop.place(line(sku, 2))
    for limits in ({"channels": frozenset({new_uuid()})}, {"locations": frozenset({new_uuid()})}):
        with pytest.raises(NotFound):
            await replace(shop, principal=replace(SYSTEM, **limits)).cancel(order.id)  # type: ignore[arg-type]
    no_import = replace(SYSTEM, scopes=SYSTEM.scopes - {Scope.ORDERS_IMPORT})
    with pytest.raises(MissingScope):
        await replace(shop, principal=no_import).cancel(order.id, occurred_at=datetime.now(UTC))
    assert await shop.stock(sku) == (3, 2)


async def test_the_same_key_cancels_once(shop: Shop) -> None:
    sku = await shop.stocked(5)
    order = await shop.place(line(sku, 4))
    (only,) = await shop.lines(order.id)
    assert not (await shop.cancel(order.id, (only.id, 1), key="again")).replayed
    again = await shop.cancel(order.id, (only.id, 1), key="again")
    assert again.replayed
    assert again.value.version == 2
    assert await shop.stock(sku) == (2, 3)
    with pytest.raises(IdempotencyKeyReused):
        await shop.cancel(order.id, (only.id, 2), key="again")
    await shop.cancel(order.id)
    with pytest.raises(IllegalMove):
        await shop.cancel(order.id)


async def test_units_being_picked_are_not_canceled(shop: Shop, database: Database) -> None:
    sku = await shop.stocked(5)
    order = await shop.place(line(sku, 4))
    (only,) = await shop.lines(order.id)
    by_hand(database.admin_url, f"UPDATE fulfillment_order SET status = 'IN_PROGRESS' WHERE order_id = '{order.id}'")
    with pytest.raises(PickingBegan):
        await shop.cancel(order.id)
    assert await refused(shop, order.id, (only.id, 1)) == [(NotCancelable.code, "lines.0.quantity")]
    by_hand(database.admin_url, f"UPDATE fulfillment_order SET status = 'OPEN' WHERE order_id = '{order.id}'")
