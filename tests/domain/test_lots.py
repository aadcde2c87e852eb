"""Lots: what comes with a code and a day leaves first expired first out, and never after that day to a customer."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oms_api.db.session import Tx
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.catalog.references import SkuRef
from oms_api.domain.catalog.states import SkuKind
from oms_api.domain.catalog.tables import SkuRow
from oms_api.domain.inventory.commands.adjust import Change
from oms_api.domain.inventory.ledger import post
from oms_api.domain.inventory.lots.commands.update import UpdateLot, update_lot
from oms_api.domain.inventory.lots.given import AttributeOfLot, LotGiven
from oms_api.domain.inventory.moves import Move
from oms_api.domain.inventory.states import Account, CauseKind, MovementKind, OnShortfall
from oms_api.domain.inventory.transfers.states import TransferResolution
from oms_api.domain.purchasing.states import ReceiptBucket, RejectReason
from oms_api.domain.returns.receiving import ReturnLineToReceive
from oms_api.domain.returns.states import Disposition
from oms_api.kernel.errors import Busy, OmsError, Refused
from oms_api.kernel.ids import LineId, OrderId, PurchaseOrderLineId, ReturnId, new_uuid
from tests.factories.asking import counted_statements
from tests.factories.counting import Shelf
from tests.factories.given import SYSTEM, Given
from tests.factories.keeping import Keeper
from tests.factories.lots import Pantry, in_days, lot
from tests.factories.moving import Road
from tests.factories.purchasing import Buyer, came
from tests.factories.purchasing import line as ordered
from tests.factories.trading import Shop, findings, line

SHIP, FOUND, NOT_FOUND = MovementKind.SHIP, MovementKind.FOUND, MovementKind.NOT_FOUND


@pytest.fixture
async def pantry(work: UnitOfWork) -> Pantry:
    return Pantry(await Shop.open(work, locations=2))


async def refused(doing: Any) -> list[tuple[str, str]]:
    with pytest.raises(OmsError) as caught:
        await doing
    return [(error.code, ".".join(error.field)) for error in caught.value.causes]


async def test_a_shipment_takes_the_lots_that_expire_first_then_units_of_no_lot(pantry: Pantry, work: UnitOfWork) -> None:
    milk = await pantry.goods((4, None), (5, lot("late", 20)), (2, lot("never")), (3, lot("soon", 3)))
    await pantry.shop.ship(await pantry.ordered(milk, 4))
    assert await pantry.moved(milk, SHIP) == [("soon", 3), ("late", 1)]
    await pantry.shop.ship(await pantry.ordered(milk, 9))
    assert await pantry.moved(milk, SHIP) == [("soon", 3), ("late", 1), ("late", 4), ("never", 2), (None, 3)]
    assert await pantry.held(milk) == {None: 1}
    numbers = [movement.sequence for movement in await pantry.movements(milk, *MovementKind)]
    assert numbers == list(range(1, len(numbers) + 1))
    assert await findings(work) == []


async def test_lines_of_one_sku_share_its_lots_and_parts_ship_one_after_the_other(pantry: Pantry, work: UnitOfWork) -> None:
    milk, bread = await pantry.goods((4, lot("A", 3)), (9, lot("B", 5))), await pantry.goods((7, None))
    order = await pantry.shop.place(line(milk, 3), line(bread, 2), line(milk, 5))
    (todo,), (first, _, second) = await pantry.shop.works(order.id), await pantry.shop.lines(order.id)
    await pantry.shop.ship(todo.id, (second.id, 2))
    assert await pantry.moved(milk, SHIP) == [("A", 2)]
    await pantry.shop.ship(todo.id, (first.id, 3), (second.id, 1))
    assert await pantry.held(milk) == {"B": 7}
    await pantry.shop.ship(todo.id)
    assert await pantry.moved(bread, SHIP) == [(None, 2)]
    assert await pantry.held(milk) == {"B": 5}
    assert await findings(work) == []


async def test_what_has_expired_is_never_shipped_and_its_line_is_named(pantry: Pantry, work: UnitOfWork) -> None:
    milk, bread = await pantry.goods((3, lot("old", 2)), (2, lot("good", 9))), await pantry.goods((5, lot("loaf", 2)))
    order = await pantry.shop.place(line(bread, 1), line(milk, 4))
    await pantry.spoil(milk, "old")
    (todo,), (loaves, bottles) = await pantry.shop.works(order.id), await pantry.shop.lines(order.id)
    assert await refused(pantry.shop.ship(todo.id)) == [("LOT_EXPIRED", "fulfillmentOrderId")]
    two = pantry.shop.ship(todo.id, (loaves.id, 1), (bottles.id, 3))
    assert await refused(two) == [("LOT_EXPIRED", "lines.1.quantity")]
    assert await pantry.moved(milk, SHIP) == []
    assert await pantry.moved(bread, SHIP) == []
    await pantry.shop.ship(todo.id, (loaves.id, 1), (bottles.id, 2))
    assert await pantry.moved(milk, SHIP) == [("good", 2)]
    with pytest.raises(Refused) as told:
        await pantry.shop.ship(todo.id)
    message = f"Only 0 of 2 units can be shipped: the others have expired, those of lot 'old' on {in_days(-2)}."
    assert [error.message for error in told.value.errors] == [message]
    assert await findings(work) == []


async def test_expired_units_taken_away_let_their_line_be_sourced_again(pantry: Pantry, work: UnitOfWork) -> None:
    milk = await pantry.goods((3, lot("old", 2)))
    order = await pantry.shop.place(line(milk, 3))
    await pantry.spoil(milk, "old")
    gone = (Change(SkuRef(id=milk.id), pantry.shop.locations[0].id, -3, lot("old")),)
    await Keeper(work, pantry.shop.locations[0]).adjust(milk, -3, changes=gone)
    await pantry.bring(milk, 5, lot("new", 30), location=1)
    await Keeper(work, pantry.shop.locations[1]).source(order.id)
    *_, todo = [each for each in await pantry.shop.works(order.id) if each.location_id == pantry.shop.locations[1].id]
    await pantry.shop.ship(todo.id)
    assert await pantry.moved(milk, SHIP) == [("new", 3)]
    assert await findings(work) == []


async def test_a_shipment_told_later_goes_by_the_day_on_which_it_left(pantry: Pantry) -> None:
    then = datetime.now(UTC) - timedelta(days=9)
    milk = await pantry.goods((3, lot("old", 4)))
    order = await pantry.shop.place(line(milk, 2), at=then)
    await pantry.spoil(milk, "old", -4)
    (todo,) = await pantry.shop.works(order.id)
    await pantry.shop.ship(todo.id, occurred_at=then)
    assert await pantry.moved(milk, SHIP) == [("old", 2)]


async def test_a_shipment_of_many_lots_takes_as_many_statements_as_one_of_few(pantry: Pantry) -> None:
    plain = [await pantry.goods((9, None)) for _ in range(2)]
    lots = [await pantry.goods((1, lot("A", 3)), (1, lot("B", 4)), (7, lot("C", 5))) for _ in range(12)]
    taken = []
    for skus in (plain[:1], plain, lots[:1], lots):
        order = await pantry.shop.place(*(line(sku, 4) for sku in skus))
        (todo,) = await pantry.shop.works(order.id)
        with counted_statements() as sent:
            await pantry.shop.ship(todo.id)
        taken.append(len(sent))
    assert taken[0] == taken[1]
    assert taken[2] == taken[3] == taken[0] + 2
    assert await pantry.moved(lots[-1], SHIP) == [("A", 1), ("B", 1), ("C", 2)]


async def test_units_of_no_lot_are_missed_first_then_what_expires_first(pantry: Pantry, work: UnitOfWork) -> None:
    milk = await pantry.goods((2, None), (3, lot("B", 9)), (3, lot("A", -2)))
    await pantry.bring(milk, -4)
    assert await pantry.moved(milk, NOT_FOUND) == [(None, 2), ("A", 2)]
    await Keeper(work, pantry.shop.locations[0]).set(milk, 3)
    assert await pantry.held(milk) == {"B": 3}
    await Keeper(work, pantry.shop.locations[0]).sync((milk, 2))
    shelf = Shelf(work, pantry.shop.locations[0])
    await shelf.post((await shelf.counted((milk, 1))).id)
    assert await pantry.held(milk) == {"B": 1}
    await Keeper(work, pantry.shop.locations[0]).set(milk, 6)
    assert await pantry.held(milk) == {"B": 1, None: 5}
    assert await findings(work) == []


async def test_units_set_aside_are_missed_with_their_lots(pantry: Pantry, work: UnitOfWork) -> None:
    milk, keeper = await pantry.goods((3, lot("A", 2)), (4, lot("B", 9))), Keeper(work, pantry.shop.locations[0])
    await keeper.move(milk, 2)
    assert await pantry.held(milk) == {"A": 3, "B": 4}
    await keeper.set(milk, 0)
    assert await pantry.held(milk) == {}
    assert sorted(await pantry.moved(milk, NOT_FOUND)) == [("A", 3), ("B", 2), ("B", 2)]
    assert await findings(work) == []


async def test_rows_of_one_level_and_lot_count_together_and_lots_are_given_to_what_had_none(
    pantry: Pantry, work: UnitOfWork
) -> None:
    milk = await pantry.goods((6, None))
    await pantry.shop.place(line(milk, 6))
    await pantry.adjust((milk, -5, None), (milk, 2, lot("A", 5)), (milk, 2, lot("B", 6)), (milk, 1, lot("A")))
    assert await pantry.held(milk) == {"A": 3, "B": 2, None: 1}
    assert (await pantry.lot(milk, "A")).expires_on == in_days(5)
    assert await pantry.moved(milk, FOUND, NOT_FOUND) == [(None, 6), (None, 5), ("A", 3), ("B", 2)]
    assert await refused(pantry.adjust((milk, 1, lot("A")), (milk, -1, lot("A")))) == [("ZERO_DELTA", "changes.1.delta")]
    assert await findings(work) == []


@pytest.mark.parametrize(
    ("rows", "errors"),
    [
        ([(-4, lot("A"))], [("LOT_SHORT", "changes.0.delta")]),
        ([(1, None), (-1, lot("none such"))], [("LOT_SHORT", "changes.1.delta")]),
        ([(9, lot("B")), (-2, lot("A")), (-2, lot("A"))], [("LOT_SHORT", "changes.2.delta")]),
        ([(1, lot("A", 9))], [("LOT_MISMATCH", "changes.0.lot.expiresOn")]),
        ([(1, lot("C", 6)), (1, lot("C", 7))], [("LOT_MISMATCH", "changes.1.lot.expiresOn")]),
        ([(1, lot("never", 6))], [("LOT_MISMATCH", "changes.0.lot.expiresOn")]),
        ([(1, lot(" A"))], [("INVALID_VALUE", "changes.0.lot.code")]),
        ([(1, lot(""))], [("INVALID_VALUE", "changes.0.lot.code")]),
        ([(1, lot("A\0"))], [("INVALID_VALUE", "changes.0.lot.code")]),
        ([(1, lot("x" * 256))], [("INVALID_VALUE", "changes.0.lot.code")]),
        ([(-8, None)], [("BELOW_ZERO", "changes.0.delta")]),
        (
            [(1, LotGiven("N", attributes=(AttributeOfLot("maker", "x"), AttributeOfLot("maker", "y"))))],
            [("INVALID_VALUE", "changes.0.lot.attributes.1.name")],
        ),
        ([(1, LotGiven("N", attributes=(AttributeOfLot(" ", "x"),)))], [("INVALID_VALUE", "changes.0.lot.attributes.0.name")]),
        (
            [(1, LotGiven("N", attributes=(AttributeOfLot("a", "x" * 2001),)))],
            [("INVALID_VALUE", "changes.0.lot.attributes.0.value")],
        ),
        (
            [(1, LotGiven("N", attributes=tuple(AttributeOfLot(f"a{n}", "x") for n in range(51))))],
            [("TOO_MANY_ITEMS", "changes.0.lot.attributes")],
        ),
    ],
)
async def test_what_is_wrong_with_a_lot_is_named_and_nothing_happens(
    pantry: Pantry, rows: list[tuple[int, LotGiven | None]], errors: list[tuple[str, str]]
) -> None:
    milk = await pantry.goods((3, lot("A", 5)), (3, lot("never")), (1, None))
    assert await refused(pantry.adjust(*((milk, units, given) for units, given in rows))) == errors
    assert await pantry.held(milk) == {"A": 3, "never": 3, None: 1}
    assert len(await pantry.movements(milk, *MovementKind)) == 3


async def test_lots_of_other_skus_may_have_the_same_code(pantry: Pantry, work: UnitOfWork) -> None:
    milk, bread = await pantry.goods((3, lot("A", 5))), await pantry.goods((4, lot("A", 7)))
    assert [(await pantry.lot(sku, "A")).expires_on for sku in (milk, bread)] == [in_days(5), in_days(7)]
    assert await findings(work) == []


async def test_a_lot_that_is_missed_takes_promises_with_it(pantry: Pantry, work: UnitOfWork) -> None:
    milk = await pantry.goods((3, lot("A", 5)), (3, lot("B", 6)))
    order = await pantry.shop.place(line(milk, 6))
    rows = ((milk, -2, lot("B")),)
    assert await refused(pantry.adjust(*rows)) == [("BELOW_ZERO", "changes.0.delta")]
    changes = (Change(SkuRef(id=milk.id), pantry.shop.locations[0].id, -2, lot("B")),)
    await Keeper(work, pantry.shop.locations[0]).adjust(milk, -2, changes=changes, on_shortfall=OnShortfall.DEALLOCATE)
    (bottles,) = await pantry.shop.lines(order.id)
    assert (bottles.unsourced, bottles.in_fulfillment) == (2, 4)
    assert await pantry.held(milk) == {"A": 3, "B": 1}
    assert await findings(work) == []


async def test_bought_goods_come_in_lots(work: UnitOfWork) -> None:
    buyer = await Buyer.open(work)
    pantry = Pantry(Shop(work, await Given(work).channel(locations=(buyer.location,)), (buyer.location,)))
    milk, salt = await buyer.supplied(), await buyer.supplied()
    order = await buyer.order(ordered(milk, 10), ordered(salt, 4))
    bottles, bags = await buyer.lines(order.id)
    parts = [
        came(bottles.id, 4, lot=LotGiven("A", in_days(9), (AttributeOfLot("farm", "Hill"),))),
        came(bottles.id, 3, lot=lot("B", 5)),
        came(bottles.id, 2, 1, reject_reason=RejectReason.DAMAGED),
        came(bags.id, 4),
    ]
    await buyer.receive(order.id, *parts)
    assert await pantry.held(milk) == {"A": 4, "B": 3, None: 2}
    assert await pantry.held(salt) == {None: 4}
    assert (await pantry.lot(milk, "A")).attributes == {"farm": "Hill"}
    assert [each.lot for each in await buyer.receipt_lines(order.id)] == ["A", "B", None, None]
    again = await buyer.order(ordered(milk, 10))
    (more,) = await buyer.lines(again.id)
    for rows, errors in (
        ([came(more.id, 1), came(more.id, 1, lot=lot("A", 8))], [("LOT_MISMATCH", "lines.1.lot.expiresOn")]),
        ([came(more.id, 1, lot=lot("A")), came(more.id, 1, lot=lot("A"))], [("LINE_TWICE", "lines.1.purchaseOrderLineId")]),
        ([came(more.id, 0, 1, reject_reason=RejectReason.EXPIRED, lot=lot("A"))], [("INVALID_VALUE", "lines.0.lot")]),
        ([came(more.id, 1, lot=lot("A ", 3))], [("INVALID_VALUE", "lines.0.lot.code")]),
        ([came(PurchaseOrderLineId(new_uuid()), 1, lot=lot("A", 3))], [("NOT_FOUND", "lines.0.purchaseOrderLineId")]),
    ):
        assert await refused(buyer.receive(again.id, *rows)) == errors
    await buyer.receive(
        again.id, came(more.id, 1, lot=lot("A")), came(more.id, 1, lot=lot("A", 9), bucket=ReceiptBucket.QUALITY_CONTROL)
    )
    assert await pantry.held(milk) == {"A": 6, "B": 3, None: 2}
    assert await findings(work) == []


async def back_for(pantry: Pantry, *lines: tuple[LineId, int], order: OrderId) -> ReturnId:
    return (await pantry.shop.return_(order, *lines)).value.id


async def test_goods_come_back_in_lots(pantry: Pantry, work: UnitOfWork) -> None:
    milk = await pantry.goods((9, lot("A", 9)))
    order = await pantry.shop.sent(line(milk, 6))
    (bottles,) = await pantry.shop.lines(order.id)
    back = await back_for(pantry, (bottles.id, 6), order=order.id)

    def row(units: int, given: LotGiven | None, disposition: Disposition = Disposition.RESTOCK) -> ReturnLineToReceive:
        return ReturnLineToReceive(line_id=bottles.id, quantity=units, disposition=disposition, lot=given)

    for rows, errors in (
        ((row(1, lot("A")), row(1, lot("A"))), [("LINE_TWICE", "lines.1.lineId")]),
        ((row(1, lot("B", 2)), row(1, lot("A", 2))), [("LOT_MISMATCH", "lines.1.lot.expiresOn")]),
        ((row(1, lot("")),), [("INVALID_VALUE", "lines.0.lot.code")]),
    ):
        assert await refused(pantry.shop.take_back(back, lines=rows)) == errors
    assert await pantry.held(milk) == {"A": 3}
    parts = (row(2, lot("A")), row(1, lot("B", 2)), row(1, lot("A"), Disposition.SCRAP), row(2, None, Disposition.INSPECT))
    await pantry.shop.take_back(back, lines=parts)
    assert await pantry.held(milk) == {"A": 5, "B": 1, None: 2}
    assert await pantry.moved(milk, MovementKind.SCRAP) == [("A", 1)]
    assert await findings(work) == []


async def test_a_bundle_comes_back_in_lots_by_its_components_only(pantry: Pantry, work: UnitOfWork) -> None:
    milk, bread = await pantry.goods((9, lot("A", 9))), await pantry.goods((9, None))
    breakfast = await Given(work).sku(kind=SkuKind.BUNDLE, components={milk.code: 1, bread.code: 1})
    order = await pantry.shop.sent(line(breakfast, 2))
    sets, bottles, _ = sorted(
        await pantry.shop.lines(order.id), key=lambda each: (each.kind != "BUNDLE", each.sku_id != milk.id)
    )
    back = await back_for(pantry, (sets.id, 2), order=order.id)
    whole = (ReturnLineToReceive(line_id=sets.id, quantity=1, disposition=Disposition.RESTOCK, lot=lot("A")),)
    assert await refused(pantry.shop.take_back(back, lines=whole)) == [("INVALID_VALUE", "lines.0.lot")]
    part = (ReturnLineToReceive(line_id=bottles.id, quantity=1, disposition=Disposition.RESTOCK, lot=lot("A")),)
    await pantry.shop.take_back(back, lines=part)
    assert await pantry.held(milk) == {"A": 8}
    assert await findings(work) == []


async def test_what_goes_elsewhere_arrives_in_the_lots_it_was_sent_with(work: UnitOfWork) -> None:
    road = await Road.build(work)
    pantry = Pantry(Shop(work, await Given(work).channel(), (road.origin, road.destination)))
    milk = await pantry.goods((2, None), (2, lot("old", -2)), (3, lot("A", 3)), (4, lot("B", 9)))
    transfer = await road.plan((milk, 10))
    await road.ship(transfer.id, (milk, 4))
    assert await pantry.held(milk) == {None: 2, "old": 2, "B": 3}
    assert await refused(road.ship(transfer.id)) == [("BELOW_ZERO", "transferId")]
    await road.ship(transfer.id, (milk, 5))
    assert await pantry.held(milk) == {"old": 2}
    await road.receive(transfer.id, (milk, 1, 2, 1))
    assert await pantry.held(milk, location=1) == {"A": 3}
    await road.receive(transfer.id, (milk, 3, 0, 1))
    assert await pantry.held(milk, location=1) == {"A": 3, "B": 3}
    await road.cancel(transfer.id, TransferResolution.RETURN_TO_SOURCE)
    assert await pantry.held(milk) == {"old": 2, None: 1}
    assert await findings(work) == []


async def test_what_arrives_is_of_the_lots_that_are_named_then_of_those_that_expire_first(work: UnitOfWork) -> None:
    road = await Road.build(work)
    pantry = Pantry(Shop(work, await Given(work).channel(), (road.origin, road.destination)))
    milk, salt = await pantry.goods((4, lot("A", 3)), (4, lot("B", 9)), (3, None)), await pantry.goods((5, None))
    transfer = await road.plan((milk, 11), (salt, 5))
    await road.ship(transfer.id)
    await road.receive(transfer.id, (milk, 1, 0, 0), (milk, 2, 0, 1, "B"), (milk, 1, 1, 0, "A"), (salt, 1, 0, 0))
    assert await pantry.held(milk, location=1) == {"A": 3, "B": 2}
    assert await pantry.aside(milk, location=1) == {"A": 1}
    for rows, errors in (
        ([(milk, 1, 0, 1, "B")], [("LOT_SHORT", "lines.0.received")]),
        (
            [(milk, 0, 2, 0, "A"), (milk, 1, 0, 0, "none")],
            [("LOT_SHORT", "lines.0.damaged"), ("LOT_SHORT", "lines.1.received")],
        ),
        ([(salt, 1, 0, 0, "A")], [("LOT_SHORT", "lines.0.received")]),
        ([(milk, 1, 0, 0, "A"), (milk, 0, 0, 1, "A")], [("LINE_TWICE", "lines.1.lot")]),
        ([(milk, 1, 0, 0, "A"), (milk, 5, 0, 0)], [("EXCEEDS_IN_TRANSIT", "lines.1.received")]),
    ):
        assert await refused(road.receive(transfer.id, *rows)) == errors
    assert await pantry.held(milk, location=1) == {"A": 3, "B": 2}
    await road.receive(transfer.id, (milk, 0, 1, 0, "B"), (milk, 4, 0, 0), (salt, 4, 0, 0))
    assert await pantry.held(milk, location=1) == {"A": 4, "B": 3, None: 3}
    assert await pantry.moved(milk, MovementKind.LOSE) == [("B", 1)]
    assert await findings(work) == []


async def test_nothing_leaves_lots_unseen(pantry: Pantry, work: UnitOfWork) -> None:
    """Whoever posts without having looked at the lots is refused by the ledger, not obeyed."""
    milk = await pantry.goods((3, lot("A", 5)), (1, None))

    async def take(tx: Tx, units: int) -> None:
        move = Move(
            sku_id=milk.id,
            location_id=pantry.shop.locations[0].id,
            quantity=units,
            source=Account.FREE,
            target=Account.ADJUSTMENT,
            kind=NOT_FOUND,
            cause_kind=CauseKind.ADJUSTMENT_LINE,
            cause_id=new_uuid(),
        )
        post(tx, [move], tx.now)

    with pytest.raises(Busy):
        await work.execute(SYSTEM, take, 2)
    assert await pantry.held(milk) == {"A": 3, None: 1}


async def test_a_corrected_expiry_counts_at_every_level(pantry: Pantry, work: UnitOfWork) -> None:
    milk = await pantry.goods((2, lot("A", 2)), (2, lot("B", 9)))
    await pantry.bring(milk, 2, lot("A"), location=1)
    todo = await pantry.ordered(milk, 4)
    await pantry.spoil(milk, "A")
    assert await refused(pantry.shop.ship(todo)) == [("LOT_EXPIRED", "fulfillmentOrderId")]
    made = await pantry.lot(milk, "A")
    await work.execute(SYSTEM, update_lot, UpdateLot(lot_id=made.id, changes={"expires_on": in_days(20)}))
    await pantry.shop.ship(todo)
    assert await pantry.moved(milk, SHIP) == [("B", 2), ("A", 2)]
    assert await findings(work) == []


Step = tuple[str, int, int, str | None]
steps = st.lists(
    st.tuples(
        st.sampled_from(["bring", "bring", "miss", "ship"]),
        st.integers(0, 1),
        st.integers(1, 6),
        st.sampled_from([None, "A", "B", "C"]),
    ),
    min_size=1,
    max_size=12,
)
DAYS = {"A": 9, "B": 3, "C": -2}


def expected(shelf: dict[str | None, int], what: str, units: int, code: str | None) -> bool:
    """Do one step to what a location holds, as plainly as can be told; return whether it may be done."""
    if what == "bring":
        shelf[code] = shelf.get(code, 0) + units
        return True
    order = {"ship": ["B", "A", None], "miss": [None, "B", "A"] if code is None else [code]}[what]
    if sum(shelf.get(each, 0) for each in order) < units:
        return False
    for each in order:
        taken = min(units, shelf.get(each, 0))
        shelf[each] = shelf.get(each, 0) - taken
        units -= taken
    return True


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chosen=steps)
async def test_lots_are_what_a_plain_model_says_whatever_happens(work: UnitOfWork, chosen: list[Step]) -> None:
    pantry = Pantry(await Shop.open(work))
    skus: list[SkuRow] = [await pantry.goods((1, None)) for _ in range(2)]
    model: list[dict[str | None, int]] = [{None: 1}, {None: 1}]
    for what, place, units, code in chosen:
        before = dict(model[place])
        may = expected(model[place], what, units, code)
        try:
            await step(pantry, skus[place], what, units, code)
        except OmsError:
            assert not may
            model[place] = before
        else:
            assert may
        assert await pantry.held(skus[place]) == {key: each for key, each in model[place].items() if each}
    assert await findings(work) == []


async def step(pantry: Pantry, sku: SkuRow, what: str, units: int, code: str | None) -> None:
    if what != "ship":
        given = None if code is None else lot(code, DAYS[code] if what == "bring" else None)
        await pantry.bring(sku, units if what == "bring" else -units, given)
        return
    order = await pantry.shop.place(line(sku, units))
    (todo,) = await pantry.shop.works(order.id)
    try:
        await pantry.shop.ship(todo.id)
    except OmsError:
        await pantry.shop.cancel(order.id)
        raise
