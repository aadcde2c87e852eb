from dataclasses import replace
from typing import Any

import pytest

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import IdKind, new_uuid, text_id
from tests.factories.asking import Ask, refusals
from tests.factories.given import SYSTEM
from tests.factories.trading import Shop, line

ADD = """
mutation ($input: OrderNoteAddInput!) {
  orderNoteAdd(input: $input) { orderNote { id text actor order { id version } } replayed userErrors { code field } }
}
"""
NOTES = """
query ($by: OrderByInput!, $first: Int, $after: Cursor, $last: Int) {
  order(by: $by) {
    notes(first: $first, after: $after, last: $last) { nodes { text } pageInfo { hasNextPage endCursor } }
    availableActions { action allowed }
  }
}
"""


@pytest.fixture
async def shop(work: UnitOfWork) -> Shop:
    return await Shop.open(work)


@pytest.fixture
def ask(work: UnitOfWork) -> Ask:
    return Ask(work, SYSTEM)


async def add(ask: Ask, order: Any, text: str, **more: Any) -> dict[str, Any]:
    given = {"idempotencyKey": new_uuid().hex, "orderId": text_id(IdKind.ORDER, order.id), "text": text, **more}
    return dict((await ask(ADD, input=given))["orderNoteAdd"])


async def test_notes_are_written_on_any_order_and_raise_no_version(shop: Shop, ask: Ask) -> None:
    order = await shop.place(line(await shop.stocked(9), 3))
    first = await add(ask, order, "She calls back on Monday.", idempotencyKey="note 1")
    assert first["userErrors"] == []
    assert first["orderNote"]["order"]["version"] == order.version
    again = await add(ask, order, "She calls back on Monday.", idempotencyKey="note 1")
    assert (again["replayed"], again["orderNote"]) == (True, first["orderNote"])
    await shop.cancel(order.id)
    assert (await add(ask, order, "Canceled on the phone."))["userErrors"] == []
    by = {"id": text_id(IdKind.ORDER, order.id)}
    page = (await ask(NOTES, by=by, first=1))["order"]
    assert page["notes"]["nodes"] == [{"text": "She calls back on Monday."}]
    assert page["notes"]["pageInfo"]["hasNextPage"] is True
    assert {"action": "ADD_NOTE", "allowed": True} in page["availableActions"]
    rest = (await ask(NOTES, by=by, after=page["notes"]["pageInfo"]["endCursor"]))["order"]["notes"]["nodes"]
    assert rest == (await ask(NOTES, by=by, last=1))["order"]["notes"]["nodes"] == [{"text": "Canceled on the phone."}]


async def test_a_note_that_says_nothing_or_too_much_or_of_no_order_is_refused(shop: Shop, ask: Ask) -> None:
    order = await shop.place(line(await shop.stocked(9), 3))
    for text in ("", " \n", "x" * 10_001, "a\0b"):
        assert refusals(await add(ask, order, text)) == [("INVALID_VALUE", ["text"])]
    assert refusals(await add(ask, order, "Hm.", orderId=text_id(IdKind.ORDER, new_uuid()))) == [("NOT_FOUND", ["orderId"])]
    elsewhere = Ask(ask.work, replace(SYSTEM, channels=frozenset()))
    assert refusals(await add(elsewhere, order, "Hm.")) == [("NOT_FOUND", ["orderId"])]
    reader = Ask(ask.work, replace(SYSTEM, scopes=SYSTEM.scopes - {Scope.ORDERS_WRITE}))
    given = {"idempotencyKey": "k", "orderId": text_id(IdKind.ORDER, order.id), "text": "Hm."}
    (error,) = await reader.errors(ADD, input=given)
    assert error["extensions"]["code"] == "MISSING_SCOPE"
