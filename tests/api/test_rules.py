"""Rules about orders, as clients see them."""

from typing import Any
from uuid import uuid4

import pytest

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.catalog.states import SkuKind
from oms_api.domain.channels.tables import ChannelRow
from oms_api.kernel.ids import IdKind, text_id
from tests.factories.asking import Ask, refusals
from tests.factories.database import Database
from tests.factories.given import SYSTEM, Given
from tests.factories.rearranging import settle
from tests.factories.trading import Shop, findings

RULE = """orderRule {
  id code name mode version versions {
    number mode triggers channelIds condition position createdBy activatedAt retiredAt
    actions { kind reason hours note message tags priority code title sku quantity profile }
  }
}
userErrors { code message field ... on ConditionInvalidError { line column unknown } }
replayed"""
CREATE = f"mutation ($input: OrderRuleCreateInput!) {{ orderRuleCreate(input: $input) {{ {RULE} }} }}"
UPDATE = f"mutation ($input: OrderRuleUpdateInput!) {{ orderRuleUpdate(input: $input) {{ {RULE} }} }}"
ACTIVATE = f"mutation ($input: OrderRuleActivateInput!) {{ orderRuleActivate(input: $input) {{ {RULE} }} }}"
RETIRE = f"mutation ($input: OrderRuleRetireInput!) {{ orderRuleRetire(input: $input) {{ {RULE} }} }}"
PLACE = """
mutation ($input: OrderPlaceInput!) {
  orderPlace(input: $input) {
    order {
      id onHold tags rulings {
        trigger at matches {
          ruleCode number mode error did { kind applied why } rule { code } version { condition } channel { id }
        }
      }
      statusExplanation { summary }
    }
    userErrors { code message field ... on RuleRejectedError { rule } }
  }
}
"""
PREVIEW = """
query ($input: OrderCartInput!) { orderPricePreview(input: $input) { totals { total { amount } } errors { code message } } }
"""
CHECK = "query ($text: String!) { orderRuleCheck(condition: $text) { ok mistakes { message line column unknown } } }"
MATCHES = """
query ($where: OrderRuleMatchFilterInput) {
  orderRuleMatches(where: $where) { nodes { ruleCode mode error order { id } } }
}
"""


def given(channel: ChannelRow, condition: str = "order.total > 5.0", **changes: Any) -> dict[str, Any]:
    """Return the input of a rule."""
    said = {"code": Given.code("rule"), "name": "A rule", "condition": condition, "actions": [{"tag": {"tags": ["ruled"]}}]}
    return {"idempotencyKey": uuid4().hex, "channelIds": [text_id(IdKind.CHANNEL, channel.id)], **said, **changes}


async def made(ask: Ask, channel: ChannelRow, condition: str = "order.total > 5.0", **changes: Any) -> Any:
    """Write a rule and return it."""
    payload = (await ask(CREATE, input=given(channel, condition, **changes)))["orderRuleCreate"]
    assert payload["userErrors"] == []
    return payload["orderRule"]


async def moved(ask: Ask, document: str, rule: Any, **said: Any) -> Any:
    """Carry out *document* on a rule, and return the payload."""
    (payload,) = (await ask(document, input={"idempotencyKey": uuid4().hex, "ruleId": rule["id"], **said})).values()
    return payload


def order(shop: Shop, code: str, quantity: int = 1) -> dict[str, Any]:
    """Return the input of an order."""
    lines = [{"sku": code, "quantity": quantity, "unitPrice": {"amount": "10.00"}}]
    return {"idempotencyKey": uuid4().hex, "channelId": text_id(IdKind.CHANNEL, shop.channel.id), "lines": lines}


async def test_a_rule_is_written_put_in_force_changed_and_retired(work: UnitOfWork) -> None:
    ask = Ask(work, SYSTEM)
    shop = await Shop.open(work)
    actions = [
        {"hold": {"reason": "FRAUD_REVIEW", "hours": 2, "note": "Call."}},
        {"tag": {"tags": ["a", "b"]}},
        {"note": {"note": "Hello."}},
        {"setPriority": {"priority": 3}},
        {"stop": True},
    ]
    said = given(shop.channel, actions=actions, triggers=["ORDER_PLACED", "ORDER_EDITED"], position=7)
    rule = (await ask(CREATE, input=said))["orderRuleCreate"]["orderRule"]
    assert (await ask(CREATE, input=said))["orderRuleCreate"]["replayed"]
    (version,) = rule["versions"]
    assert (rule["code"], rule["mode"], rule["version"]) == (said["code"], "DRAFT", 1)
    assert (version["number"], version["triggers"], version["position"]) == (1, ["ORDER_PLACED", "ORDER_EDITED"], 7)
    assert version["channelIds"] == said["channelIds"]
    assert [action["kind"] for action in version["actions"]] == ["HOLD", "TAG", "NOTE", "SET_PRIORITY", "STOP"]
    assert version["actions"][0] | {"note": None} == dict.fromkeys(version["actions"][0]) | {
        "kind": "HOLD",
        "reason": "FRAUD_REVIEW",
        "hours": 2,
    }
    rule = (await moved(ask, ACTIVATE, rule, mode="ACTIVE", expectedVersion=1))["orderRule"]
    assert (rule["mode"], rule["version"], rule["versions"][0]["mode"]) == ("ACTIVE", 2, "ACTIVE")
    named = (await moved(ask, UPDATE, rule, name="Another name"))["orderRule"]
    assert (named["name"], len(named["versions"]), named["version"]) == ("Another name", 1, 3)
    rule = (await moved(ask, UPDATE, rule, condition="order.total > 6.0", channelIds=None))["orderRule"]
    assert [(each["number"], each["mode"], each["channelIds"]) for each in rule["versions"]] == [
        (2, "DRAFT", None),
        (1, "ACTIVE", said["channelIds"]),
    ]
    assert (await moved(ask, UPDATE, rule, condition="order.total > 6.0"))["orderRule"]["version"] == 4
    rule = (await moved(ask, ACTIVATE, rule, mode="ACTIVE"))["orderRule"]
    assert [each["mode"] for each in rule["versions"]] == ["ACTIVE", "RETIRED"]
    for mode, number in (("SHADOW", 2), ("ACTIVE", 1)):
        assert refusals(await moved(ask, ACTIVATE, rule, mode=mode, number=number)) == [("ILLEGAL_MOVE", ["mode"])]
    assert refusals(await moved(ask, ACTIVATE, rule, mode="DRAFT")) == [("INVALID_VALUE", ["mode"])]
    assert refusals(await moved(ask, ACTIVATE, rule, mode="ACTIVE", number=9)) == [("NOT_FOUND", ["number"])]
    assert refusals(await moved(ask, RETIRE, rule, expectedVersion=1)) == [("VERSION_CONFLICT", ["expectedVersion"])]
    rule = (await moved(ask, RETIRE, rule))["orderRule"]
    assert (rule["mode"], [each["mode"] for each in rule["versions"]]) == ("RETIRED", ["RETIRED"] * 2)


async def test_an_order_tells_what_rules_said(work: UnitOfWork) -> None:
    ask = Ask(work, SYSTEM)
    shop = await Shop.open(work)
    cup = await shop.stocked(99)
    approve = await made(ask, shop.channel, "order.total >= 20.0", actions=[{"requireApproval": {}}], position=1)
    shadow = await made(ask, shop.channel, "true", position=2)
    broken = await made(ask, shop.channel, "lines[5].quantity == 1", position=3)
    for rule, mode in ((approve, "ACTIVE"), (shadow, "SHADOW"), (broken, "SHADOW")):
        assert (await moved(ask, ACTIVATE, rule, mode=mode))["userErrors"] == []
    small, big = [(await ask(PLACE, input=order(shop, cup.code, units)))["orderPlace"]["order"] for units in (1, 2)]
    assert [match["ruleCode"] for match in small["rulings"][0]["matches"]] == [shadow["code"], broken["code"]]
    (ruling,) = big["rulings"]
    assert (big["onHold"], big["tags"], ruling["trigger"]) == (True, [], "ORDER_PLACED")
    first, second, third = ruling["matches"]
    assert (first["mode"], first["did"]) == ("ACTIVE", [{"kind": "REQUIRE_APPROVAL", "applied": True, "why": None}])
    assert (first["rule"]["code"], first["version"]["condition"]) == (approve["code"], "order.total >= 20.0")
    assert (second["mode"], second["did"][0]["applied"], second["error"]) == ("SHADOW", False, None)
    assert third["error"] == "Index error: index=5 size=1"
    summary = big["statusExplanation"]["summary"]
    assert f"by rule {approve['code']}, needs orders:approve to be released" in summary
    for where, expected in (
        ({"ruleId": {"eq": approve["id"]}}, [approve]),
        ({"ruleCode": {"eq": shadow["code"]}}, [shadow] * 2),
        ({"mode": {"eq": "ACTIVE"}, "channelId": {"eq": text_id(IdKind.CHANNEL, shop.channel.id)}}, [approve]),
        ({"error": {"isNull": False}, "orderId": {"eq": big["id"]}}, [broken]),
    ):
        found = (await ask(MATCHES, where=where))["orderRuleMatches"]["nodes"]
        assert [match["ruleCode"] for match in found] == [rule["code"] for rule in expected]
    assert await findings(work) == []


async def test_an_order_of_a_gift_card_waits_for_its_approval(work: UnitOfWork, database: Database) -> None:
    ask = Ask(work, SYSTEM)
    shop = await (await Shop.open(work)).hand_over_at_once()
    card = await Given(work).sku(kind=SkuKind.GIFT_CARD)
    rule = await made(ask, shop.channel, actions=[{"requireApproval": {"note": "Is it meant?"}}])
    await moved(ask, ACTIVATE, rule, mode="ACTIVE")
    placed = (await ask(PLACE, input=order(shop, card.code)))["orderPlace"]["order"]
    assert placed["onHold"]
    assert "released" in placed["statusExplanation"]["summary"]
    assert placed["rulings"][0]["matches"][0]["did"] == [{"kind": "REQUIRE_APPROVAL", "applied": True, "why": None}]
    state = "query ($id: ID!) { order(by: {id: $id}) { status onHold lines { nodes { shipped unsourced } } } }"
    held = {"status": "OPEN", "onHold": True, "lines": {"nodes": [{"shipped": 0, "unsourced": 1}]}}
    assert (await ask(state, id=placed["id"]))["order"] == held
    approved = """mutation ($input: OrderHoldReleaseInput!) { orderHoldRelease(input: $input) { userErrors { code } } }"""
    await ask(approved, input={"idempotencyKey": uuid4().hex, "orderId": placed["id"], "reason": "APPROVAL"})
    await settle(work, database)
    done = {"status": "COMPLETED", "onHold": False, "lines": {"nodes": [{"shipped": 1, "unsourced": 0}]}}
    assert (await ask(state, id=placed["id"]))["order"] == done
    assert await findings(work) == []


async def test_a_refused_order_names_the_rule(work: UnitOfWork) -> None:
    ask = Ask(work, SYSTEM)
    shop = await Shop.open(work)
    cup = await shop.stocked(9)
    rule = await made(ask, shop.channel, "order.units > 1", actions=[{"reject": {"message": "One each, please."}}])
    await moved(ask, ACTIVATE, rule, mode="ACTIVE")
    payload = (await ask(PLACE, input=order(shop, cup.code, 2)))["orderPlace"]
    assert payload["order"] is None
    assert payload["userErrors"] == [
        {"code": "RULE_REJECTED", "message": "One each, please.", "field": None, "rule": rule["code"]}
    ]
    cart = {name: value for name, value in order(shop, cup.code, 2).items() if name != "idempotencyKey"}
    seen = (await ask(PREVIEW, input=cart))["orderPricePreview"]
    assert (seen["totals"]["total"]["amount"], [error["code"] for error in seen["errors"]]) == ("20.00", ["RULE_REJECTED"])


CONTRADICTIONS: list[tuple[dict[str, Any], list[tuple[str, list[str]]]]] = [
    ({"actions": []}, [("INVALID_VALUE", ["actions"])]),
    ({"actions": [{"stop": False}]}, [("INVALID_VALUE", ["actions", "0", "stop"])]),
    ({"actions": [{"tag": {"tags": []}}]}, [("INVALID_VALUE", ["actions", "0", "tag", "tags"])]),
    ({"actions": [{"tag": {"tags": ["a", " "]}}]}, [("INVALID_VALUE", ["actions", "0", "tag", "tags", "1"])]),
    (
        {"actions": [{"reject": {"message": "No."}}, {"tag": {"tags": ["a"]}}]},
        [("ACTIONS_CONTRADICT", ["actions", "1", "tag"])],
    ),
    (
        {"actions": [{"setPriority": {"priority": 1}}, {"setPriority": {"priority": 2}}]},
        [("ACTIONS_CONTRADICT", ["actions", "1", "setPriority"])],
    ),
    (
        {"actions": [{"hold": {"reason": "OTHER"}}, {"requireApproval": {}}]},
        [("ACTIONS_CONTRADICT", ["actions", "1", "requireApproval"])],
    ),
    ({"actions": [{"stop": True}, {"tag": {"tags": ["a"]}}]}, [("ACTIONS_CONTRADICT", ["actions", "0", "stop"])]),
    (
        {"actions": [{"route": {"profile": "x"}}], "triggers": ["ORDER_EDITED"]},
        [("ACTIONS_CONTRADICT", ["actions", "0", "route"])],
    ),
    ({"actions": [{"addLine": {"sku": "NO SUCH", "quantity": 1}}]}, [("UNKNOWN_SKU", ["actions", "0", "addLine", "sku"])]),
    ({"actions": [{"hold": {"reason": "NIX"}}]}, [("UNKNOWN_ORDER_REASON", ["actions", "0", "hold", "reason"])]),
    ({"actions": [{"hold": {"reason": "OTHER", "hours": 0}}]}, [("INVALID_VALUE", ["actions", "0", "hold", "hours"])]),
    ({"actions": [{"reject": {"message": ""}}]}, [("INVALID_VALUE", ["actions", "0", "reject", "message"])]),
    ({"triggers": []}, [("INVALID_VALUE", ["triggers"])]),
    ({"channelIds": []}, [("INVALID_VALUE", ["channelIds"])]),
    ({"channelIds": [text_id(IdKind.CHANNEL, uuid4())]}, [("NOT_FOUND", ["channelIds", "0"])]),
    ({"position": -1}, [("INVALID_VALUE", ["position"])]),
    ({"code": " x"}, [("INVALID_VALUE", ["code"])]),
    ({"condition": "order.total"}, [("CONDITION_INVALID", ["condition"])]),
    ({"condition": "true" + " " * 2_000}, [("CONDITION_INVALID", ["condition"])]),
    (
        {"condition": "order.totl > 1.0", "name": "", "actions": []},
        [("INVALID_VALUE", ["name"]), ("CONDITION_INVALID", ["condition"]), ("INVALID_VALUE", ["actions"])],
    ),
]


@pytest.mark.parametrize(("changes", "expected"), CONTRADICTIONS)
async def test_what_is_wrong_with_a_rule_is_told_with_its_path(
    work: UnitOfWork, changes: dict[str, Any], expected: list[tuple[str, list[str]]]
) -> None:
    ask = Ask(work, SYSTEM)
    shop = await Shop.open(work)
    payload = (await ask(CREATE, input=given(shop.channel, **changes)))["orderRuleCreate"]
    assert (payload["orderRule"], refusals(payload)) == (None, expected)


async def test_a_code_names_one_rule(work: UnitOfWork) -> None:
    ask = Ask(work, SYSTEM)
    shop = await Shop.open(work)
    rule = await made(ask, shop.channel)
    payload = (await ask(CREATE, input=given(shop.channel, code=rule["code"])))["orderRuleCreate"]
    assert refusals(payload) == [("RULE_CODE_TAKEN", ["code"])]


@pytest.mark.parametrize(
    ("text", "mistakes"),
    [
        ("order.total > 5.0", []),
        (
            "order.total > 5.0\n  && order.totl > 1.0",
            [("A condition knows no 'totl' of order: did you mean 'total'?", 2, 11, "totl")],
        ),
        ("ordr.total > 5.0", [("There is no variable or function 'ordr.total': did you mean 'order'?", 1, 5, "ordr.total")]),
        (
            "order.total > 5",
            [("'>' does not take a number and a whole number: write whole amounts with a point, such as 100.0.", 1, 13, None)],
        ),
        ('order.units > "5"', [("'>' does not take a whole number and a text.", 1, 13, None)]),
        ("order.total >", [("It ends too early.", 1, 14, None)]),
        ("order.total", [("A condition is true or false, and this is a number: compare it with something.", 1, 1, None)]),
        (
            'order.email.matches("(a+")',
            [("It can never be evaluated: invalid regular expression: missing ): (a+.", None, None, None)],
        ),
        (
            "lines.all(a, lines.all(b, lines.all(c, true)))",
            [("It takes more steps than the 10,000 allowed on an order of 100 lines.", None, None, None)],
        ),
        (f"{'(' * 40}true{')' * 40}", [("It is nested too deep: at most 32 levels.", None, None, None)]),
    ],
)
async def test_a_condition_is_checked_while_it_is_written(work: UnitOfWork, text: str, mistakes: list[Any]) -> None:
    ask = Ask(work, SYSTEM)
    told = (await ask(CHECK, text=text))["orderRuleCheck"]
    assert told["ok"] is not bool(mistakes)
    found = [(each["message"], each["line"], each["column"], each["unknown"]) for each in told["mistakes"]]
    assert found == mistakes


async def test_every_variable_is_documented_with_an_example_that_works(work: UnitOfWork) -> None:
    ask = Ask(work, SYSTEM)
    told = (await ask("{ ruleVariables { name type description example } }"))["ruleVariables"]
    assert len(told) > 40
    for each in told:
        assert (await ask(CHECK, text=each["example"]))["orderRuleCheck"] == {"ok": True, "mistakes": []}, each
