"""Packages before they leave: packed, changed, unpacked, shipped, and kept from whoever wants their units."""

from uuid import uuid4

import pytest

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.catalog.tables import SkuRow
from oms_api.domain.fulfillment.errors import FulfillmentOrderNotOpen, UnitsPacked
from oms_api.domain.fulfillment.tables import FulfillmentOrderRow
from oms_api.domain.packing.commands.upsert_box import BoxChanges, UpsertBox, upsert_box
from oms_api.domain.packing.errors import BoxElsewhere, ExceedsUnpacked, NothingLeftToPack, TooHeavyForBox
from oms_api.domain.packing.tables import BoxRow
from oms_api.domain.shipping.errors import PackageNotWaiting, PackagesApart
from oms_api.domain.shipping.states import PackageStatus, ShipmentStatus
from oms_api.kernel.errors import InvalidValue, OmsError, Refused
from oms_api.kernel.ids import FulfillmentOrderId, LineId, LocationId
from oms_api.workflows.change_package import UpdatePackage, update_package
from oms_api.workflows.reject_work import RejectWork, reject_work
from oms_api.workflows.start_fulfillment import FulfillmentToChange, put_back_fulfillment
from tests.factories.given import SYSTEM, Given
from tests.factories.trading import Shop, findings, line

SMALL: BoxChanges = {"inner_length_mm": 200, "inner_width_mm": 150, "inner_height_mm": 100, "tare_g": 50, "max_weight_g": 2_000}


async def box(work: UnitOfWork, location: LocationId, code: str = "S", **changes: object) -> BoxRow:
    command = UpsertBox(idempotency_key=uuid4().hex, location_id=location, code=code, changes={**SMALL, **changes})  # type: ignore[typeddict-item]
    return await work.execute(SYSTEM, upsert_box, command)


async def mugs(work: UnitOfWork, shop: Shop, units: int) -> SkuRow:
    sku = await Given(work).sku(weight_g=300, length_mm=100, width_mm=90, height_mm=90)
    await Given(work).adjust(sku.id, shop.locations[0].id, 100)
    assert units <= 100
    return sku


async def wanted(work: UnitOfWork, units: int = 5) -> tuple[Shop, FulfillmentOrderRow, LineId]:
    """Return a shop with work of one line of so many mugs."""
    shop = await Shop.open(work)
    order = await shop.place(line(await mugs(work, shop, units), units))
    (todo,), (first,) = await shop.works(order.id), await shop.lines(order.id)
    return shop, todo, first.id


def causes(caught: pytest.ExceptionInfo[OmsError]) -> list[tuple[str, tuple[str, ...]]]:
    return [(error.code, error.field) for error in caught.value.causes]


async def test_packed_units_leave_with_their_packages_in_one_shipment(work: UnitOfWork) -> None:
    shop, todo, first = await wanted(work)
    packages = await shop.pack(todo.id, [(first, 2)], [(first, 2)], weight_g=700)
    (begun,) = await shop.works(todo.order_id)
    (part,) = await shop.work_lines(todo.id)
    assert (begun.status, part.packed, [each.weight_g for each in packages]) == ("IN_PROGRESS", 4, [700, 700])
    shipment = await shop.ship_packages(*[each.id for each in packages])
    (part,), left = await shop.work_lines(todo.id), await shop.packages_of(todo.id)
    assert (part.packed, part.shipped, shipment.status) == (0, 4, ShipmentStatus.SHIPPED)
    assert {(each.status, each.shipment_id) for each in left} == {(PackageStatus.SHIPPED, shipment.id)}
    await shop.ship(todo.id)
    assert await findings(work) == []


async def test_nothing_takes_units_that_are_packed(work: UnitOfWork) -> None:
    shop, todo, first = await wanted(work)
    (package,) = await shop.pack(todo.id, [(first, 4)])
    given = FulfillmentToChange(idempotency_key="", fulfillment_order_id=todo.id)
    with pytest.raises(UnitsPacked):
        await work.execute(SYSTEM, put_back_fulfillment, given)
    with pytest.raises(UnitsPacked) as caught:
        await shop.ship(todo.id)
    assert caught.value.packed == 4
    damaged = RejectWork(idempotency_key="", fulfillment_order_id=todo.id, reason_code="DAMAGED")
    with pytest.raises(UnitsPacked):
        await work.execute(SYSTEM, reject_work, damaged)
    with pytest.raises(Refused) as refused:
        await shop.pack(todo.id, [(first, 2)])
    assert causes(refused) == [(ExceedsUnpacked.code, ("packages", "0", "lines", "0", "quantity"))]
    await shop.ship(todo.id, (first, 1))
    with pytest.raises(NothingLeftToPack):
        await shop.pack(todo.id)
    assert (await shop.void(package.id)).status is PackageStatus.VOIDED
    await shop.ship(todo.id)
    assert await findings(work) == []


async def test_what_is_wrong_with_packages_is_told_with_its_path(work: UnitOfWork) -> None:
    shop, todo, first = await wanted(work)
    there = await Given(work).location()
    elsewhere, small = await box(work, there.id), await box(work, shop.locations[0].id, max_weight_g=1_000)
    for wrong, expected in (
        ({"weight_g": 0}, ("INVALID_VALUE", ("packages", "0", "weightG"))),
        ({"length_mm": 0}, ("INVALID_VALUE", ("packages", "0", "lengthMm"))),
        ({"box_id": elsewhere.id}, (BoxElsewhere.code, ("packages", "0", "boxId"))),
        ({"box_id": todo.id}, ("NOT_FOUND", ("packages", "0", "boxId"))),
        ({"box_id": small.id}, (TooHeavyForBox.code, ("packages", "0", "weightG"))),
    ):
        with pytest.raises(Refused) as caught:
            await shop.pack(todo.id, [(first, 4)], **wrong)
        assert causes(caught) == [expected]
    with pytest.raises(Refused) as caught:
        await shop.pack(todo.id, [(first, 3)], [(first, 3)])
    assert causes(caught) == [(ExceedsUnpacked.code, ("packages", "1", "lines", "0", "quantity"))]
    assert await shop.packages_of(todo.id) == []


async def test_a_package_follows_its_box_and_is_changed_only_before_it_leaves(work: UnitOfWork) -> None:
    shop, todo, first = await wanted(work)
    small = await box(work, shop.locations[0].id)
    (package,) = await shop.pack(todo.id, [(first, 2)], box_id=small.id)
    assert (package.length_mm, package.weight_g) == (200, 650)
    change = UpdatePackage(idempotency_key="", package_id=package.id, changes={"box_id": None, "weight_g": 640})
    changed = await work.execute(SYSTEM, update_package, change)
    assert (changed.box_id, changed.length_mm, changed.weight_g, changed.version) == (None, None, 640, 2)
    assert (await work.execute(SYSTEM, update_package, change)).version == 2
    await shop.ship_packages(package.id, carrier="Post", tracking_number="42")
    (gone,) = await shop.packages_of(todo.id)
    assert (gone.carrier, gone.tracking_number, gone.version) == ("Post", "42", 3)
    with pytest.raises(PackageNotWaiting):
        await work.execute(SYSTEM, update_package, change)
    with pytest.raises(PackageNotWaiting):
        await shop.void(package.id)
    with pytest.raises(Refused) as caught:
        await shop.ship_packages(package.id)
    assert causes(caught) == [(PackageNotWaiting.code, ("packageIds", "0"))]


async def test_packages_of_two_fulfillment_orders_do_not_leave_together(work: UnitOfWork) -> None:
    shop, todo, first = await wanted(work)
    (one,) = await shop.pack(todo.id, [(first, 2)])
    order = await shop.place(line(await mugs(work, shop, 1), 1))
    (other,) = await shop.works(order.id)
    (two,) = await shop.pack(other.id)
    with pytest.raises(Refused) as caught:
        await shop.ship_packages(one.id, two.id, one.id)
    assert causes(caught) == [("INVALID_VALUE", ("packageIds", "2"))]
    with pytest.raises(Refused) as caught:
        await shop.ship_packages(one.id, two.id)
    assert causes(caught) == [(PackagesApart.code, ("packageIds", "1"))]
    with pytest.raises(Refused):
        await shop.ship_packages(one.id, tracking_number="\n" * 300)
    await shop.ship_packages(two.id)
    with pytest.raises(FulfillmentOrderNotOpen):
        await shop.pack(other.id)


async def test_without_packages_it_is_packed_as_suggested(work: UnitOfWork) -> None:
    shop, todo, _ = await wanted(work)
    small = await box(work, shop.locations[0].id, max_weight_g=1_000)
    packages = await shop.pack(todo.id)
    assert [(each.box_id, each.weight_g) for each in packages] == [(small.id, 650), (small.id, 650), (small.id, 350)]
    await shop.ship_packages(*[each.id for each in packages])
    assert await findings(work) == []


async def test_a_box_is_made_and_changed_by_its_code(work: UnitOfWork) -> None:
    there = await Given(work).location()
    made = await box(work, there.id)
    with pytest.raises(InvalidValue):
        await box(work, there.id, tare_g=3_000)
    with pytest.raises(Refused):
        await box(work, there.id, inner_length_mm=0)
    command = UpsertBox(idempotency_key="", location_id=there.id, code="NEW", changes={})
    with pytest.raises(Refused) as caught:
        await work.execute(SYSTEM, upsert_box, command)
    assert [field for _, field in causes(caught)] == [("innerLengthMm",), ("innerWidthMm",), ("innerHeightMm",)]
    changed = await box(work, there.id, name="Small")
    assert (changed.id, changed.name, changed.version) == (made.id, "Small", 2)


async def test_a_fulfillment_order_that_is_nowhere_is_not_packed(work: UnitOfWork) -> None:
    shop, todo, first = await wanted(work, 1)
    with pytest.raises(OmsError) as caught:
        await shop.pack(FulfillmentOrderId(uuid4()), [(first, 1)])
    assert caught.value.code == "NOT_FOUND"
    assert todo.status == "OPEN"
