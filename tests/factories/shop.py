"""A shop behind a real server: a channel with two locations, and orders placed over HTTP."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID, uuid4

import httpx
import psycopg
from psycopg import sql

from oms_api.db.columns import Base
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.catalog.tables import SkuRow
from oms_api.domain.channels.tables import ChannelRow, LocationRow
from oms_api.kernel.ids import IdKind, LocationId, text_id
from tests.factories.database import Database
from tests.factories.given import Given
from tests.factories.served import Served, served, settings_for

ERRORS = """userErrors { __typename code message field
    ... on InsufficientStockError { shortages { sku requested available nextAvailableAt } }
    ... on DuplicateExternalRefError { order { id externalRef } } }"""
MONEY = "{ amount currencyCode }"
LINE = f"""id position kind skuCode name parentLineId ordered canceled unsourced backordered allocated inFulfillment shipped
    delivered unitPrice {MONEY} goods {MONEY} rounding {MONEY} discount {MONEY} orderDiscountShare {MONEY} tax {MONEY}
    shippingShare {MONEY} total {MONEY} discounts {{ amount {MONEY} label code }} taxes {{ title rate amount {MONEY} }}"""
ORDER = f"""id number externalRef currencyCode pricesIncludeTax status fulfillmentStatus paymentStatus returnStatus onHold
    goods {MONEY} discount {MONEY} shipping {MONEY} tax {MONEY} total {MONEY} country note tags version placedAt recordedAt
    contact {{ name email phone }} shippingAddress {{ name line1 city postalCode country }} billingAddress {{ country }}
    discounts {{ amount {MONEY} label code }} shippingCharges {{ title code price {MONEY} }}
    shippingTaxes {{ title rate amount {MONEY} }} lines(first: 250) {{ nodes {{ {LINE} }} }}"""
PLACE = f"mutation Place($input: OrderPlaceInput!) {{ orderPlace(input: $input) {{ replayed {ERRORS} order {{ {ORDER} }} }} }}"
PLACE_BRIEFLY = (
    f"mutation Place($input: OrderPlaceInput!) {{ orderPlace(input: $input) {{ replayed {ERRORS} order {{ id }} }} }}"
)
PLACE_MANY = f"""mutation PlaceMany($input: OrdersPlaceInput!) {{ ordersPlace(input: $input) {{ replayed {ERRORS}
    results {{ index replayed {ERRORS} order {{ id externalRef lines {{ nodes {{ skuCode ordered }} }} }} }} }} }}"""


@dataclass(frozen=True)
class Shop:
    """A channel that two locations serve, and a client whose key may do everything."""

    served: Served
    database: Database
    work: UnitOfWork
    given: Given
    client: httpx.AsyncClient
    channel: ChannelRow
    first: LocationRow
    second: LocationRow

    @property
    def channel_id(self) -> str:
        return text_id(IdKind.CHANNEL, self.channel.id)

    async def goods(self, first: int = 0, second: int = 0, **changes: Any) -> SkuRow:
        """Make goods, with stock at the two locations."""
        sku = await self.given.sku(**changes)
        for location, units in ((self.first, first), (self.second, second)):
            if units:
                await self.given.adjust(sku.id, location.id, units)
        return sku

    async def answer(self, document: str, *, client: httpx.AsyncClient | None = None, **variables: Any) -> Any:
        """Return the whole answer to a document."""
        sent = await (client or self.client).post("/graphql", json={"query": document, "variables": variables})
        assert sent.status_code == 200, sent.text
        return sent.json()

    async def ask(self, document: str, *, client: httpx.AsyncClient | None = None, **variables: Any) -> Any:
        """Return the data of a document that must not fail."""
        told = await self.answer(document, client=client, **variables)
        assert "errors" not in told, told["errors"]
        return told["data"]

    def order(self, *lines: dict[str, Any], **changes: Any) -> dict[str, Any]:
        """Return the input of an order."""
        return {"idempotencyKey": uuid4().hex, "channelId": self.channel_id, "lines": list(lines), **changes}

    async def placed(self, *lines: dict[str, Any], **changes: Any) -> Any:
        """Place an order that must be taken, and return it."""
        payload = (await self.ask(PLACE, input=self.order(*lines, **changes)))["orderPlace"]
        assert payload["userErrors"] == [], payload["userErrors"]
        return payload["order"]

    async def payload(self, given: dict[str, Any], **options: Any) -> Any:
        """Place an order and return the payload."""
        return (await self.ask(PLACE, input=given, **options))["orderPlace"]

    async def many(self, *orders: dict[str, Any], **changes: Any) -> Any:
        """Place a batch and return its payload."""
        return (await self.ask(PLACE_MANY, input={"orders": list(orders), **changes}))["ordersPlace"]

    async def level(self, sku: SkuRow, location: LocationRow) -> tuple[int, int]:
        """Return the free and the committed units of a level."""
        level = await self.given.level(sku.id, location.id)
        return level.free, level.committed

    @asynccontextmanager
    async def keyed(self, **changes: Any) -> AsyncIterator[httpx.AsyncClient]:
        """Give a client with a key of its own."""
        key = await self.served.key(**changes)
        headers = {"authorization": f"Bearer {key.text}"}
        async with httpx.AsyncClient(base_url=self.served.address, headers=headers, timeout=20) as client:
            yield client

    def everything(self) -> dict[str, Any]:
        """Return how many rows each table has, and every level as it is: equal before and after what changes nothing."""
        counted: dict[str, Any] = {}
        with psycopg.connect(self.database.admin_url) as connection:
            for table in Base.metadata.sorted_tables:
                count = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table.name))
                counted[table.name] = connection.execute(count).fetchone()
            levels = "SELECT id, free, committed, reserved, sequence FROM inventory_level ORDER BY id"
            counted["levels"] = connection.execute(levels).fetchall()
        for moved_by_others in ("api_key", "client", "outbox_stage", "feed"):
            counted.pop(moved_by_others, None)
        return counted


def line(sku: SkuRow | str, quantity: Any = 1, price: Any = "10.00", **changes: Any) -> dict[str, Any]:
    """Return a line; without *price* it is left out."""
    code = sku if isinstance(sku, str) else sku.code
    priced = {} if price is None else {"unitPrice": {"amount": price}}
    return {"sku": code, "quantity": quantity, **priced, **changes}


def location_id(location: LocationRow | LocationId) -> str:
    return text_id(IdKind.LOCATION, location if isinstance(location, UUID) else location.id)


def told(payload: dict[str, Any]) -> list[tuple[str, str | None]]:
    """Return code and path of each user error of a payload."""
    return [(error["code"], None if error["field"] is None else ".".join(error["field"])) for error in payload["userErrors"]]


def amounts(records: Iterable[dict[str, Any]], name: str) -> list[str]:
    return [cast("str", record[name]["amount"]) for record in records]


@asynccontextmanager
async def opened(database: Database, **options: Any) -> AsyncIterator[Shop]:
    """Open a shop on *database*."""
    async with served(settings_for(database), schema=None, **options) as running:
        given = Given(running.oms.work)
        first, second = await given.location(), await given.location()
        channel = await given.channel(locations=(first, second))
        async with await running.client() as client:
            yield Shop(running, database, running.oms.work, given, client, channel, first, second)
