"""What the API has of the shop, read back: its orders, its returns with their refunds, and its sales a month."""

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import islice
from typing import Any

from examples.online_retail.matching import Return
from examples.online_retail.months import Figures
from examples.online_retail.orders import Money
from examples.online_retail.platform import Platform, PlatformError
from examples.online_retail.shop import Progress

ARRIVED = {"DELIVERED", "NOT_REQUIRED"}
RECEIVED = {"RECEIVED", "CLOSED"}
PAID_BACK = "SUCCEEDED"

ORDERS = """
query ($first: Int!, $after: Cursor, $channel: ID!) {
  orders(where: { channelId: { eq: $channel } }, orderBy: PLACED_AT_ASC, first: $first, after: $after) {
    nodes {
      id externalRef placedAt recordedAt fulfillmentStatus
      goods { amount } shipping { amount } discount { amount } captured { amount } refunded { amount }
    }
    pageInfo { hasNextPage endCursor }
  }
}"""
RETURNS = """
query ($first: Int!, $after: Cursor, $channel: ID!, $lines: Int!) {
  returns(where: { channelId: { eq: $channel } }, first: $first, after: $after) {
    nodes {
      id externalRef status
      lines(first: $lines) { nodes { received } }
      refunds { id status refunded { amount } }
    }
    pageInfo { hasNextPage endCursor }
  }
}"""
SALES = """
query ($channel: ID!, $from: Date!, $before: Date!, $first: Int!) {
  salesReport(range: { from: $from, before: $before }, grain: MONTH, channelId: $channel, first: $first) {
    upToDate
    rows { nodes {
      period orders gross { amount } discounts { amount } returns { amount }
      returnedShipping { amount } conceded { amount } concededShipping { amount } fees { amount } net { amount }
    } }
  }
}"""
MOST_MONTHS = LINES_READ = 250
COUNTED_WITHIN_S = 600


@dataclass(frozen=True, slots=True)
class Kept:
    """An order as the API gives it."""

    id: str
    ref: str
    placed_at: datetime
    recorded_at: datetime
    goods: Decimal
    shipping: Decimal
    discount: Decimal
    captured: Decimal
    refunded: Decimal
    arrived: bool

    @property
    def paid(self) -> bool:
        """Whether all of it was captured."""
        return self.captured == self.goods + self.shipping - self.discount

    def holds(self, money: Money, placed_at: datetime) -> bool:
        """Tell whether it is what was sent."""
        sent = (money.goods, money.shipping, money.discount, placed_at)
        return (self.goods, self.shipping, self.discount, self.placed_at) == sent


@dataclass(frozen=True, slots=True)
class KeptReturn:
    """A return as the API gives it, with the id of its refund, if there is one."""

    id: str
    ref: str
    all_received: bool
    received: int
    """Units of its first lines, as many as are read."""
    refund_id: str | None
    paid_back: bool
    refunded: Decimal

    def holds(self, back: Return) -> bool:
        """Tell whether all of *back* is done."""
        return (
            self.all_received
            and self.received == sum(islice(back.units.values(), LINES_READ))
            and self.refunded == back.granted
            and self.paid_back == (back.granted > 0)
        )


async def orders_of(platform: Platform, channel_id: str, told: Progress, phase: str, expected: int) -> dict[str, Kept]:
    """Return every order of the channel, by its reference; *expected* says how many are likely."""
    found: dict[str, Kept] = {}
    async for page in platform.pages(ORDERS, "orders", channel=channel_id):
        found |= {node["externalRef"]: kept(node) for node in page}
        told(phase, len(found), max(len(found), expected))
    return found


async def returns_of(platform: Platform, channel_id: str) -> dict[str, KeptReturn]:
    """Return every return of the channel, by its reference."""
    return {
        node["externalRef"]: kept_return(node)
        async for page in platform.pages(RETURNS, "returns", channel=channel_id, lines=LINES_READ)
        for node in page
    }


async def months_of(platform: Platform, channel_id: str, months: Collection[str]) -> dict[str, Figures]:
    """Return the sales report of the channel, by month, from the first to the last of *months*, once it counts everything.

    Raises: PlatformError, where it does not within ten minutes: then no worker is at work.
    """
    if not months:
        return {}
    given = {"from": f"{min(months)}-01", "before": f"{after(max(months))}-01", "first": MOST_MONTHS}
    for _ in range(COUNTED_WITHIN_S):
        report = (await platform.ask(SALES, channel=channel_id, **given))["salesReport"]
        if report["upToDate"]:
            return {node["period"][:7]: figures(node) for node in report["rows"]["nodes"]}
        await asyncio.sleep(1)
    raise PlatformError("the report of sales does not count everything yet: is a worker running?")


def after(month: str) -> str:
    """Return the month after *month*."""
    first = date.fromisoformat(f"{month}-01")
    return f"{first + timedelta(days=31):%Y-%m}"


def figures(node: Mapping[str, Any]) -> Figures:
    """Return a month of the API's answer, whose net leaves out the shipping of what came back, as the file does.

    Raises: PlatformError, where the API's own sum is another.
    """
    told = Figures(orders=node["orders"], **{part: amount(node[part]) for part in ("gross", "discounts", "returns")})
    made = (
        told.net
        + amount(node["fees"])
        - sum(amount(node[part]) for part in ("returnedShipping", "conceded", "concededShipping"))
    )
    if made != amount(node["net"]):
        raise PlatformError(f"the report of {node['period']} says {node['net']['amount']} net, its parts make {made}")
    return told


def kept(node: Mapping[str, Any]) -> Kept:
    """Return an order of the API's answer."""
    amounts = {part: amount(node[part]) for part in ("goods", "shipping", "discount", "captured", "refunded")}
    return Kept(
        id=node["id"],
        ref=node["externalRef"],
        placed_at=datetime.fromisoformat(node["placedAt"]),
        recorded_at=datetime.fromisoformat(node["recordedAt"]),
        arrived=node["fulfillmentStatus"] in ARRIVED,
        **amounts,
    )


def kept_return(node: Mapping[str, Any]) -> KeptReturn:
    """Return a return of the API's answer."""
    refunds = node["refunds"]
    return KeptReturn(
        id=node["id"],
        ref=node["externalRef"],
        all_received=node["status"] in RECEIVED,
        received=sum(line["received"] for line in node["lines"]["nodes"]),
        refund_id=refunds[0]["id"] if refunds else None,
        paid_back=any(refund["status"] == PAID_BACK for refund in refunds),
        refunded=sum((amount(refund["refunded"]) for refund in refunds), Decimal(0)),
    )


def amount(money: Mapping[str, Any]) -> Decimal:
    """Return the amount of a Money."""
    return Decimal(money["amount"])
