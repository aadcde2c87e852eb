"""Requests that were made to hurt others: what they take, and how long they hold the event loop.

`python -m benchmarks.hostile` prints the table and writes it into docs/security.md; with words behind it, only the requests
whose names have one of them are measured. Each is sent five times, as if it were new, to a server in this process, on a seeded
database; the table has the least. Only processor time is told, so that others on the machine matter little.
"""

import asyncio
import gc
import os
import sys
from collections.abc import Callable, MutableMapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import process_time, thread_time
from typing import Any

import orjson
from graphql import get_introspection_query
from starlette.applications import Starlette

from benchmarks import machine
from benchmarks.stage import say, staged
from oms_api import logging
from oms_api.app import assemble
from oms_api.graphql.prepared import Documents, PreparedDocuments
from oms_api.http.reading import operations_of
from oms_api.settings import Settings
from oms_api.wiring import build

TABLE = Path(__file__).parent.parent / "docs" / "security.md"
BEGIN, END = "<!-- figures: written by python -m benchmarks.hostile -->", "<!-- end of figures -->"
ROUNDS = 5


def times(count: int, made: Callable[[int], str]) -> str:
    """Return what is made for each number, one after the other."""
    return " ".join(made(number) for number in range(count))


def of_skus(count: int, made: Callable[[int], str]) -> str:
    """Return a document that asks for what is made *count* times of each of 250 SKUs."""
    return "{ skus(first: 250) { nodes { " + times(count, made) + " } } }"


def reports(count: int) -> str:
    """Return a document that asks for *count* reports of a year by day."""
    asked = 'salesReport(range: {from: "2025-01-01", before: "2026-01-01"}, grain: DAY) { upToDate }'
    return "{ " + times(count, lambda n: f"a{n}: {asked}") + " }"


QUERIES: dict[str, str] = {
    "nothing: `{ __typename }`": "{ __typename }",
    "180 times the same nested field": "{ " + "orders { nodes { lines { nodes { id } } } } " * 180 + "}",
    "260 times the same field": "{ " + "channels(first: 1) { nodes { id } } " * 260 + "}",
    "260 conflicting aliases": "{ " + "a: node(id: 1) { id } a: nodes(ids: [1]) { id } " * 130 + "}",
    "220 fragments side by side": "{ "
    + times(220, lambda n: f"...F{n}")
    + " } "
    + times(220, lambda n: f"fragment F{n} on Query {{ a: __typename b{n}: __typename }}"),
    "1,000 aliases of a leaf": "{ " + times(1_000, lambda n: f"a{n}: __typename") + " }",
    "250 root fields": "{ " + times(250, lambda n: f"a{n}: channels {{ nodes {{ id }} }}") + " }",
    "800 fields of each of 250 SKUs": of_skus(800, lambda n: f"a{n}: code"),
    "10 summaries of each of 250 SKUs": of_skus(10, lambda n: f"a{n}: inventory {{ available }}"),
    "10 pages of each of 250 SKUs": of_skus(10, lambda n: f"a{n}: inventoryLevels(first: {n + 1}) {{ nodes {{ id }} }}"),
    "400 summaries of each of 250 SKUs": of_skus(400, lambda n: f"a{n}: inventory {{ available }}"),
    "500 unknown types": "{ " + times(500, lambda n: f"... on Ordr{n} {{ a }}") + " }",
    "500 unknown fields": "{ " + times(500, lambda n: f"ordrs{n}") + " }",
    "fragments doubled 200 times": "{ ...F0 } "
    + times(200, lambda n: f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}")
    + " fragment F200 on Query { __typename }",
    "20,000 tokens": "{ " + "__typename " * 20_000 + "}",
    "1,000,000 line ends": "{ a " + "\n" * 1_000_000 + "?",
    "90,000 line ends": "{ a " + "\n" * 90_000 + "?",
    "the standard introspection": get_introspection_query(),
    "150 times all types with their descriptions": "{ "
    + times(150, lambda n: f"a{n}: __schema {{ types {{ name description }} }}")
    + " }",
    "150 times `__type`": "{ "
    + times(150, lambda n: f'a{n}: __type(name: "Query") {{ fields {{ name args {{ name }} }} }}')
    + " }",
    "100 sales reports": reports(100),
    "90 sales reports": reports(90),
}
BODIES: dict[str, bytes] = {
    "50 operations over one large fragment": orjson.dumps(
        {
            "query": times(50, lambda n: f"query q{n}($v: ID!) {{ ...F }}")
            + " fragment F on Query { "
            + times(200, lambda n: f"a{n}: node(id: $v) {{ id }}")
            + " }",
            "operationName": "q0",
            "variables": {"v": "order_" + "0" * 26},
        }
    ),
    "1 MB of what is no JSON": b'{"query": "' + b"a" * 1_000_000,
    "1 MB of nested lists": b'{"query": "{ __typename }", "variables": {"a": ' + b"[" * 500_000 + b"]" * 500_000 + b"}}",
    "8 MB of variables that nobody asks for": orjson.dumps({"query": "{ __typename }", "variables": {"a": ["x"] * 2_000_000}}),
    "8 MB of a long text": orjson.dumps({"query": "{ __typename }", "variables": {"a": "x" * 8_000_000}}),
    "1 MB of 250,000 values": orjson.dumps({"query": "{ __typename }", "variables": {"a": [{}] * 250_000}}),
    "25,000 ids": orjson.dumps(
        {"query": "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", "variables": {"ids": ["order_" + "0" * 26] * 25_000}}
    ),
    "25,000 wrong values": orjson.dumps(
        {"query": "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", "variables": {"ids": [None] * 25_000}}
    ),
    "8 MB of wrong rows": orjson.dumps(
        {
            "query": "mutation ($input: InventoryAdjustInput!) { inventoryAdjust(input: $input) { userErrors { code } } }",
            "variables": {"input": {"idempotencyKey": "k", "reason": "FOUND", "rows": [{"a": 1}] * 800_000}},
        }
    ),
}
HOSTILE = {name: orjson.dumps({"query": text}) for name, text in QUERIES.items()} | BODIES


@dataclass(frozen=True, slots=True)
class Measured:
    """What one request took, in milliseconds, and how it was answered."""

    processor_ms: float
    hold_ms: float
    again_ms: float
    database_ms: float
    answer: str


async def measured(app: Starlette, key: str, body: bytes, postmaster: int) -> Measured:
    """Send *body* as if it were new, then once more."""
    rounds = []
    for _ in range(ROUNDS):
        PreparedDocuments.documents = Documents()
        operations_of.cache_clear()
        gc.collect()
        with machine.metered({"PostgreSQL": postmaster}) as usage:
            first, hold, answer = await asked(app, key, body)
        again, _, _ = await asked(app, key, body)
        rounds.append((first * 1_000, hold * 1_000, again * 1_000, usage.seconds["PostgreSQL"] * 1_000))
    processor, hold, more, database = (min(parts) for parts in zip(*rounds, strict=True))
    return Measured(processor, hold, more, database, answer)


async def asked(app: Starlette, key: str, body: bytes) -> tuple[float, float, str]:
    """Send *body*; return the processor time, how much of it the loop had between two turns at most, in s, and the answer."""
    headers = {"content-type": "application/json", "authorization": f"Bearer {key}", "content-length": str(len(body))}
    scope = {
        "type": "http", "method": "POST", "path": "/graphql", "query_string": b"", "http_version": "1.1",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }  # fmt: skip
    told, hold, done, sent = bytearray(), 0.0, False, False

    async def receive() -> dict[str, object]:
        nonlocal sent
        if sent:
            await asyncio.Event().wait()
        sent = True
        return {"type": "http.request", "body": body}

    async def send(message: MutableMapping[str, Any]) -> None:
        told.extend(message.get("body", b""))

    async def turn() -> None:
        nonlocal hold
        last = thread_time()
        while not done:
            await asyncio.sleep(0)
            now = thread_time()
            hold, last = max(hold, now - last), now

    turning = asyncio.create_task(turn())
    await asyncio.sleep(0)
    start = process_time()
    await app(scope, receive, send)
    taken = process_time() - start
    done = True
    await turning
    answer = orjson.loads(told)
    codes = sorted({error["extensions"]["code"] for error in answer.get("errors", ())})
    cost = answer.get("extensions", {}).get("cost", 0)
    return taken, hold, ", ".join(codes) or f"answered: {len(told):,} bytes, cost {cost:,}"


async def table(names: Sequence[str]) -> str:
    """Measure what is named and return the table."""
    lines = []
    with staged() as stage:
        os.environ.update(stage.environment)
        settings = Settings()
        logging.configure(log_format="json", level="ERROR")
        app = assemble(build(settings), tuned=True)
        async with app.router.lifespan_context(app):
            await asked(app, stage.key, HOSTILE["the standard introspection"])
            for name in names:
                m = await measured(app, stage.key, HOSTILE[name], stage.postmaster)
                lines.append(
                    f"| {name} | {len(HOSTILE[name]):,} | {m.processor_ms:.0f} | {m.hold_ms:.0f} | {m.again_ms:.0f} "
                    f"| {m.database_ms:.0f} | {m.answer} |"
                )
                say(lines[-1])
    head = "| request | bytes | processor time, ms | longest hold, ms | sent again, ms | in the database, ms | answer |"
    made = ", ".join(f"{key} {value}" for key, value in machine.description().items())
    return "\n".join([head, "|---|---|---|---|---|---|---|", *lines, "", f"Machine: {made}."])


if __name__ == "__main__":
    chosen = [name for name in HOSTILE if not sys.argv[1:] or any(part in name for part in sys.argv[1:])]
    written = asyncio.run(table(chosen))
    sys.stdout.write(written + "\n")
    if not sys.argv[1:]:
        before, _, rest = TABLE.read_text().partition(BEGIN)
        TABLE.write_text(f"{before}{BEGIN}\n{written}\n{END}{rest.partition(END)[2]}")
