"""Money that is given back is not owed again: concessions lower what is due, fees raise it, and what is left shows."""

from dataclasses import replace
from decimal import Decimal
from runpy import run_path
from typing import Any
from uuid import uuid4

import pytest

from oms_api.db import migrations
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.orders.changes.wanted import SendAgain
from oms_api.domain.orders.given import Amount, ShippingGiven, TaxGiven
from oms_api.domain.orders.states import PaymentStatus
from oms_api.domain.payments.queries import fees_by_id, parts_by_refund
from oms_api.domain.payments.states import FeeKind, PaymentEventType, RefundPartKind, RefundReason
from oms_api.domain.payments.tables import FeeRow, RefundRow
from oms_api.kernel.errors import OmsError
from oms_api.kernel.ids import FeeId, OrderId, ReturnId
from oms_api.workflows.keep_fee import ChargeFee, WaiveFee, charge_fee, waive_fee
from oms_api.workflows.refund import PartGiven, PreviewedRefund, preview_of_refund
from tests.factories.database import Database
from tests.factories.given import SYSTEM
from tests.factories.trading import Shop, by_hand, findings, line

T, P, R, K = PaymentEventType, PaymentStatus, RefundReason, RefundPartKind


def money(value: str) -> Amount:
    return Amount(value=Decimal(value))


TEN = {"unit_price": money("10.00")}


@pytest.fixture
async def shop(work: UnitOfWork) -> Shop:
    return await Shop.open(work)


async def standing(shop: Shop, order: OrderId, back: ReturnId | None = None) -> PreviewedRefund:
    async with shop.work.reads(SYSTEM) as read:
        return await preview_of_refund(read, order, back)


async def figures(shop: Shop, order: OrderId, back: ReturnId | None = None) -> tuple[int, int, int, int]:
    """Return what is due, outstanding, overpaid and suggested."""
    found = await standing(shop, order, back)
    due = found.order.due_minor
    return due, found.balance.outstanding(due), found.balance.overpaid(due), found.suggested


async def paid_back(shop: Shop, order: OrderId, refund: RefundRow) -> None:
    await shop.pay(order, f"{Decimal(refund.amount_minor).scaleb(-2):f}", T.REFUNDED, refund_id=refund.id)


async def charge(shop: Shop, order: OrderId, amount: str, **more: Any) -> FeeRow:
    command = ChargeFee(**{
        "idempotency_key": uuid4().hex, "order_id": order, "kind": FeeKind.RESTOCKING, "amount": money(amount), **more,
    })  # fmt: skip
    key, name = command.idempotency_key, "feeCharge"
    return (await shop.work.once(SYSTEM, charge_fee, command, key=key, name=name, again=fees_by_id.known)).value


async def waive(shop: Shop, fee: FeeId) -> FeeRow:
    command = WaiveFee(idempotency_key=uuid4().hex, fee_id=fee)
    key, name = command.idempotency_key, "feeWaive"
    return (await shop.work.once(SYSTEM, waive_fee, command, key=key, name=name, again=fees_by_id.known)).value


async def parts(shop: Shop, refund: RefundRow) -> list[tuple[str, bool, int, int, int]]:
    async with shop.work.reads(SYSTEM) as read:
        rows = await parts_by_refund.of_one(read, refund.id)
    return [(row.kind, row.concedes, row.amount_minor, row.shipping_minor, row.tax_minor) for row in rows]


async def refused(call: Any) -> list[tuple[str, str]]:
    with pytest.raises(OmsError) as caught:
        await call
    return [(error.code, ".".join(error.field)) for error in caught.value.causes]


async def bought(shop: Shop, units: int = 1, *, taxed: bool = False) -> OrderId:
    """Return an order of so many units at 10.00 that was paid and has arrived; taxed at a quarter of it within, shipped for
    5.00."""
    more: dict[str, Any] = {}
    if taxed:
        more["shipping"] = (
            ShippingGiven(title="Post", price=money("5.00"), taxes=(TaxGiven(title="VAT", amount=money("1.00")),)),
        )
    item = line(await shop.stocked(9), units, **TEN)
    if taxed:
        item = line(
            await shop.stocked(9), units, **TEN, taxes=(TaxGiven(title="VAT", amount=Amount(value=Decimal(2 * units))),)
        )
    order = await shop.place(item, **more)
    for todo in await shop.works(order.id):
        await shop.deliver((await shop.ship(todo.id)).value.id)
    await shop.pay(order.id)
    return order.id


@pytest.mark.parametrize("reason", [R.GOODWILL, R.DAMAGED, R.LOST])
async def test_what_is_conceded_is_not_owed(shop: Shop, work: UnitOfWork, reason: RefundReason) -> None:
    order = await bought(shop)
    refund = (await shop.refund(order, "1.00", reason)).value
    assert await figures(shop, order) == (900, 0, 0, 0)
    await paid_back(shop, order, refund)
    assert await figures(shop, order) == (900, 0, 0, 0)
    assert (await shop.order(order)).payment_status is P.PARTIALLY_REFUNDED
    rest = (await shop.refund(order, "9.00", reason)).value
    await paid_back(shop, order, rest)
    assert await figures(shop, order) == (0, 0, 0, 0)
    assert (await shop.order(order)).payment_status is P.REFUNDED
    assert await findings(work) == []


async def test_how_much_is_conceded_is_said(shop: Shop, work: UnitOfWork) -> None:
    """Without an amount it would be what is overpaid, which is not due anyway."""
    order = await bought(shop)
    await shop.pay(order, "5.00")
    assert await refused(shop.refund(order, reason=R.GOODWILL)) == [("INVALID_VALUE", "amount")]
    assert (await shop.refund(order, reason=R.OVERPAYMENT)).value.amount_minor == 500
    assert await findings(work) == []


@pytest.mark.parametrize("reason", [R.FRAUD, R.OTHER, R.OVERPAYMENT])
async def test_what_goes_back_for_another_reason_is_due_still(shop: Shop, work: UnitOfWork, reason: RefundReason) -> None:
    order = await bought(shop)
    await paid_back(shop, order, (await shop.refund(order, "4.00", reason)).value)
    assert await figures(shop, order) == (1_000, 400, 0, 0)
    assert await findings(work) == []


async def test_goodwill_is_not_taken_back_by_the_next_return(shop: Shop, work: UnitOfWork) -> None:
    order = await bought(shop, 2)
    await paid_back(shop, order, (await shop.refund(order, "5.00", R.GOODWILL)).value)
    (shirts,) = await shop.lines(order)
    first, second = [(await shop.return_(order, (shirts.id, 1))).value.id for _ in range(2)]
    await shop.take_back(first)
    assert await figures(shop, order, first) == (500, 0, 1_000, 1_000)
    await paid_back(shop, order, (await shop.refund(order, reason=R.RETURN, return_id=first)).value)
    await shop.take_back(second)
    assert await figures(shop, order, second) == (0, 0, 500, 500)
    await paid_back(shop, order, (await shop.refund(order, reason=R.RETURN, return_id=second)).value)
    assert (await shop.order(order)).payment_status is P.REFUNDED
    assert await findings(work) == []


async def test_a_concession_that_is_called_off_is_due_again(shop: Shop, work: UnitOfWork) -> None:
    order = await bought(shop, 2)
    refund = (await shop.refund(order, "5.00", R.GOODWILL)).value
    await shop.request_refund(refund.id)
    await shop.pay(order, "2.00", T.REFUNDED, refund_id=refund.id)
    await shop.pay(order, "3.00", T.FAILED, refund_id=refund.id)
    await shop.cancel_refund(refund.id)
    assert await figures(shop, order) == (1_800, 0, 0, 0)
    assert await parts(shop, refund) == [("CONCESSION", True, 500, 0, 0), ("CONCESSION", True, -300, 0, 0)]
    assert await findings(work) == []


async def test_what_is_left_of_a_cancellation_shows_and_goodwill_goes_with_what_is_canceled(
    shop: Shop, work: UnitOfWork
) -> None:
    order = await shop.place(line(await shop.stocked(9), 2, **TEN))
    (shirts,) = await shop.lines(order.id)
    await shop.pay(order.id)
    await paid_back(shop, order.id, (await shop.refund(order.id, "5.00", R.GOODWILL)).value)
    await shop.cancel(order.id, (shirts.id, 1))
    assert await figures(shop, order.id) == (500, 0, 1_000, 1_000)
    await paid_back(shop, order.id, (await shop.refund(order.id, "4.00", R.CANCELLATION)).value)
    assert await figures(shop, order.id) == (500, 0, 600, 600)
    assert (await shop.order(order.id)).payment_status is P.OVERPAID
    await shop.cancel(order.id)
    assert await figures(shop, order.id) == (0, 0, 1_100, 1_100)
    assert await findings(work) == []


async def test_a_fee_is_kept_until_it_is_waived(shop: Shop, work: UnitOfWork) -> None:
    order = await bought(shop, 2)
    (shirts,) = await shop.lines(order)
    back = (await shop.return_(order, (shirts.id, 2))).value.id
    await shop.take_back(back)
    fee = await charge(shop, order, "3.00", tax=money("0.50"), return_id=back, note="opened")
    assert (fee.amount_minor, fee.tax_minor, fee.note, fee.waived_at) == (300, 50, "opened", None)
    assert await figures(shop, order, back) == (300, 0, 1_700, 1_700)
    await paid_back(shop, order, (await shop.refund(order, reason=R.RETURN, return_id=back)).value)
    assert (await shop.order(order)).payment_status is P.PARTIALLY_REFUNDED
    assert await figures(shop, order, back) == (300, 0, 0, 0)
    waived = await waive(shop, fee.id)
    assert waived.waived_at is not None
    assert await figures(shop, order, back) == (0, 0, 300, 300)
    assert await refused(waive(shop, fee.id)) == [("FEE_WAIVED", "feeId")]
    given_back = (await shop.refund(order, reason=R.OVERPAYMENT, parts=(PartGiven(kind=K.FEE, amount=money("3.00")),))).value
    assert await parts(shop, given_back) == [("FEE", False, 300, 0, 50)]
    assert await refused(charge(shop, order, "0")) == [("INVALID_AMOUNT", "amount.amount")]
    assert await refused(charge(shop, order, "1.00", tax=money("2"))) == [("TAX_BEYOND_AMOUNT", "tax.amount")]
    assert await refused(charge(shop, order, "1.00", return_id=ReturnId(uuid4()))) == [("NOT_FOUND", "returnId")]
    assert await findings(work) == []


async def test_a_refund_by_parts_knows_its_tax(shop: Shop, work: UnitOfWork) -> None:
    order = await bought(shop, 2, taxed=True)
    (shirts,) = await shop.lines(order)

    def of(kind: RefundPartKind, amount: str, line_id: Any = None) -> PartGiven:
        return PartGiven(kind=kind, amount=money(amount), line_id=line_id)

    named = (of(K.LINE, "5.00", shirts.id), of(K.SHIPPING, "2.50"))
    refund = (await shop.refund(order, reason=R.DAMAGED, parts=named)).value
    assert refund.amount_minor == 750
    assert await parts(shop, refund) == [("LINE", True, 500, 0, 100), ("SHIPPING", True, 250, 250, 50)]
    assert await figures(shop, order) == (2_500 - 750, 0, 0, 0)
    goodwill = (await shop.refund(order, "1.00", R.GOODWILL)).value
    assert await parts(shop, goodwill) == [("CONCESSION", True, 100, 0, 20)]
    cases: list[tuple[tuple[PartGiven, ...], str | None, list[tuple[str, str]]]] = [
        ((of(K.LINE, "15.01", shirts.id),), None, [("EXCEEDS_PART", "parts.0.amount.amount")]),
        ((of(K.SHIPPING, "2.51"),), None, [("EXCEEDS_PART", "parts.0.amount.amount")]),
        ((of(K.LINE, "1.00"),), None, [("INVALID_VALUE", "parts.0.lineId")]),
        ((of(K.SHIPPING, "1.00", shirts.id),), None, [("INVALID_VALUE", "parts.0.lineId")]),
        ((of(K.LINE, "1.00", uuid4()),), None, [("NOT_FOUND", "parts.0.lineId")]),
        ((of(K.CONCESSION, "1.00"), of(K.CONCESSION, "1.00")), None, [("LINE_TWICE", "parts.1.kind")]),
        ((of(K.CONCESSION, "0"),), None, [("INVALID_AMOUNT", "parts.0.amount.amount")]),
        ((of(K.CONCESSION, "1.00"),), "2.00", [("TOTAL_MISMATCH", "amount.amount")]),
        ((), None, [("INVALID_VALUE", "parts")]),
    ]
    for given_, amount, expected in cases:
        assert await refused(shop.refund(order, amount, R.DAMAGED, parts=given_)) == expected
    assert await findings(work) == []


async def test_a_refund_for_a_return_is_of_what_came_back(shop: Shop, work: UnitOfWork) -> None:
    order = await bought(shop, 2, taxed=True)
    (shirts,) = await shop.lines(order)
    back = (await shop.return_(order, (shirts.id, 1))).value.id
    await shop.take_back(back)
    refund = (await shop.refund(order, reason=R.RETURN, return_id=back)).value
    assert (refund.amount_minor, await parts(shop, refund)) == (1_250, [("LINE", False, 1_250, 250, 250)])
    assert await parts(shop, (await shop.refund(order, "1.00")).value) == []
    assert await findings(work) == []


async def test_no_more_is_requested_than_is_there(shop: Shop, work: UnitOfWork) -> None:
    order = (await shop.place(line(await shop.stocked(9), 1, **TEN))).id
    await shop.pay(order)
    first = (await shop.refund(order, "10.00")).value
    await shop.cancel_refund(first.id)
    second = (await shop.refund(order, "10.00")).value
    await paid_back(shop, order, first)
    assert await refused(shop.request_refund(second.id)) == [("EXCEEDS_REFUNDABLE", "refundId")]
    await shop.cancel_refund(second.id)
    other = (await shop.place(line(await shop.stocked(9), 1, **TEN))).id
    await shop.pay(other)
    half, rest = [(await shop.refund(other, "5.00")).value for _ in range(2)]
    await shop.request_refund(half.id)
    await shop.pay(other, "5.00", T.CHARGEBACK)
    assert await refused(shop.request_refund(rest.id)) == [("EXCEEDS_REFUNDABLE", "refundId")]
    await shop.pay(other, "5.00", T.CHARGEBACK_REVERSED)
    await shop.request_refund(rest.id)
    assert await findings(work) == []


def migration(name: str) -> dict[str, Any]:
    (path,) = (migrations.folder() / "versions").glob(f"*_{name}.py")
    return run_path(str(path))


async def test_refunds_of_the_past_are_concessions_on_their_order(fresh_work: UnitOfWork, fresh_database: Database) -> None:
    """What was granted before counts as the migrations fill it in: partly called off, and more than is left."""
    shop = await Shop.open(fresh_work)
    some, off, gone, never = [await bought(shop, 2) for _ in range(4)]
    await paid_back(shop, some, (await shop.refund(some, "5.00", R.GOODWILL)).value)
    await shop.cancel_refund((await shop.refund(off, "5.00", R.LOST)).value.id)
    for _ in range(2):
        await paid_back(shop, gone, (await shop.refund(gone, "6.00", R.DAMAGED)).value)
    (shirts,) = await shop.lines(gone)
    await shop.take_back((await shop.return_(gone, (shirts.id, 1))).value.id)
    canceled = (await shop.place(line(await shop.stocked(1)))).id
    await shop.cancel(canceled)
    before = {order: await shop.order(order) for order in (some, off, gone, never, canceled)}
    filled = migration("concessions_and_fees")
    by_hand(
        fresh_database.admin_url,
        "UPDATE orders SET payment_status = 'PAID', due_minor = due_minor + coalesce("
        "(SELECT sum(amount_minor) FROM order_concession WHERE order_id = orders.id), 0)",
        "DELETE FROM refund_part",
        "DELETE FROM order_concession",
        migration("paid_means_paid")["STATUSES"],
        *(filled[name] for name in ("PARTS", "TAKEN_OFF", "DUE", "STATUSES")),
    )
    assert {order: await shop.order(order) for order in before} == before
    assert await findings(fresh_work) == []


@pytest.mark.parametrize(
    ("units", "before", "left"), [(1, "0", "10.00"), (1, "3.00", "7.00"), (1, "10.00", "0"), (2, "0", "20.00")]
)
async def test_what_was_sent_again_and_came_back_is_given_back_on_the_line_that_was_lost(
    shop: Shop, units: int, before: str, left: str
) -> None:
    tax = TaxGiven(title="VAT", rate=Decimal("0.25"), amount=money(f"{2 * units}.00"))
    order = (await shop.place(line(await shop.stocked(9), units, **TEN, taxes=(tax,)))).id
    (mug,) = await shop.lines(order)
    await shop.pay(order, f"{10 * units}.00")
    (todo,) = await shop.works(order)
    await shop.ship(todo.id)
    (lost,) = await shop.packages(order)
    await shop.mark_lost(lost.id)
    if Decimal(before):
        goodwill = PartGiven(kind=K.LINE, amount=money(before), line_id=mug.id)
        await paid_back(shop, order, (await shop.refund(order, reason=R.GOODWILL, parts=(goodwill,))).value)
    await shop.edit(order, SendAgain(line_id=mug.id, quantity=units))
    _, again = await shop.lines(order)
    (todo,) = [each for each in await shop.works(order) if each.status == "OPEN"]
    await shop.ship(todo.id)
    back = (await shop.return_(order, (again.id, units))).value.id
    await shop.take_back(back)
    due = int(Decimal(left) * 100)
    assert await figures(shop, order, back) == (due, 0, 0, 0)
    rest = PartGiven(kind=K.LINE, amount=money(left), line_id=mug.id)
    more = replace(rest, amount=money(str(Decimal(left) + Decimal("0.01"))))
    assert await refused(shop.refund(order, reason=R.LOST, parts=(more,))) == [("EXCEEDS_PART", "parts.0.amount.amount")]
    if due:
        refund = (await shop.refund(order, reason=R.LOST, parts=(rest,))).value
        assert await parts(shop, refund) == [("LINE", True, due, 0, due // 5)]
        await paid_back(shop, order, refund)
    assert await figures(shop, order, back) == (0, 0, 0, 0)
    assert await findings(shop.work) == []
