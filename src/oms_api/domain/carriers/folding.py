"""The state of a parcel by all of its scans, in whatever order they came. Pure."""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol, TypeVar

from oms_api.domain.parcels.states import TrackingStatus

S = TrackingStatus
RANK = {
    S.UNKNOWN: 0,
    S.PRE_TRANSIT: 1,
    S.IN_TRANSIT: 2,
    S.FAILURE: 3,
    S.AVAILABLE_FOR_PICKUP: 4,
    S.OUT_FOR_DELIVERY: 5,
    S.RETURN_TO_SENDER: 6,
    S.LOST: 7,
    S.DELIVERED: 8,
}
"""Which of two scans of one moment tells more."""
UNSEEN = frozenset({S.UNKNOWN, S.PRE_TRANSIT})
"""What a carrier tells before it has the parcel."""


class Scanned(Protocol):
    """A scan."""

    @property
    def status(self) -> TrackingStatus:
        """What it says."""

    @property
    def occurred_at(self) -> datetime:
        """When it was made."""

    @property
    def code(self) -> str:
        """The carrier's own code of it, empty where it gave none."""

    @property
    def scan_ref(self) -> str | None:
        """The carrier's own id of it, None where it gave none."""


AnyScan = TypeVar("AnyScan", bound=Scanned)


def unknown_among(scans: Iterable[AnyScan], known: Iterable[Scanned]) -> list[AnyScan]:
    """Return those of *scans* that are not *known*, each once.

    Two scans with ids are one where these are the same; else where moment and status are, and the code, if both
    say one.
    """
    refs: set[str] = set()
    others: dict[tuple[datetime, TrackingStatus], list[Scanned]] = {}

    def keep(scan: Scanned) -> None:
        others.setdefault((scan.occurred_at, scan.status), []).append(scan)
        if scan.scan_ref is not None:
            refs.add(scan.scan_ref)

    def is_known(scan: Scanned) -> bool:
        alike = others.get((scan.occurred_at, scan.status), ())
        return scan.scan_ref in refs or any(_same(scan, other) for other in alike)

    for scan in known:
        keep(scan)
    new = []
    for scan in scans:
        if not is_known(scan):
            keep(scan)
            new.append(scan)
    return new


def _same(one: Scanned, other: Scanned) -> bool:
    """Tell whether two scans of one moment and status are the same."""
    return None in {one.scan_ref, other.scan_ref} and (one.code == other.code or "" in {one.code, other.code})


def where(scans: Iterable[Scanned]) -> TrackingStatus | None:
    """Return where a parcel is: what the latest scan says that says anything; once delivered, always. None without a scan."""
    found = latest_of(scans)
    return None if found is None else found.status


def latest_of(scans: Iterable[AnyScan]) -> AnyScan | None:
    """Return the scan that says where a parcel is: the latest one that says anything, and one that delivered it before all."""
    return max(scans, key=_weight, default=None)


def _weight(scan: Scanned) -> tuple[bool, bool, datetime, int]:
    """Return how much a scan says of where a parcel is now."""
    return scan.status is S.DELIVERED, scan.status is not S.UNKNOWN, scan.occurred_at, RANK[scan.status]


def first_seen(scans: Iterable[Scanned]) -> datetime | None:
    """Return when the carrier first had the parcel in its hands, None where it never had."""
    return min((scan.occurred_at for scan in scans if scan.status not in UNSEEN), default=None)


def delivered_at(scans: Iterable[Scanned]) -> datetime | None:
    """Return when the parcel arrived, None where it has not."""
    return min((scan.occurred_at for scan in scans if scan.status is S.DELIVERED), default=None)
