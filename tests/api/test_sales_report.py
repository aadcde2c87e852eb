from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import IdKind, new_uuid, text_id
from tests.factories.asking import Ask, counted_statements
from tests.factories.database import Database
from tests.factories.given import SYSTEM
from tests.factories.sales import roll_up
from tests.factories.trading import Shop, fee, line

REPORT = """
query ($range: DateRange!, $grain: ReportGrain!, $channelId: ID, $by: [SalesKey!], $first: Int, $after: Cursor, $last: Int) {
  salesReport(range: $range, grain: $grain, channelId: $channelId, by: $by, first: $first, after: $after, last: $last) {
    upToDate timeZones
    rows { nodes { period before country channel { code } sku { code } ...Sums } edges { cursor }
           pageInfo { hasNextPage hasPreviousPage endCursor } }
    totals { ...Sums }
  }
}
fragment Sums on SalesFigures {
  currencyCode orders units goods { amount } other { amount } shipping { amount } discounts { amount } tax { amount }
  gross { amount currencyCode } returns { amount } net { amount }
}
"""
YEAR = {"from": "2025-01-01", "before": "2026-01-01"}


@pytest.fixture
def ask(work: UnitOfWork) -> Ask:
    return Ask(work, SYSTEM)


@pytest.fixture
async def shop(work: UnitOfWork, database: Database) -> Shop:
    """Give a shop with sales in March and May 2025, all counted."""
    shop = await Shop.open(work)
    one, two = await shop.stocked(50), await shop.stocked(50)
    await shop.place(line(one, 2), fee(), at=datetime(2025, 3, 31, 22, 59, tzinfo=UTC))
    await shop.place(line(one, 1), line(two, 3), at=datetime(2025, 5, 5, 12, tzinfo=UTC))
    await shop.place(line(two, 1), at=datetime(2025, 5, 6, 12, tzinfo=UTC))
    await roll_up(work, database)
    return shop


def channel_id(shop: Shop) -> str:
    return text_id(IdKind.CHANNEL, shop.channel.id)


async def report(ask: Ask, shop: Shop | None = None, **asked: Any) -> dict[str, Any]:
    given = {"range": YEAR, "grain": "MONTH", **({"channelId": channel_id(shop)} if shop else {}), **asked}
    return dict((await ask(REPORT, **given))["salesReport"])


async def refusal(ask: Ask, **asked: Any) -> tuple[str, list[str] | None]:
    (error,) = await ask.errors(REPORT, **{"range": YEAR, "grain": "MONTH", **asked})
    return error["extensions"]["code"], error["extensions"].get("field")


async def test_a_year_by_month(ask: Ask, shop: Shop) -> None:
    told = await report(ask, shop)
    assert (told["upToDate"], told["timeZones"]) == (True, ["Europe/London"])
    march, may = told["rows"]["nodes"]
    assert march == {
        "period": "2025-03-01",
        "before": "2025-04-01",
        "country": None,
        "channel": None,
        "sku": None,
        "currencyCode": "GBP",
        "orders": 1,
        "units": 3,
        "goods": {"amount": "19.98"},
        "other": {"amount": "9.99"},
        "shipping": {"amount": "0.00"},
        "discounts": {"amount": "0.00"},
        "tax": {"amount": "0.00"},
        "gross": {"amount": "29.97", "currencyCode": "GBP"},
        "returns": {"amount": "0.00"},
        "net": {"amount": "29.97"},
    }
    assert (may["period"], may["orders"], may["units"], may["net"]["amount"]) == ("2025-05-01", 2, 5, "49.95")
    (total,) = told["totals"]
    assert (total["currencyCode"], total["orders"], total["units"], total["gross"]["amount"]) == ("GBP", 3, 8, "79.92")


async def test_rows_tell_apart_what_was_asked_for(ask: Ask, shop: Shop) -> None:
    told = await report(ask, shop, by=["SKU", "CHANNEL", "COUNTRY"])
    rows = [(row["period"][5:7], row["orders"], row["units"], bool(row["sku"])) for row in told["rows"]["nodes"]]
    assert rows == [("03", 1, 1, False), ("03", 1, 2, True), ("05", 1, 1, True), ("05", 2, 4, True)]
    assert {row["channel"]["code"] for row in told["rows"]["nodes"]} == {shop.channel.code}
    assert sum(row["units"] for row in told["rows"]["nodes"]) == told["totals"][0]["units"]


async def test_pages_go_on_where_they_ended(ask: Ask, shop: Shop) -> None:
    whole = (await report(ask, shop, by=["SKU"]))["rows"]
    first = (await report(ask, shop, by=["SKU"], first=3))["rows"]
    rest = (await report(ask, shop, by=["SKU"], first=3, after=first["pageInfo"]["endCursor"]))["rows"]
    assert [*first["nodes"], *rest["nodes"]] == whole["nodes"]
    assert (first["pageInfo"]["hasNextPage"], rest["pageInfo"]["hasNextPage"]) == (True, False)
    assert (await report(ask, shop, by=["SKU"], last=1))["rows"]["nodes"] == whole["nodes"][-1:]
    again = {"channelId": channel_id(shop), "by": ["COUNTRY"], "after": first["pageInfo"]["endCursor"]}
    assert await refusal(ask, **again) == ("INVALID_CURSOR", None)


@pytest.mark.parametrize(
    ("asked", "code", "path"),
    [
        ({"range": {"from": "2025-02-01", "before": "2025-01-31"}}, "INVALID_RANGE", ["range", "before"]),
        ({"range": {"from": "2025-02-01", "before": "2025-02-01"}}, "INVALID_RANGE", ["range", "before"]),
        ({"range": {"from": "2015-01-01", "before": "2025-01-02"}}, "INVALID_RANGE", ["range", "before"]),
        ({"range": {"from": "0001-01-01", "before": "9999-12-31"}}, "INVALID_RANGE", ["range", "before"]),
        ({"by": ["SKU", "COUNTRY", "SKU"]}, "INVALID_VALUE", ["by", "2"]),
        ({"channelId": text_id(IdKind.CHANNEL, new_uuid())}, "NOT_FOUND", ["channelId"]),
        ({"channelId": text_id(IdKind.ORDER, new_uuid())}, "INVALID_ID", ["channelId"]),
        ({"channelId": "web"}, "INVALID_ID", ["channelId"]),
        ({"first": 251}, "TOO_MANY_ITEMS", ["first"]),
        ({"first": 1, "last": 1}, "INVALID_VALUE", ["last"]),
        ({"after": "nowhere"}, "INVALID_CURSOR", None),
        ({"range": {"from": "2025-02-30", "before": "2025-03-01"}}, "BAD_USER_INPUT", None),
        ({"range": {"from": "20250201", "before": "2025-03-01"}}, "BAD_USER_INPUT", None),
        ({"range": {"from": "2025-02-01T00:00:00Z", "before": "2025-03-01"}}, "BAD_USER_INPUT", None),
        ({"range": {"from": "2025-02-01"}}, "BAD_USER_INPUT", None),
        ({"grain": "YEAR"}, "BAD_USER_INPUT", None),
    ],
)
async def test_a_wrong_question_is_told_where_it_is_wrong(
    ask: Ask, asked: dict[str, Any], code: str, path: list[str] | None
) -> None:
    assert await refusal(ask, **asked) == (code, path)


async def test_limits_of_the_key_hold(work: UnitOfWork, database: Database, shop: Shop) -> None:
    other = await Shop.open(work)
    await other.place(fee(), at=datetime(2025, 5, 5, tzinfo=UTC))
    await roll_up(work, database)
    limited = Ask(work, replace(SYSTEM, channels=frozenset([other.channel.id])))
    told = await report(limited, by=["CHANNEL"])
    assert [row["channel"]["code"] for row in told["rows"]["nodes"]] == [other.channel.code]
    assert [total["orders"] for total in told["totals"]] == [1]
    assert await refusal(limited, channelId=channel_id(shop)) == ("NOT_FOUND", ["channelId"])


async def test_it_needs_its_scope(work: UnitOfWork) -> None:
    everything_else = Ask(work, replace(SYSTEM, scopes=frozenset(Scope) - {Scope.REPORTS_READ}))
    (error,) = await everything_else.errors(REPORT, range=YEAR, grain="MONTH")
    assert error["extensions"]["code"] == "MISSING_SCOPE"
    assert "reports:read" in error["message"]


async def test_more_rows_take_no_more_statements(ask: Ask, shop: Shop) -> None:
    sent = []
    for size in (2, 4):
        with counted_statements() as statements:
            await report(ask, shop, by=["SKU", "CHANNEL"], first=size)
        sent.append(len(statements))
    assert sent[0] == sent[1]
