"""The verbs of each kind of document are accepted where its life says, lead to what it says, and nowhere else."""

from collections.abc import Hashable
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from oms_api.db.session import Tx
from oms_api.db.sql import Sql
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.intake import verbs as intake_verbs
from oms_api.domain.intake.commands.submit import DiscardIntake, SubmitIntake, discard_intake, submit_intake
from oms_api.domain.intake.connectors import CONNECTORS
from oms_api.domain.intake.errors import Unreadable
from oms_api.domain.intake.queries import intake_by_id
from oms_api.domain.intake.tables import OrderIntakeRow
from oms_api.domain.inventory.counts import verbs as counts
from oms_api.domain.inventory.counts.tables import StockCountRow
from oms_api.domain.inventory.transfers import verbs as transfers
from oms_api.domain.inventory.transfers.states import TransferResolution
from oms_api.domain.inventory.transfers.tables import TransferRow
from oms_api.domain.orders.drafts import verbs as drafts
from oms_api.domain.orders.drafts.commands.change import (
    CreateDraft,
    DiscardDraft,
    UpdateDraft,
    create_draft,
    discard_draft,
    update_draft,
)
from oms_api.domain.orders.drafts.queries import draft_by_id
from oms_api.domain.orders.drafts.tables import OrderDraftRow
from oms_api.domain.orders.given import Amount, Cart, PlaceOrder
from oms_api.domain.payments import verbs as refunds
from oms_api.domain.payments.queries import refunds_by_id
from oms_api.domain.payments.states import PaymentEventType
from oms_api.domain.payments.tables import RefundRow
from oms_api.domain.picking import verbs as picking
from oms_api.domain.picking.tables import PickBatchRow
from oms_api.domain.purchasing import verbs as purchasing
from oms_api.domain.purchasing.commands.confirm import LineToConfirm
from oms_api.domain.purchasing.tables import PurchaseOrderRow
from oms_api.domain.returns import verbs as returns
from oms_api.domain.returns.states import Disposition
from oms_api.domain.returns.states import ReturnOrderStatus as S
from oms_api.domain.returns.tables import ReturnLineRow, ReturnRow
from oms_api.kernel.checks import refuse_if
from oms_api.kernel.ids import RefundId
from oms_api.workflows.place_draft import PlaceDraft, place_draft
from oms_api.workflows.read_intake import ResolveIntake, RetryIntake, resolve_intake, retry_intake
from oms_api.workflows.report_payment import ReportPayment, report_payment
from tests.factories.counting import Shelf
from tests.factories.given import SYSTEM
from tests.factories.moving import Road
from tests.factories.picking import Round
from tests.factories.purchasing import Buyer, came, line
from tests.factories.raw import raw
from tests.factories.trading import Shop
from tests.factories.trading import line as line_of
from tests.factories.walking import Walk

BACK = TransferResolution.RETURN_TO_SOURCE


async def transfers_of_three(work: UnitOfWork) -> Walk:
    """Lead transfers of three units, sent, received and called off one by one or all at once."""
    road = await Road.build(work)
    (cup,) = await road.goods(10_000)

    async def units(bench: Road, key: Any) -> Hashable:
        (line,) = await bench.lines(key)
        return line.in_transit, line.to_come

    async def draft(bench: Road) -> UUID:
        return (await bench.plan((cup, 3), ready=False)).id

    return Walk(
        transfers.LIFE,
        TransferRow,
        lambda work: replace(road, work=work),
        [draft],
        [
            (transfers.UPDATE, lambda bench, key: bench.update(key, note="by van")),
            (transfers.PLAN, lambda bench, key: bench.update(key, [(cup, 3)])),
            (transfers.MARK_READY, lambda bench, key: bench.ready(key)),
            (transfers.SHIP, lambda bench, key: bench.ship(key)),
            (transfers.SHIP, lambda bench, key: bench.ship(key, (cup, 1))),
            (transfers.RECEIVE, lambda bench, key: bench.receive(key)),
            (transfers.RECEIVE, lambda bench, key: bench.receive(key, (cup, 1, 0, 0))),
            (transfers.CANCEL, lambda bench, key: bench.cancel(key, BACK)),
            (transfers.CANCEL, lambda bench, key: bench.cancel(key, BACK, (cup, 1))),
        ],
        apart=units,
    )


async def purchase_orders_of_three(work: UnitOfWork) -> Walk:
    """Lead purchase orders of three units, of which four may come, confirmed and received one by one or all at once."""
    buyer = await Buyer.open(work)
    cup = await buyer.supplied(over_receipt_percent=Decimal(34))

    async def draft(bench: Buyer) -> UUID:
        return (await bench.write(line(cup, 3))).value.id

    async def confirm_one(bench: Buyer, key: Any) -> Any:
        (it,) = await bench.lines(key)
        return await bench.confirm(key, LineToConfirm(line_id=it.id, quantity=1))

    async def receive_one(bench: Buyer, key: Any) -> Any:
        (it,) = await bench.lines(key)
        return await bench.receive(key, came(it.id, 1))

    async def units(bench: Buyer, key: Any) -> Hashable:
        (it,) = await bench.lines(key)
        return it.confirmed, it.accepted

    return Walk(
        purchasing.LIFE,
        PurchaseOrderRow,
        lambda work: replace(buyer, work=work),
        [draft],
        [
            (purchasing.UPDATE, lambda bench, key: bench.rewrite(key, changes={"note": "by van"})),
            (purchasing.SUBMIT, lambda bench, key: bench.submit(key)),
            (purchasing.CONFIRM, lambda bench, key: bench.confirm(key)),
            (purchasing.CONFIRM, confirm_one),
            (purchasing.RECEIVE, lambda bench, key: bench.receive(key)),
            (purchasing.RECEIVE, receive_one),
            (purchasing.CLOSE, lambda bench, key: bench.close(key)),
            (purchasing.CANCEL, lambda bench, key: bench.cancel(key)),
        ],
        apart=units,
    )


async def counts_of_two(work: UnitOfWork) -> Walk:
    """Lead stock counts of two SKUs, counted one by one or left uncounted."""
    shelf = await Shelf.build(work)
    cup, pot = await shelf.goods(5, 5)

    async def opened(bench: Shelf) -> UUID:
        return (await bench.open(cup, pot)).id

    async def units(bench: Shelf, key: Any) -> Hashable:
        return tuple(each.counted for each in await bench.lines(key))

    return Walk(
        counts.LIFE,
        StockCountRow,
        lambda work: replace(shelf, work=work),
        [opened],
        [
            (counts.SUBMIT, lambda bench, key: bench.submit(key, (cup, 4))),
            (counts.SUBMIT, lambda bench, key: bench.submit(key, (pot, 6), complete=True, leave_uncounted=True)),
            (counts.POST, lambda bench, key: bench.post(key)),
            (counts.CANCEL, lambda bench, key: bench.cancel(key)),
        ],
        apart=units,
    )


async def drafts_of_one(work: UnitOfWork) -> Walk:
    """Lead drafts of an order of one unit, changed, placed and given up."""
    shop = await Shop.open(work)
    cup = await shop.stocked(500)
    cart = Cart(channel_id=shop.channel.id, lines=(line_of(cup),))

    async def drafted(bench: Shop) -> UUID:
        return (await bench.work.execute(SYSTEM, create_draft, CreateDraft(cart=cart))).id

    def done(command: Any, given: Any) -> Any:
        return lambda bench, key: bench.work.once(
            SYSTEM, command, given(key), key=uuid4().hex, name="a walk", again=draft_by_id
        )

    async def placed(tx: Tx, command: PlaceDraft) -> OrderDraftRow:
        return (await place_draft(tx, command)).draft

    return Walk(
        drafts.LIFE,
        OrderDraftRow,
        lambda work: replace(shop, work=work),
        [drafted],
        [
            (drafts.UPDATE, done(update_draft, lambda key: UpdateDraft(order_draft_id=key, changes={"note": "soon"}))),
            (drafts.PLACE, done(placed, lambda key: PlaceDraft(order_draft_id=key))),
            (drafts.DISCARD, done(discard_draft, lambda key: DiscardDraft(order_draft_id=key))),
        ],
    )


async def pick_batches_of_two(work: UnitOfWork) -> Walk:
    """Lead pick batches of two lines, confirmed one by one, with units missing, or given up."""
    shop = await Shop.open(work)
    cup, pot = await shop.stocked(5_000), await shop.stocked(5_000)

    async def begun(bench: Round) -> UUID:
        order = await bench.shop.place(line_of(cup, 2), line_of(pot, 2))
        (todo,) = await bench.shop.works(order.id)
        return (await bench.begin(todo.id))[0].id

    async def confirm(bench: Round, key: Any, *, most: int, short: int) -> Any:
        open_ = [each for each in await bench.lines(key) if each.picked is None] or await bench.lines(key)
        why: tuple[Any, ...] = ("NO_CAPACITY",) if short else ()
        found: list[Any] = [(each.id, each.quantity - short, *why) for each in open_[:most]]
        return await bench.confirm(key, *found)

    async def units(bench: Round, key: Any) -> Hashable:
        return tuple(each.picked for each in await bench.lines(key))

    return Walk(
        picking.LIFE,
        PickBatchRow,
        lambda work: Round(replace(shop, work=work)),
        [begun],
        [
            (picking.CONFIRM, partial(confirm, most=2, short=0)),
            (picking.CONFIRM, partial(confirm, most=1, short=1)),
            (picking.CANCEL, lambda bench, key: bench.cancel(key)),
        ],
        apart=units,
    )


async def intakes(work: UnitOfWork) -> Walk:
    """Lead documents that are to become orders: read well, read in vain, placed from outside, given up."""
    shop = await Shop.open(work)
    cup = await shop.stocked(500)

    class Reader:
        units: int | None = None

        def normalise(self, _document: object) -> Cart:
            if self.units is None:
                raise Unreadable(problem="it has no units", field=("document",))
            return Cart(channel_id=shop.channel.id, lines=(line_of(cup, self.units),))

    reader = CONNECTORS["a walk"] = Reader()

    async def kept(bench: Shop) -> UUID:
        given = SubmitIntake(idempotency_key="", source="a walk", document={"n": uuid4().hex})
        return (await bench.work.execute(SYSTEM, submit_intake, given)).id

    def done(command: Any, given: Any) -> Any:
        return lambda bench, key: bench.work.once(
            SYSTEM, command, given(key), key=uuid4().hex, name="a walk", again=intake_by_id
        )

    def read_as(units: int | None) -> Any:
        def reading(key: Any) -> RetryIntake:
            reader.units = units
            return RetryIntake(order_intake_id=key)

        return done(retry_intake, reading)

    order = PlaceOrder(idempotency_key="", channel_id=shop.channel.id, lines=(line_of(cup),))
    return Walk(
        intake_verbs.LIFE,
        OrderIntakeRow,
        lambda work: replace(shop, work=work),
        [kept],
        [
            *((intake_verbs.READ, read_as(units)) for units in (1, 0, None)),
            (intake_verbs.RESOLVE, done(resolve_intake, lambda key: ResolveIntake(order_intake_id=key, order=order))),
            (intake_verbs.DISCARD, done(discard_intake, lambda key: DiscardIntake(order_intake_id=key))),
        ],
    )


async def returns_of_three(work: UnitOfWork) -> Walk:
    """Lead returns of three units, asked for, on their way or neither, received one by one or all at once."""
    shop = await Shop.open(work)
    cup = await shop.stocked(500)

    def returned(status: S | None) -> Any:
        async def start(bench: Shop) -> UUID:
            order = await bench.sent(line_of(cup, 3))
            back = (await bench.return_(order.id, ((await bench.lines(order.id))[0].id, 3))).value
            if status is not None:  # as other systems will tell it
                await bench.work.execute(SYSTEM, set_status, (back.id, status))
            return back.id

        return start

    async def set_status(tx: Tx, told: tuple[UUID, S]) -> None:
        await tx.fetch(Sql("UPDATE returns SET status = :status::text WHERE id = :id::uuid")(id=told[0], status=told[1]))

    async def line_in(bench: Shop, key: Any) -> ReturnLineRow:
        async with bench.work.reads(SYSTEM) as read:
            return await read.one(raw(select(ReturnLineRow).where(ReturnLineRow.return_id == key)))

    async def received(bench: Shop, key: Any) -> Hashable:
        return (await line_in(bench, key)).received

    async def receive(bench: Shop, key: Any, units: int) -> Any:
        return await bench.take_back(key, ((await line_in(bench, key)).line_id, units, Disposition.RESTOCK))

    return Walk(
        returns.LIFE,
        ReturnRow,
        lambda work: replace(shop, work=work),
        [returned(status) for status in (None, S.IN_TRANSIT, S.REQUESTED)],
        [
            (returns.RECEIVE, lambda bench, key: bench.take_back(key)),
            *((returns.RECEIVE_ROWS, partial(receive, units=units)) for units in (1, 2, 3)),
            (returns.CLOSE, lambda bench, key: bench.close_return(key)),
            (returns.CANCEL, lambda bench, key: bench.cancel_return(key)),
        ],
        apart=received,
        by_rows={returns.RECEIVE_ROWS: S.RECEIVED},
    )


async def refunds_of_two(work: UnitOfWork) -> Walk:
    """Lead refunds of two pounds, asked for, called off, and reported as paid one by one or in vain."""
    shop = await Shop.open(work)
    cup = await shop.stocked(500)

    async def granted(bench: Shop) -> UUID:
        order = await bench.place(line_of(cup, 2))
        await bench.pay(order.id)
        return (await bench.refund(order.id, "2.00")).value.id

    async def amounts(bench: Shop, key: Any) -> Hashable:
        async with bench.work.reads(SYSTEM) as read:
            refund = await refunds_by_id.known(read, key)
        return refund.refunded_minor, refund.called_off_minor

    async def report(bench: Shop, key: Any, kind: PaymentEventType, amount: str) -> None:
        async def reporting(tx: Tx, key: RefundId) -> None:
            refund = await refunds_by_id.known(tx, key)
            refuse_if(refunds.LIFE.why_not(refunds.REPORT, refund.status, None))  # else it is counted and moves nothing
            told: dict[str, Any] = {"gateway": "till", "event_reference": uuid4().hex, "type": kind}
            told |= {
                "idempotency_key": "",
                "order_id": refund.order_id,
                "refund_id": key,
                "amount": Amount(value=Decimal(amount)),
            }
            await report_payment(tx, ReportPayment(**told))

        await bench.work.execute(SYSTEM, reporting, key)

    return Walk(
        refunds.LIFE,
        RefundRow,
        lambda work: replace(shop, work=work),
        [granted],
        [
            (refunds.REQUEST, lambda bench, key: bench.request_refund(key)),
            (refunds.CANCEL, lambda bench, key: bench.cancel_refund(key)),
            (refunds.REPORT, partial(report, kind=PaymentEventType.REFUNDED, amount="1.00")),
            (refunds.REPORT, partial(report, kind=PaymentEventType.REFUNDED, amount="2.00")),
            (refunds.REPORT, partial(report, kind=PaymentEventType.FAILED, amount="1.00")),
        ],
        apart=amounts,
    )


@pytest.mark.parametrize(
    "walk",
    [
        transfers_of_three, purchase_orders_of_three, counts_of_two, pick_batches_of_two, drafts_of_one, intakes,
        returns_of_three, refunds_of_two,
    ],
)  # fmt: skip
async def test_verbs_lead_where_their_life_says_and_nowhere_else(work: UnitOfWork, walk: Any) -> None:
    led = await walk(work)
    moves, wrong = await led.led(work)
    assert wrong == set()
    for verb, said in led.said.items():
        assert moves[verb] == said, verb.shown
