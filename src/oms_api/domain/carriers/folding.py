"""What the scans of a parcel mean for it, in whatever order they came. Pure."""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

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
    S.DELIVERED: 7,
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


def where(scans: Iterable[Scanned]) -> TrackingStatus | None:
    """Return where a parcel is: what the latest scan says that says anything. None without a scan."""
    found = max(scans, key=lambda scan: (scan.status is not S.UNKNOWN, scan.occurred_at, RANK[scan.status]), default=None)
    return None if found is None else found.status


def first_seen(scans: Iterable[Scanned]) -> datetime | None:
    """Return when the carrier first had the parcel in its hands, None where it never had."""
    return min((scan.occurred_at for scan in scans if scan.status not in UNSEEN), default=None)


def delivered_at(scans: Iterable[Scanned]) -> datetime | None:
    """Return when the parcel arrived, None where it has not."""
    return min((scan.occurred_at for scan in scans if scan.status is S.DELIVERED), default=None)
