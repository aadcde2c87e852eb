"""pgbench with the very statements and parameters of orderPlace: what PostgreSQL alone would do at this moment.

The program's own code decides on each order and says what it would send; that is recorded instead of carried out, loaded into
a table, and sent by pgbench in the same pipelines: claim and read, then write, leave and COMMIT.
"""

import asyncio
import os
import re
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import psycopg
from psycopg.adapt import PyFormat, Transformer
from sqlalchemy import make_url

from benchmarks.client import percentile
from benchmarks.shop import Purchase
from benchmarks.stage import Stage
from oms_api.db.connections import Driver, Pool
from oms_api.db.embedded import binaries
from oms_api.db.pipeline import Statement
from oms_api.db.session import Tx
from oms_api.db.unit_of_work import leave
from oms_api.kernel.access import system_principal
from oms_api.workflows.place_order import place_order

CLIENTS = 16
BUNDLE = 4
"""Orders in one run of the script: their parameters are fetched by one statement."""
RECORDERS = 4
WARM_S = 0.8
"""Of each round, not counted: pgbench plans its statements first."""
CALLER = system_principal("benchmarks")
Flush = list[Statement]


class Recorder(Tx):
    """A transaction that keeps what is sent, and sends no flush that would commit."""

    flushes: list[Flush]

    async def flush(self, statements: Sequence[Statement], *, commit: bool = False) -> list[list[tuple[Any, ...]]]:
        """Keep *statements*; carry them out unless they end in COMMIT."""
        self.flushes.append(list(statements))
        return [[] for _ in statements] if commit else await super().flush(statements)


@dataclass(frozen=True, slots=True)
class Round:
    """What one round of pgbench came to."""

    orders: int
    seconds: float
    latencies_s: list[float]

    def latency_ms(self, share: float) -> float:
        """Return the latency of an order that *share* of them stayed under, in ms; a bundle's time is split evenly."""
        return percentile(self.latencies_s, share) * 1_000


@dataclass(frozen=True)
class Reference:
    """pgbench, ready to place *runs* bundles with each client in each round."""

    stage: Stage
    script: Path
    fetching: Path
    runs: int
    statements: int

    def place(self, turn: int) -> Round:
        """Place the orders of one round and return what lies between the warm-up and the first client's end."""
        logs = self.stage.folder / f"pgbench-{turn}"
        self._pgbench(self.script, f"--transactions={self.runs}", f"--define=turn={turn * self.runs}", f"--log-prefix={logs}")
        done: dict[int, list[tuple[float, float]]] = {}
        for log in self.stage.folder.glob(f"{logs.name}.*"):
            for line in log.read_text().splitlines():
                client, _, took, _, seconds, micros = line.split()[:6]
                done.setdefault(int(client), []).append((int(seconds) + int(micros) / 1e6, int(took) / 1e6))
        start = min(at - took for runs in done.values() for at, took in runs) + WARM_S
        end = min(max(at for at, _ in runs) for runs in done.values())
        counted = [took / BUNDLE for runs in done.values() for at, took in runs if start <= at <= end]
        return Round(len(counted) * BUNDLE, end - start, counted)

    def fetches_per_s(self) -> float:
        """Return how many bundles of parameters pgbench fetches in a second when it does nothing else."""
        said = self._pgbench(self.fetching, "--time=2")
        return float(re.findall(r"tps = ([\d.]+)", said)[0])

    def _pgbench(self, script: Path, *options: str) -> str:
        url = make_url(self.stage.postgres.app_url)
        command = (
            str(binaries() / "pgbench"), "--no-vacuum", "--protocol=prepared", f"--client={CLIENTS}", "--jobs=2", "--log",
            "--host=127.0.0.1", f"--port={url.port}", f"--username={url.username}", f"--file={script}", *options,
            str(url.database),
        )  # fmt: skip
        password = {"PGPASSWORD": str(url.password)}
        done = subprocess.run(
            command, env=os.environ | password, cwd=self.stage.folder, check=False, capture_output=True, text=True
        )
        if done.returncode or "number of failed transactions: 0 " not in done.stdout:
            raise RuntimeError(f"pgbench failed: {done.stderr[-2_000:]}{done.stdout}")
        return done.stdout


async def prepared(stage: Stage, purchases: Iterator[Purchase], *, rounds: int, orders_per_round: int) -> Reference:
    """Record what the program sends for enough *purchases* and return the pgbench that sends the same."""
    runs = orders_per_round // (CLIENTS * BUNDLE)
    recorded = await record(stage, islice(purchases, rounds * runs * CLIENTS * BUNDLE))
    texts = [[text for text, _ in flush] for flush in recorded[0]]
    if any([[text for text, _ in flush] for flush in order] != texts for order in recorded):
        raise RuntimeError("not all orders are placed by the same statements")
    load(stage, recorded)
    fetch = "FROM bench_parameters WHERE client = :client_id AND turn = :turn \\gset"
    select = f"SELECT {', '.join(columns(texts_of(recorded[0])))} {fetch}"
    script, fetching = stage.folder / "place.sql", stage.folder / "fetch.sql"
    script.write_text("\n".join(["\\set turn :turn + 1", select, *(_pipelines(recorded[0], k) for k in range(BUNDLE)), ""]))
    fetching.write_text(f"\\set turn random(1, {rounds * runs})\n{select}\n")
    return Reference(stage, script, fetching, runs, sum(map(len, texts)))


async def record(stage: Stage, purchases: Iterator[Purchase]) -> list[list[Flush]]:
    """Return the flushes by which the program would place each of *purchases*; all of it is rolled back."""
    pool = Pool(stage.postgres.app_url, size=RECORDERS)
    recorded: list[list[Flush]] = []

    async def work() -> None:
        async with pool.lease() as driver:
            recorded.extend([await flushes_of(driver, purchase) for purchase in purchases])

    await asyncio.gather(*(work() for _ in range(RECORDERS)))
    await pool.close()
    return recorded


async def flushes_of(driver: Driver, purchase: Purchase) -> list[Flush]:
    """Return the flushes of one order."""
    tx = Recorder(driver, CALLER, datetime.now(UTC))
    tx.flushes = []
    await place_order(tx, purchase.command())
    await leave(tx)
    await tx.undo()
    return tx.flushes


def texts_of(order: list[Flush]) -> list[list[int]]:
    """Return how many parameters each statement of each flush has."""
    return [[len(parameters) for _, parameters in flush] for flush in order]


def columns(shape: list[list[int]]) -> list[str]:
    """Return a column name for each parameter of a bundle."""
    return [
        f"o{k}f{i}s{j}p{n}"
        for k in range(BUNDLE)
        for i, flush in enumerate(shape)
        for j, parameters in enumerate(flush)
        for n in range(1, parameters + 1)
    ]


def load(stage: Stage, recorded: list[list[Flush]]) -> None:
    """Put the parameters into a table, as the text that the driver would send: one row for each bundle."""
    names = columns(texts_of(recorded[0]))
    defined = ", ".join(f"{name} text STORAGE EXTERNAL" for name in names)
    bundles = [recorded[start : start + BUNDLE] for start in range(0, len(recorded), BUNDLE)]
    with psycopg.connect(stage.admin_url, autocommit=True) as connection:
        connection.execute(
            f"CREATE TABLE bench_parameters (client int, turn int, {defined}, PRIMARY KEY (client, turn))".encode()
        )
        connection.execute("GRANT SELECT ON bench_parameters TO oms_app")
        transformer = Transformer(connection)

        def text(value: object) -> str:
            return bytes(transformer.get_dumper(value, PyFormat.TEXT).dump(value) or b"").decode()

        with connection.cursor().copy("COPY bench_parameters FROM STDIN") as copy:
            for number, bundle in enumerate(bundles):
                values = [text(p) for order in bundle for flush in order for _, parameters in flush for p in parameters]
                copy.write_row((number % CLIENTS, number // CLIENTS + 1, *values))
        connection.execute("VACUUM ANALYZE bench_parameters")


def _pipelines(order: list[Flush], bundle_index: int) -> str:
    lines = []
    for i, flush in enumerate(order):
        lines.append("\\startpipeline")
        if i == 0:
            lines.append("BEGIN;")
        for j, (text, _) in enumerate(flush):
            lines.append(re.sub(r"\$(\d+)", rf":o{bundle_index}f{i}s{j}p\1", text).strip() + ";")
        if i == len(order) - 1:
            lines.append("COMMIT;")
        lines.append("\\endpipeline")
    return "\n".join(lines)
