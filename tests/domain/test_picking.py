"""Batches of fulfillment orders that are picked in one round: what is found, what is missing, and what is given up."""

from uuid import uuid4

import pytest

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.catalog.tables import SkuRow
from oms_api.domain.fulfillment.tables import FulfillmentOrderRow
from oms_api.domain.orders.states import CanceledStock
from oms_api.domain.picking.errors import ExceedsWanted, LineConfirmed, NothingToPick, ShortReasonMissing
from oms_api.domain.picking.states import PickBatchStatus
from oms_api.kernel.errors import IllegalMove, OmsError, Refused
from oms_api.kernel.ids import PickBatchLineId
from oms_api.workflows.start_fulfillment import FulfillmentToChange, put_back_fulfillment
from tests.factories.given import SYSTEM
from tests.factories.picking import Round
from tests.factories.trading import Shop, findings, line


async def work_of(shop: Shop, *wanted: tuple[SkuRow, int]) -> FulfillmentOrderRow:
    order = await shop.place(*[line(sku, units) for sku, units in wanted])
    return (await shop.works(order.id))[0]


async def status_of(shop: Shop, work: FulfillmentOrderRow) -> str:
    return (await shop.works(work.order_id))[0].status


def causes(caught: pytest.ExceptionInfo[OmsError]) -> list[tuple[str, tuple[str, ...]]]:
    return [(error.code, error.field) for error in caught.value.causes]


async def test_a_round_goes_by_bin_and_sku_and_each_order_has_its_slot(work: UnitOfWork) -> None:
    shop = await Shop.open(work)
    cup, jug, tray = await shop.stocked(9), await shop.stocked(9), await shop.stocked(9)
    rounds = Round(shop)
    await rounds.lies((cup, "A-10"), (jug, "A-2"), (tray, "Z"))
    await rounds.lies((tray, None))
    one, two = await work_of(shop, (cup, 1), (tray, 1)), await work_of(shop, (cup, 2), (jug, 3))
    batch, lines = await rounds.begin(one.id, two.id)
    assert [(each.bin, each.sku_id, each.slot, each.quantity) for each in lines] == [
        ("A-2", jug.id, 2, 3),
        ("A-10", cup.id, 1, 1),
        ("A-10", cup.id, 2, 2),
        (None, tray.id, 1, 1),
    ]
    assert [await status_of(shop, each) for each in (one, two)] == ["IN_PROGRESS", "IN_PROGRESS"]
    with pytest.raises(NothingToPick):
        await rounds.begin(one.id, two.id)
    half = await rounds.confirm(batch.id, *[(each.id, each.quantity) for each in lines[:2]])
    assert (half.status, half.version) == (PickBatchStatus.OPEN, 2)
    with pytest.raises(Refused) as caught:
        await rounds.confirm(batch.id, (lines[0].id, 3), (lines[2].id, 2))
    assert causes(caught) == [(LineConfirmed.code, ("lines", "0"))]
    whole = await rounds.confirm(batch.id, *[(each.id, each.quantity) for each in lines[2:]])
    assert (whole.status, whole.closed_at is None) == (PickBatchStatus.PICKED, False)
    with pytest.raises(IllegalMove):
        await rounds.cancel(batch.id)
    assert await findings(work) == []


@pytest.mark.parametrize(("reason", "free"), [("DAMAGED", 4), ("NOT_FOUND", 4), ("NO_CAPACITY", 6)])
async def test_what_is_missing_is_rejected_as_its_reason_says(work: UnitOfWork, reason: str, free: int) -> None:
    shop = await Shop.open(work)
    cup, rounds = await shop.stocked(9), Round(shop)
    one = await work_of(shop, (cup, 5))
    batch, (wanted,) = await rounds.begin(one.id)
    await rounds.confirm(batch.id, (wanted.id, 3, reason))
    (found,), (part,) = await rounds.lines(batch.id), await shop.work_lines(one.id)
    assert (found.picked, found.short, found.reason) == (3, 2, reason)
    assert (part.quantity - part.shipped - part.canceled, await shop.stock(cup)) == (3, (free, 3))
    assert (await shop.lines(one.order_id))[0].unsourced == 2
    assert await findings(work) == []


async def test_several_orders_are_short_for_several_reasons_at_once(work: UnitOfWork) -> None:
    shop = await Shop.open(work)
    cup, jug, rounds = await shop.stocked(20), await shop.stocked(20), Round(shop)
    works = [await work_of(shop, (cup, 2), (jug, 2)) for _ in range(3)]
    batch, lines = await rounds.begin(*[each.id for each in works])
    reasons = ("DAMAGED", "NOT_FOUND", "NO_CAPACITY", "DAMAGED", "DAMAGED", "NOT_FOUND")
    await rounds.confirm(batch.id, *[(each.id, 1, why) for each, why in zip(lines, reasons, strict=True)])
    assert [(each.picked, each.short, each.reason) for each in await rounds.lines(batch.id)] == [(1, 1, why) for why in reasons]
    units = [sum(await shop.stock(sku)) for sku in (cup, jug)]
    assert sum(units) == 40 - len(reasons) + reasons.count("NO_CAPACITY")
    assert await findings(work) == []


async def test_what_was_canceled_meanwhile_is_not_wanted(work: UnitOfWork) -> None:
    shop = await Shop.open(work)
    cup, rounds = await shop.stocked(9), Round(shop)
    one, two = await work_of(shop, (cup, 5)), await work_of(shop, (cup, 2))
    batch, (wanted, gone) = await rounds.begin(one.id, two.id)
    (part,), (other,) = await shop.lines(one.order_id), await shop.lines(two.order_id)
    await shop.cancel(one.order_id, (part.id, 1), stock=CanceledStock.NOT_FOUND)
    await shop.cancel(two.order_id, (other.id, 2), stock=CanceledStock.NOT_FOUND)
    with pytest.raises(Refused) as caught:
        await rounds.confirm(batch.id, (wanted.id, 5), (gone.id, 1))
    assert causes(caught) == [(ExceedsWanted.code, ("lines", str(n), "picked")) for n in range(2)]
    with pytest.raises(Refused) as caught:
        await rounds.confirm(batch.id, (wanted.id, 3), (gone.id, -1), (PickBatchLineId(uuid4()), 1))
    assert causes(caught) == [("NOT_FOUND", ("lines", "2", "lineId"))]
    with pytest.raises(Refused) as caught:
        await rounds.confirm(batch.id, (wanted.id, 3), (gone.id, -1))
    assert [code for code, _ in causes(caught)] == [ShortReasonMissing.code, "INVALID_QUANTITY"]
    assert (await rounds.confirm(batch.id, (wanted.id, 4), (gone.id, 0))).status is PickBatchStatus.PICKED
    assert await findings(work) == []


async def test_a_batch_that_is_given_up_puts_back_what_nobody_confirmed(work: UnitOfWork) -> None:
    shop = await Shop.open(work)
    cup, rounds = await shop.stocked(20), Round(shop)
    picked, left, packed, back = [await work_of(shop, (cup, 2)) for _ in range(4)]
    batch, lines = await rounds.begin(*[each.id for each in (picked, left, packed, back)])
    await rounds.confirm(batch.id, (lines[0].id, 2))
    await shop.pack(packed.id)
    put = FulfillmentToChange(idempotency_key="", fulfillment_order_id=back.id)
    await work.execute(SYSTEM, put_back_fulfillment, put)
    again, _ = await rounds.begin(back.id)
    assert (await rounds.cancel(batch.id)).status is PickBatchStatus.CANCELED
    assert [await status_of(shop, each) for each in (picked, left, packed, back)] == [
        "IN_PROGRESS",
        "OPEN",
        "IN_PROGRESS",
        "IN_PROGRESS",
    ]
    assert again.status is PickBatchStatus.OPEN
    with pytest.raises(IllegalMove):
        await rounds.confirm(batch.id, (lines[1].id, 2))
    assert await findings(work) == []
