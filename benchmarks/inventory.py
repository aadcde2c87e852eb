"""Stock at size: a feed of counts, what a channel can sell, and one SKU that everybody wants."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count, islice
from typing import Any

from benchmarks.client import Answer, Caller, Load, UnexpectedAnswerError, callers, document, sent
from benchmarks.machine import Usage, metered
from benchmarks.place import CLIENTS, PLACE_ONE, check, close
from benchmarks.shop import CURRENCY
from benchmarks.stage import Running, Stage
from oms_api.kernel.ids import IdKind, text_id

SKUS, PLACES = 5_000, 20
FEED_ROWS, FEEDS = 10_000, 4
ASKED, ASKS, WARM_ASKS = 100, 60, 10
HOT_ORDERS, HOT_WARM, HOT_STOCK = 2_000, 200, 1_000_000

FILL = """
INSERT INTO sku (id, code, name, kind, status, created_at, updated_at)
SELECT uuidv7(), 'W-' || n, 'Wide article ' || n, 'GOODS', 'ACTIVE', now(), now() FROM generate_series(1, %(skus)s) AS n;

INSERT INTO location (id, code, name, kind, status, time_zone, created_at, updated_at)
SELECT uuidv7(), 'WIDE-' || n, 'Wide ' || n, 'WAREHOUSE', 'ACTIVE', 'Europe/London', now(), now()
FROM generate_series(1, %(places)s) AS n;

INSERT INTO channel (id, code, name, status, currency, time_zone, prices_include_tax, sells_safety_stock,
                     reservation_minutes, created_at, updated_at)
VALUES (uuidv7(), 'wide', 'Wide', 'ACTIVE', %(currency)s, 'Europe/London', true, false, 30, now(), now());

INSERT INTO channel_location (channel_id, location_id, priority)
SELECT channel.id, location.id, row_number() OVER (ORDER BY location.id) FROM channel, location
WHERE channel.code = 'wide' AND location.code LIKE 'WIDE-%%';

INSERT INTO inventory_level (id, sku_id, location_id)
SELECT uuidv7(), sku.id, location.id FROM sku, location WHERE sku.code LIKE 'W-%%' AND location.code LIKE 'WIDE-%%';
"""
SYNC = """
mutation Sync($input: InventorySyncInput!) {
  inventorySync(input: $input) { applied unchanged failed userErrors { code message field } }
}
"""
AVAILABLE = """
query Available($channel: ID!, $skus: [SkuByInput!]!) {
  channelAvailability(channelId: $channel, skus: $skus) { sku { code } available }
}
"""


@dataclass(slots=True)
class Wide:
    """What was measured over 100,000 levels, and of the SKU that everybody wants."""

    levels: int
    feeds: Load
    available: Load
    hot: Load
    usage: Usage

    def result(self) -> dict[str, object]:
        """Return the figures."""
        feeding = sum(answer.seconds for answer in self.feeds.answers)
        return {
            "levels": self.levels,
            "sync_rows_per_s": FEED_ROWS * len(self.feeds.answers) / feeding,
            "sync_ms": {"p50": self.feeds.latency_ms(0.5), "slowest": self.feeds.latency_ms(1.0)},
            "availability_ms": {"p50": self.available.latency_ms(0.5), "p95": self.available.latency_ms(0.95)},
            "hot_orders_per_s": len(self.hot.answers) / self.hot.elapsed_s,
            "hot_latency_ms": {"p50": self.hot.latency_ms(0.5), "p99": self.hot.latency_ms(0.99)},
            "hot_cpu_ms": {group: self.usage.ms_each(group, len(self.hot.answers)) for group in self.usage.seconds},
        }


async def measure_stock(stage: Stage, server: Running) -> Wide:
    """Feed counts, ask what can be sold, and let 16 clients buy one SKU."""
    fill(stage)
    (caller,) = await callers(server.address, stage.key, 1)
    connections = await callers(server.address, stage.key, CLIENTS)
    try:
        feeds = Load([await feed(stage, caller, turn) for turn in range(FEEDS)])
        stage.rows("VACUUM ANALYZE")
        available = await ask(stage, caller)
        bodies = purchases(stage)
        check(await sent(connections, islice(bodies, HOT_WARM)))
        with metered(server.processes) as usage:
            hot = await sent(connections, list(islice(bodies, HOT_ORDERS)))
        check(hot)
    finally:
        close([caller, *connections])
    levels = stage.rows("SELECT count(*) FROM inventory_level")[0][0]
    return Wide(levels, feeds, available, hot, usage)


def fill(stage: Stage) -> None:
    """Make 5,000 SKUs at 20 locations: 100,000 levels of nothing yet."""
    values = {"skus": SKUS, "places": PLACES}
    stage.rows(FILL.replace("%(currency)s", f"'{CURRENCY}'") % values)
    stage.rows("VACUUM ANALYZE")


def ids(stage: Stage, table: str, kind: IdKind) -> list[str]:
    """Return the ids of the wide shop's records in *table*, by code."""
    rows = stage.rows(f"SELECT id FROM {table} WHERE code ILIKE 'wide%' ORDER BY code")
    return [text_id(kind, row[0]) for row in rows]


async def feed(stage: Stage, caller: Caller, turn: int) -> Answer:
    """Tell how many units of 5,000 SKUs lie at two locations: other numbers each turn."""
    places = ids(stage, "location", IdKind.LOCATION)[2 * turn : 2 * turn + 2]
    rows = [
        {"sku": {"code": f"W-{n}"}, "locationId": place, "quantity": 1 + (n + turn) % 50}
        for place in places
        for n in range(1, SKUS + 1)
    ]
    given = {"idempotencyKey": f"feed-{turn}", "source": "benchmarks", "asOf": datetime.now(UTC).isoformat(), "rows": rows}
    answer = await caller.call(document(SYNC, input=given))
    told = answer.data["inventorySync"]
    if (told["applied"], told["failed"], told["userErrors"]) != (FEED_ROWS, 0, []):
        raise UnexpectedAnswerError(repr(answer.body[:500]))
    return answer


async def ask(stage: Stage, caller: Caller) -> Load:
    """Ask what the channel can sell of 100 SKUs, other ones each time."""
    load = Load()
    for turn, question in enumerate(islice(questions(stage), WARM_ASKS + ASKS)):
        answer = await caller.call(question)
        if len(answer.data["channelAvailability"]) != ASKED:
            raise UnexpectedAnswerError(repr(answer.body[:500]))
        if turn >= WARM_ASKS:
            load.answers.append(answer)
    return load


def questions(stage: Stage) -> Iterator[bytes]:
    """Yield what asks for 100 SKUs, other ones each time, without end."""
    (channel,) = ids(stage, "channel", IdKind.CHANNEL)
    for turn in count():
        skus = [{"code": f"W-{1 + (turn * ASKED + n) % SKUS}"} for n in range(ASKED)]
        yield document(AVAILABLE, channel=channel, skus=skus)


def purchases(stage: Stage) -> Iterator[bytes]:
    """Yield orders of one unit of one SKU without end; there is enough of it."""
    stage.rows(f"UPDATE inventory_level SET free = free + {HOT_STOCK} WHERE id = (SELECT min(level.id::text)::uuid "
               "FROM inventory_level level JOIN sku ON sku.id = level.sku_id WHERE sku.code = 'W-1')")  # fmt: skip
    (channel,) = ids(stage, "channel", IdKind.CHANNEL)
    for number in count():
        lines: list[dict[str, Any]] = [{"sku": "W-1", "quantity": 1, "unitPrice": {"amount": "5.00"}}]
        given = {"idempotencyKey": f"hot-{number}", "channelId": channel, "lines": lines}
        yield document(PLACE_ONE, input=given)
