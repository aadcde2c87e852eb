"""Who packs, picks, ships and undoes the same goods at the same moment: each unit goes one way."""

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.orders.states import CanceledStock
from oms_api.domain.picking.errors import LineConfirmed, NothingToPick
from tests.factories.picking import Round
from tests.factories.racing import outcomes, race
from tests.factories.trading import Shop, line

TURNS = 6


async def test_two_packers_pack_each_unit_once(many: UnitOfWork) -> None:
    shop = await Shop.open(many)
    sku = await shop.stocked(100)
    for _ in range(TURNS):
        order = await shop.place(line(sku, 5))
        (todo,), (part,) = await shop.works(order.id), await shop.lines(order.id)
        found = await outcomes([lambda: shop.pack(todo.id, [(part.id, 3)])] * 2)  # noqa: B023 - raced at once
        assert sorted(found) == ["EXCEEDS_UNPACKED", "done"]
        assert (await shop.work_lines(todo.id))[0].packed == 3


async def test_packing_and_a_cancellation_come_one_after_the_other(many: UnitOfWork) -> None:
    shop = await Shop.open(many)
    sku = await shop.stocked(100)
    for _ in range(TURNS):
        order = await shop.place(line(sku, 2))
        (todo,), (part,) = await shop.works(order.id), await shop.lines(order.id)
        packed, canceled = await outcomes(
            [
                lambda: shop.pack(todo.id, [(part.id, 2)]),  # noqa: B023
                lambda: shop.cancel(order.id, (part.id, 2), stock=CanceledStock.NOT_FOUND),  # noqa: B023
            ]
        )
        assert (packed, canceled) in {("done", "UNITS_PACKED"), ("FULFILLMENT_ORDER_NOT_OPEN", "done")}


async def test_a_package_is_shipped_or_unpacked(many: UnitOfWork) -> None:
    shop = await Shop.open(many)
    sku = await shop.stocked(100)
    for _ in range(TURNS):
        order = await shop.place(line(sku, 2))
        (todo,) = await shop.works(order.id)
        (package,) = await shop.pack(todo.id)
        found = await outcomes(
            [lambda: shop.ship_packages(package.id), lambda: shop.void(package.id), lambda: shop.ship_packages(package.id)]  # noqa: B023
        )
        assert sorted(found) == ["PACKAGE_NOT_WAITING", "PACKAGE_NOT_WAITING", "done"]


async def test_a_shipment_is_canceled_lost_or_delivered(many: UnitOfWork) -> None:
    shop = await Shop.open(many)
    sku = await shop.stocked(100)
    for _ in range(TURNS):
        order = await shop.sent(line(sku, 2), delivered=False)
        (package,) = await shop.packages(order.id)
        shipment = package.shipment_id
        assert shipment is not None
        canceled, lost, delivered = await outcomes(
            [
                lambda: shop.cancel_shipment(shipment),  # noqa: B023
                lambda: shop.mark_lost(package.id),  # noqa: B023
                lambda: shop.deliver(shipment),  # noqa: B023
            ]
        )
        assert {canceled, lost, delivered} <= {"done", "ILLEGAL_MOVE", "ALREADY_DELIVERED"}
        (first,) = await shop.lines(order.id)
        if canceled == "done":
            assert (lost, delivered, first.in_fulfillment) == ("ILLEGAL_MOVE", "ILLEGAL_MOVE", 2)
        else:
            assert (delivered, first.delivered) == ("done", 2)


async def test_a_line_of_a_batch_is_confirmed_once(many: UnitOfWork) -> None:
    shop = await Shop.open(many)
    sku, rounds = await shop.stocked(100), Round(shop)
    for _ in range(TURNS):
        order = await shop.place(line(sku, 3))
        (todo,) = await shop.works(order.id)
        batch, (wanted,) = await rounds.begin(todo.id)
        found = await race(
            [
                lambda: rounds.confirm(batch.id, (wanted.id, 3)),  # noqa: B023
                lambda: rounds.confirm(batch.id, (wanted.id, 1, "DAMAGED")),  # noqa: B023
            ]
        )
        assert found["done"] == 1
        assert set(found) <= {"done", LineConfirmed.code, "ILLEGAL_MOVE"}


async def test_work_is_picked_in_one_batch(many: UnitOfWork) -> None:
    shop = await Shop.open(many)
    sku, rounds = await shop.stocked(100), Round(shop)
    works = [(await shop.works((await shop.place(line(sku, 1))).id))[0].id for _ in range(6)]
    found = await race([lambda: rounds.begin(*works), lambda: rounds.begin(*works[::-1]), lambda: rounds.begin(*works[2:])])
    assert found["done"] >= 1
    assert set(found) <= {"done", NothingToPick.code}
