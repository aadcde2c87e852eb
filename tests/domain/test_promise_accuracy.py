"""How well promises are kept: the report against a count by hand."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.shipping.states import PackageStatus
from oms_api.domain.tracking.accuracy import COUNTS, Accuracy, AccuracyQuestion, LaneKey, PromisesKept, promise_accuracy
from oms_api.kernel.access import Principal
from oms_api.kernel.errors import InvalidValue
from tests.factories.database import Database
from tests.factories.given import SYSTEM, Given
from tests.factories.trading import Shop, line

S = PackageStatus
START, BEFORE, NOW = date(2026, 3, 2), date(2026, 3, 16), datetime(2026, 3, 18, 12, tzinfo=UTC)
ZONES = ("Pacific/Auckland", "America/Los_Angeles")
GONE = """
UPDATE package SET status = %(status)s, delivered_at = %(delivered_at)s, promised_on = %(promised_on)s,
                   expected_on = %(expected_on)s, left_on = %(left_on)s, country = %(country)s, carrier = %(carrier)s,
                   service = %(service)s
WHERE id = %(id)s
"""


async def ways(work: UnitOfWork, database: Database) -> list[dict[str, Any]]:
    """Make packages of two locations far apart, on ways as various as can be, and return what matters of each."""
    random, given, rows = Random(11), Given(work), []
    for zone in ZONES:
        location = await given.location(time_zone=zone)
        shop = Shop(work, await given.channel(locations=(location,)), (location,))
        sku = await shop.stocked(100)
        for _ in range(25):
            order = await shop.place(line(sku))
            (todo,) = await shop.works(order.id)
            await shop.ship(todo.id)
            (package,) = await shop.packages(order.id)
            left = datetime(2026, 3, 1, tzinfo=UTC) + timedelta(minutes=random.randrange(16 * 24 * 60))
            promised = (left + timedelta(days=random.randrange(1, 5))).date()
            status = random.choice([S.DELIVERED, S.DELIVERED, S.DELIVERED, S.SHIPPED, S.LOST, S.RETURNED_TO_SENDER, S.CANCELED])
            arrived = left + timedelta(hours=random.randrange(12, 200))
            rows.append({
                "id": package.id, "left_on": left.astimezone(ZoneInfo(zone)).date(), "zone": ZoneInfo(zone), "status": status,
                "delivered_at": arrived if status is S.DELIVERED else None, "location_id": location.id,
                "promised_on": random.choice([promised, promised, promised, None]),
                "country": random.choice(["GB", "NZ", None]),
                "expected_on": promised + timedelta(days=random.randrange(2)), "channel_id": shop.channel.id,
                "carrier": random.choice(["Van", None]), "service": random.choice(["fast", "slow"]),
            })  # fmt: skip
    with psycopg.connect(database.admin_url) as connection:
        for row in rows:
            shown = {name: value for name, value in row.items() if name != "zone"}
            connection.execute(GONE, {**shown, "status": str(row["status"])})
    return rows


def by_hand(rows: Sequence[Mapping[str, Any]], keys: Sequence[str]) -> dict[tuple[Any, ...], dict[str, int]]:
    """Count as anybody would, row by row."""
    found: dict[tuple[Any, ...], dict[str, int]] = defaultdict(lambda: dict.fromkeys(COUNTS, 0))
    for row in rows:
        left = row["left_on"]
        if not START <= left < BEFORE or row["promised_on"] is None or row["status"] is S.CANCELED:
            continue
        lane = found[tuple((left - timedelta(days=left.weekday())) if key == "week" else row[key] for key in keys)]
        lane["packages"] += 1
        over = row["promised_on"] < NOW.astimezone(row["zone"]).date()
        kept = True
        if row["status"] is S.DELIVERED:
            late = (row["delivered_at"].astimezone(row["zone"]).date() - row["promised_on"]).days
            lane["on_time" if late <= 0 else {1: "late_one_day", 2: "late_two_days"}.get(late, "late_more")] += 1
            kept = late <= 0
        elif row["status"] is S.SHIPPED:
            lane["on_their_way"] += 1
            lane["overdue"] += over
            kept = not over
        else:
            lane["undelivered"] += 1
            kept = False
        lane["left_late"] += not kept and row["expected_on"] > row["promised_on"]
    return found


def counts(kept: PromisesKept) -> dict[str, int]:
    return {name: getattr(kept, name) for name in COUNTS}


def shown(found: Accuracy, keys: Sequence[str]) -> dict[tuple[Any, ...], dict[str, int]]:
    return {tuple(getattr(lane, key) for key in keys): counts(lane) for lane in found.lanes}


async def test_the_report_counts_what_a_count_by_hand_finds(work: UnitOfWork, database: Database) -> None:
    rows = await ways(work, database)
    everything = AccuracyQuestion(start=START, before=BEFORE)

    async def asked(question: AccuracyQuestion, principal: Principal = SYSTEM) -> Accuracy:
        async with work.reads(principal) as read:
            return await promise_accuracy(read, question, NOW)

    for by in ((), tuple(LaneKey), (LaneKey.WEEK,), (LaneKey.COUNTRY,), (LaneKey.SERVICE, LaneKey.LOCATION)):
        question = replace(everything, by=by)
        found = await asked(question)
        expected = by_hand(rows, question.keys)
        assert shown(found, question.keys) == (expected if by else {})
        assert counts(found.total) == by_hand(rows, ())[()]
        assert len(found.lanes) == len(shown(found, question.keys))
    total = (await asked(everything)).total
    assert total.packages == total.delivered + total.on_their_way + total.undelivered
    decided = total.delivered + total.overdue + total.undelivered
    assert total.share_on_time == round(Decimal(total.on_time) / decided, 4)
    first = rows[0]
    for name in ("location_id", "channel_id", "service", "country", "carrier"):
        narrowed: Any = {name: {"country": "NZ", "carrier": "Van"}.get(name, first[name])}
        some = [row for row in rows if row[name] == narrowed[name]]
        assert counts((await asked(replace(everything, **narrowed))).total) == by_hand(some, ())[()]
    limited = replace(SYSTEM, locations=frozenset({first["location_id"]}))
    own = [row for row in rows if row["location_id"] == first["location_id"]]
    assert counts((await asked(everything, limited)).total) == by_hand(own, ())[()]
    nothing = await asked(everything, replace(SYSTEM, channels=frozenset()))
    assert (nothing.lanes, nothing.total.packages, nothing.total.share_on_time) == ([], 0, None)


@pytest.mark.parametrize(
    "wrong",
    [{"before": START}, {"before": START + timedelta(days=367)}, {"by": (LaneKey.WEEK, LaneKey.WEEK)}],
)
def test_a_question_that_cannot_be_answered_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidValue):
        replace(AccuracyQuestion(start=START, before=BEFORE), **wrong).check()
