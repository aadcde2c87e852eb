"""What happened to orders, returns, purchase orders and transfers, as people are told of it."""

from dataclasses import replace
from typing import Any

import pytest

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.payments.states import PaymentEventType, RefundReason
from oms_api.domain.returns.states import Disposition
from oms_api.kernel.access import Scope
from oms_api.kernel.address import Contact
from oms_api.kernel.ids import IdKind, new_uuid, text_id
from tests.factories.asking import Ask
from tests.factories.database import Database
from tests.factories.feed import relay_all
from tests.factories.given import SYSTEM
from tests.factories.holding import hold, release
from tests.factories.moving import Road
from tests.factories.purchasing import Buyer
from tests.factories.purchasing import line as ordered
from tests.factories.trading import Shop, line

TIMELINE = """
query ($id: ID!, $first: Int, $after: Cursor, $orderBy: TimelineOrder) {
  node(id: $id) {
    ... on Order { timeline(first: $first, after: $after, orderBy: $orderBy) { ...Told } }
    ... on Return { timeline(first: $first, after: $after, orderBy: $orderBy) { ...Told } }
    ... on PurchaseOrder { timeline(first: $first, after: $after, orderBy: $orderBy) { ...Told } }
    ... on Transfer { timeline(first: $first, after: $after, orderBy: $orderBy) { ...Told } }
  }
}
fragment Told on TimelineEntryConnection {
  nodes { id type text actor reason note occurredAt recordedAt changes { field before after } record { __typename id } }
  pageInfo { hasNextPage endCursor }
}
"""
NOTE = "mutation ($input: OrderNoteAddInput!) { orderNoteAdd(input: $input) { userErrors { code } } }"


@pytest.fixture
async def shop(work: UnitOfWork) -> Shop:
    return await Shop.open(work, locations=2)


@pytest.fixture
def ask(work: UnitOfWork) -> Ask:
    return Ask(work, SYSTEM)


async def told(ask: Ask, database: Database, kind: IdKind, key: Any, **page: Any) -> list[dict[str, Any]]:
    """Return what is told of a document once all of it is in the feed."""
    await relay_all(database.app_url)
    node = (await ask(TIMELINE, id=text_id(kind, key), **page))["node"]
    return list(node["timeline"]["nodes"])


async def test_an_order_tells_all_that_happened_with_who_and_why(shop: Shop, ask: Ask, database: Database) -> None:
    cup = await shop.stocked(5, 5)
    order = await shop.place(line(cup, 7))
    (first,) = await shop.lines(order.id)
    await shop.cancel(order.id, (first.id, 1), note="six are enough")
    given = {"idempotencyKey": new_uuid().hex, "orderId": text_id(IdKind.ORDER, order.id), "text": "She calls back."}
    await ask(NOTE, input=given)
    await shop.pay(order.id)
    leeds, york = sorted(await shop.works(order.id), key=lambda work: work.location_id != shop.locations[0].id)
    await shop.start(leeds.id)
    one = (await shop.ship(leeds.id, carrier="DHL", tracking_number="123")).value
    await shop.deliver(one.id)
    await shop.ship(york.id)
    parcel = (await shop.packages(order.id))[-1]
    await shop.mark_lost(parcel.id)
    back = (await shop.return_(order.id, (first.id, 1))).value
    await shop.take_back(back.id, (first.id, 1, Disposition.RESTOCK))
    refund = (await shop.refund(order.id, "5.00", RefundReason.RETURN, note="with thanks", return_id=back.id)).value
    await shop.request_refund(refund.id)
    await shop.pay(order.id, "5.00", PaymentEventType.REFUNDED, refund_id=refund.id)
    entries = await told(ask, database, IdKind.ORDER, order.id)
    here, there = (location.code for location in shop.locations)
    texts = [entry["text"] for entry in entries]
    assert texts == [
        f"Order {order.number} was placed.",
        f"1 of {cup.code} was canceled.",
        "A note was written.",
        "59.94 GBP was paid (till).",
        f"{here} began to pick.",
        f"5 of {cup.code} were shipped from {here} (DHL 123).",
        f"5 of {cup.code} were delivered; they had left {here}.",
        f"1 of {cup.code} was shipped from {there}.",
        "A parcel was lost on the way.",
        "The order was completed.",
        f"Return {back.number} of 1 of {cup.code} was announced.",
        "The order was opened again.",
        f"1 of {cup.code} was received back in {here}.",
        "The order was completed.",
        "A refund of 5.00 GBP was granted.",
        "A refund of 5.00 GBP was requested.",
        "5.00 GBP was paid back (till).",
        "A refund of 5.00 GBP was paid in full.",
    ]
    assert {entry["actor"] for entry in entries} == {"tests"}
    assert [(entry["reason"], entry["note"]) for entry in entries[1:3]] == [
        ("CUSTOMER", "six are enough"),
        (None, "She calls back."),
    ]
    assert [entries[place]["record"]["__typename"] for place in (0, 2, 4, 5, 10, 14)] == [
        "Order", "OrderNote", "FulfillmentOrder", "Shipment", "Return", "Refund",
    ]  # fmt: skip
    newest = await told(ask, database, IdKind.ORDER, order.id, orderBy="NEWEST_FIRST")
    assert newest == entries[::-1]
    of_return = await told(ask, database, IdKind.RETURN, back.id)
    assert [entry["text"] for entry in of_return] == [texts[at] for at in (10, 12, 14, 15, 17)]


async def test_an_update_tells_its_fields_and_why(shop: Shop, ask: Ask, database: Database) -> None:
    order = await shop.place(line(await shop.stocked(1)), contact=Contact(name="Ada", email="ada@exmple.com"))
    given = {"idempotencyKey": new_uuid().hex, "orderId": text_id(IdKind.ORDER, order.id), "reason": "A typo."}
    update = "mutation ($input: OrderUpdateInput!) { orderUpdate(input: $input) { userErrors { code } } }"
    assert (await ask(update, input={**given, "priority": 3, "tags": ["vip"], "email": "ada@example.com"}))["orderUpdate"] == {
        "userErrors": []
    }
    entry = (await told(ask, database, IdKind.ORDER, order.id))[-1]
    assert sorted(entry["text"].removesuffix(" were changed.").lower().replace(" and ", ", ").split(", ")) == [
        "the contact", "the priority", "the tags",
    ]  # fmt: skip
    assert (entry["reason"], entry["record"]["__typename"]) == ("A typo.", "OrderChange")


async def test_holds_tell_their_reason_and_whether_work_goes_on(shop: Shop, ask: Ask, database: Database) -> None:
    order = await shop.place(line(await shop.stocked(1)))
    first = await hold(shop.work, order.id, reason="FRAUD_REVIEW", note="looks odd")
    second = await hold(shop.work, order.id, reason="APPROVAL", approval=True)
    for each in (first, second):
        await release(shop.work, order.id, hold_id=each.id, note="all is well")
    entries = (await told(ask, database, IdKind.ORDER, order.id))[1:]
    assert [(entry["text"], entry["note"]) for entry in entries] == [
        ("The order was put on hold for FRAUD_REVIEW.", "looks odd"),
        ("The order was put on hold for APPROVAL; it waits for an approval.", None),
        ("The hold for FRAUD_REVIEW was released: others remain.", "all is well"),
        ("The hold for APPROVAL was released: work goes on.", "all is well"),
    ]
    assert {entry["record"]["__typename"] for entry in entries} == {"Hold"}


async def test_pages_follow_each_other_at_a_constant_number_of_statements(shop: Shop, ask: Ask, database: Database) -> None:
    cup = await shop.stocked(50, 50)
    order = await shop.place(line(cup, 60))
    (only,) = await shop.lines(order.id)
    for _ in range(12):
        await shop.cancel(order.id, (only.id, 1))
    all_of_it = await told(ask, database, IdKind.ORDER, order.id)
    assert len(all_of_it) == 13
    seen: list[dict[str, Any]] = []
    page: dict[str, Any] = {"nodes": [], "pageInfo": {"endCursor": None, "hasNextPage": True}}
    key = text_id(IdKind.ORDER, order.id)
    while page["pageInfo"]["hasNextPage"]:
        page = (await ask(TIMELINE, id=key, first=5, after=page["pageInfo"]["endCursor"]))["node"]["timeline"]
        seen += page["nodes"]
    assert seen == all_of_it
    few, many = [(await ask.counted(TIMELINE, id=key, first=size))[1] for size in (2, 13)]
    assert few.statements == many.statements


async def test_what_a_caller_may_not_see_stays_hidden(shop: Shop, ask: Ask, database: Database) -> None:
    cup = await shop.stocked(2, 2)
    order = await shop.place(line(cup, 4))
    await shop.pay(order.id)
    for work in await shop.works(order.id):
        await shop.ship(work.id)
    poor = Ask(ask.work, replace(SYSTEM, scopes=SYSTEM.scopes - {Scope.PAYMENTS_READ}))
    (paid,) = [each for each in await told(poor, database, IdKind.ORDER, order.id) if each["type"] == "PAYMENT_REPORTED"]
    assert paid["text"] == "A provider reported a payment, a refund, a failure or a dispute."
    assert (paid["note"], paid["record"]) == (None, None)
    here = Ask(ask.work, replace(SYSTEM, locations=frozenset({shop.locations[0].id})))
    shipped = [
        each["text"] for each in await told(here, database, IdKind.ORDER, order.id) if each["type"] == "SHIPMENT_CREATED"
    ]
    assert shipped == [f"2 of {cup.code} were shipped from {shop.locations[0].code}."]


async def test_purchase_orders_and_transfers_tell_theirs(work: UnitOfWork, ask: Ask, database: Database) -> None:
    buyer = await Buyer.open(work)
    cup = await buyer.supplied()
    order = (await buyer.write(ordered(cup, 3))).value
    await buyer.submit(order.id)
    await buyer.receive(order.id)
    assert [each["text"] for each in await told(ask, database, IdKind.PURCHASE_ORDER, order.id)] == [
        f"Purchase order {order.number} was created.",
        "It was sent to the supplier.",
        f"3 of {cup.code} were received.",
    ]
    road = await Road.build(work)
    (pot,) = await road.goods(10)
    transfer = await road.plan((pot, 3))
    await road.ship(transfer.id)
    await road.receive(transfer.id, (pot, 1, 1, 1))
    texts = [each["text"] for each in await told(ask, database, IdKind.TRANSFER, transfer.id)]
    assert texts[0] == f"Transfer {transfer.number} was created."
    assert texts[-2:] == [f"3 of {pot.code} were sent.", texts[-1]]
    assert (
        texts[-1] == f"1 of {pot.code} was received; 1 of {pot.code} was received damaged; 1 of {pot.code} was lost on the way."
    )


async def test_a_place_of_another_order_of_the_timeline_is_refused(shop: Shop, ask: Ask, database: Database) -> None:
    order = await shop.place(line(await shop.stocked(1)))
    await relay_all(database.app_url)
    key = text_id(IdKind.ORDER, order.id)
    place = (await ask(TIMELINE, id=key, first=1))["node"]["timeline"]["pageInfo"]["endCursor"]
    for wrong in ({"after": "nonsense"}, {"after": place, "orderBy": "NEWEST_FIRST"}):
        (error,) = await ask.errors(TIMELINE, id=key, **wrong)
        assert error["extensions"]["code"] == "INVALID_CURSOR"
