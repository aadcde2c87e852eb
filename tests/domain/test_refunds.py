import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from sqlalchemy import select

from oms_api.db.outbox import StagedEvent
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.orders.given import Amount
from oms_api.domain.orders.states import OrderStatus, PaymentStatus
from oms_api.domain.payments.queries import NEWEST_FIRST, refund_by_cancellation
from oms_api.domain.payments.states import PaymentEventType, RefundReason, RefundStatus
from oms_api.domain.payments.tables import PaymentBalanceRow, RefundRow
from oms_api.graphql.refunds.queries import REFUNDS
from oms_api.kernel.access import Scope
from oms_api.kernel.errors import IdempotencyKeyReused, IllegalMove, MissingScope, NotFound, OmsError, VersionConflict
from oms_api.kernel.ids import ChannelId, OrderId, RefundId, ReturnId, new_uuid
from oms_api.kernel.paging import PageRequest
from oms_api.workflows.cancel_order import Canceled, CancelOrder, RefundWithCancel, cancel_order, canceled_before
from oms_api.workflows.cancellation import LineToCancel
from oms_api.workflows.refund import preview_of_refund
from tests.factories.asking import counted_statements
from tests.factories.database import Database
from tests.factories.given import SYSTEM
from tests.factories.listing import page_of_discrepancies
from tests.factories.raw import raw
from tests.factories.trading import Shop, fee, findings, line

T, P, S = PaymentEventType, PaymentStatus, RefundStatus


@pytest.fixture
async def shop(work: UnitOfWork) -> Shop:
    return await Shop.open(work)


@pytest.fixture
async def paid(shop: Shop) -> OrderId:
    """An order of 9.99 for which 100.00 was captured."""
    order = await shop.place(fee())
    await shop.pay(order.id, "100.00")
    return order.id


async def now(shop: Shop, refund: RefundId) -> RefundRow:
    async with shop.work.reads(SYSTEM) as read:
        return await read.one(raw(select(RefundRow).where(RefundRow.id == refund)))


async def reached(shop: Shop, refund: RefundId) -> tuple[RefundStatus, int, int]:
    row = await now(shop, refund)
    return row.status, row.refunded_minor, row.owed_minor


async def granted(shop: Shop, order: OrderId) -> int:
    async with shop.work.reads(SYSTEM) as read:
        return (await read.one(raw(select(PaymentBalanceRow).where(PaymentBalanceRow.order_id == order)))).granted_minor


async def beyond(shop: Shop, order: OrderId) -> list[tuple[str, int]]:
    async with shop.work.reads(SYSTEM) as read:
        page = await page_of_discrepancies(read, order_id=[order])
    return [(each.kind, each.amount_minor) for each in page.items if each.kind.startswith("REFUNDED")]


async def told(work: UnitOfWork, order: OrderId) -> list[str]:
    async with work.reads(SYSTEM) as read:
        rows = await read.all(raw(select(StagedEvent).where(StagedEvent.order_id == order).order_by(StagedEvent.stage)))
    return [row.type for row in rows]


async def refused(call: Any) -> list[tuple[str, str]]:
    with pytest.raises(OmsError) as caught:
        await call
    return [(error.code, ".".join(error.field)) for error in caught.value.causes]


async def test_a_refund_is_granted_requested_and_paid_in_parts(shop: Shop, work: UnitOfWork, paid: OrderId) -> None:
    refund = (await shop.refund(paid, "60.00", RefundReason.GOODWILL, note="sorry")).value
    assert (refund.status, refund.amount_minor, refund.owed_minor, refund.note) == (S.GRANTED, 6000, 6000, "sorry")
    assert await granted(shop, paid) == 6000
    refund = (await shop.request_refund(refund.id, provider_reference="re_1")).value
    assert (refund.status, refund.gateway, refund.provider_reference) == (S.REQUESTED, "till", "re_1")
    await shop.pay(paid, "20.00", T.REFUNDED, ref="part 1", refund_id=refund.id)
    assert (await reached(shop, refund.id), await granted(shop, paid)) == ((S.REQUESTED, 2000, 4000), 4000)
    await shop.pay(paid, "40.00", T.REFUNDED, ref="part 2", transaction_reference="re_1")
    assert (await reached(shop, refund.id), await granted(shop, paid)) == ((S.SUCCEEDED, 6000, 0), 0)
    assert (await shop.order(paid)).payment_status is P.OVERPAID
    assert await beyond(shop, paid) == []
    assert [each for each in await told(work, paid) if each.startswith("REFUND")] == [
        "REFUND_GRANTED", "REFUND_REQUESTED", "REFUND_SUCCEEDED",
    ]  # fmt: skip
    assert await refused(shop.refund(paid, "40.01")) == [("EXCEEDS_REFUNDABLE", "amount.amount")]
    await shop.refund(paid, "40.00")
    assert await refused(shop.refund(paid, "0.01")) == [("EXCEEDS_REFUNDABLE", "amount.amount")]
    assert await findings(work) == []


async def test_a_report_alone_makes_a_granted_refund_succeed_or_fail(shop: Shop, work: UnitOfWork, paid: OrderId) -> None:
    first, second = (await shop.refund(paid, "10.00")).value.id, (await shop.refund(paid, "20.00")).value.id
    await shop.pay(paid, "10.00", T.REFUNDED, refund_id=first)
    await shop.pay(paid, "20.00", T.FAILED, refund_id=second)
    assert (await reached(shop, first), await reached(shop, second)) == ((S.SUCCEEDED, 1000, 0), (S.FAILED, 0, 2000))
    for refund in (first, second):
        row = await now(shop, refund)
        assert row.requested_at is not None
    assert await granted(shop, paid) == 2000
    await shop.request_refund(second)
    await shop.pay(paid, "20.00", T.REFUNDED, refund_id=second)
    assert await reached(shop, second) == (S.SUCCEEDED, 2000, 0)
    await shop.pay(paid, "20.00", T.FAILED, refund_id=second)
    assert await reached(shop, second) == (S.SUCCEEDED, 2000, 0)
    assert await findings(work) == []


async def test_moves_follow_the_table_and_a_canceled_refund_frees_its_amount(
    shop: Shop, work: UnitOfWork, paid: OrderId
) -> None:
    refund = (await shop.refund(paid, "100.00")).value.id
    canceled = (await shop.cancel_refund(refund, note="wrong order")).value
    assert (canceled.status, canceled.cancel_note, await granted(shop, paid)) == (S.CANCELED, "wrong order", 0)
    for move in (shop.request_refund, shop.cancel_refund):
        with pytest.raises(IllegalMove):
            await move(refund)
    again = (await shop.refund(paid, "100.00")).value.id
    await shop.request_refund(again)
    for move in (shop.request_refund, shop.cancel_refund):
        with pytest.raises(IllegalMove):
            await move(again)
    await shop.pay(paid, "30.00", T.REFUNDED, refund_id=again)
    await shop.pay(paid, "70.00", T.FAILED, refund_id=again)
    assert await reached(shop, again) == (S.FAILED, 3000, 7000)
    await shop.cancel_refund(again)
    assert (await reached(shop, again), await granted(shop, paid)) == ((S.CANCELED, 3000, 0), 0)
    assert await beyond(shop, paid) == []
    await shop.pay(paid, "70.00", T.REFUNDED, refund_id=again)
    assert (await reached(shop, again), await granted(shop, paid)) == ((S.CANCELED, 10_000, 0), 0)
    assert await beyond(shop, paid) == [("REFUNDED_BEYOND_GRANTED", 7000)]
    assert await findings(work) == []


async def test_what_a_provider_told_before_we_knew_its_reference_counts_once_we_do(
    shop: Shop, work: UnitOfWork, paid: OrderId
) -> None:
    await shop.pay(paid, "5.00", T.REFUNDED, ref="old", transaction_reference="ch_1")
    refund = (await shop.refund(paid, "30.00")).value.id
    await shop.pay(paid, "30.00", T.REFUNDED, ref="re_early")
    assert await beyond(shop, paid) == [("REFUNDED_BEYOND_GRANTED", 3500)]
    assert await reached(shop, refund) == (S.GRANTED, 0, 3000)
    assert (await shop.request_refund(refund, provider_reference="re_early")).value.status is S.SUCCEEDED
    assert (await reached(shop, refund), await granted(shop, paid)) == ((S.SUCCEEDED, 3000, 0), 0)
    assert await beyond(shop, paid) == [("REFUNDED_BEYOND_GRANTED", 500)]
    assert (await told(work, paid))[-2:] == ["REFUND_REQUESTED", "REFUND_SUCCEEDED"]
    of_charge = (await shop.refund(paid, "5.00")).value.id
    await shop.request_refund(of_charge, provider_reference="ch_1")
    assert await reached(shop, of_charge) == (S.REQUESTED, 0, 500), (
        "an older report of the same transaction paid something else"
    )
    await shop.pay(paid, "5.00", T.REFUNDED, ref="new", transaction_reference="ch_1")
    assert await reached(shop, of_charge) == (S.SUCCEEDED, 500, 0)
    failing = (await shop.refund(paid, "1.00")).value.id
    await shop.pay(paid, "1.00", T.FAILED, ref="re_fails")
    assert (await shop.request_refund(failing, provider_reference="re_fails")).value.status is S.FAILED
    assert await findings(work) == []


async def test_an_event_is_of_one_refund_only(shop: Shop, work: UnitOfWork, paid: OrderId) -> None:
    first, second = (await shop.refund(paid, "10.00")).value.id, (await shop.refund(paid, "10.00")).value.id
    for refund in (first, second):
        await shop.request_refund(refund, provider_reference="ch_1")
    await shop.pay(paid, "10.00", T.REFUNDED, transaction_reference="ch_1")
    assert (await reached(shop, first), await reached(shop, second)) == ((S.SUCCEEDED, 1000, 0), (S.REQUESTED, 0, 1000))
    await shop.pay(paid, "10.00", T.REFUNDED, transaction_reference="ch_1", gateway="other")
    assert await reached(shop, second) == (S.REQUESTED, 0, 1000)
    await shop.pay(paid, "10.00", T.REFUNDED, transaction_reference="ch_1")
    assert await reached(shop, second) == (S.SUCCEEDED, 1000, 0)
    assert await findings(work) == []


async def test_without_an_amount_it_is_what_is_overpaid_and_not_granted(shop: Shop, work: UnitOfWork, paid: OrderId) -> None:
    first = (await shop.refund(paid)).value
    assert first.amount_minor == 10_000 - 999
    assert await refused(shop.refund(paid)) == [("NOTHING_OVERPAID", "amount")]
    await shop.cancel_refund(first.id)
    await shop.refund(paid, "80.00")
    assert (await shop.refund(paid)).value.amount_minor == 2_000 - 999
    unpaid = await shop.place(fee())
    assert await refused(shop.refund(unpaid.id)) == [("NOTHING_OVERPAID", "amount")]
    assert await refused(shop.refund(unpaid.id, "0.01")) == [("EXCEEDS_REFUNDABLE", "amount.amount")]
    assert await findings(work) == []


async def test_for_a_return_it_is_what_came_back_with_it_and_no_more(shop: Shop, work: UnitOfWork) -> None:
    sku = await shop.stocked(9)
    order, other = await shop.sent(line(sku, 3)), await shop.sent(line(sku, 1))
    await shop.pay(order.id, "40.00")
    (shirts,), (theirs,) = await shop.lines(order.id), await shop.lines(other.id)
    back = (await shop.return_(order.id, (shirts.id, 2))).value
    foreign = (await shop.return_(other.id, (theirs.id, 1))).value

    async def suggested(return_id: ReturnId | None) -> int:
        async with work.reads(SYSTEM) as read:
            return (await preview_of_refund(read, order.id, return_id)).suggested

    assert (await suggested(None), await suggested(back.id)) == (4000 - 2997, 0)
    assert await refused(shop.refund(order.id, return_id=back.id)) == [("NOTHING_OVERPAID", "amount")]
    await shop.take_back(back.id)
    assert (await suggested(None), await suggested(back.id)) == (4000 - 999, 1998)
    refund = (await shop.refund(order.id, reason=RefundReason.RETURN, return_id=back.id)).value
    assert (refund.amount_minor, refund.return_id, await suggested(back.id)) == (1998, back.id, 0)
    await shop.cancel_refund(refund.id)
    assert await suggested(back.id) == 1998
    for wrong in (foreign.id, ReturnId(new_uuid())):
        assert await refused(shop.refund(order.id, return_id=wrong)) == [("NOT_FOUND", "returnId")]
        with pytest.raises(NotFound):
            await suggested(wrong)
    assert await findings(work) == []


async def test_an_order_completes_when_its_last_refund_ends(shop: Shop, work: UnitOfWork) -> None:
    sku = await shop.stocked(9)
    for end in (T.REFUNDED, None):
        order = await shop.place(line(sku))
        await shop.pay(order.id, "100.00")
        first, second = (await shop.refund(order.id, "5.00")).value.id, (await shop.refund(order.id, "6.00")).value.id
        (todo,) = await shop.works(order.id)
        await shop.deliver((await shop.ship(todo.id)).value.id)
        assert (await shop.order(order.id)).status is OrderStatus.OPEN
        await shop.pay(order.id, "5.00", T.REFUNDED, refund_id=first)
        await shop.pay(order.id, "6.00", T.FAILED, refund_id=second)
        assert (await shop.order(order.id)).status is OrderStatus.OPEN
        await (shop.pay(order.id, "6.00", end, refund_id=second) if end else shop.cancel_refund(second))
        assert (await shop.order(order.id)).status is OrderStatus.COMPLETED
        assert (await told(work, order.id))[-1] == "ORDER_COMPLETED"
        await shop.refund(order.id, "1.00")
        assert (await shop.order(order.id)).status is OrderStatus.COMPLETED
    assert await findings(work) == []


async def test_every_refusal_has_its_code_and_changes_nothing(shop: Shop, work: UnitOfWork, paid: OrderId) -> None:
    refund = (await shop.refund(paid, "10.00")).value
    euros = Amount(value=Decimal(5), currency="EUR")
    cases: list[tuple[Any, list[tuple[str, str]]]] = [
        (shop.refund(paid, "0"), [("INVALID_AMOUNT", "amount.amount")]),
        (shop.refund(paid, "-1"), [("INVALID_AMOUNT", "amount.amount")]),
        (shop.refund(paid, "0.001"), [("TOO_MANY_DECIMALS", "amount.amount")]),
        (shop.refund(paid, euros), [("MIXED_CURRENCIES", "amount.currencyCode")]),
        (shop.refund(paid, "90.01"), [("EXCEEDS_REFUNDABLE", "amount.amount")]),
        (shop.refund(paid, "1.00", note="x" * 10_001), [("INVALID_VALUE", "note")]),
        (shop.refund(OrderId(new_uuid()), "1.00"), [("NOT_FOUND", "orderId")]),
        (shop.refund(paid, "1.00", occurred_at=datetime(2020, 1, 1, tzinfo=UTC)), [("OCCURRED_TOO_EARLY", "occurredAt")]),
        (shop.refund(paid, "1.00", occurred_at=datetime(2999, 1, 1, tzinfo=UTC)), [("INVALID_VALUE", "occurredAt")]),
        (shop.request_refund(RefundId(new_uuid())), [("NOT_FOUND", "refundId")]),
        (
            shop.request_refund(refund.id, gateway="", provider_reference=" x"),
            [("INVALID_VALUE", "gateway"), ("INVALID_VALUE", "providerReference")],
        ),
        (shop.cancel_refund(RefundId(new_uuid())), [("NOT_FOUND", "refundId")]),
        (shop.cancel_refund(refund.id, note="\0"), [("INVALID_VALUE", "note")]),
    ]
    for move in (shop.request_refund, shop.cancel_refund):
        early = refund.granted_at - timedelta(seconds=1)
        cases.append((move(refund.id, occurred_at=early), [("OCCURRED_TOO_EARLY", "occurredAt")]))
    before = await shop.order(paid), await granted(shop, paid), await told(work, paid)
    for call, expected in cases:
        assert await refused(call) == expected
    assert (await shop.order(paid), await granted(shop, paid), await told(work, paid)) == before
    assert (await reached(shop, refund.id))[0] is S.GRANTED


async def test_a_caller_grants_and_moves_refunds_only_within_its_limits(shop: Shop, paid: OrderId) -> None:
    refund = (await shop.refund(paid, "10.00")).value.id
    foreign = replace(shop, principal=replace(SYSTEM, channels=frozenset({ChannelId(new_uuid())})))
    for call in (foreign.refund(paid, "1.00"), foreign.request_refund(refund), foreign.cancel_refund(refund)):
        with pytest.raises(NotFound):
            await call
    no_import = replace(shop, principal=replace(SYSTEM, scopes=SYSTEM.scopes - {Scope.ORDERS_IMPORT}))
    at: dict[str, Any] = {"occurred_at": datetime.now(UTC)}
    for call in (no_import.refund(paid, "1.00", **at), no_import.request_refund(refund, **at)):
        with pytest.raises(MissingScope):
            await call
    async with shop.work.reads(foreign.principal) as read:
        assert (await REFUNDS.page_of(read, None, NEWEST_FIRST, PageRequest())).items == []


async def test_each_key_moves_a_refund_once(shop: Shop, work: UnitOfWork, paid: OrderId) -> None:
    one, two = await shop.refund(paid, "10.00", key="grant"), await shop.refund(paid, "10.00", key="grant")
    assert (one.replayed, two.replayed, one.value.id == two.value.id) == (False, True, True)
    for changed in ({"amount": "11.00"}, {"reason": RefundReason.LOST}, {"note": "other"}, {"return_id": new_uuid()}):
        with pytest.raises(IdempotencyKeyReused):
            await shop.refund(paid, **{"amount": "10.00", "key": "grant", **changed})  # type: ignore[arg-type]
    assert not (await shop.request_refund(one.value.id, key="ask", provider_reference="re")).replayed
    assert (await shop.request_refund(one.value.id, key="ask", provider_reference="re")).replayed
    with pytest.raises(IdempotencyKeyReused):
        await shop.request_refund(one.value.id, key="ask", provider_reference="other")
    await shop.pay(paid, "10.00", T.FAILED, refund_id=one.value.id)
    assert not (await shop.cancel_refund(one.value.id, key="stop")).replayed
    assert (await shop.cancel_refund(one.value.id, key="stop")).value.status is S.CANCELED
    assert await findings(work) == []


async def cancel(
    shop: Shop, order: OrderId, refund: RefundWithCancel | None, *, key: str | None = None, **more: Any
) -> Canceled:
    command = CancelOrder(**{
        "idempotency_key": key or new_uuid().hex, "order_id": order, "reason": "CUSTOMER", "refund": refund, **more,
    })  # fmt: skip
    name, again = "orderCancel", canceled_before
    done = await shop.work.once(shop.principal, cancel_order, command, key=command.idempotency_key, name=name, again=again)
    return done.value


async def test_a_cancellation_grants_what_is_overpaid_after_it(shop: Shop, work: UnitOfWork) -> None:
    sku = await shop.stocked(9)
    order = await shop.place(line(sku, 3))
    await shop.pay(order.id)
    (shirts,) = await shop.lines(order.id)
    part = await cancel(shop, order.id, RefundWithCancel(note="one less"), key="part", lines=(LineToCancel(shirts.id, 1),))
    assert part.refund is not None
    assert (part.refund.amount_minor, part.refund.reason, part.refund.note) == (999, "CANCELLATION", "one less")
    rest = await cancel(shop, order.id, RefundWithCancel(amount=Amount(value=Decimal("19.98"))))
    assert rest.refund is not None
    assert (rest.order.status, rest.order.payment_status, rest.refund.amount_minor) == ("CANCELED", P.OVERPAID, 1998)
    again = await cancel(shop, order.id, RefundWithCancel(note="one less"), key="part", lines=(LineToCancel(shirts.id, 1),))
    assert (again.refund and again.refund.id, again.order.status) == (part.refund.id, "CANCELED")
    for refund in (part.refund, rest.refund):
        await shop.pay(order.id, str(Decimal(refund.amount_minor) / 100), T.REFUNDED, refund_id=refund.id)
    last = await shop.order(order.id)
    assert (last.status, last.payment_status) == ("CANCELED", P.REFUNDED)
    assert await findings(work) == []


async def test_a_cancellation_refunds_nothing_where_nothing_is_overpaid(shop: Shop, work: UnitOfWork) -> None:
    order = await shop.place(line(await shop.stocked(9), 3))
    (shirts,) = await shop.lines(order.id)
    await shop.pay(order.id, "9.99")
    part = await cancel(shop, order.id, RefundWithCancel(), lines=(LineToCancel(shirts.id, 2),))
    assert (part.refund, part.order.payment_status) == (None, P.PAID)
    too_much = RefundWithCancel(amount=Amount(value=Decimal("10.00")))
    assert await refused(cancel(shop, order.id, too_much)) == [("EXCEEDS_REFUNDABLE", "refund.amount.amount")]
    whole = await cancel(shop, order.id, RefundWithCancel(), key="whole")
    assert whole.refund is not None
    unpaid = await shop.place(line(await shop.stocked(9)))
    assert (await cancel(shop, unpaid.id, RefundWithCancel())).order.status is OrderStatus.CANCELED
    assert await findings(work) == []


async def test_a_cancellation_and_its_refund_happen_together_or_not_at_all(shop: Shop, work: UnitOfWork) -> None:
    sku = await shop.stocked(9)
    order = await shop.place(line(sku, 3))
    unpaid = RefundWithCancel()
    await shop.pay(order.id)
    euros = RefundWithCancel(amount=Amount(value=Decimal(1), currency="EUR"))
    cases = [
        (RefundWithCancel(amount=Amount(value=Decimal("29.98"))), [("EXCEEDS_REFUNDABLE", "refund.amount.amount")]),
        (RefundWithCancel(amount=Amount(value=Decimal(0))), [("INVALID_AMOUNT", "refund.amount.amount")]),
        (euros, [("MIXED_CURRENCIES", "refund.amount.currencyCode")]),
        (RefundWithCancel(note="x" * 10_001), [("INVALID_VALUE", "refund.note")]),
    ]
    before, stock = await shop.order(order.id), await shop.stock(sku)
    for refund, expected in cases:
        assert await refused(cancel(shop, order.id, refund)) == expected
    poor = replace(shop, principal=replace(SYSTEM, scopes=SYSTEM.scopes - {Scope.PAYMENTS_WRITE}))
    assert await refused(cancel(poor, order.id, unpaid)) == [("MISSING_SCOPE", "refund")]
    assert (await shop.order(order.id), await shop.stock(sku)) == (before, stock)
    bare = await cancel(poor, order.id, None)
    assert (bare.refund, bare.order.payment_status) == (None, P.OVERPAID)
    async with work.reads(SYSTEM) as read:
        assert await refund_by_cancellation(read, bare.id) is None
    assert (await shop.refund(order.id)).value.amount_minor == 2997
    assert await findings(work) == []


INSERT = """
INSERT INTO refund (id, order_id, channel_id, status, reason, amount_minor, currency, actor, granted_at, recorded_at)
SELECT gen_random_uuid(), id, channel_id, 'GRANTED', 'OTHER', {amount}, currency, 'nobody', now(), now()
FROM orders WHERE id = '{order}'
"""


CALL_OFF = """
UPDATE refund SET status = 'CANCELED', called_off_minor = amount_minor, canceled_at = now()
WHERE actor = 'nobody' AND order_id = '{order}'
"""


@pytest.mark.parametrize("by", ["app_url", "admin_url"])
async def test_no_statement_grants_beyond_what_was_captured(shop: Shop, database: Database, paid: OrderId, by: str) -> None:
    unpaid = await shop.place(fee())
    await shop.refund(paid, "60.00")
    attempts = [
        INSERT.format(amount=4001, order=paid),
        INSERT.format(amount=1, order=unpaid.id),
        f"UPDATE payment_balance SET granted_minor = 10001 WHERE order_id = '{paid}'",
        f"INSERT INTO payment_balance (order_id, channel_id, currency, granted_minor) SELECT '{unpaid.id}', '{paid}', 'GBP', 1",
    ]
    for statement in attempts:
        with psycopg.connect(getattr(database, by)) as connection, pytest.raises(psycopg.Error) as told_:
            connection.execute(statement.encode())
        assert told_.value.sqlstate == "OM003", statement
    with psycopg.connect(getattr(database, by)) as connection:
        connection.execute(INSERT.format(amount=4000, order=paid).encode())
        connection.execute(CALL_OFF.format(order=paid).encode())
    assert await granted(shop, paid) == 6000


async def test_what_the_database_refuses_is_told_as_what_can_be_refunded(shop: Shop, database: Database, paid: OrderId) -> None:
    """Another writer without the order's lock is found by the trigger; the command looks again and names the numbers."""
    async with await psycopg.AsyncConnection.connect(database.admin_url) as other:
        await other.execute(INSERT.format(amount=9000, order=paid).encode())
        waiting = asyncio.create_task(refused(shop.refund(paid, "20.00")))
        await asyncio.sleep(0.3)
        assert not waiting.done()
        await other.commit()
        assert await waiting == [("EXCEEDS_REFUNDABLE", "amount.amount")]
    assert await granted(shop, paid) == 9000


async def test_a_grant_takes_as_many_statements_for_many_refunds_as_for_one(shop: Shop, paid: OrderId) -> None:
    counts = []
    for _ in range(6):
        with counted_statements() as sent:
            refund = (await shop.refund(paid, "1.00")).value
            await shop.pay(paid, "1.00", T.REFUNDED, refund_id=refund.id)
        counts.append(len(sent))
    assert len(set(counts[1:])) == 1


async def test_versions_of_refunds_rise_with_each_move(shop: Shop, paid: OrderId) -> None:
    refund = (await shop.refund(paid, "10.00")).value
    with pytest.raises(VersionConflict):
        await shop.request_refund(refund.id, expected_version=2)
    asked = (await shop.request_refund(refund.id, expected_version=1)).value
    assert (refund.version, asked.version) == (1, 2)
    await shop.pay(paid, "10.00", T.FAILED, refund_id=refund.id)
    assert (await now(shop, refund.id)).version == 3
    assert (await shop.cancel_refund(refund.id, expected_version=3)).value.version == 4
