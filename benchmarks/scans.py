"""Taking what carriers tell: scans of many parcels in any order, each told twice, as imports that the worker takes."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from time import perf_counter
from uuid import uuid4

from benchmarks.client import Caller, UnexpectedAnswerError, callers, document
from benchmarks.place import close
from benchmarks.stage import Running, Stage

PARCELS, EACH, IMPORT = 500, 10, 10_000
ON_THE_WAY = ("PRE_TRANSIT", "IN_TRANSIT", "IN_TRANSIT", "LOST", "FAILURE", "OUT_FOR_DELIVERY")
NUMBERED = f"""
WITH sent AS (SELECT id FROM package WHERE status = 'SHIPPED' ORDER BY id DESC LIMIT {PARCELS})
UPDATE package SET carrier = 'Benchmark', tracking_number = 'SC' || package.id FROM sent WHERE sent.id = package.id
RETURNING package.tracking_number
"""
TAKE = """mutation ($input: TrackingImportInput!) { trackingImport(input: $input) {
  trackingImport { id } userErrors { code } } }"""
TAKEN = "query ($id: ID!) { trackingImport(by: {id: $id}) { job { status } refused(first: 1) { nodes { position } } } }"
ARRIVED = "SELECT count(*) FROM package WHERE carrier = 'Benchmark' AND status = 'DELIVERED'"


@dataclass
class Scans:
    """How many scans were told, in how many seconds they were taken, and how many parcels arrived by them."""

    told: int
    seconds: float
    parcels: int
    arrived: int

    def result(self) -> dict[str, object]:
        """Return the figures."""
        return {"told": self.told, "scans_per_s": self.told / self.seconds, "parcels": self.parcels, "arrived": self.arrived}


async def tell_scans(stage: Stage, server: Running) -> Scans:
    """Tell scans of parcels that have left, each twice and in any order, and wait until all are taken."""
    numbers = [number for (number,) in stage.rows(NUMBERED)]
    events = 2 * [event for at, number in enumerate(numbers) for event in scans_of(at, number)]
    Random(26).shuffle(events)
    (caller,) = await callers(server.address, stage.key, 1)
    begun = perf_counter()
    try:
        for start in range(0, len(events), IMPORT):
            await take(caller, events[start : start + IMPORT])
    finally:
        close([caller])
    seconds = perf_counter() - begun
    return Scans(len(events), seconds, len(numbers), stage.rows(ARRIVED)[0][0])


def scans_of(at: int, number: str) -> list[dict[str, str]]:
    """Return the scans of a parcel: every other one arrives."""
    chance, left = Random(at), datetime.now(UTC) - timedelta(days=3)
    statuses = [*chance.choices(ON_THE_WAY, k=EACH - 1), "DELIVERED" if at % 2 else "IN_TRANSIT"]
    return [
        {
            "trackingNumber": number,
            "status": status,
            "occurredAt": (left + timedelta(hours=hour)).isoformat(),
            "code": f"C{hour}",
        }
        for hour, status in enumerate(statuses)
    ]


async def take(caller: Caller, events: list[dict[str, str]]) -> None:
    """Import events and wait for the end. Raises: UnexpectedAnswerError."""
    answer = await caller.call(document(TAKE, input={"idempotencyKey": uuid4().hex, "events": events}))
    made = answer.data["trackingImport"]["trackingImport"]
    if made is None:
        raise UnexpectedAnswerError(repr(answer.body[:500]))
    while True:
        found = (await caller.call(document(TAKEN, id=made["id"]))).data["trackingImport"]
        if found["job"]["status"] == "COMPLETED":
            return
        if found["job"]["status"] not in {"CREATED", "VALIDATING", "RUNNING"} or found["refused"]["nodes"]:
            raise UnexpectedAnswerError(repr(found))
        await asyncio.sleep(0.05)
