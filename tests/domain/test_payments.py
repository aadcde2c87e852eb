import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from oms_api.db.connections import Pool
from oms_api.db.outbox import StagedEvent
from oms_api.db.unit_of_work import Done, UnitOfWork
from oms_api.domain.orders.given import Amount
from oms_api.domain.orders.states import OrderStatus, PaymentStatus
from oms_api.domain.payments.discrepancies import DiscrepancyRow
from oms_api.domain.payments.states import DiscrepancyKind, PaymentEventType
from oms_api.domain.payments.tables import SUMS, PaymentBalanceRow, PaymentTransactionRow
from oms_api.kernel.access import Principal, Scope
from oms_api.kernel.errors import IdempotencyKeyReused, MissingScope, NotFound, OmsError
from oms_api.kernel.ids import ChannelId, OrderId, new_uuid
from oms_api.kernel.paging import Page, PageRequest
from oms_api.workflows.report_payment import ReportedPayment, ReportPayment, report_payment, reported_before
from tests.factories.asking import counted_statements
from tests.factories.database import Database
from tests.factories.given import SYSTEM
from tests.factories.listing import page_of_discrepancies
from tests.factories.raw import raw
from tests.factories.trading import Shop, fee, findings, line

T, P, K = PaymentEventType, PaymentStatus, DiscrepancyKind


@pytest.fixture
async def shop(work: UnitOfWork) -> Shop:
    return await Shop.open(work)


async def status(shop: Shop, order: OrderId) -> PaymentStatus:
    return (await shop.order(order)).payment_status


async def balance(work: UnitOfWork, order: OrderId) -> tuple[int, ...]:
    names = ("authorized", "captured", "refunded", "charged_back", "disputed", "granted", "settled")
    async with work.reads(SYSTEM) as read:
        row = await read.one_or_none(raw(select(PaymentBalanceRow).where(PaymentBalanceRow.order_id == order)))
    return () if row is None else tuple(getattr(row, f"{name}_minor") for name in names)


async def sums(work: UnitOfWork, order: OrderId) -> dict[str, tuple[int, ...]]:
    table = PaymentTransactionRow
    async with work.reads(SYSTEM) as read:
        rows = await read.all(raw(select(table).where(table.order_id == order)))
    return {row.reference: tuple(getattr(row, name) for name in SUMS) for row in rows}


async def discrepancies(
    work: UnitOfWork, *, principal: Principal = SYSTEM, page: PageRequest | None = None, **where: Any
) -> Page[DiscrepancyRow]:
    async with work.reads(principal) as read:
        return await page_of_discrepancies(read, page or PageRequest(), **where)


async def found(work: UnitOfWork, **where: Any) -> list[tuple[str, int, bool]]:
    page = await discrepancies(work, **where)
    return [(each.kind, each.amount_minor, each.transaction_id is not None) for each in page.items]


async def told(work: UnitOfWork, order: OrderId) -> list[tuple[str, Any]]:
    async with work.reads(SYSTEM) as read:
        rows = await read.all(raw(select(StagedEvent).where(StagedEvent.order_id == order).order_by(StagedEvent.stage)))
    return [(row.type, row.changes) for row in rows]


def amount(value: str, currency: str | None = None) -> dict[str, Amount]:
    return {"amount": Amount(value=Decimal(value), currency=currency)}


async def reported(shop: Shop, order: OrderId, **given_: Any) -> Done[ReportedPayment]:
    """Report a payment of 5.00, or whatever is *given_*."""
    whole = {"order_id": order, "gateway": "till", "event_reference": uuid4().hex, "type": T.CAPTURED, **amount("5"), **given_}
    command = ReportPayment(idempotency_key=uuid4().hex, **whole)
    name = "paymentEventReport"
    return await shop.work.once(SYSTEM, report_payment, command, key=command.idempotency_key, name=name, again=reported_before)


async def refused(call: Any) -> list[tuple[str, str]]:
    with pytest.raises(OmsError) as caught:
        await call
    return [(error.code, ".".join(error.field)) for error in caught.value.causes]


async def test_an_order_is_authorized_paid_and_charged_back(shop: Shop, work: UnitOfWork) -> None:
    order = await shop.place(line(await shop.stocked(3), 2))
    assert (order.payment_status, order.due_minor) == (P.PENDING, 1998)
    steps: list[tuple[PaymentEventType, str, PaymentStatus, tuple[int, ...]]] = [
        (T.FAILED, "19.98", P.PENDING, (0, 0, 0, 0, 0)),
        (T.AUTHORIZED, "19.98", P.AUTHORIZED, (1998, 0, 0, 0, 0)),
        (T.CAPTURED, "9.98", P.PARTIALLY_PAID, (1000, 998, 0, 0, 0)),
        (T.CAPTURED, "10.00", P.PAID, (0, 1998, 0, 0, 0)),
        (T.DISPUTE_OPENED, "19.98", P.PAID, (0, 1998, 0, 0, 1998)),
        (T.CHARGEBACK, "19.98", P.PENDING, (0, 1998, 0, 1998, 1998)),
        (T.CHARGEBACK_REVERSED, "19.98", P.PAID, (0, 1998, 0, 0, 1998)),
        (T.DISPUTE_CLOSED, "19.98", P.PAID, (0, 1998, 0, 0, 0)),
        (T.CAPTURED, "0.02", P.OVERPAID, (0, 2000, 0, 0, 0)),
        (T.REFUNDED, "0.02", P.PARTIALLY_REFUNDED, (0, 2000, 2, 0, 0)),
        (T.REFUNDED, "19.98", P.REFUNDED, (0, 2000, 2000, 0, 0)),
    ]
    for kind, amount, expected, standing in steps:
        await shop.pay(order.id, amount, kind, transaction_reference=f"ch {order.id}")
        assert (kind, await status(shop, order.id)) == (kind, expected)
        assert (await balance(work, order.id))[:5] == standing
    facts = [changes for kind, changes in await told(work, order.id) if kind == "PAYMENT_REPORTED"]
    assert len(facts) == len(steps)
    assert facts[:4] == [
        {},
        {"paymentStatus": ["PENDING", "AUTHORIZED"]},
        {"paymentStatus": ["AUTHORIZED", "PARTIALLY_PAID"]},
        {"paymentStatus": ["PARTIALLY_PAID", "PAID"]},
    ]
    assert await findings(work) == []


async def test_a_promise_that_was_given_up_is_none(shop: Shop, work: UnitOfWork) -> None:
    order = await shop.place(fee())
    await shop.pay(order.id, "9.99", T.AUTHORIZED, transaction_reference="auth")
    await shop.pay(order.id, "9.99", T.VOIDED, transaction_reference="auth")
    assert (await status(shop, order.id), await balance(work, order.id)) == (P.VOIDED, (0,) * 7)


class Loop:
    """An event loop that a test without one can use."""

    def __init__(self, database: Database) -> None:
        self.loop = asyncio.new_event_loop()
        self.pool = Pool(database.app_url)
        self.work = UnitOfWork(self.pool)

    def run(self, awaited: Any) -> Any:
        return self.loop.run_until_complete(awaited)


@pytest.fixture
def at(database: Database) -> Iterator[Loop]:
    loop = Loop(database)
    yield loop
    loop.run(loop.pool.close())
    loop.loop.close()


REPORTS = st.lists(
    st.tuples(st.sampled_from("ab"), st.sampled_from(PaymentEventType), st.integers(1, 2_000)), min_size=2, max_size=7
)


def test_whatever_the_order_of_arrival_the_order_ends_in_the_same_place(at: Loop) -> None:
    shop = at.run(at.run(Shop.open(at.work)).hand_over_at_once())  # once something was handed over it stays so

    async def standing(reports: list[tuple[str, PaymentEventType, int]]) -> tuple[object, ...]:
        order = await shop.place(fee())
        for reference, kind, amount in reports:
            await shop.pay(order.id, str(Decimal(amount) / 100), kind, transaction_reference=reference)
        kinds = await found(at.work, order_id=(order.id,))
        now = await shop.order(order.id)
        return await balance(at.work, order.id), await sums(at.work, order.id), now.payment_status, now.status, sorted(kinds)

    @settings(max_examples=40, deadline=None)
    @given(REPORTS, st.randoms(use_true_random=False))
    def ends_in_the_same_place(reports: list[tuple[str, PaymentEventType, int]], chance: Any) -> None:
        shuffled = [*reports]
        chance.shuffle(shuffled)
        assert at.run(standing(reports)) == at.run(standing(shuffled))

    ends_in_the_same_place()
    assert at.run(findings(at.work)) == []


async def test_an_event_seen_again_is_answered_and_changes_nothing(shop: Shop, work: UnitOfWork) -> None:
    order, other = await shop.place(fee()), await shop.place(fee())
    first = await shop.pay(order.id, "5.00", ref="seen", key="k", transaction_reference="ch")
    before = await balance(work, order.id), await told(work, order.id)
    assert (first.replayed, first.value.seen) == (False, False)
    same_key = await shop.pay(order.id, "5.00", ref="seen", key="k", transaction_reference="ch")
    new_key = await shop.pay(order.id, "5", ref="seen", transaction_reference="ch", note="again", refund_id=new_uuid())
    assert (same_key.replayed, new_key.value.seen) == (True, True)
    assert same_key.value.id == new_key.value.id == first.value.id
    conflict = [("PAYMENT_EVENT_CONFLICT", "eventReference")]
    assert await refused(shop.pay(order.id, "5.01", ref="seen", transaction_reference="ch")) == conflict
    assert await refused(shop.pay(order.id, "5.00", ref="seen", transaction_reference="other")) == conflict
    assert await refused(shop.pay(order.id, "5.00", ref="seen")) == conflict
    assert await refused(shop.pay(other.id, "5.00", ref="seen", transaction_reference="ch")) == conflict
    with pytest.raises(IdempotencyKeyReused):
        await shop.pay(order.id, "5.00", ref="another", key="k", transaction_reference="ch")
    assert (await balance(work, order.id), await told(work, order.id)) == before
    assert await balance(work, other.id) == ()
    assert not (await shop.pay(order.id, "5.00", T.REFUNDED, ref="seen", transaction_reference="ch")).value.seen
    assert not (await shop.pay(order.id, "5.00", ref="seen", transaction_reference="ch", gateway="bank")).value.seen


async def test_every_refusal_has_its_code_and_changes_nothing(shop: Shop, work: UnitOfWork) -> None:
    order, other = await shop.place(fee()), await shop.place(fee())
    await shop.pay(other.id, "9.99")
    theirs = (await shop.refund(other.id, "1.00")).value.id
    cases: list[tuple[dict[str, Any], list[tuple[str, str]]]] = [
        (amount("5", currency="EUR"), [("MIXED_CURRENCIES", "amount.currencyCode")]),
        (amount("5", currency="nonsense"), [("MIXED_CURRENCIES", "amount.currencyCode")]),
        (amount("0"), [("INVALID_AMOUNT", "amount.amount")]),
        (amount("-1"), [("INVALID_AMOUNT", "amount.amount")]),
        (amount("0.001"), [("TOO_MANY_DECIMALS", "amount.amount")]),
        (amount(str(10**18)), [("INVALID_VALUE", "amount.amount")]),
        (
            {"gateway": " till", "event_reference": "", "transaction_reference": "x" * 256, "note": "x" * 10_001},
            [
                ("INVALID_VALUE", "gateway"),
                ("INVALID_VALUE", "eventReference"),
                ("INVALID_VALUE", "transactionReference"),
                ("INVALID_VALUE", "note"),
            ],
        ),
        ({"order_id": new_uuid()}, [("NOT_FOUND", "orderId")]),
        ({"type": T.REFUNDED, "refund_id": new_uuid()}, [("NOT_FOUND", "refundId")]),
        ({"type": T.REFUNDED, "refund_id": theirs}, [("REFUND_NOT_OF_ORDER", "refundId")]),
        ({"order_id": other.id, "refund_id": theirs}, [("NOT_ABOUT_REFUNDS", "refundId")]),
        ({"occurred_at": datetime.now(UTC) + timedelta(days=1)}, [("INVALID_VALUE", "occurredAt")]),
    ]
    before = await shop.order(order.id), await balance(work, other.id), await told(work, order.id)
    for given_, expected in cases:
        assert (given_, await refused(reported(shop, order.id, **given_))) == (given_, expected)
    assert (await shop.order(order.id), await balance(work, other.id), await told(work, order.id)) == before
    assert await balance(work, order.id) == ()


async def test_sums_beyond_what_can_be_kept_are_refused(shop: Shop) -> None:
    order = await shop.place(fee())
    await shop.pay(order.id, "90071992547409.91")
    assert await refused(shop.pay(order.id, "0.01")) == [("INVALID_VALUE", "amount.amount")]


async def test_a_caller_reports_only_within_its_limits(shop: Shop) -> None:
    order = await shop.place(fee())
    foreign = replace(shop, principal=replace(SYSTEM, channels=frozenset({ChannelId(new_uuid())})))
    with pytest.raises(NotFound):
        await foreign.pay(order.id, "1.00")
    no_import = replace(shop, principal=replace(SYSTEM, scopes=SYSTEM.scopes - {Scope.ORDERS_IMPORT}))
    with pytest.raises(MissingScope):
        await no_import.pay(order.id, "1.00", occurred_at=datetime.now(UTC))
    long_before = datetime(2020, 1, 1, tzinfo=UTC)
    event = (await shop.pay(order.id, "1.00", T.AUTHORIZED, occurred_at=long_before)).value.event
    assert event.occurred_at == long_before < event.recorded_at


async def test_what_goes_beyond_is_recorded_and_shown_until_it_is_explained(shop: Shop, work: UnitOfWork) -> None:
    order = await shop.place(fee())
    mine = {"order_id": (order.id,)}
    await shop.pay(order.id, "9.99", T.CAPTURED, transaction_reference="ch")
    assert await found(work, **mine) == []
    await shop.pay(order.id, "1.00", T.AUTHORIZED, transaction_reference="ch")
    assert await found(work, **mine) == [(K.CAPTURED_BEYOND_AUTHORIZED, 899, True)]
    await shop.pay(order.id, "2.00", T.VOIDED, transaction_reference="ch")
    assert sorted(await found(work, **mine)) == [
        (K.CAPTURED_BEYOND_AUTHORIZED, 899, True),
        (K.VOIDED_BEYOND_AUTHORIZED, 200, True),
    ]
    await shop.pay(order.id, "10.99", T.AUTHORIZED, transaction_reference="ch")
    assert await found(work, **mine) == []
    await shop.pay(order.id, "12.00", T.REFUNDED, transaction_reference="ch")
    assert sorted(await found(work, **mine)) == [
        (K.REFUNDED_BEYOND_CAPTURED, 201, False),
        (K.REFUNDED_BEYOND_GRANTED, 1200, False),
    ]
    assert (await status(shop, order.id), (await balance(work, order.id))[1:3]) == (P.REFUNDED, (999, 1200))
    assert await refused(shop.refund(order.id, "0.01")) == [("EXCEEDS_REFUNDABLE", "amount.amount")]
    assert await findings(work) == []


async def test_discrepancies_are_paged_and_filtered_newest_orders_first(shop: Shop, work: UnitOfWork) -> None:
    orders = [await shop.place(fee()) for _ in range(3)]
    for order in orders:
        await shop.pay(order.id, "0.50", T.AUTHORIZED, transaction_reference="ch", gateway="card")
        await shop.pay(order.id, "3.00", transaction_reference="ch", gateway="card")
        await shop.pay(order.id, "1.00", T.VOIDED, transaction_reference="ch", gateway="card")
        for _ in range(2):
            await shop.pay(order.id, "1.00", transaction_reference="sale", gateway="cash")
        await shop.pay(order.id, "7.00", T.REFUNDED, transaction_reference="bank", gateway="bank")
    here: dict[str, Any] = {"channel_id": (shop.channel.id,)}
    whole = [(each.order_id, each.kind) for each in (await discrepancies(work, **here)).items]
    assert [key for key, _ in whole[::5]] == [order.id for order in reversed(orders)]
    assert {kind for _, kind in whole} == set(DiscrepancyKind)
    for backwards in (False, True):
        seen: list[tuple[OrderId, DiscrepancyKind]] = []
        page = await discrepancies(work, page=PageRequest(size=5, backwards=backwards), **here)
        while True:
            part = [(each.order_id, each.kind) for each in page.items]
            seen = part + seen if backwards else seen + part
            if not (page.has_previous if backwards else page.has_next):
                break
            cursor = page.cursors[0 if backwards else -1]
            page = await discrepancies(work, page=PageRequest(size=5, cursor=cursor, backwards=backwards), **here)
        assert seen == whole
    beyond_captured = (K.REFUNDED_BEYOND_CAPTURED,)
    assert await found(work, kind=beyond_captured, order_id=(orders[0].id,)) == [(K.REFUNDED_BEYOND_CAPTURED, 200, False)]
    assert await found(work, gateway=("none",), **here) == []
    assert len(await found(work, gateway=("card",), **here)) == 12
    assert len(await found(work, gateway=("bank",), **here)) == 6
    assert await found(work, kind=(), **here) == []
    foreign = replace(SYSTEM, channels=frozenset({ChannelId(new_uuid())}))
    assert list((await discrepancies(work, principal=foreign)).items) == []


async def test_discrepancies_are_read_by_their_indexes(database: Database, work: UnitOfWork) -> None:
    with counted_statements() as sent:
        await discrepancies(work, channel_id=(new_uuid(),))
        await discrepancies(work)
    looks = [statement for statement in sent if "captured_beyond" in statement]
    with psycopg.connect(database.admin_url) as connection:
        connection.execute("SET plan_cache_mode = force_generic_plan")
        connection.execute("SET enable_seqscan = off")
        for number, (statement, each) in enumerate(zip(looks, (("uuid[]", "int"), ("int",)), strict=True)):
            types = [*each * len(DiscrepancyKind), "int"]
            arguments = ["'{}'" if kind == "uuid[]" else "5" for kind in types]
            connection.execute(f"PREPARE look{number} ({', '.join(types)}) AS {statement}".encode())
            plan = connection.execute(f"EXPLAIN EXECUTE look{number} ({', '.join(arguments)})".encode()).fetchall()
            lines = [row[0] for row in plan]
            assert sum("_discrepant" in told_ for told_ in lines) == len(DiscrepancyKind), "\n".join(lines)
            assert not any("Seq Scan" in told_ for told_ in lines)


async def test_events_and_their_refunds_are_never_changed(shop: Shop, database: Database) -> None:
    order = await shop.place(fee())
    await shop.pay(order.id)
    for table in ("payment_event", "refund_event"):
        for change in (f"UPDATE {table} SET event_id = event_id", f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"):
            statement = change.replace("event_id", "note") if table == "payment_event" else change
            with psycopg.connect(database.admin_url) as connection, pytest.raises(psycopg.Error) as told_:
                connection.execute(statement.encode())
            assert told_.value.sqlstate == "OM002"


async def test_a_report_takes_as_many_statements_for_a_large_order_as_for_a_small_one(shop: Shop) -> None:
    counts = []
    for lines in (1, 20):
        order = await shop.place(*(fee() for _ in range(lines)))
        await shop.pay(order.id, "1.00")
        with counted_statements() as sent:
            await shop.pay(order.id, "1.00")
        counts.append(len(sent))
    assert counts[0] == counts[1]


async def test_money_alone_does_not_complete_or_reopen_an_order(shop: Shop, work: UnitOfWork) -> None:
    order = await shop.sent(line(await shop.stocked(1)))
    assert order.status is OrderStatus.COMPLETED
    await shop.pay(order.id)
    await shop.pay(order.id, "9.99", T.CHARGEBACK)
    assert (await shop.order(order.id)).status is OrderStatus.COMPLETED
    async with work.reads(SYSTEM) as read:
        (events,) = await read.all(raw(text("SELECT count(*) FROM payment_event WHERE order_id = :o"), {"o": order.id}))
    assert tuple(events) == (2,)


async def test_what_was_never_paid_is_not_paid_and_an_open_authorization_stays_to_be_voided(
    shop: Shop, work: UnitOfWork
) -> None:
    sku = await shop.stocked(9)
    canceled, promised = await shop.place(line(sku)), await shop.place(line(sku))
    await shop.cancel(canceled.id)
    assert await status(shop, canceled.id) is P.NOT_REQUIRED
    await shop.pay(promised.id, "9.99", T.AUTHORIZED, transaction_reference="auth")
    await shop.cancel(promised.id)
    assert await status(shop, promised.id) is P.AUTHORIZED
    await shop.pay(promised.id, "9.99", T.VOIDED, transaction_reference="auth")
    assert await status(shop, promised.id) is P.VOIDED
    back = await shop.sent(line(sku))
    (shirts,) = await shop.lines(back.id)
    await shop.take_back((await shop.return_(back.id, (shirts.id, 1))).value.id)
    assert await status(shop, back.id) is P.NOT_REQUIRED
    free = await shop.place(line(sku, unit_price=Amount(value=Decimal(0))))
    assert free.payment_status is P.NOT_REQUIRED
    assert await findings(work) == []


async def test_what_is_overpaid_shows_whatever_went_back_already(shop: Shop, work: UnitOfWork) -> None:
    order = await shop.place(line(await shop.stocked(9), 3))
    (shirts,) = await shop.lines(order.id)
    await shop.pay(order.id)
    await shop.cancel(order.id, (shirts.id, 1))
    refund = (await shop.refund(order.id, "5.00")).value
    await shop.pay(order.id, "5.00", T.REFUNDED, refund_id=refund.id)
    assert await status(shop, order.id) is P.OVERPAID
    rest = (await shop.refund(order.id)).value
    assert rest.amount_minor == 499
    await shop.pay(order.id, "4.99", T.REFUNDED, refund_id=rest.id)
    assert await status(shop, order.id) is P.PARTIALLY_REFUNDED
    assert await findings(work) == []


async def test_a_capture_by_two_references_is_one_too_many_where_nothing_was_authorized(shop: Shop, work: UnitOfWork) -> None:
    twice, promised = await shop.place(fee()), await shop.place(fee())
    await shop.pay(twice.id, "9.99", ref="one", transaction_reference="ch")
    assert await found(work, order_id=(twice.id,)) == []
    await shop.pay(twice.id, "9.99", ref="two", transaction_reference="ch")
    assert await found(work, order_id=(twice.id,)) == [("CAPTURED_AGAIN", 999, True)]
    await shop.pay(twice.id, "20.00", T.AUTHORIZED, transaction_reference="ch")
    assert await found(work, order_id=(twice.id,)) == []
    await shop.pay(promised.id, "9.99", T.AUTHORIZED, transaction_reference="auth")
    for part in ("4.00", "5.99"):
        await shop.pay(promised.id, part, transaction_reference="auth")
    assert await found(work, order_id=(promised.id,)) == []
    assert await findings(work) == []
