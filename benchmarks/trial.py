"""Cancel thousands of requests at random moments, kill connections, crash and stop PostgreSQL: nothing hangs, nothing leaks.

python -m benchmarks.trial [--tree FOLDER] [--requests 5000]
"""

import argparse
import asyncio
import os
import re
import shlex
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from time import monotonic, perf_counter, sleep
from typing import Any

import orjson
import psycopg
import uvloop

from benchmarks.client import Caller, UnexpectedAnswerError, callers, document, spread
from benchmarks.leaving import WAYS
from benchmarks.machine import memory_mb, tree
from benchmarks.place import close, place_in_batches
from benchmarks.screens import RETURNS, STOCK
from benchmarks.shop import sku_code
from benchmarks.stage import HERE, PROCESSES, Running, Stage, program, say, serving, staged
from benchmarks.work import Side, prepare_screens

ORDERS, POOL, AT_ONCE = 2_000, 16, 16
SETTLE_S, PATIENCE_S, KILLING_S, KILL_EVERY_S, OUTAGE_S = 15.0, 30.0, 15.0, 0.05, 3.0
CHANGED = "subscription Changed($id: ID!) { orderStatusChanged(id: $id) { id status fulfillmentStatus } }"
BUSY = """
SELECT count(*) FROM pg_stat_activity
WHERE usename = 'oms_app' AND (state = 'active' AND query NOT LIKE 'LISTEN%' OR state LIKE 'idle in transaction%')
"""
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'oms_app' AND wait_event_type = 'Lock'"
PIDS = "SELECT pid FROM pg_stat_activity WHERE usename = 'oms_app' AND backend_type = 'client backend'"
STRAY = re.compile(r"never retrieved|garbage collector|unclosed|Unraisable")
DROPPED = "never awaited"
"""What Python says of each step that a canceled request had not begun."""
EVENT, BAD = re.compile(r'"event": ?"(\w+)"'), re.compile(r'"level": ?"(error|warning|critical)"')
HEALTHY = {"RIGHT", "BUSY"}


@dataclass
class Findings:
    """What was seen, and what of it must not be."""

    seen: dict[str, Any] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def note(self, what: str, value: object, *, right: bool = True) -> None:
        """Note *value*, and where it is not *right* that it must not be."""
        self.seen[what] = value
        say(f"{'     ' if right else 'WRONG'} {what}: {value}")
        if not right:
            self.wrong.append(f"{what}: {value}")


@dataclass
class Trial:
    """A side under trial: the answers that are right, by request."""

    side: Side
    found: Findings
    random: Random
    right: dict[bytes, bytes] = field(default_factory=dict)

    @property
    def stage(self) -> Stage:
        """Where it runs."""
        return self.side.stage

    @property
    def address(self) -> str:
        """Where it answers."""
        return self.side.server.address

    async def prepare(self) -> None:
        """Fill the database, and keep the right answers."""
        await place_in_batches(self.stage, self.side.server, until=ORDERS)
        await prepare_screens(self.side)
        skus = [document(STOCK, code=sku_code(number)) for number in range(10)]
        bodies = [*self.side.bodies["detail"][:20], *self.side.bodies["list"], *skus, document(RETURNS, first=50)]
        (caller,) = await callers(self.address, self.stage.key, 1)
        for body in bodies:
            answer = await caller.call(body)
            assert answer.data
            self.right[body] = answer.body
        caller.close()

    async def cancel(self, requests: int) -> None:
        """Leave so many requests, a third in each way, while a client that stays is answered rightly."""
        self.side.bodies["left"] = [*self.right, *map(self.changed, self.side.bodies["detail"][:10])]
        typical = await self.typical_s()
        self.found.note("an answer takes", f"{typical:.2f} s, with {AT_ONCE} under way; clients leave before thrice that")
        for way, leave in WAYS.items():
            queries = list(self.right) if way == "HTTP" else self.side.bodies["left"]
            answered = 0
            queue = iter(range(requests // len(WAYS)))

            async def leaving() -> None:
                nonlocal answered
                for _ in queue:  # noqa: B023 - used before the next way
                    body, after = self.random.choice(queries), self.random.uniform(0, 3 * typical)  # noqa: B023
                    async with asyncio.timeout(PATIENCE_S + 60):
                        answered += await leave(self.address, self.stage.key, body, after, self.random)  # noqa: B023

            async with self.asking(f"who stays while others leave ({way})", clients=1):
                await asyncio.gather(*(leaving() for _ in range(AT_ONCE)))
            self.found.note(f"left over {way}", f"{requests // len(WAYS)}, of them answered before {answered}")
            await self.settled(f"after leaving over {way}")
            await self.whole(f"after leaving over {way}")

    def changed(self, detail: bytes) -> bytes:
        """Return a subscription to the order of which *detail* asks."""
        return document(CHANGED, id=orjson.loads(detail)["variables"]["by"]["id"])

    async def typical_s(self) -> float:
        """Return how long a request takes while others are under way."""
        connections = await callers(self.address, self.stage.key, AT_ONCE)
        took = []
        for _ in range(3):
            asked = [self.random.choice(list(self.right)) for _ in connections]
            answers = await asyncio.gather(*(caller.call(body) for caller, body in zip(connections, asked, strict=True)))
            took += [answer.seconds for answer in answers]
        close(connections)
        return sum(took) / len(took)

    async def cancel_by_deadline(self, requests: int) -> None:
        """Let a server whose deadline falls in the midst of most requests end them."""
        deadline = await self.typical_s() * 0.8
        command = (sys.executable, "-m", "benchmarks.hurried", str(deadline))
        with program(self.stage, "hurried", command, r"serves (http://[^/]+)/graphql") as (pid, address):
            hurried = Trial(Side(self.stage, Running(address, {"servers": pid})), self.found, self.random, self.right)
            told: Counter[str] = Counter()
            async with hurried.asking("deadlines", clients=AT_ONCE, requests=requests, also={"DEADLINE_EXCEEDED"}, into=told):
                pass
            await self.settled("after deadlines")
            os.kill(pid, signal.SIGUSR1)
            await asyncio.sleep(0.5)
            await hurried.whole("after deadlines", processes=1)

    async def leave_what_waits(self) -> None:
        """Leave requests whose statements wait for a lock: the server should stop them, and not wait for the lock."""
        (body,) = self.side.bodies["list"]
        for way, leave in WAYS.items():
            async with locked(self.stage):
                await asyncio.gather(*(leave(self.address, self.stage.key, body, 0.5, self.random) for _ in range(8)))
                start, waiting = perf_counter(), await self.ask(WAITING)
                while await self.ask(WAITING) and perf_counter() - start < PATIENCE_S:  # noqa: ASYNC110 - PostgreSQL tells nobody
                    await asyncio.sleep(0.02)
                self.found.note(f"waiting statements left over {way}", f"{waiting}, gone after {perf_counter() - start:.2f} s")

    async def kill(self) -> None:
        """End connections of the program at random while it reads."""
        killed, end = 0, monotonic() + KILLING_S
        async with self.asking("while connections are killed", clients=8):
            while monotonic() < end:
                pids = [row[0] for row in await asyncio.to_thread(self.stage.rows, PIDS)]
                if pids:
                    victim = self.random.choice(pids)
                    killed += int(await self.ask(f"SELECT pg_terminate_backend({victim})::int"))
                await asyncio.sleep(KILL_EVERY_S)
        self.found.note("connections killed", killed)
        await self.recovered("after kills")

    async def crash(self) -> None:
        """Let a process of PostgreSQL crash, which ends all connections, while the program reads."""
        async with self.asking("while PostgreSQL crashes", clients=8, also={"INTERNAL"}):
            await asyncio.sleep(1)
            (victim, *_) = [row[0] for row in await asyncio.to_thread(self.stage.rows, PIDS)]
            os.kill(victim, signal.SIGKILL)
            await asyncio.sleep(0.5)
            await asyncio.to_thread(wait_for, self.stage)
            await asyncio.sleep(1)
        await self.recovered("after a crash")

    async def restart(self) -> None:
        """Stop PostgreSQL while the program reads, and start it some seconds later."""
        async with self.asking("while PostgreSQL is away", clients=8, also={"INTERNAL"}):
            await asyncio.sleep(1)
            await asyncio.to_thread(stop, self.stage)
            await asyncio.sleep(OUTAGE_S)
            await asyncio.to_thread(start_again, self.stage)
            start = perf_counter()
            (caller,) = await callers(self.address, self.stage.key, 1)
            body = next(iter(self.right))
            while (await caller.call(body)).body != self.right[body] and perf_counter() - start < PATIENCE_S:  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.05)
            self.found.note("right again after PostgreSQL's return", f"{perf_counter() - start:.2f} s")
            caller.close()
            await asyncio.sleep(1)
        await self.recovered("after a restart")

    async def recovered(self, when: str) -> None:
        """Check that all answers are right, that nothing is under way, and that every pool is whole."""
        async with self.asking(f"answers {when}", clients=8, requests=200, only_right=True):
            pass
        await self.settled(when)
        await self.whole(when)

    async def settled(self, when: str) -> None:
        """Check that soon no statement and no transaction is under way."""
        start = perf_counter()
        while (left := await self.ask(BUSY)) and perf_counter() - start < SETTLE_S:  # noqa: ASYNC110 - PostgreSQL tells nobody
            await asyncio.sleep(0.05)
        self.found.note(f"nothing under way {when}", f"{perf_counter() - start:.2f} s, {left} left", right=left == 0)

    async def whole(self, when: str, *, processes: int = PROCESSES) -> None:
        """Check that each process can use all connections of its pool at once: as many statements wait for one lock.

        It has three attempts: new connections take their time, but what has leaked does not come back.
        """
        root, count = self.side.server.processes["servers"], (POOL + 4) * processes
        connections = await spread(self.address, self.stage.key, count, servers=root, processes=processes)
        (body,) = [body for body in self.right if b"query List" in body]
        told: Counter[str] = Counter()
        most = 0
        for _ in range(3):
            async with locked(self.stage):
                calls = [asyncio.ensure_future(caller.call(body)) for caller in connections]
                end = monotonic() + 1.8  # then the first give up the lock
                while monotonic() < end and most < POOL * processes:
                    most = max(most, await self.ask(WAITING))
                    await asyncio.sleep(0.05)
            done, hung = await asyncio.wait(calls, timeout=PATIENCE_S)
            told.update(self.judged(body, call.result().body) for call in done)
            told.update({"HUNG": len(hung)} if hung else {})
            if hung or most == POOL * processes:
                break
        close(connections)
        found = f"{most} of {POOL * processes} connections at once; {dict(told)}"
        self.found.note(f"pools {when}", found, right=most == POOL * processes and set(told) <= HEALTHY)

    @asynccontextmanager
    async def asking(
        self,
        what: str,
        *,
        clients: int,
        requests: int | None = None,
        only_right: bool = False,
        also: Sequence[str] | set[str] = (),
        into: Counter[str] | None = None,
    ) -> AsyncIterator[None]:
        """Let *clients* ask during the block (or so many *requests*), and judge each answer: right, refused, wrong, none."""
        told: Counter[str] = Counter() if into is None else into
        ended, slowest = asyncio.Event(), 0.0
        queue = iter(range(requests)) if requests is not None else None

        async def one() -> None:
            nonlocal slowest
            caller: Caller | None = None
            while next(queue, None) is not None if queue is not None else not ended.is_set():
                body, start = self.random.choice(list(self.right)), perf_counter()
                try:
                    if caller is None:
                        (caller,) = await callers(self.address, self.stage.key, 1)
                    async with asyncio.timeout(PATIENCE_S):
                        told[self.judged(body, (await caller.call(body)).body)] += 1
                except TimeoutError:
                    told["HUNG"] += 1
                    caller = None
                except (OSError, UnexpectedAnswerError):
                    told["NO ANSWER"] += 1
                    caller = None
                slowest = max(slowest, perf_counter() - start)
            if caller is not None:
                caller.close()

        tasks = [asyncio.create_task(one()) for _ in range(clients)]
        try:
            yield
        finally:
            ended.set()
            await asyncio.gather(*tasks)
            fine = {"RIGHT"} if only_right else {*HEALTHY, *also}
            self.found.note(what, f"{dict(told)}, slowest {slowest:.2f} s", right=set(told) <= fine)

    def judged(self, body: bytes, answer: bytes) -> str:
        """Return what *answer* is worth: RIGHT, the code of a clean refusal, or WRONG."""
        if answer == self.right[body]:
            return "RIGHT"
        with suppress(orjson.JSONDecodeError, KeyError, TypeError, IndexError):
            told = orjson.loads(answer)
            return str(told["errors"][0]["extensions"]["code"])
        return "WRONG"

    async def ask(self, statement: str) -> int:
        """Return the number that *statement* selects, as superuser."""
        ((number,),) = await asyncio.to_thread(self.stage.rows, statement)
        return int(number)


@asynccontextmanager
async def locked(stage: Stage) -> AsyncIterator[None]:
    """Keep everybody from reading orders during the block."""
    async with await psycopg.AsyncConnection.connect(stage.admin_url) as connection:
        await connection.execute("LOCK TABLE orders IN ACCESS EXCLUSIVE MODE")
        yield
        await connection.rollback()


def stop(stage: Stage) -> None:
    """Stop PostgreSQL, and with it all connections."""
    (stage.folder / "postmaster.opts").write_text((stage.postgres.data / "postmaster.opts").read_text())
    os.kill(stage.postmaster, signal.SIGINT)
    deadline = monotonic() + PATIENCE_S
    while (stage.postgres.data / "postmaster.pid").exists():
        if monotonic() > deadline:
            raise TimeoutError("PostgreSQL does not stop")
        sleep(0.05)


def start_again(stage: Stage) -> None:
    """Start PostgreSQL as it was started before; the stage's end stops it."""
    owner = stage.postgres.data.stat()
    command = shlex.split((stage.folder / "postmaster.opts").read_text())
    with (stage.folder / "postgres.log").open("wb") as log:
        kept = {name: value for name, value in os.environ.items() if name.startswith(("LC_", "LANG", "PATH"))}
        subprocess.Popen(
            command, cwd="/", stdout=log, stderr=log, env=kept, user=owner.st_uid, group=owner.st_gid, start_new_session=True
        )
    wait_for(stage)


def wait_for(stage: Stage) -> None:
    """Wait until PostgreSQL takes connections. Raises: TimeoutError."""
    deadline = monotonic() + PATIENCE_S
    while monotonic() < deadline:
        with suppress(psycopg.OperationalError):
            stage.rows("SELECT 1")
            return
        sleep(0.05)
    raise TimeoutError("PostgreSQL takes no connections")


@contextmanager
def kept(stage: Stage, server: Running, found: Findings) -> Iterator[None]:
    """Compare files and memory of the server's processes before and after, and look through what they logged."""
    root = server.processes["servers"]
    files, memory = files_of(root), memory_mb(root)
    yield
    found.note("open files of the servers", f"{files} before, {files_of(root)} after", right=files_of(root) < files + 2 * POOL)
    found.note("memory of the servers", f"{memory:.0f} MB before, {memory_mb(root):.0f} MB after")
    log = (stage.folder / "serve.log").read_text(errors="replace")
    events = Counter(named[1] for line in log.splitlines() if BAD.search(line) and (named := EVENT.search(line)))
    strays = Counter(line[:200] for line in log.splitlines() if STRAY.search(line))
    found.note("logged", dict(events))
    found.note("steps dropped before they began", log.count(DROPPED))
    found.note("strays in the log", dict(strays.most_common(5)), right=not strays)


def files_of(root: int) -> int:
    """Return how many files the processes under *root* have open."""
    return sum(len(os.listdir(f"/proc/{pid}/fd")) for pid in tree(root))  # noqa: PTH208 - a file may be closed meanwhile


async def tried(stage: Stage, server: Running, requests: int, seed: int) -> Findings:
    """Carry out the trial."""
    trial = Trial(Side(stage, server), Findings(), Random(seed))
    await trial.prepare()
    steps: list[Callable[[], Awaitable[None]]] = [trial.leave_what_waits, trial.kill, trial.crash, trial.restart]
    await trial.whole("before")
    with kept(stage, server, trial.found):
        await trial.cancel(requests * 3 // 4)
        await trial.cancel_by_deadline(requests - requests * 3 // 4)
        for step in steps:
            await step()
        await asyncio.sleep(1)
    return trial.found


def main() -> None:
    """Carry out the trial on one version of the program, and end with 1 when something hung, leaked or was wrong."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.trial", description=__doc__)
    parser.add_argument("--tree", type=Path, default=HERE, help="try the programs of this checkout, not of our own")
    parser.add_argument("--requests", type=int, default=5_000, help="how many requests are canceled [5000]")
    parser.add_argument("--seed", type=int, default=1, help="of the random moments [1]")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    start = perf_counter()
    with staged(given.tree) as stage, serving(stage, worker=False) as server:
        found = uvloop.run(tried(stage, server, given.requests, given.seed))
    found.note("seconds", round(perf_counter() - start))
    print(orjson.dumps({"seen": found.seen, "wrong": found.wrong}, option=orjson.OPT_INDENT_2).decode())
    sys.exit(1 if found.wrong else 0)


if __name__ == "__main__":
    main()
