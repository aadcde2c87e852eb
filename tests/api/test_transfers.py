"""Transfers as documents."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.catalog.tables import SkuRow
from oms_api.domain.channels.tables import LocationRow
from oms_api.kernel.access import Principal, Scope
from oms_api.kernel.ids import IdKind, new_uuid, text_id
from tests.factories.asking import Ask, counted_statements, refusals
from tests.factories.given import Given
from tests.factories.lots import Pantry, lot
from tests.factories.moving import Road
from tests.factories.trading import Shop

ERRORS = """userErrors { code field message ... on DuplicateTransferRefError { transfer { id } }
    ... on BelowZeroError { free sku } ... on TooMuchStockError { sku } }"""
TRANSFER = """id number externalRef status originId destinationId origin { code } destination { code } expectedAt note version
    actor createdAt shippedAt closedAt recordedAt
    totals { quantity unsent sent inTransit arrived damaged lost broughtBack calledOff }
    lines { nodes { id quantity unsent sent inTransit arrived damaged lost broughtBack calledOff sku { code } } }
    acts { nodes { id kind locationId location { code } resolution reference note actor occurredAt recordedAt
        lines { nodes { id outcome quantity reason note line { id sku { code } } } } } }
    availableActions { action allowed blockedBy { code } }"""


def mutation(name: str) -> str:
    """Return the document of a mutation of transfers."""
    kind = name[0].upper() + name[1:]
    return f"mutation ($input: {kind}Input!) {{ {name}(input: $input) {{ replayed {ERRORS} transfer {{ {TRANSFER} }} }} }}"


LEVEL = """query ($sku: ID!, $location: ID!) { inventoryLevel(by: {skuAt: {sku: {id: $sku}, locationId: $location}}) {
    onHand incoming inTransit movements { nodes { kind quantity from to cause { kind id document { id } } } } } }"""
LIST = """query ($where: TransferFilterInput, $orderBy: TransferOrder! = CREATED_AT_DESC, $first: Int, $after: Cursor) {
    transfers(where: $where, orderBy: $orderBy, first: $first, after: $after) {
        nodes { id } pageInfo { hasNextPage endCursor } } }"""


@pytest.fixture
def ask(work: UnitOfWork, principal: Principal) -> Ask:
    return Ask(work, principal)


@pytest.fixture
async def road(work: UnitOfWork) -> Road:
    return await Road.build(work)


def location(place: LocationRow) -> str:
    return text_id(IdKind.LOCATION, place.id)


def planned(road: Road, *lines: tuple[SkuRow, int], **more: Any) -> dict[str, Any]:
    """Return the input of a transfer that is ready."""
    rows = [{"sku": {"code": sku.code}, "quantity": units} for sku, units in lines]
    ends = {"originId": location(road.origin), "destinationId": location(road.destination)}
    return {"idempotencyKey": uuid4().hex, **ends, "lines": rows, "ready": True, **more}


async def sent(ask: Ask, name: str, given: dict[str, Any]) -> dict[str, Any]:
    """Return the payload of a mutation."""
    return (await ask(mutation(name), input={"idempotencyKey": uuid4().hex, **given}))[name]  # type: ignore[no-any-return]


async def done(ask: Ask, name: str, given: dict[str, Any]) -> dict[str, Any]:
    """Return the transfer after a mutation that must be carried out."""
    payload = await sent(ask, name, given)
    assert payload["userErrors"] == []
    return payload["transfer"]  # type: ignore[no-any-return]


async def level(ask: Ask, sku: SkuRow, place: LocationRow) -> dict[str, Any]:
    ids = {"sku": text_id(IdKind.SKU, sku.id), "location": location(place)}
    return (await ask(LEVEL, **ids))["inventoryLevel"]  # type: ignore[no-any-return]


async def test_a_receipt_names_lots_and_what_is_short_of_them(ask: Ask, road: Road, work: UnitOfWork) -> None:
    pantry = Pantry(Shop(work, await Given(work).channel(), (road.origin, road.destination)))
    milk = await pantry.goods((3, lot("A", 3)), (3, lot("B", 9)))
    plan = await done(ask, "transferCreate", planned(road, (milk, 6)))
    await done(ask, "transferShip", {"transferId": plan["id"]})
    document = """mutation ($input: TransferReceiveInput!) { transferReceive(input: $input) {
        userErrors { __typename code field ... on LotShortError { lot held requested } }
        transfer { acts { nodes { kind lines { nodes { outcome quantity lot } } } } } } }"""

    async def receive(*rows: dict[str, Any]) -> Any:
        lines = [{"sku": {"code": milk.code}, **row} for row in rows]
        given = {"idempotencyKey": uuid4().hex, "transferId": plan["id"], "lines": lines}
        return (await ask(document, input=given))["transferReceive"]

    short = await receive({"received": 1, "lot": "A"}, {"received": 2, "damaged": 2, "reason": "OTHER", "lot": "B"})
    assert short["userErrors"] == [
        {"__typename": "LotShortError", "code": "LOT_SHORT", "field": ["lines", "1", "received"], "lot": "B", "held": 3,
         "requested": 4}
    ]  # fmt: skip
    told = await receive({"received": 1}, {"received": 1, "damaged": 1, "reason": "OTHER", "lot": "B"})
    assert told["userErrors"] == []
    (receipt,) = [act for act in told["transfer"]["acts"]["nodes"] if act["kind"] == "RECEIPT"]
    assert [(row["outcome"], row["quantity"], row["lot"]) for row in receipt["lines"]["nodes"]] == [
        ("ARRIVED", 1, "A"), ("ARRIVED", 1, "B"), ("DAMAGED", 1, "B"),
    ]  # fmt: skip


async def test_a_part_is_called_off_on_the_way(ask: Ask, road: Road) -> None:
    (cup,) = await road.goods(9)
    plan = await done(ask, "transferCreate", planned(road, (cup, 8)))
    await done(ask, "transferShip", {"transferId": plan["id"], "lines": [{"sku": {"code": cup.code}, "quantity": 6}]})
    given = {"transferId": plan["id"], "resolution": "WRITE_OFF"}
    lines = [{"sku": {"code": cup.code}, "quantity": 4}]
    part = await done(ask, "transferCancel", given | {"lines": lines, "note": "fell off"})
    assert (part["status"], part["closedAt"]) == ("IN_TRANSIT", None)
    assert (part["totals"]["lost"], part["totals"]["inTransit"], part["totals"]["unsent"]) == (4, 2, 2)
    act = part["acts"]["nodes"][-1]
    assert (act["kind"], act["resolution"], act["note"]) == ("CANCELLATION", "WRITE_OFF", "fell off")
    assert [(each["outcome"], each["quantity"]) for each in act["lines"]["nodes"]] == [("LOST", 4)]
    assert refusals(await sent(ask, "transferCancel", given | {"lines": lines})) == [
        ("EXCEEDS_IN_TRANSIT", ["lines", "0", "quantity"])
    ]
    rest = await done(ask, "transferCancel", given)
    assert (rest["status"], rest["totals"]["calledOff"], rest["totals"]["lost"]) == ("CANCELED", 2, 6)


async def test_a_transfer_is_told_from_plan_to_end(ask: Ask, road: Road) -> None:
    (cup,) = await road.goods(10)
    reference, soon = Given.code("TR"), "2027-01-02T03:04:05Z"
    plan = await done(ask, "transferCreate", planned(road, (cup, 8), externalRef=reference, expectedAt=soon, note="by van"))
    assert plan["actor"] == ask.principal.name
    assert (plan["status"], plan["externalRef"], plan["expectedAt"], plan["note"]) == (
        "READY_TO_SHIP",
        reference,
        soon,
        "by van",
    )
    assert (plan["origin"]["code"], plan["destination"]["code"]) == (road.origin.code, road.destination.code)
    there = await level(ask, cup, road.destination)
    assert (there["onHand"], there["incoming"], there["inTransit"]) == (0, 8, 0)
    shipped = await done(ask, "transferShip", {"transferId": plan["id"], "reference": "note 7"})
    assert (shipped["status"], shipped["totals"]["inTransit"]) == ("IN_TRANSIT", 8)
    there = await level(ask, cup, road.destination)
    assert (there["incoming"], there["inTransit"]) == (8, 8)
    row = {
        "sku": {"id": text_id(IdKind.SKU, cup.id)},
        "received": 5,
        "damaged": 1,
        "lost": 1,
        "reason": "STOLEN",
        "note": "box",
    }
    part = await done(ask, "transferReceive", {"transferId": plan["id"], "lines": [row]})
    assert part["status"] == "PARTIALLY_RECEIVED"
    ended = await done(ask, "transferCancel", {"transferId": plan["id"], "resolution": "RETURN_TO_SOURCE"})
    assert (ended["status"], ended["version"]) == ("RECEIVED", 4)
    totals = {"quantity": 8, "unsent": 0, "sent": 8, "inTransit": 0, "arrived": 5, "damaged": 1, "lost": 1, "broughtBack": 1,
              "calledOff": 0}  # fmt: skip
    assert ended["totals"] == totals
    (only,) = ended["lines"]["nodes"]
    assert (only["sku"]["code"], {name: only[name] for name in totals}) == (cup.code, totals)
    shipment, receipt, cancellation = ended["acts"]["nodes"]
    assert (shipment["kind"], shipment["reference"], shipment["location"]["code"]) == ("SHIPMENT", "note 7", road.origin.code)
    assert [(line["outcome"], line["quantity"], line["reason"]) for line in receipt["lines"]["nodes"]] == [
        ("ARRIVED", 5, None),
        ("DAMAGED", 1, "STOLEN"),
        ("LOST", 1, "STOLEN"),
    ]
    assert (cancellation["resolution"], cancellation["lines"]["nodes"][0]["outcome"]) == ("RETURN_TO_SOURCE", "BROUGHT_BACK")
    there = await level(ask, cup, road.destination)
    assert (there["onHand"], there["incoming"], there["inTransit"]) == (6, 0, 0)
    moved = there["movements"]["nodes"]
    assert {(each["kind"], each["quantity"], each["from"], each["to"]) for each in moved} == {
        ("ARRIVE", 5, "IN_TRANSIT", "FREE"),
        ("ARRIVE", 1, "IN_TRANSIT", "DAMAGED"),
    }
    assert all(each["cause"]["kind"] == "TRANSFER_ACT_LINE" for each in moved)
    assert [each["cause"]["document"] for each in moved] == [{"id": plan["id"]}] * 2
    assert {each["cause"]["id"] for each in moved} <= {line["id"] for line in receipt["lines"]["nodes"]}


async def test_a_draft_is_changed_and_made_ready(ask: Ask, road: Road) -> None:
    cup, pot = await road.goods(5, 5)
    draft = await done(ask, "transferCreate", planned(road, (cup, 1), ready=False, note="old"))
    allowed = {each["action"] for each in draft["availableActions"] if each["allowed"]}
    assert allowed == {"UPDATE_TRANSFER", "MARK_TRANSFER_READY", "SHIP_TRANSFER", "CANCEL_TRANSFER"}
    rows = [{"sku": {"code": pot.code}, "quantity": 4}]
    changed = await done(
        ask, "transferUpdate", {"transferId": draft["id"], "lines": rows, "originId": None, "note": None, "expectedVersion": 1}
    )
    assert (changed["note"], changed["lines"]["nodes"][0]["sku"]["code"], changed["version"]) == (None, pot.code, 2)
    ready = await done(ask, "transferMarkReady", {"transferId": draft["id"]})
    assert ready["status"] == "READY_TO_SHIP"
    fixed = await sent(ask, "transferUpdate", {"transferId": draft["id"], "lines": rows})
    assert refusals(fixed) == [("TRANSFER_FIXED", ["transferId"])]
    stale = await sent(ask, "transferUpdate", {"transferId": draft["id"], "note": "x", "expectedVersion": 1})
    assert refusals(stale) == [("VERSION_CONFLICT", ["expectedVersion"])]


async def test_what_is_wrong_is_named_with_its_path(ask: Ask, road: Road) -> None:
    (cup,) = await road.goods(5)
    right = planned(road, (cup, 9))
    wrong_id = {**right, "originId": text_id(IdKind.SKU, cup.id)}
    assert refusals(await sent(ask, "transferCreate", wrong_id)) == [("INVALID_ID", ["originId"])]
    odd = [{"sku": {"id": location(road.origin)}}, {"sku": {"code": cup.code}}, {"sku": {"id": "cup"}}]
    odd_ids = [("INVALID_ID", ["lines", index, "sku", "id"]) for index in ("0", "2")]
    lines = [{**row, "quantity": 1} for row in odd]
    assert refusals(await sent(ask, "transferCreate", {**right, "lines": lines})) == odd_ids
    received = {"transferId": text_id(IdKind.TRANSFER, new_uuid()), "lines": [{**row, "received": 1} for row in odd]}
    assert refusals(await sent(ask, "transferReceive", received)) == odd_ids
    same = {**right, "destinationId": right["originId"]}
    assert refusals(await sent(ask, "transferCreate", same)) == [("SAME_LOCATION", ["destinationId"])]
    nowhere = {**right, "destinationId": text_id(IdKind.LOCATION, new_uuid())}
    assert refusals(await sent(ask, "transferCreate", nowhere)) == [("NOT_FOUND", ["destinationId"])]
    missing = {"transferId": text_id(IdKind.TRANSFER, new_uuid())}
    for name in ("transferShip", "transferReceive", "transferCancel", "transferMarkReady", "transferUpdate"):
        assert refusals(await sent(ask, name, missing)) == [("NOT_FOUND", ["transferId"])]
    plan = await done(ask, "transferCreate", {**right, "idempotencyKey": uuid4().hex})
    short = await sent(ask, "transferShip", {"transferId": plan["id"]})
    assert refusals(short) == [("BELOW_ZERO", ["transferId"])]
    assert (short["userErrors"][0]["free"], short["userErrors"][0]["sku"]) == (5, cup.code)
    assert short["userErrors"][0]["message"].startswith(f"At most 5 units of '{cup.code}' can be taken away here, not 9: ")
    rows = [{"sku": {"code": cup.code}, "quantity": 6}]
    assert refusals(await sent(ask, "transferShip", {"transferId": plan["id"], "lines": rows})) == [
        ("BELOW_ZERO", ["lines", "0", "quantity"])
    ]
    await done(ask, "transferShip", {"transferId": plan["id"], "lines": [{"sku": {"code": cup.code}, "quantity": 3}]})
    lost = [{"sku": {"code": cup.code}, "lost": 1}]
    assert refusals(await sent(ask, "transferReceive", {"transferId": plan["id"], "lines": lost})) == [
        ("DISCREPANCY_UNEXPLAINED", ["lines", "0", "reason"])
    ]
    huge = [{"sku": {"code": cup.code}, "received": 2**31 - 1, "damaged": 2**31 - 1, "reason": "OTHER"}]
    assert refusals(await sent(ask, "transferReceive", {"transferId": plan["id"], "lines": huge})) == [
        ("EXCEEDS_IN_TRANSIT", ["lines", "0", "received"])
    ]
    assert refusals(await sent(ask, "transferCancel", {"transferId": plan["id"]})) == [("RESOLUTION_NEEDED", ["resolution"])]
    there = await level(ask, cup, road.destination)
    assert (there["onHand"], there["inTransit"], there["incoming"]) == (0, 3, 9)


async def test_a_reference_is_taken_once_and_names_its_transfer(ask: Ask, road: Road, work: UnitOfWork) -> None:
    (cup,) = await road.goods(5)
    reference = Given.code("TR")
    first = await done(ask, "transferCreate", planned(road, (cup, 1), externalRef=reference))
    taken = await sent(ask, "transferCreate", planned(road, (cup, 1), externalRef=reference))
    assert refusals(taken) == [("DUPLICATE_TRANSFER_REF", ["externalRef"])]
    assert taken["userErrors"][0]["transfer"] == {"id": first["id"]}
    found = await ask(f'{{ transfer(by: {{externalRef: "{reference}"}}) {{ id number }} }}')
    assert found["transfer"]["id"] == first["id"]
    by_number = await ask(f"{{ transfer(by: {{number: {first['number']}}}) {{ id }} }}")
    assert by_number["transfer"] == {"id": first["id"]}
    elsewhere = await Road.build(work)
    mine = frozenset({elsewhere.origin.id, elsewhere.destination.id})
    limited = Ask(work, replace(road.principal, locations=mine))
    hidden = await sent(limited, "transferCreate", planned(elsewhere, (cup, 1), externalRef=reference))
    assert hidden["userErrors"][0]["transfer"] is None


async def test_a_retry_answers_with_the_first(ask: Ask, road: Road) -> None:
    (cup,) = await road.goods(5)
    given = planned(road, (cup, 1))
    first, again = [await sent(ask, "transferCreate", given) for _ in range(2)]
    assert (first["replayed"], again["replayed"]) == (False, True)
    assert first["transfer"] == again["transfer"]
    other = await sent(ask, "transferCreate", {**given, "note": "another"})
    assert refusals(other) == [("IDEMPOTENCY_KEY_REUSED", ["idempotencyKey"])]


async def test_lists_are_filtered_ordered_and_paged(ask: Ask, road: Road) -> None:
    cup, pot = await road.goods(9, 9)
    first = await done(ask, "transferCreate", planned(road, (cup, 1), expectedAt="2027-05-01T00:00:00Z"))
    second = await done(ask, "transferCreate", planned(road, (pot, 1), ready=False))
    third = await done(ask, "transferCreate", planned(road.back(), (cup, 1)))
    here, there = location(road.origin), location(road.destination)

    async def listed(**where: Any) -> list[str]:
        return [node["id"] for node in (await ask(LIST, where=where))["transfers"]["nodes"]]

    ids = [first["id"], second["id"], third["id"]]
    assert await listed(locationId={"eq": here}) == ids[::-1]
    assert await listed(originId={"eq": here}) == ids[1::-1]
    assert await listed(destinationId={"eq": here}) == [ids[2]]
    assert await listed(locationId={"eq": there}, status={"in": ["DRAFT"]}) == [ids[1]]
    assert await listed(locationId={"eq": here}, skus=[{"code": cup.code}, {"code": "no such thing"}]) == [ids[2], ids[0]]
    assert await listed(locationId={"eq": here}, expectedAt={"gte": "2027-01-01T00:00:00Z"}) == [ids[0]]
    assert await listed(locationId={"eq": here}, createdAt={"lt": "2020-01-01T00:00:00Z"}) == []
    assert await listed(locationId={"eq": here, "in": [there]}) == []
    assert await listed(locationId={"in": [here, there]}, NOT=[{"originId": {"eq": there}}]) == ids[1::-1]
    assert (
        await listed(locationId={"eq": there}, OR=[{"originId": {"eq": there}}, {"skus": [{"code": pot.code}]}]) == ids[:0:-1]
    )
    seen, after = [], None
    while True:
        given = {"where": {"locationId": {"eq": here}}, "orderBy": "CREATED_AT_ASC", "first": 2, "after": after}
        page = (await ask(LIST, **given))["transfers"]
        seen += [node["id"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert seen == ids


async def test_either_end_sees_and_acts_for_itself(ask: Ask, road: Road, work: UnitOfWork, principal: Principal) -> None:
    (cup,) = await road.goods(9)
    plan = await done(ask, "transferCreate", planned(road, (cup, 4)))
    receiver = Ask(work, replace(principal, locations=frozenset({road.destination.id})))
    stranger = Ask(work, replace(principal, locations=frozenset({(await Given(work).location()).id})))
    document = f"query ($id: ID!) {{ node(id: $id) {{ ... on Transfer {{ {TRANSFER} }} }} }}"
    seen = (await receiver(document, id=plan["id"]))["node"]
    assert (seen["origin"], seen["originId"], seen["destination"]["code"]) == (
        None,
        location(road.origin),
        road.destination.code,
    )
    blocked = {each["action"]: each["blockedBy"]["code"] for each in seen["availableActions"] if not each["allowed"]}
    assert blocked["SHIP_TRANSFER"] == blocked["CANCEL_TRANSFER"] == "TRANSFER_END_HIDDEN"
    assert blocked["RECEIVE_TRANSFER"] == "ILLEGAL_MOVE"
    assert refusals(await sent(receiver, "transferShip", {"transferId": plan["id"]})) == [
        ("TRANSFER_END_HIDDEN", ["transferId"])
    ]
    assert (await stranger(document, id=plan["id"]))["node"] is None
    assert (await stranger(LIST))["transfers"]["nodes"] == []
    assert refusals(await sent(stranger, "transferShip", {"transferId": plan["id"]})) == [("NOT_FOUND", ["transferId"])]
    await done(ask, "transferShip", {"transferId": plan["id"]})
    assert (await done(receiver, "transferReceive", {"transferId": plan["id"]}))["status"] == "RECEIVED"


async def test_scopes_and_business_time_are_guarded(ask: Ask, road: Road, work: UnitOfWork, principal: Principal) -> None:
    (cup,) = await road.goods(9)
    reader = Ask(work, replace(principal, scopes=frozenset({Scope.INVENTORY_READ})))
    (error,) = await reader.errors(mutation("transferCreate"), input=planned(road, (cup, 1)))
    assert error["extensions"]["code"] == "MISSING_SCOPE"
    (error,) = await Ask(work, replace(principal, scopes=frozenset({Scope.ORDERS_READ}))).errors(LIST)
    assert error["extensions"]["code"] == "MISSING_SCOPE"
    plain = Ask(work, replace(principal, scopes=principal.scopes - {Scope.ORDERS_IMPORT}))
    past = datetime(2011, 1, 1, tzinfo=UTC).isoformat()
    assert refusals(await sent(plain, "transferCreate", planned(road, (cup, 1), occurredAt=past))) == [
        ("MISSING_SCOPE", ["occurredAt"])
    ]
    dated = await done(ask, "transferCreate", planned(road, (cup, 1), occurredAt=past))
    assert dated["createdAt"] == "2011-01-01T00:00:00Z"


async def test_statements_do_not_grow_with_rows(ask: Ask, road: Road) -> None:
    skus = await road.goods(*[50] * 8)
    for part in (skus[:2], skus):
        for _ in range(3):
            plan = await done(ask, "transferCreate", planned(road, *((sku, 3) for sku in part)))
            await done(ask, "transferShip", {"transferId": plan["id"]})
    document = f"""query ($where: TransferFilterInput, $first: Int) {{
        transfers(where: $where, first: $first) {{ nodes {{ {TRANSFER} }} }} }}"""
    where, counts = {"originId": {"eq": location(road.origin)}}, []
    for first in (1, 6):
        with counted_statements() as statements:
            found = (await ask(document, where=where, first=first))["transfers"]["nodes"]
        assert len(found) == first
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 10
    levels = """query ($where: InventoryLevelFilterInput, $first: Int) {
        inventoryLevels(where: $where, first: $first) { nodes { inTransit incoming } } }"""
    where, counts = {"locationId": {"eq": location(road.destination)}}, []
    for first in (1, 8):
        with counted_statements() as statements:
            nodes = (await ask(levels, where=where, first=first))["inventoryLevels"]["nodes"]
        assert [node["inTransit"] == node["incoming"] > 0 for node in nodes] == [True] * first
        counts.append(len(statements))
    assert counts[0] == counts[1] == 3
    acts = []
    for part in (skus[:2], skus):
        plan = await done(ask, "transferCreate", planned(road, *((sku, 1) for sku in part)))
        with counted_statements() as statements:
            payload = await sent_briefly(ask, plan["id"])
        assert payload["userErrors"] == []
        acts.append(len(statements))
    assert acts[0] == acts[1]


async def sent_briefly(ask: Ask, transfer: str) -> dict[str, Any]:
    """Ship all of a transfer and ask for nothing else."""
    document = "mutation ($input: TransferShipInput!) { transferShip(input: $input) { userErrors { code } } }"
    given = {"idempotencyKey": uuid4().hex, "transferId": transfer}
    return (await ask(document, input=given))["transferShip"]  # type: ignore[no-any-return]
