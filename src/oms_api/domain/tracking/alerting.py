"""The alerts of a package, and the next time to look at it. Pure."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from oms_api.domain.parcels.states import TrackingStatus
from oms_api.domain.shipping.states import PackageStatus
from oms_api.domain.tracking.states import ShipmentAlertKind
from oms_api.kernel.dataclass import dataclass

K, S = ShipmentAlertKind, PackageStatus
WATCHED_DAYS = 90
"""How long a package is watched after its label was bought or it left; then its alerts are over."""
UNDATED_S = 60
WATCHED = {S.LABEL_PURCHASED, S.SHIPPED, S.LOST}
ALERT_OF = {
    TrackingStatus.FAILURE: K.FAILED_ATTEMPT,
    TrackingStatus.RETURN_TO_SENDER: K.RETURNING,
    TrackingStatus.LOST: K.LOST,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedPackage:
    """The facts of a package: *carrier_status* is its carrier's latest status, *heard_at* the time of the latest report.

    *due_on* is the day it was promised for; *hours* and *days* are the limits of its channel, None for no such alerts. Where
    its order counts as arrived it is not *awaited*.
    """

    status: PackageStatus
    awaited: bool
    numbered: bool
    purchased_at: datetime | None
    shipped_at: datetime | None
    scanned_at: datetime | None
    heard_at: datetime | None
    carrier_status: TrackingStatus | None
    dated: bool
    due_on: date | None
    zone: ZoneInfo
    hours: int | None
    days: int | None

    @property
    def since(self) -> datetime | None:
        """When its label was bought, or when it left."""
        return self.shipped_at or self.purchased_at

    @property
    def followed(self) -> bool:
        """Whether its carrier tells of it, or should."""
        return self.scanned_at is not None or (self.numbered and self.hours is not None)


@dataclass(frozen=True, slots=True)
class Judgement:
    """The alerts that hold, and when others may; None for never."""

    alerts: frozenset[ShipmentAlertKind] = frozenset()
    look_at: datetime | None = None


def judged(package: WatchedPackage, now: datetime) -> Judgement:
    """Return which alerts hold of *package* now, and when to look at it again unless it is heard of before."""
    since = package.since
    if package.status not in WATCHED or not package.awaited or since is None or now >= since + timedelta(days=WATCHED_DAYS):
        return Judgement()
    begins = _begins(package, since)
    later = [moment for moment in begins.values() if moment > now]
    if package.status is S.SHIPPED and not package.dated:
        later.append(now + timedelta(seconds=UNDATED_S))
    holds = frozenset(kind for kind, moment in begins.items() if moment <= now)
    return Judgement(holds, min([*later, since + timedelta(days=WATCHED_DAYS)]))


def _begins(package: WatchedPackage, since: datetime) -> dict[ShipmentAlertKind, datetime]:
    """Return from when on each alert holds, if nothing else happens."""
    if package.status is S.LOST:
        return {K.LOST: since}
    begins: dict[ShipmentAlertKind, datetime] = {}
    if package.numbered and package.scanned_at is None and package.hours is not None:
        begins[K.UNSCANNED] = since + timedelta(hours=package.hours)
    if package.status is not S.SHIPPED:
        return begins
    if package.scanned_at is not None and package.heard_at is not None and package.days is not None:
        begins[K.QUIET] = package.heard_at + timedelta(days=package.days)
    if package.due_on is not None and package.followed:
        begins[K.LATE] = datetime.combine(package.due_on + timedelta(days=1), time(), package.zone)
    if package.carrier_status in ALERT_OF:
        begins[ALERT_OF[package.carrier_status]] = since
    return begins
