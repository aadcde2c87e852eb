"""Store pickup over the API: made ready, listed, handed over for its code, and told."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.pickups.tables import PickupRow
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import IdKind, text_id
from tests.factories.asking import Ask, refusals
from tests.factories.database import Database
from tests.factories.feed import relay_all
from tests.factories.fetching import Store
from tests.factories.given import SYSTEM
from tests.factories.trading import line

ERRORS = "userErrors { code field message }"
PICKUP = """id status code wrongTries locked readyAt remindOn remindedAt collectBy closedAt collectedBy version
    location { code } order { number pickups { id } } fulfillmentOrder { status awaitsPickup pickup { id } }
    shipment { status packages { status } } availableActions { action allowed blockedBy { code field } }"""
READY = f"mutation ($input: PickupReadyInput!) {{ pickupReady(input: $input) {{ pickup {{ {PICKUP} }} replayed {ERRORS} }} }}"
HAND_OVER = f"""mutation ($input: PickupHandOverInput!) {{
    pickupHandOver(input: $input) {{ pickup {{ {PICKUP} }} replayed {ERRORS} }} }}"""
CANCEL = f"mutation ($input: PickupCancelInput!) {{ pickupCancel(input: $input) {{ pickup {{ {PICKUP} }} {ERRORS} }} }}"
RENEW = f"mutation ($input: PickupCodeRenewInput!) {{ pickupCodeRenew(input: $input) {{ pickup {{ {PICKUP} }} {ERRORS} }} }}"
EXTEND = f"mutation ($input: PickupExtendInput!) {{ pickupExtend(input: $input) {{ pickup {{ {PICKUP} }} {ERRORS} }} }}"
LIST = """query ($where: PickupFilterInput, $by: PickupOrder! = COLLECT_BY_ASC) {
    pickups(where: $where, orderBy: $by) { nodes { id status } } }"""
TIMELINE = "query ($id: ID!) { order(by: { id: $id }) { timeline { nodes { text } } statusExplanation { summary } } }"
CODE = "query ($id: ID!) { pickup(by: { id: $id }) { code } }"
LOCATION = f"""mutation ($input: LocationUpdateInput!) {{ locationUpdate(input: $input) {{
    location {{ pickupDays pickupReminderDays }} {ERRORS} }} }}"""


@pytest.fixture
async def store(work: UnitOfWork) -> Store:
    return await Store.open(work)


@pytest.fixture
def ask(work: UnitOfWork) -> Ask:
    return Ask(work, SYSTEM)


async def send(ask: Ask, document: str, **given: Any) -> Any:
    (payload,) = (await ask(document, input={"idempotencyKey": uuid4().hex, **given})).values()
    return payload


def id_of(pickup: PickupRow) -> str:
    return text_id(IdKind.PICKUP, pickup.id)


async def test_a_customer_fetches_goods(store: Store, ask: Ask, database: Database) -> None:
    cup = await store.shop.stocked(9)
    todo = await store.ordered(line(cup, 2))
    order, given = text_id(IdKind.ORDER, todo.order_id), {"fulfillmentOrderId": text_id(IdKind.FULFILLMENT_ORDER, todo.id)}
    made = await send(ask, READY, **given)
    pickup = made["pickup"]
    assert (made["userErrors"], pickup["status"], pickup["wrongTries"], pickup["version"]) == ([], "READY", 0, 1)
    assert pickup["fulfillmentOrder"] == {"status": "IN_PROGRESS", "awaitsPickup": True, "pickup": {"id": pickup["id"]}}
    assert {each["action"] for each in pickup["availableActions"] if each["allowed"]} == {
        "HAND_OVER_PICKUP",
        "CANCEL_PICKUP",
        "RENEW_PICKUP_CODE",
        "EXTEND_PICKUP",
    }
    told = (await ask(TIMELINE, id=order))["order"]
    assert told["statusExplanation"]["summary"].startswith(
        f"2 of {cup.code} wait for the customer in {pickup['location']['code']}"
    )
    done = await send(ask, HAND_OVER, pickupId=pickup["id"], code=pickup["code"], collectedBy="Ada Lovelace")
    fetched = done["pickup"]
    assert (fetched["status"], fetched["code"], fetched["collectedBy"]) == ("HANDED_OVER", None, "Ada Lovelace")
    assert fetched["shipment"] == {"status": "DELIVERED", "packages": [{"status": "DELIVERED"}]}
    assert fetched["order"]["pickups"] == [{"id": pickup["id"]}]
    await relay_all(database.app_url)
    texts = [each["text"] for each in (await ask(TIMELINE, id=order))["order"]["timeline"]["nodes"]]
    place = pickup["location"]["code"]
    assert [text for text in texts if "customer" in text] == [
        f"{place} set the goods aside for the customer.",
        f"The goods wait for the customer in {place} until {pickup['collectBy']}.",
        f"The customer fetched the goods in {place}.",
    ]


async def test_wrong_codes_are_counted_although_they_are_refused(store: Store, ask: Ask) -> None:
    cup = await store.shop.stocked(9)
    pickup = await store.waiting(line(cup, 1))
    for _ in range(5):
        refused = await send(ask, HAND_OVER, pickupId=id_of(pickup), code="WRONG")
        assert (refusals(refused), refused["pickup"]) == ([("PICKUP_CODE_WRONG", ["code"])], None)
    assert "0 more wrong codes lock it" in refused["userErrors"][0]["message"]
    locked = await send(ask, HAND_OVER, pickupId=id_of(pickup), code=pickup.code)
    assert refusals(locked) == [("PICKUP_LOCKED", ["pickupId"])]
    renewed = (await send(ask, RENEW, pickupId=id_of(pickup)))["pickup"]
    assert (renewed["wrongTries"], renewed["locked"]) == (0, False)
    key = uuid4().hex
    for replayed in (False, True):
        done = await send(ask, HAND_OVER, pickupId=id_of(pickup), code=renewed["code"], idempotencyKey=key)
        assert (done["userErrors"], done["replayed"], done["pickup"]["status"]) == ([], replayed, "HANDED_OVER")
    assert refusals(await send(ask, CANCEL, pickupId=id_of(pickup))) == [("PICKUP_OVER", ["pickupId"])]


async def test_who_hands_over_need_not_know_the_code(store: Store, work: UnitOfWork) -> None:
    """A key without customers:read reads no code, and no name of who came."""
    cup = await store.shop.stocked(9)
    pickup = await store.waiting(line(cup, 1))
    clerk = replace(SYSTEM, scopes=SYSTEM.scopes - {Scope.CUSTOMERS_READ})
    (error,) = await Ask(work, clerk).errors(CODE, id=id_of(pickup))
    assert (error["extensions"]["code"], "customers:read" in error["message"]) == ("MISSING_SCOPE", True)


async def test_pickups_are_listed(store: Store, ask: Ask) -> None:
    cup = await store.shop.stocked(9)
    one, two = await store.waiting(line(cup, 1)), await store.waiting(line(cup, 1))
    assert (await send(ask, EXTEND, pickupId=id_of(one), days=3))["userErrors"] == []
    assert (await send(ask, CANCEL, pickupId=id_of(two)))["pickup"]["status"] == "CANCELED"
    here = {"locationId": {"eq": text_id(IdKind.LOCATION, store.shop.locations[0].id)}}
    found = (await ask(LIST, where=here))["pickups"]["nodes"]
    assert [(each["id"], each["status"]) for each in found] == [(id_of(two), "CANCELED"), (id_of(one), "READY")]
    ready = {**here, "status": {"eq": "READY"}, "collectBy": {"gt": two.collect_by.isoformat()}}
    assert [each["id"] for each in (await ask(LIST, where=ready, by="READY_AT_DESC"))["pickups"]["nodes"]] == [id_of(one)]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"pickupDays": 0}, "pickupDays"),
        ({"pickupDays": 366}, "pickupDays"),
        ({"pickupReminderDays": 8}, "pickupReminderDays"),
        ({"pickupDays": 2}, "pickupReminderDays"),
        ({"pickupDays": None}, "pickupReminderDays"),
        ({"stockValidMinutes": 0}, "stockValidMinutes"),
    ],
)
async def test_numbers_that_make_no_sense_are_refused(store: Store, ask: Ask, changes: dict[str, Any], field: str) -> None:
    given = {"id": text_id(IdKind.LOCATION, store.shop.locations[0].id), **changes}
    payload = (await ask(LOCATION, input=given))["locationUpdate"]
    assert refusals(payload) == [("INVALID_VALUE", [field])]
