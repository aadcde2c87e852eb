"""A rush: 200 buyers for 100 units that lie at two locations."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import psycopg

from benchmarks.client import Load, callers, document, sent
from benchmarks.place import PLACE_ONE, close
from benchmarks.shop import stock
from benchmarks.stage import Running, Stage
from oms_api.kernel.ids import IdKind, text_id

BUYERS, UNITS, RUSHES = 200, 100, 5

LEDGER = """
SELECT count(*) FROM inventory_level level
LEFT JOIN (
    SELECT level_id, max(sequence) AS last, count(*) AS steps,
           sum(CASE WHEN target = 'free' THEN quantity WHEN source = 'free' THEN -quantity ELSE 0 END) AS free,
           sum(CASE WHEN target = 'committed' THEN quantity WHEN source = 'committed' THEN -quantity ELSE 0 END) AS committed
    FROM stock_movement GROUP BY level_id
) ledger ON ledger.level_id = level.id
LEFT JOIN (SELECT level_id, sum(allocated + in_fulfillment) AS promised FROM allocation GROUP BY level_id) promise
    ON promise.level_id = level.id
WHERE (level.free, level.committed, level.sequence, level.sequence)
      IS DISTINCT FROM (ledger.free, ledger.committed, ledger.last, ledger.steps)
   OR level.committed <> coalesce(promise.promised, 0)
"""
"""Levels whose numbers, ledger and promises differ."""
DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = 'oms'"


@dataclass(slots=True)
class Rush:
    """The outcomes of each rush, what the ledger says, and how long the buyers waited."""

    outcomes: list[dict[str, int]] = field(default_factory=list)
    loads: list[Load] = field(default_factory=list)
    wrong_levels: int = 0
    oversold: int = 0
    deadlocks: int = 0

    @property
    def exact(self) -> bool:
        """Whether each rush sold every unit once and refused the rest, without a deadlock."""
        wanted = {"PLACED": UNITS, "INSUFFICIENT_STOCK": BUYERS - UNITS}
        return all(outcome == wanted for outcome in self.outcomes) and not (
            self.wrong_levels or self.oversold or self.deadlocks
        )

    def result(self) -> dict[str, object]:
        """Return the figures."""
        return {
            "exact": self.exact,
            "outcomes": self.outcomes,
            "levels_that_differ_from_their_ledger": self.wrong_levels,
            "units_left": self.oversold,
            "deadlocks": self.deadlocks,
            "slowest_ms": max(load.latency_ms(1.0) for load in self.loads),
            "seconds": [load.elapsed_s for load in self.loads],
        }


async def rush(stage: Stage, server: Running) -> Rush:
    """Let 200 buyers ask for one unit each at once, several times, each time for another SKU."""
    codes = [f"RUSH-{n}" for n in range(RUSHES)]
    with psycopg.connect(stage.postgres.owner_url) as connection:
        stock(connection, codes, UNITS // 2)
    result, before = Rush(), stage.rows(DEADLOCKS)[0][0]
    connections = await callers(server.address, stage.key, BUYERS)
    try:
        for code in codes:
            load = await sent(connections, bodies(stage, code))
            result.loads.append(load)
            result.outcomes.append(outcomes(load))
    finally:
        close(connections)
    result.deadlocks = stage.rows(DEADLOCKS)[0][0] - before
    result.wrong_levels = stage.rows(LEDGER)[0][0]
    left = "SELECT sum(abs(level.free)) FROM inventory_level level JOIN sku ON sku.id = level.sku_id WHERE sku.code = ANY (%s)"
    result.oversold = int(stage.rows(left, codes)[0][0])
    return result


def bodies(stage: Stage, code: str) -> Sequence[bytes]:
    """Return the buyers' requests."""
    channel = text_id(IdKind.CHANNEL, stage.shop.channel_id)
    line = {"sku": code, "quantity": 1, "unitPrice": {"amount": "10.00"}}
    return [
        document(PLACE_ONE, input={"idempotencyKey": f"{code}-{buyer}", "channelId": channel, "lines": [line]})
        for buyer in range(BUYERS)
    ]


def outcomes(load: Load) -> dict[str, int]:
    """Count what became of the requests, by code."""
    counted: Counter[str] = Counter()
    for answer in load.answers:
        if answer.status != 200:
            counted[f"HTTP {answer.status}"] += 1
            continue
        placed = answer.data["orderPlace"]
        counted[placed["userErrors"][0]["code"] if placed["userErrors"] else "PLACED"] += 1
    return dict(counted)
