from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from psycopg.errors import CheckViolation
from sqlalchemy import select

from oms_api.db.outbox import StagedEvent
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.catalog.states import SkuKind
from oms_api.domain.catalog.tables import SkuRow
from oms_api.domain.inventory.tables import StockMovementRow
from oms_api.domain.orders.given import Amount, DiscountGiven, TaxGiven
from oms_api.domain.orders.states import LineKind, OrderStatus, ReturnStatus
from oms_api.domain.orders.tables import OrderLineRow
from oms_api.domain.returns.errors import NothingExpected
from oms_api.domain.returns.states import Disposition, ReturnOrderStatus
from oms_api.domain.returns.tables import ReturnReceiptLineRow, ReturnReceiptRow
from oms_api.kernel.access import Scope
from oms_api.kernel.errors import (
    IdempotencyKeyReused,
    IllegalMove,
    InvalidValue,
    MissingScope,
    NotFound,
    OccurredTooEarly,
    OmsError,
    Refused,
    VersionConflict,
)
from oms_api.kernel.ids import ChannelId, LineId, OrderId, ReturnId, new_uuid
from tests.factories.asking import counted_statements
from tests.factories.given import SYSTEM, Given
from tests.factories.raw import raw
from tests.factories.trading import Shop, fee, findings, line

RESTOCK, SCRAP, INSPECT = Disposition.RESTOCK, Disposition.SCRAP, Disposition.INSPECT
S = ReturnOrderStatus


@pytest.fixture
async def shop(work: UnitOfWork) -> Shop:
    return await Shop.open(work, locations=2)


async def buckets(shop: Shop, sku: SkuRow, location: int = 0) -> tuple[int, int, int, int]:
    level = await Given(shop.work).level(sku.id, shop.locations[location].id)
    return level.free, level.quality_control, level.damaged, level.on_hand


async def receipt_lines(work: UnitOfWork, back: ReturnId) -> Sequence[ReturnReceiptLineRow]:
    table = ReturnReceiptLineRow
    mine = select(ReturnReceiptRow.id).where(ReturnReceiptRow.return_id == back)
    async with work.reads(SYSTEM) as read:
        return await read.all(raw(select(table).where(table.receipt_id.in_(mine)).order_by(table.id)))


async def movements(work: UnitOfWork, causes: Sequence[UUID]) -> list[tuple[str, str, str, int]]:
    table = StockMovementRow
    async with work.reads(SYSTEM) as read:
        rows = await read.all(raw(select(table).where(table.cause_id.in_(causes)).order_by(table.id)))
    return [(row.kind, row.source, row.target, row.quantity) for row in rows]


async def told(work: UnitOfWork, order: OrderId) -> list[str]:
    async with work.reads(SYSTEM) as read:
        rows = await read.all(raw(select(StagedEvent).where(StagedEvent.order_id == order).order_by(StagedEvent.stage)))
    return [row.type for row in rows]


async def only_line(shop: Shop, order: OrderId) -> OrderLineRow:
    (only,) = await shop.lines(order)
    return only


async def refused(call: Any) -> list[tuple[str, str]]:
    with pytest.raises(OmsError) as caught:
        await call
    return [(error.code, ".".join(error.field)) for error in caught.value.causes]


async def test_units_come_back_are_sold_again_and_are_not_due_any_more(shop: Shop, work: UnitOfWork) -> None:
    sku = await shop.stocked(9)
    order = await shop.sent(line(sku, 3))
    assert order.status is OrderStatus.COMPLETED
    shirts = await only_line(shop, order.id)
    back = (await shop.return_(order.id, (shirts.id, 2))).value
    assert (back.status, back.version, back.number > 1000) == (S.APPROVED, 1, True)
    now, shirts = await shop.order(order.id), await only_line(shop, order.id)
    assert (now.status, now.return_status, now.completed_at) == (OrderStatus.OPEN, ReturnStatus.IN_PROGRESS, None)
    assert (shirts.in_return, shirts.returned, now.due_minor) == (2, 0, 3 * 999)
    back = (await shop.take_back(back.id, location=1)).value
    assert (back.status, back.version, back.received_at is not None) == (S.RECEIVED, 2, True)
    now, shirts = await shop.order(order.id), await only_line(shop, order.id)
    assert (now.status, now.return_status) == (OrderStatus.COMPLETED, ReturnStatus.PARTIALLY_RETURNED)
    assert (shirts.in_return, shirts.returned, now.due_minor) == (0, 2, 999)
    assert (await buckets(shop, sku), await buckets(shop, sku, 1)) == ((6, 0, 0, 6), (2, 0, 0, 2))
    back = (await shop.close_return(back.id, note="all fine")).value
    assert (back.status, back.close_note, back.closed_at is not None) == (S.CLOSED, "all fine", True)
    rest = (await shop.return_(order.id, (shirts.id, 1))).value
    await shop.take_back(rest.id)
    now = await shop.order(order.id)
    assert (now.status, now.return_status, now.due_minor) == (OrderStatus.COMPLETED, ReturnStatus.RETURNED, 0)
    assert await told(work, order.id) == [
        "ORDER_PLACED", "SHIPMENT_CREATED", "SHIPMENT_DELIVERED", "ORDER_COMPLETED",
        "RETURN_CREATED", "ORDER_REOPENED", "RETURN_RECEIVED", "ORDER_COMPLETED", "RETURN_CLOSED",
        "RETURN_CREATED", "ORDER_REOPENED", "RETURN_RECEIVED", "ORDER_COMPLETED",
    ]  # fmt: skip
    assert await findings(work) == []


async def test_each_disposition_moves_units_where_they_belong(shop: Shop, work: UnitOfWork) -> None:
    sku = await shop.stocked(9)
    order = await shop.sent(line(sku, 6))
    shirts = await only_line(shop, order.id)
    back = (await shop.return_(order.id, (shirts.id, 6))).value
    parts = (shirts.id, 2, RESTOCK), (shirts.id, 1, SCRAP), (shirts.id, 2, INSPECT)
    back = (await shop.take_back(back.id, *parts)).value
    assert (back.status, back.received_at) == (S.PARTIALLY_RECEIVED, None)
    assert await buckets(shop, sku) == (5, 2, 0, 7)
    assert (await shop.order(order.id)).status is OrderStatus.OPEN
    await shop.take_back(back.id, disposition=SCRAP)
    assert await buckets(shop, sku) == (5, 2, 0, 7)
    lines = await receipt_lines(work, back.id)
    assert [(each.disposition, each.quantity) for each in lines] == [(RESTOCK, 2), (SCRAP, 1), (INSPECT, 2), (SCRAP, 1)]
    assert await movements(work, [each.id for each in lines]) == [
        ("TAKE_BACK", "customer", "free", 2),
        ("TAKE_BACK", "customer", "damaged", 1),
        ("SCRAP", "damaged", "adjustment", 1),
        ("TAKE_BACK", "customer", "quality_control", 2),
        ("TAKE_BACK", "customer", "damaged", 1),
        ("SCRAP", "damaged", "adjustment", 1),
    ]
    assert await findings(work) == []


async def test_shares_of_the_money_are_kept_and_the_last_unit_takes_the_rest(shop: Shop, work: UnitOfWork) -> None:
    sku = await shop.stocked(9)
    off = DiscountGiven(amount=Amount(value=Decimal("1.00")), label="Sale")
    vat = TaxGiven(title="VAT", amount=Amount(value=Decimal("3.33")), rate=Decimal("0.2"))
    price = Amount(value=Decimal("6.67"))
    order = await shop.sent(line(sku, 3, unit_price=price, discounts=(off,), taxes=(vat,)))
    shirts = await only_line(shop, order.id)
    back = (await shop.return_(order.id, (shirts.id, 3))).value
    for _ in range(3):
        await shop.take_back(back.id, (shirts.id, 1, RESTOCK))
    shares = [(each.goods_minor, each.discount_minor, each.tax_minor) for each in await receipt_lines(work, back.id)]
    assert shares == [(667, 33, 111), (667, 34, 111), (667, 33, 111)]
    assert (await shop.order(order.id)).due_minor == 0
    assert await findings(work) == []


async def test_a_bundle_comes_back_in_whole_sets_or_by_its_parts(shop: Shop, work: UnitOfWork) -> None:
    cup, spoon = await shop.stocked(10), await shop.stocked(20)
    bundle = await Given(work).sku(kind=SkuKind.BUNDLE, components={cup.code: 1, spoon.code: 2})
    order = await shop.sent(line(bundle, 3))
    parent, *parts = await shop.lines(order.id)
    cups, spoons = (next(each for each in parts if each.sku_id == sku.id) for sku in (cup, spoon))
    assert await refused(shop.return_(order.id, (parent.id, 4))) == [("NOT_RETURNABLE", "lines.0.quantity")]
    for twice in ((cups.id, 1), (parent.id, 1)):
        assert await refused(shop.return_(order.id, (parent.id, 1), twice)) == [("LINE_TWICE", "lines.1.lineId")]
    sets = (await shop.return_(order.id, (parent.id, 1))).value
    parent, *_ = await shop.lines(order.id)
    assert (parent.in_return, parent.returned) == (1, 0)
    single = (await shop.return_(order.id, (spoons.id, 3))).value
    assert await refused(shop.return_(order.id, (parent.id, 1))) == [("NOT_RETURNABLE", "lines.0.quantity")]
    assert await refused(shop.take_back(sets.id, (parent.id, 2, RESTOCK))) == [("NOT_ANNOUNCED", "lines.0.quantity")]
    assert await refused(shop.take_back(single.id, (parent.id, 1, RESTOCK))) == [("NOT_FOUND", "lines.0.lineId")]
    await shop.take_back(sets.id, (parent.id, 1, RESTOCK))
    await shop.take_back(single.id)
    parent, *parts = await shop.lines(order.id)
    assert (parent.in_return, parent.returned) == (0, 1)
    assert {each.sku_id: each.returned for each in parts} == {cup.id: 1, spoon.id: 5}
    assert (await buckets(shop, cup), await buckets(shop, spoon)) == ((8, 0, 0, 8), (19, 0, 0, 19))
    assert await findings(work) == []


async def test_what_never_lay_in_stock_comes_back_without_a_movement(shop: Shop, work: UnitOfWork) -> None:
    sku = await shop.stocked(9)
    download = await Given(work).sku(kind=SkuKind.DIGITAL)
    order = await shop.sent(line(sku, 1), fee(), fee(LineKind.SERVICE), line(download, 2))
    lines = await shop.lines(order.id)
    back = (await shop.return_(order.id, *((each.id, each.ordered) for each in lines))).value
    assert (await shop.take_back(back.id, disposition=INSPECT)).value.status is S.RECEIVED
    recorded = await receipt_lines(work, back.id)
    assert [each.level_id is not None for each in recorded] == [True, False, False, False]
    assert len(await movements(work, [each.id for each in recorded])) == 1
    now = await shop.order(order.id)
    assert (now.status, now.return_status, now.due_minor) == (OrderStatus.COMPLETED, ReturnStatus.RETURNED, 0)
    assert await findings(work) == []


async def test_only_what_left_and_is_not_coming_back_already_can_come_back(shop: Shop) -> None:
    sku = await shop.stocked(9)
    order = await shop.place(line(sku, 5))
    (todo,), shirts = await shop.works(order.id), await only_line(shop, order.id)
    assert await refused(shop.return_(order.id, (shirts.id, 1))) == [("NOT_RETURNABLE", "lines.0.quantity")]
    await shop.ship(todo.id, (shirts.id, 3))
    before = await shop.order(order.id), await only_line(shop, order.id)
    assert await refused(shop.return_(order.id, (shirts.id, 4))) == [("NOT_RETURNABLE", "lines.0.quantity")]
    assert await refused(shop.return_(order.id, (shirts.id, 1), (LineId(new_uuid()), 1), (shirts.id, 1))) == [
        ("NOT_FOUND", "lines.1.lineId"),
        ("LINE_TWICE", "lines.2.lineId"),
    ]
    for quantity in (0, -1, 2**31):
        assert await refused(shop.return_(order.id, (shirts.id, quantity))) == [("INVALID_QUANTITY", "lines.0.quantity")]
    assert await refused(shop.return_(order.id)) == [("INVALID_VALUE", "lines")]
    assert await refused(shop.return_(order.id, *[(shirts.id, 1)] * 5_001)) == [("TOO_MANY_ITEMS", "lines")]
    assert await refused(shop.return_(order.id, (shirts.id, 1), external_ref=" ", note="x" * 10_001)) == [
        ("INVALID_VALUE", "note"),
        ("INVALID_VALUE", "externalRef"),
    ]
    with pytest.raises(VersionConflict):
        await shop.return_(order.id, (shirts.id, 1), expected_version=7)
    with pytest.raises(OccurredTooEarly):
        await shop.return_(order.id, (shirts.id, 1), occurred_at=order.placed_at - timedelta(seconds=1))
    assert (await shop.order(order.id), await only_line(shop, order.id)) == before
    await shop.return_(order.id, (shirts.id, 2))
    assert await refused(shop.return_(order.id, (shirts.id, 2))) == [("NOT_RETURNABLE", "lines.0.quantity")]
    await shop.return_(order.id, (shirts.id, 1))


async def test_only_what_was_announced_is_received(shop: Shop) -> None:
    sku = await shop.stocked(9)
    order = await shop.sent(line(sku, 3), fee())
    shirts, wrapping = await shop.lines(order.id)
    back = (await shop.return_(order.id, (shirts.id, 2))).value
    too_many = (shirts.id, 1, RESTOCK), (shirts.id, 2, SCRAP)
    assert await refused(shop.take_back(back.id, *too_many)) == [("NOT_ANNOUNCED", "lines.1.quantity")]
    twice = (shirts.id, 1, RESTOCK), (shirts.id, 1, RESTOCK), (wrapping.id, 1, RESTOCK), (LineId(new_uuid()), 1, RESTOCK)
    assert await refused(shop.take_back(back.id, *twice)) == [
        ("LINE_TWICE", "lines.1.lineId"),
        ("NOT_FOUND", "lines.2.lineId"),
        ("NOT_FOUND", "lines.3.lineId"),
    ]
    for quantity in (0, -1, 2**31):
        wrong = shop.take_back(back.id, (shirts.id, quantity, RESTOCK))
        assert await refused(wrong) == [("INVALID_QUANTITY", "lines.0.quantity")]
    with pytest.raises(OccurredTooEarly):
        await shop.take_back(back.id, occurred_at=back.created_at - timedelta(seconds=1))
    with pytest.raises(VersionConflict):
        await shop.take_back(back.id, expected_version=2)
    with pytest.raises(InvalidValue):
        await shop.take_back(back.id, note="x" * 10_001)
    with pytest.raises(NotFound):
        await shop.take_back(ReturnId(new_uuid()))
    assert await refused(shop.take_back(back.id, location_id=new_uuid())) == [("NOT_FOUND", "locationId")]
    assert await buckets(shop, sku) == (6, 0, 0, 6)
    await shop.take_back(back.id)
    assert await refused(shop.take_back(back.id, (shirts.id, 1, RESTOCK))) == [("NOT_ANNOUNCED", "lines.0.quantity")]
    with pytest.raises(NothingExpected):
        await shop.take_back(back.id)


async def test_closing_calls_off_what_did_not_come(shop: Shop, work: UnitOfWork) -> None:
    sku = await shop.stocked(9)
    order = await shop.sent(line(sku, 3))
    shirts = await only_line(shop, order.id)
    back = (await shop.return_(order.id, (shirts.id, 3))).value
    await shop.take_back(back.id, (shirts.id, 1, RESTOCK))
    with pytest.raises(IllegalMove):
        await shop.cancel_return(back.id)
    with pytest.raises(OccurredTooEarly):
        await shop.close_return(back.id, occurred_at=back.created_at)
    closed = (await shop.close_return(back.id)).value
    assert (closed.status, closed.received_at is not None, closed.closed_at is not None) == (S.CLOSED, True, True)
    shirts = await only_line(shop, order.id)
    assert (shirts.in_return, shirts.returned) == (0, 1)
    assert (await shop.order(order.id)).status is OrderStatus.COMPLETED
    for ended in (shop.close_return(back.id), shop.cancel_return(back.id), shop.take_back(back.id)):
        assert await refused(ended) == [("ILLEGAL_MOVE", "returnId")]
    assert await refused(shop.take_back(back.id, (shirts.id, 1, RESTOCK))) == [("ILLEGAL_MOVE", "returnId")]
    again = (await shop.return_(order.id, (shirts.id, 2))).value
    assert (await shop.close_return(again.id)).value.received_at is None
    assert await findings(work) == []


async def test_a_return_of_which_nothing_came_is_canceled(shop: Shop, work: UnitOfWork) -> None:
    sku = await shop.stocked(9)
    order = await shop.sent(line(sku, 3))
    shirts = await only_line(shop, order.id)
    back = (await shop.return_(order.id, (shirts.id, 3))).value
    canceled = (await shop.cancel_return(back.id, note="kept after all")).value
    assert (canceled.status, canceled.close_note, canceled.received_at) == (S.CANCELED, "kept after all", None)
    now, shirts = await shop.order(order.id), await only_line(shop, order.id)
    assert (now.status, now.return_status, shirts.in_return) == (OrderStatus.COMPLETED, ReturnStatus.NONE, 0)
    for ended in (shop.close_return(back.id), shop.cancel_return(back.id), shop.take_back(back.id)):
        assert await refused(ended) == [("ILLEGAL_MOVE", "returnId")]
    for unknown in (shop.close_return(ReturnId(new_uuid())), shop.cancel_return(ReturnId(new_uuid()))):
        assert await refused(unknown) == [("NOT_FOUND", "returnId")]
    assert await findings(work) == []


async def test_an_external_reference_names_one_return_of_a_channel(shop: Shop) -> None:
    sku = await shop.stocked(9)
    order, other = await shop.sent(line(sku, 3)), await shop.sent(line(sku, 3))
    back = (await shop.return_(order.id, ((await only_line(shop, order.id)).id, 1), external_ref="RMA-1")).value
    with pytest.raises(Refused) as caught:
        await shop.return_(other.id, ((await only_line(shop, other.id)).id, 1), external_ref="RMA-1")
    (error,) = caught.value.causes
    assert (error.code, error.field, getattr(error, "return_id", None)) == (
        "DUPLICATE_RETURN_REF", ("externalRef",), back.id,
    )  # fmt: skip
    elsewhere = await Shop.open(shop.work)
    foreign = await elsewhere.sent(line(await elsewhere.stocked(1), 1))
    await elsewhere.return_(foreign.id, ((await only_line(elsewhere, foreign.id)).id, 1), external_ref="RMA-1")


async def test_each_key_works_once(shop: Shop, work: UnitOfWork) -> None:
    sku = await shop.stocked(9)
    order = await shop.sent(line(sku, 3))
    shirts = await only_line(shop, order.id)
    one = await shop.return_(order.id, (shirts.id, 1), key="once")
    two = await shop.return_(order.id, (shirts.id, 1), key="once")
    assert (one.replayed, two.replayed, one.value.id == two.value.id) == (False, True, True)
    with pytest.raises(IdempotencyKeyReused):
        await shop.return_(order.id, (shirts.id, 2), key="once")
    back = one.value.id
    assert [(await shop.take_back(back, key="here")).replayed for _ in range(2)] == [False, True]
    assert [(await shop.close_return(back, key="done")).replayed for _ in range(2)] == [False, True]
    other = (await shop.return_(order.id, (shirts.id, 1))).value.id
    assert [(await shop.cancel_return(other, key="not")).replayed for _ in range(2)] == [False, True]
    shirts = await only_line(shop, order.id)
    assert (shirts.in_return, shirts.returned) == (0, 1)
    assert await findings(work) == []


async def test_a_caller_returns_and_receives_only_within_its_limits(shop: Shop) -> None:
    sku = await shop.stocked(9)
    order = await shop.sent(line(sku, 3))
    shirts = await only_line(shop, order.id)
    back = (await shop.return_(order.id, (shirts.id, 1))).value
    foreign = replace(shop, principal=replace(SYSTEM, channels=frozenset({ChannelId(new_uuid())})))
    assert await refused(foreign.return_(order.id, (shirts.id, 1))) == [("NOT_FOUND", "orderId")]
    for act in (foreign.take_back, foreign.close_return, foreign.cancel_return):
        assert await refused(act(back.id)) == [("NOT_FOUND", "returnId")]
    store = replace(shop, principal=replace(SYSTEM, locations=frozenset({shop.locations[1].id})))
    assert await refused(store.take_back(back.id)) == [("NOT_FOUND", "locationId")]
    no_import = replace(shop, principal=replace(SYSTEM, scopes=SYSTEM.scopes - {Scope.ORDERS_IMPORT}))
    for late in (
        no_import.return_(order.id, (shirts.id, 1), occurred_at=datetime.now(UTC)),
        no_import.take_back(back.id, occurred_at=datetime.now(UTC)),
        no_import.close_return(back.id, occurred_at=datetime.now(UTC)),
    ):
        with pytest.raises(MissingScope):
            await late
    assert (await store.take_back(back.id, location=1)).value.status is S.RECEIVED


async def test_an_imported_return_has_the_times_it_was_told(shop: Shop, work: UnitOfWork) -> None:
    sku, placed = await shop.stocked(5), datetime(2026, 1, 1, 12, tzinfo=UTC)
    order = await shop.sent(line(sku, 2), at=placed)
    shirts = await only_line(shop, order.id)
    day = timedelta(days=1)
    back = (await shop.return_(order.id, (shirts.id, 2), occurred_at=placed + day)).value
    await shop.take_back(back.id, (shirts.id, 1, RESTOCK), occurred_at=placed + 3 * day)
    back = (await shop.take_back(back.id, occurred_at=placed + 2 * day)).value
    assert (back.created_at, back.received_at) == (placed + day, placed + 3 * day)
    assert (await shop.order(order.id)).completed_at == placed + 2 * day
    back = (await shop.close_return(back.id, occurred_at=placed + 3 * day)).value
    assert back.closed_at == placed + 3 * day
    assert await findings(work) == []


async def test_a_level_holds_no_more_than_it_can(shop: Shop, work: UnitOfWork) -> None:
    sku, other = await shop.stocked(3), await shop.stocked(3)
    order = await shop.sent(line(other, 1), line(sku, 3))
    others, shirts = await shop.lines(order.id)
    await Given(work).adjust(sku.id, shop.locations[0].id, 2**31 - 3)
    back = (await shop.return_(order.id, (others.id, 1), (shirts.id, 3))).value
    parts = (others.id, 1, RESTOCK), (shirts.id, 2, RESTOCK), (shirts.id, 1, INSPECT)
    assert await refused(shop.take_back(back.id, *parts)) == [
        ("TOO_MUCH_STOCK", "lines.1.quantity"),
        ("TOO_MUCH_STOCK", "lines.2.quantity"),
    ]
    assert await refused(shop.take_back(back.id)) == [("TOO_MUCH_STOCK", "locationId")]
    await shop.take_back(back.id, (shirts.id, 2, RESTOCK))
    await shop.take_back(back.id, disposition=SCRAP)
    assert await buckets(shop, sku) == (2**31 - 1, 0, 0, 2**31 - 1)
    assert await findings(work) == []


async def test_events_tell_what_moved_and_where(shop: Shop, work: UnitOfWork) -> None:
    sku = await shop.stocked(9)
    order = await shop.sent(line(sku, 3))
    shirts = await only_line(shop, order.id)
    back = (await shop.return_(order.id, (shirts.id, 2))).value
    await shop.take_back(back.id, (shirts.id, 1, RESTOCK), location=1)
    await shop.close_return(back.id)
    async with work.reads(SYSTEM) as read:
        rows = await read.all(raw(select(StagedEvent).where(StagedEvent.subject_id == back.id).order_by(StagedEvent.stage)))
    first, second = (location.id for location in shop.locations)
    assert [row.location_ids for row in rows] == [[first], [second], [first]]
    created, received, closed = ({**(row.changes or {})} for row in rows)
    assert created["return.status"] == [None, "APPROVED"]
    assert (created["status"], created["returnStatus"]) == (["COMPLETED", "OPEN"], ["NONE", "IN_PROGRESS"])
    assert received["return.status"] == ["APPROVED", "PARTIALLY_RECEIVED"]
    assert (closed["return.status"], closed["status"]) == (["PARTIALLY_RECEIVED", "CLOSED"], ["OPEN", "COMPLETED"])
    moved = [[value for name, value in changes.items() if name.startswith("lines.")] for changes in (created, received, closed)]
    assert moved == [[[0, 2]], [[0, 1]], [[1, 0]]]
    assert all(row.channel_id == shop.channel.id for row in rows)


async def test_the_number_of_statements_does_not_grow_with_the_lines(shop: Shop) -> None:
    counts = []
    for lines in (1, 30):
        skus = [await shop.stocked(2) for _ in range(lines)]
        order = await shop.sent(*(line(sku, 2) for sku in skus))
        placed = [(each.id, 1) for each in await shop.lines(order.id)]
        with counted_statements() as sent:
            back = (await shop.return_(order.id, *placed)).value
            await shop.take_back(back.id)
            await shop.close_return(back.id)
        counts.append(len(sent))
    assert counts[0] == counts[1]


async def test_the_database_refuses_what_a_wrong_program_might_write(work: UnitOfWork, shop: Shop) -> None:
    sku = await shop.stocked(9)
    order = await shop.sent(line(sku, 3))
    await shop.return_(order.id, ((await only_line(shop, order.id)).id, 2))
    for wrong in ("UPDATE return_line SET received = 2, called_off = 1", "UPDATE order_line SET in_return = 4"):
        async with work.pool.lease() as driver:
            with pytest.raises(CheckViolation, match=r"within_quantity|returned_within_shipped"):
                await driver.execute(wrong.encode())
