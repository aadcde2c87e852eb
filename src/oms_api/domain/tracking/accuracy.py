"""Promise accuracy: the packages that left in a span of days, by lane and by how their promised day was kept."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Any

from oms_api.db.session import Reader
from oms_api.db.sql import Sql
from oms_api.db.statements import Query
from oms_api.kernel.checks import check_days
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import InvalidValue
from oms_api.kernel.ids import ChannelId, LocationId

MOST_LANES = 1_000


class LaneKey(StrEnum):
    """A key by which packages are grouped into lanes."""

    LOCATION = "LOCATION"
    """The location that packages left."""
    COUNTRY = "COUNTRY"
    """The country that packages go to."""
    SERVICE = "SERVICE"
    """The carrier of packages and its service."""
    WEEK = "WEEK"
    """The week, from Monday on, in which packages left."""


COLUMNS = {
    LaneKey.WEEK: ("week",),
    LaneKey.LOCATION: ("location_id",),
    LaneKey.COUNTRY: ("country",),
    LaneKey.SERVICE: ("carrier", "service"),
}
OVERDUE = "status = 'SHIPPED' AND is_over"
UNDELIVERED = "status IN ('LOST', 'RETURNED_TO_SENDER')"
COUNTS = {
    "packages": "true",
    "on_time": "late_days <= 0",
    "late_one_day": "late_days = 1",
    "late_two_days": "late_days = 2",
    "late_more": "late_days > 2",
    "on_their_way": "status = 'SHIPPED'",
    "overdue": OVERDUE,
    "undelivered": UNDELIVERED,
    "left_late": f"left_late AND (late_days > 0 OR {OVERDUE} OR {UNDELIVERED})",
}
COUNTED = ", ".join(f"count(*) FILTER (WHERE {holds}) AS {name}" for name, holds in COUNTS.items())
SENT = """
SELECT package.location_id, package.country, package.carrier, package.service, package.status,
       date_trunc('week', package.left_on::timestamp)::date AS week,
       CASE package.status WHEN 'DELIVERED'
            THEN (package.delivered_at AT TIME ZONE place.time_zone)::date - package.promised_on END AS late_days,
       package.promised_on < place.today AS is_over, package.expected_on > package.promised_on AS left_late
FROM package JOIN (
    SELECT id, time_zone, (:now::timestamptz AT TIME ZONE time_zone)::date AS today FROM location OFFSET 0
) AS place ON place.id = package.location_id
WHERE package.left_on >= :start::date AND package.left_on < :before::date
  AND package.promised_on IS NOT NULL AND package.status IN ('SHIPPED', 'DELIVERED', 'LOST', 'RETURNED_TO_SENDER')
  AND (:channels::uuid[] IS NULL OR package.channel_id = ANY (:channels::uuid[]))
  AND (:locations::uuid[] IS NULL OR package.location_id = ANY (:locations::uuid[]))
  AND (:channel::uuid IS NULL OR package.channel_id = :channel::uuid)
  AND (:location::uuid IS NULL OR package.location_id = :location::uuid)
  AND (:country::text IS NULL OR package.country = :country::text)
  AND (:carrier::text IS NULL OR package.carrier = :carrier::text)
  AND (:service::text IS NULL OR package.service = :service::text)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccuracyQuestion:
    """The packages to count, by the day of their location on which they left, and the keys of lanes."""

    start: date
    before: date
    by: tuple[LaneKey, ...] = tuple(LaneKey)
    channel_id: ChannelId | None = None
    location_id: LocationId | None = None
    country: str | None = None
    carrier: str | None = None
    service: str | None = None

    def check(self) -> None:
        """Raises: InvalidValue."""
        check_days(self.start, self.before)
        for index, key in enumerate(self.by):
            if key in self.by[:index]:
                raise InvalidValue(problem=f"{key} is given twice.", field=("by", str(index)))

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns that lanes differ by, in the order of lanes."""
        return tuple(column for key, columns in COLUMNS.items() if key in self.by for column in columns)


@dataclass(frozen=True, slots=True, kw_only=True)
class PromisesKept:
    """Packages by how their promised day, `promised_on`, was kept."""

    packages: int
    on_time: int
    late_one_day: int
    late_two_days: int
    late_more: int
    on_their_way: int
    overdue: int
    undelivered: int
    left_late: int

    @property
    def delivered(self) -> int:
        """The number that arrived."""
        return self.on_time + self.late_one_day + self.late_two_days + self.late_more

    @property
    def share_on_time(self) -> Decimal | None:
        """The share on time among those that arrived, are overdue, or will not arrive."""
        decided = self.delivered + self.overdue + self.undelivered
        return None if decided == 0 else round(Decimal(self.on_time) / decided, 4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane(PromisesKept):
    """Packages of one lane; None for keys that were not asked for, and for unknown values."""

    week: date | None = None
    location_id: LocationId | None = None
    country: str | None = None
    carrier: str | None = None
    service: str | None = None


@dataclass(frozen=True, slots=True)
class Accuracy:
    """The first lanes, whether there are more, and all packages together."""

    lanes: Sequence[Lane]
    more: bool
    total: PromisesKept


async def promise_accuracy(read: Reader, question: AccuracyQuestion, now: datetime) -> Accuracy:
    """Answer *question* within the principal's limits. Raises: InvalidValue."""
    question.check()
    sight, keys = read.sight, question.keys
    given = {
        "start": question.start,
        "before": question.before,
        "now": now,
        "channels": sight.channels,
        "locations": sight.locations,
        "channel": question.channel_id,
        "location": question.location_id,
        "country": question.country,
        "carrier": question.carrier,
        "service": question.service,
    }
    rows = await read.all(Query[Any](*grouped(keys)(**given), alone=True))
    lanes: list[Lane] = []
    total = PromisesKept(**dict.fromkeys(COUNTS, 0))
    for whole, *values in rows:
        counts = dict(zip(COUNTS, values[len(keys) :], strict=True))
        if whole:
            total = PromisesKept(**counts)
        else:
            lanes.append(Lane(**dict(zip(keys, values, strict=False)), **counts))
    return Accuracy(lanes[:MOST_LANES], len(lanes) > MOST_LANES, total)


@lru_cache(maxsize=16)
def grouped(keys: tuple[str, ...]) -> Sql:
    """Return the statement that counts packages by *keys*, and all of them together first."""
    sets = f"(), ({', '.join(keys)})" if keys else "()"
    whole = f"grouping({keys[0]}) = 1" if keys else "true"
    listed = "".join(f"{key}, " for key in keys)
    order = "".join(f", {key} NULLS LAST" for key in keys)
    return Sql(f"""
    SELECT {whole} AS whole, {listed}{COUNTED} FROM ({SENT}) AS sent
    GROUP BY GROUPING SETS ({sets}) ORDER BY whole DESC{order} LIMIT {MOST_LANES + 2}
    """)  # noqa: S608 - our own names
