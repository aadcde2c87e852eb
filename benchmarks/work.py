"""What two versions of the program are compared by: the screens, and what places orders and counts stock."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from itertools import count, islice
from typing import Generic, TypeVar

import psycopg

from benchmarks import inventory, rush
from benchmarks.client import Answer, Load, UnexpectedAnswerError, callers, document, during, sent, spread
from benchmarks.machine import Usage, metered
from benchmarks.place import BATCH, BATCH_CLIENTS, CLIENTS, batches, check, check_batches, close, singles
from benchmarks.reports import REPORT, caught_up, nodes
from benchmarks.screens import DETAIL, LIST
from benchmarks.shop import Purchase, ship, stock
from benchmarks.stage import PROCESSES, Running, Stage
from oms_api.kernel.ids import IdKind, text_id

S = TypeVar("S")
ROUND_S, WARM_CALLS, COUNTED_CALLS = 3.0, 40, 20
SHIPPED, SHIPPED_EVERY, LISTED = 100, 5, 50
ROUND_ORDERS, ROUND_BATCHES = 1_200, 16
REPORTED = {"availability": inventory.ASKED, "report": 50}
"""How many SKUs, and how many rows, these show."""

PAID = "mutation ($input: PaymentEventReportInput!) { paymentEventReport(input: $input) { userErrors { code message } } }"
REFUNDED = "mutation ($input: RefundCreateInput!) { refundCreate(input: $input) { userErrors { code message } } }"


@dataclass(slots=True)
class Taken:
    """What a round came to, or several: so many *units* of work in the *load*."""

    units: int = 0
    load: Load = field(default_factory=Load)
    usage: Usage = field(default_factory=Usage)

    def add(self, other: "Taken") -> None:
        """Count *other* too."""
        self.units += other.units
        self.load.answers += other.load.answers
        self.load.elapsed_s += other.load.elapsed_s
        self.usage.add(other.usage)

    def result(self) -> dict[str, object]:
        """Return the figures."""
        return {
            "per_s": self.units / self.load.elapsed_s,
            "p50_ms": self.load.latency_ms(0.5),
            "p95_ms": self.load.latency_ms(0.95),
            "cpu_ms": {group: self.usage.ms_each(group, self.units) for group in self.usage.seconds},
            "others": self.usage.share("others"),
        }


@dataclass
class Side:
    """One version of the program, running on a stage of its own."""

    stage: Stage
    server: Running
    purchases: Iterator[Purchase] = field(init=False)
    turns: Iterator[int] = field(default_factory=count)
    bodies: dict[str, list[bytes]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.purchases = self.stage.shop.purchases("compared")


@dataclass(frozen=True)
class Work(Generic[S]):
    """Something to do in rounds on each of several sides; *warm* rounds come before those that count."""

    name: str
    what: str
    unit: str
    take: Callable[[S], Awaitable[Taken]]
    rounds: int = 3
    warm: int = 1


async def read_screen(side: Side, screen: str, clients: int) -> Taken:
    """Let *clients* ask for a screen for some seconds, the connections spread evenly over the server's processes."""
    bodies, root = side.bodies[screen], side.server.processes["servers"]
    connections = await spread(side.server.address, side.stage.key, clients, servers=root, processes=PROCESSES)
    try:
        await sent(connections, islice(bodies * WARM_CALLS, WARM_CALLS))
        with metered(side.server.processes) as usage:
            load = await sent(connections, during(ROUND_S, bodies))
    finally:
        close(connections)
    for answer in load.answers:
        complete(screen, answer)
    return Taken(len(load.answers), load, usage)


def complete(screen: str, answer: Answer) -> None:
    """Raises: UnexpectedAnswerError, unless the answer holds all that the screen shows."""
    told = answer.data
    if screen in {"availability", "report"}:
        if len(told["channelAvailability"] if screen == "availability" else nodes(answer)) != REPORTED[screen]:
            raise UnexpectedAnswerError(repr(answer.body[:500]))
        return
    orders = [told["order"]] if screen == "detail" else told["orders"]["nodes"]
    parts = all(order["lines"]["nodes"] and order["customer"] for order in orders)
    if screen == "detail":
        whole = parts and all(orders[0][part] for part in ("payments", "refunds", "shipments", "fulfillmentOrders"))
    else:
        whole = parts and len(orders) == LISTED
    if not whole:
        raise UnexpectedAnswerError(repr(answer.body[:500]))


async def prepare_screens(side: Side) -> None:
    """Ship every fifth order, let some of the shipped ones be paid and refunded, and make the requests."""
    stage = side.stage
    ship(stage.postgres.owner_url, every=SHIPPED_EVERY)
    newest = "SELECT id FROM orders WHERE fulfillment_status = 'SHIPPED' ORDER BY placed_at DESC, id DESC LIMIT %s"
    shipped = [text_id(IdKind.ORDER, row[0]) for row in stage.rows(newest, SHIPPED)]
    (caller,) = await callers(side.server.address, stage.key, 1)
    for order in shipped:
        amount = {"amount": "1.00", "currencyCode": "GBP"}
        paid = {"orderId": order, "gateway": "bank", "eventReference": order, "type": "CAPTURED", "amount": amount}
        granted = {"orderId": order, "amount": amount, "reason": "GOODWILL"}
        for text, given in ((PAID, paid), (REFUNDED, granted)):
            answer = await caller.call(document(text, input={"idempotencyKey": order, **given}))
            if any(payload["userErrors"] for payload in answer.data.values()):
                raise UnexpectedAnswerError(repr(answer.body[:500]))
    caller.close()
    stage.rows("VACUUM ANALYZE")
    side.bodies["detail"] = [document(DETAIL, by={"id": order}) for order in shipped]
    side.bodies["list"] = [document(LIST, first=LISTED)]


def prepare_reports(side: Side) -> None:
    """Make the requests for what can be sold of many SKUs, and for a page of the report of sales, once that is summed."""
    if not side.stage.rows("SELECT FROM sku WHERE code = 'W-1'"):
        inventory.fill(side.stage)
    side.bodies["availability"] = list(islice(inventory.questions(side.stage), WARM_CALLS))
    caught_up(side.stage, counted=True)
    days = {"from": f"{date.today() - timedelta(2)}", "before": f"{date.today() + timedelta(2)}"}  # noqa: DTZ011 - a day more on each side
    side.bodies["report"] = [document(REPORT, range=days, grain="DAY", by=["SKU"], first=REPORTED["report"])]


async def needs(side: Side, screen: str) -> dict[str, int]:
    """Return the statements that PostgreSQL counts for a screen, and the round trips that the server tells.

    A version that tells none sends each statement in a round trip of its own.
    """
    (caller,) = await callers(side.server.address, side.stage.key, 1)
    with side.stage.counting():
        for _ in range(2):  # prepared, counted: what a connection does first does not matter
            side.stage.rows("SELECT pg_stat_statements_reset()")
            answers = [await caller.call(body) for body in islice(side.bodies[screen] * COUNTED_CALLS, COUNTED_CALLS)]
    caller.close()
    counted = side.stage.rows("SELECT calls FROM pg_stat_statements WHERE userid = 'oms_app'::regrole")
    statements = sum(calls // COUNTED_CALLS for (calls,) in counted)
    return {"statements": statements, "trips": min(answer.trips or statements for answer in answers)}


async def place(side: Side) -> Taken:
    """Place orders of three lines with 16 clients."""
    bodies = list(singles(side.purchases, ROUND_ORDERS))
    load, usage = await loaded(side, CLIENTS, bodies)
    check(load)
    return Taken(ROUND_ORDERS, load, usage)


async def place_many(side: Side) -> Taken:
    """Place 100 orders a call, four calls at a time."""
    bodies = list(batches(side.purchases, ROUND_BATCHES))
    load, usage = await loaded(side, BATCH_CLIENTS, bodies)
    check_batches(load)
    return Taken(ROUND_BATCHES * BATCH, load, usage)


async def rush_for_the_last(side: Side) -> Taken:
    """Let 200 buyers ask for the 100 units of a SKU at once. Raises: UnexpectedAnswerError, unless 100 get one."""
    code = f"RUSH-{next(side.turns)}"
    with psycopg.connect(side.stage.postgres.owner_url) as connection:
        stock(connection, [code], rush.UNITS // 2)
    load, usage = await loaded(side, rush.BUYERS, rush.bodies(side.stage, code))
    if rush.outcomes(load) != {"PLACED": rush.UNITS, "INSUFFICIENT_STOCK": rush.BUYERS - rush.UNITS}:
        raise UnexpectedAnswerError(repr(rush.outcomes(load)))
    return Taken(rush.BUYERS, load, usage)


async def sync(side: Side) -> Taken:
    """Feed 10,000 counts of stock, all of them changes."""
    (caller,) = await callers(side.server.address, side.stage.key, 1)
    try:
        with metered(side.server.processes) as usage:
            answer = await inventory.feed(side.stage, caller, next(side.turns))
    finally:
        caller.close()
    return Taken(inventory.FEED_ROWS, Load([answer], answer.seconds), usage)


async def loaded(side: Side, clients: int, bodies: Sequence[bytes]) -> tuple[Load, Usage]:
    """Send *bodies* with *clients*, and return the answers and who used the processors."""
    connections = await callers(side.server.address, side.stage.key, clients)
    try:
        with metered(side.server.processes) as usage:
            return await sent(connections, bodies), usage
    finally:
        close(connections)


WRITES = (
    Work("place", "orderPlace, 3 lines, 16 clients", "orders", place),
    Work("batch", "ordersPlace, 100 orders a call, 4 calls at a time", "orders", place_many),
    Work("rush", "200 buyers, 100 units", "buyers", rush_for_the_last),
    Work("sync", "inventorySync, 10,000 rows a call", "rows", sync, warm=0),
)


def screens(**shown: str) -> tuple[Work[Side], ...]:
    """Return the work of reading each screen, by one client and by eight."""
    return tuple(
        Work(
            f"{screen}-{clients}",
            f"{what}, {clients} client{'s' * (clients > 1)}",
            "screens",
            partial(read_screen, screen=screen, clients=clients),
        )
        for screen, what in shown.items()
        for clients in (1, 8)
    )


SCREENS = screens(detail="order detail", list="50 newest orders with lines, SKUs, customers, packages")
REPORTS = screens(availability="availability of 100 SKUs over 20 locations", report="salesReport by day and SKU, 50 rows")
