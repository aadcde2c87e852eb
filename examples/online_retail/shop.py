"""What has to be there before the first order: location, channel, products, customers, opening stock. Made once."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from examples.online_retail.countries import country_code
from examples.online_retail.orders import CURRENCY, keyed
from examples.online_retail.plan import Plan
from examples.online_retail.platform import Platform, done
from examples.online_retail.rows import SHOP_ZONE

CODE, NAME = "online-retail", "Online Retail"
MOST_ROWS = 1_000
AT_ONCE = 50
T = TypeVar("T")
Progress = Callable[[str, int, int], None]
"""Told a phase, how much of it is done, and how much there is."""

CHANNELS = """
query ($first: Int!, $after: Cursor) {
  channels(first: $first, after: $after) { nodes { id code } pageInfo { hasNextPage endCursor } }
}"""
LOCATIONS = """
query ($first: Int!, $after: Cursor) {
  locations(first: $first, after: $after) { nodes { id code } pageInfo { hasNextPage endCursor } }
}"""
CUSTOMERS = """
query ($first: Int!, $after: Cursor) {
  customers(first: $first, after: $after) { nodes { id externalRef } pageInfo { hasNextPage endCursor } }
}"""
LEVELS = """
query ($first: Int!, $after: Cursor, $location: ID!) {
  inventoryLevels(where: { locationId: { eq: $location } }, first: $first, after: $after) {
    nodes { sku { code } } pageInfo { hasNextPage endCursor }
  }
}"""
UPSERT_SKUS = """
mutation ($input: SkusUpsertInput!) {
  skusUpsert(input: $input) { userErrors { code message field } results { index userErrors { code message field } } }
}"""
ADJUST = """
mutation ($input: InventoryAdjustInput!) { inventoryAdjust(input: $input) { userErrors { code message field } replayed } }
"""


class Shop:
    """The shop on the platform: its channel, its only location, and its customers by their number in the file."""

    def __init__(self, platform: Platform, plan: Plan, progress: Progress) -> None:
        self.platform = platform
        self.plan = plan
        self.progress = progress
        self.location_id = ""
        self.channel_id = ""
        self.customer_ids: dict[str, str] = {}

    async def open(self) -> None:
        """Make what is missing. Raises: PlatformError."""
        location = {"code": CODE, "name": NAME, "kind": "WAREHOUSE", "timeZone": ZONE}
        self.location_id = await self.one("locations", LOCATIONS, "location", location)
        channel = {
            "code": CODE,
            "name": NAME,
            "currencyCode": CURRENCY,
            "timeZone": ZONE,
            "pricesIncludeTax": True,
            "needsRecipient": False,
            "addressCheck": "OFF",
            "locationIds": [self.location_id],
        }
        self.channel_id = await self.one("channels", CHANNELS, "channel", channel)
        await self.products()
        await self.stock()
        await self.customers()

    async def one(self, field: str, query: str, what: str, wanted: dict[str, Any]) -> str:
        """Return the id of the channel or location with the code of *wanted*, made when there is none."""
        async for page in self.platform.pages(query, field):
            for node in page:
                if node["code"] == wanted["code"]:
                    return str(node["id"])
        given = {"idempotencyKey": keyed(what, wanted["code"], wanted), **wanted}
        kind = what.capitalize()
        (payload,) = await self.platform.each(f"{what}Create", f"{kind}CreateInput", f"{what} {{ id }}", [given])
        return str(done(payload)[what]["id"])

    async def products(self) -> None:
        """Make or confirm every product."""
        items = self.plan.items
        for start, some in chunks(items, MOST_ROWS):
            given = [{"code": item.code, "kind": item.kind, "name": item.name} for item in some]
            skus = [{"idempotencyKey": keyed("sku", sku["code"], sku), **sku} for sku in given]
            done((await self.platform.ask(UPSERT_SKUS, input={"skus": skus}))["skusUpsert"])
            self.progress("products", start + len(some), len(items))

    async def stock(self) -> None:
        """Lay the opening stock of every product that has no stock record yet in the shop's location."""
        there: set[str] = set()
        async for page in self.platform.pages(LEVELS, "inventoryLevels", location=self.location_id):
            there |= {level["sku"]["code"] for level in page}
        items = [item for item in self.plan.items if item.opening and item.code not in there]
        for start, some in chunks(items, MOST_ROWS):
            changes = [{"sku": {"code": item.code}, "locationId": self.location_id, "delta": item.opening} for item in some]
            given = {"changes": changes, "reason": "OPENING_STOCK", "reference": CODE, "occurredAt": OPENED.isoformat()}
            key = keyed("opening", some[0].code, given)
            done((await self.platform.ask(ADJUST, input={"idempotencyKey": key, **given}))["inventoryAdjust"])
            self.progress("opening stock", start + len(some), len(items))

    async def customers(self) -> None:
        """Make every customer that is missing."""
        prefix = f"{CODE}-"
        async for page in self.platform.pages(CUSTOMERS, "customers"):
            for customer in page:
                if (customer["externalRef"] or "").startswith(prefix):
                    self.customer_ids[customer["externalRef"].removeprefix(prefix)] = customer["id"]
        missing = [(number, name) for number, name in self.plan.customers.items() if number not in self.customer_ids]
        for start, some in chunks(missing, AT_ONCE):
            inputs = []
            for number, name in some:
                customer = {"externalRef": prefix + number, "country": country_code(name)}
                inputs.append({"idempotencyKey": keyed("customer", number, customer), **customer})
            for (number, _), payload in zip(
                some, await self.platform.each("customerUpsert", "CustomerUpsertInput", "customer { id }", inputs), strict=True
            ):
                self.customer_ids[number] = done(payload)["customer"]["id"]
            self.progress("customers", start + len(some), len(missing))


ZONE = str(SHOP_ZONE)
OPENED = (datetime(2009, 12, 1, tzinfo=SHOP_ZONE) - timedelta(days=1)).astimezone(UTC)


def chunks(items: Sequence[T], size: int) -> Iterator[tuple[int, Sequence[T]]]:
    """Give *items* in pieces of *size*, each with its place."""
    for start in range(0, len(items), size):
        yield start, items[start : start + size]
