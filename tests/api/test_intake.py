"""Documents of other systems: kept, read by the worker or from outside, placed once, with every verdict."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from oms_api import wiring
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.intake.connectors import CONNECTORS
from oms_api.jobs.housekeeping import purge_idempotency, purge_old_intakes
from oms_api.kernel.ids import IdKind, OrderIntakeId, new_uuid, parse_id, text_id
from oms_api.workflows.read_intake import RetryIntake, retry_intake
from tests.factories.asking import Ask, refusals
from tests.factories.given import SYSTEM, Given
from tests.factories.holding import sweep
from tests.factories.racing import race
from tests.factories.trading import Shop, findings

INTAKE = """
id source externalRef status document attempts { number status actor errors { code message field } }
order { id intake { id } timeline(first: 5) { nodes { text } } } availableActions { action allowed }
"""


def sending(name: str, kind: str | None = None, more: str = "") -> str:
    kind = kind or name[0].upper() + name[1:]
    errors = "userErrors { code field ... on OrderIntakePlacedError { order { id } } }"
    return (
        f"mutation ($input: {kind}Input!) {{ {name}(input: $input) {{ orderIntake {{ {INTAKE} }} {more} {errors} replayed }} }}"
    )


SUBMIT = sending("orderIntakeSubmit", more="known")
RETRY, RESOLVE, DISCARD = (sending(f"orderIntake{verb}") for verb in ("Retry", "Resolve", "Discard"))
LISTED = f"query ($where: OrderIntakeFilterInput) {{ orderIntakes(where: $where) {{ nodes {{ {INTAKE} }} }} }}"


@pytest.fixture
async def shop(work: UnitOfWork) -> Shop:
    CONNECTORS["oms"] = wiring.BuiltInConnector()
    return await Shop.open(work)


@pytest.fixture
def ask(work: UnitOfWork) -> Ask:
    return Ask(work, SYSTEM)


async def send(ask: Ask, sent: str, /, **given: Any) -> dict[str, Any]:
    (payload,) = (await ask(sent, input={"idempotencyKey": new_uuid().hex, **given})).values()
    return dict(payload)


def order_of(shop: Shop, *codes: str, **more: Any) -> dict[str, Any]:
    lines = [{"sku": code, "quantity": 1, "unitPrice": {"amount": "10.00"}} for code in codes]
    return {"channelId": text_id(IdKind.CHANNEL, shop.channel.id), "lines": lines, **more}


async def test_a_document_becomes_an_order(shop: Shop, ask: Ask) -> None:
    sku = await shop.stocked(5)
    kept = await send(ask, SUBMIT, source="oms", document=order_of(shop, sku.code), externalRef="web-1")
    assert (kept["known"], kept["orderIntake"]["status"], kept["orderIntake"]["attempts"]) == (False, "RECEIVED", [])
    assert await sweep(ask.work, "read_intakes") == 1
    (intake,) = (await ask(LISTED, where={"externalRef": {"eq": "web-1"}, "status": {"eq": "PLACED"}}))["orderIntakes"]["nodes"]
    assert [(each["number"], each["status"], each["errors"]) for each in intake["attempts"]] == [(1, "PLACED", [])]
    assert intake["order"]["intake"]["id"] == intake["id"] == kept["orderIntake"]["id"]
    assert not any(each["allowed"] for each in intake["availableActions"])
    again = await send(ask, SUBMIT, source="oms", document=order_of(shop, sku.code), externalRef="web-1")
    assert (again["known"], again["orderIntake"]["id"]) == (True, intake["id"])
    other = await send(ask, SUBMIT, source="oms", document={}, externalRef="web-1")
    assert refusals(other) == [("INTAKE_REF_TAKEN", ["externalRef"])]
    assert await findings(ask.work) == []


async def test_what_is_refused_is_read_again_once_its_sku_is_made(shop: Shop, ask: Ask, work: UnitOfWork) -> None:
    kept = await send(ask, SUBMIT, source="oms", document=order_of(shop, "NOT-YET"))
    await sweep(work, "read_intakes")
    key = kept["orderIntake"]["id"]
    (intake,) = (await ask(LISTED, where={"status": {"eq": "REFUSED"}, "source": {"eq": "oms"}}))["orderIntakes"]["nodes"][:1]
    assert intake["id"] == key
    (error,) = intake["attempts"][0]["errors"]
    assert (error["code"], error["field"]) == ("UNKNOWN_SKU", ["lines", "0", "sku"])
    given = Given(work)
    sku = await given.sku(code="NOT-YET")
    await given.adjust(sku.id, shop.locations[0].id, 3)
    placed = (await send(ask, RETRY, orderIntakeId=key))["orderIntake"]
    assert [each["status"] for each in placed["attempts"]] == ["REFUSED", "PLACED"]
    refused = await send(ask, RETRY, orderIntakeId=key)
    assert refusals(refused) == [("ORDER_INTAKE_PLACED", ["orderIntakeId"])]
    assert refused["userErrors"][0]["order"]["id"] == placed["order"]["id"]


async def test_what_is_short_is_refused_with_its_code(shop: Shop, ask: Ask) -> None:
    sku = await shop.stocked(1)
    kept = await send(ask, SUBMIT, source="oms", document=order_of(shop, sku.code, sku.code))
    await sweep(ask.work, "read_intakes")
    where = {"source": {"eq": "oms"}, "status": {"eq": "REFUSED"}}
    found = {each["id"]: each for each in (await ask(LISTED, where=where))["orderIntakes"]["nodes"]}
    (attempt,) = found[kept["orderIntake"]["id"]]["attempts"]
    assert [each["code"] for each in attempt["errors"]] == ["INSUFFICIENT_STOCK"]
    assert await shop.stock(sku) == (1, 0)


@pytest.mark.parametrize(
    ("document", "field"),
    [
        ([], ["document"]),
        ({"lines": []}, ["document"]),
        ({"channelId": "channel_x", "lines": []}, ["document", "channelId"]),
        ({"channelId": "x", "lines": [{"quantity": "one"}]}, ["document", "lines", "0", "quantity"]),
        ({"channelId": "x", "lines": [], "colour": "red"}, ["document"]),
    ],
)
async def test_what_cannot_be_read_says_why(shop: Shop, ask: Ask, document: Any, field: list[str]) -> None:
    assert shop
    kept = await send(ask, SUBMIT, source="oms", document=document, externalRef=new_uuid().hex)
    await sweep(ask.work, "read_intakes")
    (intake,) = (await ask(LISTED, where={"externalRef": {"eq": kept["orderIntake"]["externalRef"]}}))["orderIntakes"]["nodes"]
    assert intake["status"] == "UNREADABLE"
    assert field in [each["field"] for each in intake["attempts"][0]["errors"]]
    gone = await send(ask, DISCARD, orderIntakeId=intake["id"], note="a test")
    assert gone["orderIntake"]["status"] == "DISCARDED"


async def test_a_connector_outside_says_what_a_document_means(shop: Shop, ask: Ask) -> None:
    sku = await shop.stocked(5)
    kept = await send(ask, SUBMIT, source="shopify", document={"id": 7, "line_items": [1.5, None, True]})
    assert await sweep(ask.work, "read_intakes") == 0
    key = kept["orderIntake"]["id"]
    assert kept["orderIntake"]["document"] == {"id": 7, "line_items": [1.5, None, True]}
    assert refusals(await send(ask, RETRY, orderIntakeId=key)) == [("NO_CONNECTOR", ["orderIntakeId"])]
    order = {**order_of(shop, sku.code, "NONE"), "idempotencyKey": "x"}
    assert refusals(await send(ask, RESOLVE, orderIntakeId=key, order=order)) == [
        ("UNKNOWN_SKU", ["order", "lines", "1", "sku"])
    ]
    order = {**order_of(shop, sku.code), "idempotencyKey": "x"}
    done = (await send(ask, RESOLVE, orderIntakeId=key, order=order))["orderIntake"]
    assert done["status"] == "PLACED"
    same = await send(ask, SUBMIT, source="shopify", document={"line_items": [1.5, None, True], "id": 7})
    assert (same["known"], same["orderIntake"]["id"]) == (True, key)


async def test_a_document_that_cannot_be_kept(shop: Shop, ask: Ask) -> None:
    assert shop
    for document, field in (
        ({"a": ["\0"]}, ["document", "a", "0"]),
        ({"a": "x" * 1_000_000}, ["document"]),
        (None, ["document"]),
    ):
        given = {"source": "erp", "document": document}
        outcome = await ask.outcome(SUBMIT, input={"idempotencyKey": new_uuid().hex, **given})
        if document is not None:
            assert refusals(outcome[0]["orderIntakeSubmit"]) == [("INVALID_VALUE", field)]
        else:
            assert outcome[1]


async def test_a_connector_that_breaks_down_keeps_no_other_waiting(shop: Shop, ask: Ask, monkeypatch: Any) -> None:
    class Broken:
        def normalise(self, document: object) -> Any:
            raise ZeroDivisionError(document)

    monkeypatch.setitem(CONNECTORS, "broken", Broken())
    sku = await shop.stocked(5)
    await send(ask, SUBMIT, source="broken", document={"a": new_uuid().hex})
    kept = await send(ask, SUBMIT, source="oms", document=order_of(shop, sku.code, note=new_uuid().hex))
    assert await sweep(ask.work, "read_intakes") == 2
    nodes = (await ask(LISTED, where={"source": {"in": ["broken"]}}))["orderIntakes"]["nodes"]
    assert [each["status"] for each in nodes] == ["UNREADABLE"]
    assert kept["orderIntake"]["status"] == "RECEIVED"


async def test_a_document_read_by_many_is_placed_once(shop: Shop, ask: Ask, work: UnitOfWork) -> None:
    sku = await shop.stocked(5)
    kept = await send(ask, SUBMIT, source="oms", document=order_of(shop, sku.code, note=new_uuid().hex))
    key = parse_id(OrderIntakeId, kept["orderIntake"]["id"])
    command = RetryIntake(order_intake_id=key)
    outcomes = await race([lambda: work.execute(SYSTEM, retry_intake, command)] * 4)
    assert outcomes == {"done": 1, "ORDER_INTAKE_PLACED": 3}
    assert await shop.stock(sku) == (4, 1)


async def test_what_is_done_with_is_forgotten_after_its_time(shop: Shop, ask: Ask, work: UnitOfWork) -> None:
    sku = await shop.stocked(5)
    placed = await send(ask, SUBMIT, source="oms", document=order_of(shop, sku.code))
    refused = await send(ask, SUBMIT, source="oms", document=order_of(shop, "NEVER-MADE"))
    await sweep(work, "read_intakes")
    waiting = await send(ask, SUBMIT, source="elsewhere", document={"id": new_uuid().hex})
    gone = await send(ask, SUBMIT, source="elsewhere", document={"id": new_uuid().hex})
    await send(ask, DISCARD, orderIntakeId=gone["orderIntake"]["id"], note="a test")
    keys = [each["orderIntake"]["id"] for each in (placed, refused, waiting, gone)]

    async def there() -> list[bool]:
        found = f"query ($id: ID!) {{ orderIntake(by: {{id: $id}}) {{ {INTAKE} }} }}"
        return [(await ask(found, id=key))["orderIntake"] is not None for key in keys]

    await purge_old_intakes(work, asyncio.Event(), kept_days=7)
    assert await there() == [True] * 4
    later = UnitOfWork(work.pool, lambda: datetime.now(UTC) + timedelta(days=8))
    await purge_idempotency(later, asyncio.Event())
    await purge_old_intakes(later, asyncio.Event(), kept_days=7, batch=1)
    assert await there() == [False, True, True, False]
    assert await findings(work) == []
