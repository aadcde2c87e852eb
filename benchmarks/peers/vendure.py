"""Vendure as a peer: installed into a folder of its own, seeded through its services, asked through its APIs."""

import os
import re
import secrets
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count, cycle, islice, repeat
from operator import methodcaller
from pathlib import Path
from typing import Any

import orjson
import psycopg

from benchmarks.client import Answer, Ask, Caller, asked, callers, document
from benchmarks.peers.peer import DETAILED, FILLERS, HOT_UNITS, LISTED, RUSHES, SHIPPED_EVERY, connected, done, hot_code, whole
from benchmarks.shop import ADDRESS, CONTACT, SKUS, STOCK, Purchase, sku_code
from benchmarks.stage import PROCESSES, SETTINGS, Running, postmaster, program, say
from oms_api.db.embedded import running

HERE = Path(__file__).with_name("vendure")
BEFORE = "2026-11-01"
"""Of packages that are not pinned, the newest of before this day are taken."""
NODE, CUSTOMERS = 20, 300

PLACED, STEP = 200, 1_000_000
COPIED = {
    "order": ("id",),
    "order_channels_channel": ("orderId",),
    "shipping_line": ("id", "orderId"),
    "order_line": ("id", "orderId", "shippingLineId"),
    "payment": ("id", "orderId"),
    "stock_movement": ("id", "orderLineId"),
    "history_entry": ("id", "orderId"),
}
"""What belongs to an order, and the ids that its copies have of their own."""

PLACE = """
mutation Place($items: [AddItemInput!]!, $address: CreateAddressInput!, $method: [ID!]!) {
  addItemsToOrder(inputs: $items) { order { id } errorResults { __typename } }
  setOrderShippingAddress(input: $address) { __typename }
  setOrderShippingMethod(shippingMethodId: $method) { __typename }
  transitionOrderToState(state: "ArrangingPayment") { __typename }
  addPaymentToOrder(input: {method: "card", metadata: {}}) {
    __typename ... on Order { id code state orderPlacedAt totalWithTax currencyCode }
  }
}
"""
LIST = """
query List($options: OrderListOptions!) {
  orders(options: $options) {
    totalItems
    items {
      id code state orderPlacedAt totalWithTax currencyCode
      customer { id emailAddress firstName lastName }
      lines { id quantity unitPriceWithTax productVariant { id sku name } }
      fulfillments { id state createdAt method trackingCode }
    }
  }
}
"""
DETAIL = """
query Detail($id: ID!) {
  order(id: $id) {
    id code state orderPlacedAt nextStates subTotalWithTax shippingWithTax totalWithTax currencyCode
    customer { id emailAddress firstName lastName phoneNumber }
    shippingAddress { fullName streetLine1 city postalCode countryCode phoneNumber }
    lines { id quantity unitPriceWithTax linePriceWithTax productVariant { id sku name } }
    payments { id method transactionId state amount refunds { id state reason total createdAt } }
    fulfillments { id state createdAt method trackingCode lines { quantity orderLine { id productVariant { sku } } } }
  }
}
"""
SET = "mutation Set($input: [UpdateProductVariantInput!]!) { updateProductVariants(input: $input) { id } }"
NEWEST = """
query Newest($options: OrderListOptions!) { orders(options: $options) { items { id lines { id quantity } payments { id } } } }
"""
FULFILL = """
mutation Fulfill($lines: [OrderLineInput!]!, $handler: ConfigurableOperationInput!, $payment: ID!) {
  addFulfillmentToOrder(input: {lines: $lines, handler: $handler}) { __typename ... on Fulfillment { id } }
  refundOrder(input: {paymentId: $payment, amount: 100, lines: [], shipping: 0, adjustment: 0, reason: "goodwill"}) {
    __typename
  }
}
"""
SHIP = 'mutation Ship($id: ID!) { transitionFulfillmentToState(id: $id, state: "Shipped") { __typename } }'


@dataclass(frozen=True)
class Installation:
    """Vendure in its folder, with the environment that its programs get."""

    folder: Path
    environment: Mapping[str, str]


def missing() -> str | None:
    """Return why Vendure cannot run here, if it cannot."""
    if not (shutil.which("node") and shutil.which("npm")):
        return f"Vendure needs Node.js {NODE} or newer with npm, and there is none here: nothing was measured."
    if int(node_version().partition(".")[0]) < NODE:
        return f"Vendure needs Node.js {NODE} or newer, and this is {node_version()}: nothing was measured."
    return None


def node_version() -> str:
    """Return the version of Node.js."""
    return subprocess.run(("node", "--version"), check=True, capture_output=True, text=True).stdout.strip().lstrip("v")


def versions() -> dict[str, str]:
    """Return what is installed for Vendure, by name."""
    return {**orjson.loads((HERE / "package.json").read_bytes())["dependencies"], "node": node_version()}


def install(folder: Path) -> None:
    """Put our programs and Vendure into *folder*; a version that is there already is taken."""
    shutil.copytree(HERE, folder, dirs_exist_ok=True)
    there = folder / "node_modules" / "@vendure" / "core" / "package.json"
    if there.exists() and orjson.loads(there.read_bytes())["version"] == versions()["@vendure/core"]:
        return
    say("installing Vendure ...")
    options = ("--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts", "--loglevel=error", f"--before={BEFORE}")
    subprocess.run(("npm", "install", *options), cwd=folder, check=True, stdout=subprocess.DEVNULL)


@contextmanager
def serving(scratch: Path, installed: Path, purchases: Iterator[Purchase]) -> "Iterator[Vendure]":
    """Start a PostgreSQL like ours in *scratch*, seed it, and run servers and worker until the block ends."""
    with ExitStack() as stack:
        postgres = stack.enter_context(running(scratch / "server", settings=SETTINGS))
        given = {name: value for name, value in os.environ.items() if not name.startswith("OMS_")}
        ours = {"PEER_DATABASE_URL": postgres.owner_url, "PEER_SECRET": secrets.token_hex(32)}
        place = Installation(installed, given | ours | {"NODE_ENV": "production", "VENDURE_DISABLE_TELEMETRY": "true"})
        shop = seed(place)
        worker, _ = stack.enter_context(program(place, "worker", ("node", "work.js"), r"(the worker works)"))
        command = ("node", "serve.js", str(PROCESSES))
        servers, address = stack.enter_context(program(place, "serve", command, r"serves (\S+)"))
        processes = {"servers": servers, "worker": worker, "PostgreSQL": postmaster(postgres)}
        yield Vendure(Running(address, processes), shop, postgres.owner_url, purchases)


def seed(place: Installation) -> dict[str, Any]:
    """Make a shop like ours, and return its ids and the keys of its customers."""
    say("seeding Vendure ...")
    hot = [hot_code(number) for number in range(RUSHES)]
    wanted = {
        "customers": CUSTOMERS,
        "units": {sku_code(n): STOCK for n in range(SKUS)} | dict.fromkeys(hot, HOT_UNITS // 2),
    }
    command = ("node", "seed.js", orjson.dumps(wanted).decode())
    done = subprocess.run(command, cwd=place.folder, env=place.environment, check=True, capture_output=True, text=True)
    found = re.search(r"^seeded (.+)$", done.stdout, re.MULTILINE)
    assert found is not None
    return dict(orjson.loads(found[1]))


class Vendure:
    """Vendure, running."""

    def __init__(self, server: Running, shop: dict[str, Any], database: str, purchases: Iterator[Purchase]) -> None:
        self.server, self.shop, self.database = server, shop, database
        self.keys = cycle(shop["customers"])
        self.asks: dict[str, Iterator[Ask]] = {"place": map(self.place, purchases), "stock": self.counts()}

    def place(self, purchase: Purchase) -> Ask:
        """Return what places and pays an order, in one request of the next customer, who is logged in."""
        items = [{"productVariantId": self.shop["variants"][sku], "quantity": units} for sku, units, _ in purchase.items]
        address = {
            "fullName": ADDRESS.name, "streetLine1": ADDRESS.line1, "city": ADDRESS.city, "postalCode": ADDRESS.postal_code,
            "countryCode": ADDRESS.country, "phoneNumber": CONTACT.phone,
        }  # fmt: skip
        body, key = document(PLACE, items=items, address=address, method=[self.shop["method"]]), next(self.keys)

        def ask(caller: Caller) -> Any:  # noqa: ANN401
            caller.use(key)
            return caller.call(body)

        return ask

    def counts(self) -> Iterator[Ask]:
        """Yield what sets the stock of one SKU after the other."""
        for number in count():
            level = {"stockLocationId": self.shop["location"], "stockOnHand": STOCK + number}
            variant = {"id": self.shop["variants"][sku_code(number % SKUS)], "stockLevels": [level]}
            yield methodcaller("call", document(SET, input=[variant]))

    async def fill(self, orders: int) -> None:
        """Place some orders and copy them, ship every fifth of the newest, a hundred, and refund a part of each."""
        await done(self, "place", FILLERS, islice(self.asks["place"], min(orders, PLACED)))
        self.copy(orders // PLACED - 1)
        options = {"take": DETAILED * SHIPPED_EVERY, "sort": {"orderPlacedAt": "DESC"}}
        async with connected(self, "detail", FILLERS) as connections:
            newest = (await connections[0].call(document(NEWEST, options=options))).data["orders"]["items"][::SHIPPED_EVERY]
            for answer in (await asked(connections, map(self.ship, newest))).answers:
                whole(answer, answer.data["transitionFulfillmentToState"]["__typename"] == "Fulfillment")
        with psycopg.connect(self.database, autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")
        page = document(LIST, options={"take": LISTED, "sort": {"orderPlacedAt": "DESC"}})
        self.asks["list"] = repeat(methodcaller("call", page))
        self.asks["detail"] = cycle([methodcaller("call", document(DETAIL, id=order["id"])) for order in newest])

    def copy(self, copies: int) -> None:
        """Copy all orders through SQL, with all rows that belong to them; copies are older."""
        with psycopg.connect(self.database, autocommit=True) as connection:
            for table, keys in COPIED.items():
                made = {"code": "code || '-' || n", "orderPlacedAt": "\"orderPlacedAt\" - n * interval '1 day'"}
                made |= {key: f'"{key}" + n * {STEP}' for key in keys}
                found = connection.execute(f'SELECT * FROM "{table}" LIMIT 0').description or ()
                names = {column.name: f'"{column.name}"' for column in found}
                values = ", ".join(made.get(name, quoted) for name, quoted in names.items())
                whole_rows = " AND ".join(f"{names[key]} IS NOT NULL" for key in keys)
                connection.execute(
                    f'INSERT INTO "{table}" ({", ".join(names.values())}) '
                    f'SELECT {values} FROM "{table}", generate_series(1, {copies}) AS n WHERE {whole_rows}'
                )
                if "id" in keys:
                    connection.execute(f"""SELECT setval(pg_get_serial_sequence('"{table}"', 'id'), max(id)) FROM "{table}" """)

    def ship(self, order: Mapping[str, Any]) -> Ask:
        """Return what ships an order and refunds a part of it."""
        arguments = [{"name": "method", "value": "Royal Mail"}, {"name": "trackingCode", "value": f"RM{order['id']}"}]
        handler = {"code": "manual-fulfillment", "arguments": arguments}
        lines = [{"orderLineId": line["id"], "quantity": line["quantity"]} for line in order["lines"]]
        body = document(FULFILL, lines=lines, handler=handler, payment=order["payments"][0]["id"])

        async def ask(caller: Caller) -> Answer:
            made = await caller.call(body)
            whole(made, made.data["refundOrder"]["__typename"] == "Refund")
            return await caller.call(document(SHIP, id=made.data["addFulfillmentToOrder"]["id"]))

        return ask

    async def connections(self, what: str, count: int) -> list[Caller]:
        """Open connections: node's cluster deals them to its processes in turns."""
        path = "shop-api" if what == "place" else "admin-api"
        return await callers(f"{self.server.address}/{path}", self.shop["admin"], count)

    def check(self, what: str, answer: Answer) -> None:
        """Look at an answer."""
        if what == "place":
            whole(answer, self.outcome(answer) == "sold")
        elif what == "stock":
            whole(answer, answer.data["updateProductVariants"][0]["id"])
        elif what == "list":
            orders = answer.data["orders"]["items"]
            whole(answer, len(orders) == LISTED, *(order["lines"] and order["customer"] for order in orders))
        else:
            order = answer.data["order"]
            whole(answer, order["customer"], order["lines"], order["fulfillments"], order["payments"][0]["refunds"])

    def outcome(self, answer: Answer) -> str:
        """Return what became of a buyer."""
        told = orjson.loads(answer.body)
        if answer.status != 200 or told.get("errors"):
            return "failed"
        return "sold" if told["data"]["addPaymentToOrder"].get("state") == "PaymentSettled" else "refused"
