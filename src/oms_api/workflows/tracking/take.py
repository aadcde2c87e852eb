"""Keeping scans of a package, each once, and letting all of them together move it, in whatever order they came."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime

from oms_api.db.records import changed, revised
from oms_api.db.rows import inserts, updates
from oms_api.db.session import Tx
from oms_api.domain.carriers.errors import TooManyScans
from oms_api.domain.carriers.events import PackageTracked
from oms_api.domain.carriers.folding import Scanned, delivered_at, first_seen, latest_of, unknown_among, where
from oms_api.domain.carriers.queries import scans_by_package
from oms_api.domain.carriers.tables import TrackingEventRow
from oms_api.domain.parcels.port import Scan
from oms_api.domain.parcels.states import TrackingStatus
from oms_api.domain.shipping.errors import UnitsInReturn
from oms_api.domain.shipping.states import PackageStatus
from oms_api.domain.shipping.tables import PackageRow
from oms_api.domain.shipping.verbs import DELIVER, MARK_FOUND, MARK_LOST
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import TrackingEventId
from oms_api.workflows.deliver_shipment import package_arrived_before, package_delivered
from oms_api.workflows.mark_package import package_found, package_lost

MOST_KEPT = 1_000
SCANS, SEEN = inserts(TrackingEventRow), updates(PackageRow, "scanned_at", "version", "updated_at")
Changes = dict[str, tuple[object, object]]


@dataclass(frozen=True, slots=True)
class TakenScans:
    """A package as it is once its scans were taken, and those of them that were not known."""

    package: PackageRow
    new: Sequence[Scan]


async def take_scans(tx: Tx, package: PackageRow, scans: Sequence[Scan]) -> TakenScans:
    """Keep *scans* of a package whose order is locked, each once, and let them have their effect. Raises: TooManyScans."""
    before = await scans_by_package.of_one(tx, package.id)
    new = unknown_among(scans, before)
    if not new:
        return TakenScans(package, ())
    if len(before) + len(new) > MOST_KEPT:
        raise TooManyScans(kept=len(before), limit=MOST_KEPT, field=("events",))
    tx.write(SCANS, [_row(tx, package, scan) for scan in new])
    together: list[Scanned] = [*before, *new]
    was, now = where(before), where(together)
    moved: Changes = {} if was is now else {"package.trackingStatus": (was, now)}
    before_scans, seen = package, first_seen(together) or package.scanned_at
    arrived, known = delivered_at(together), package.delivered_at
    if arrived is not None and package.status is PackageStatus.DELIVERED and known is not None and arrived < known:
        package = await package_arrived_before(tx, package, arrived)
        moved["package.deliveredAt"] = known, package.delivered_at
    tx.emit(_tracked(tx, package, moved, max(scan.occurred_at for scan in new)))
    package = await move(tx, package, together, new)
    if moved or seen != package.scanned_at:
        kept = revised(package, tx.now) if package.version == before_scans.version else package
        package = changed(kept, scanned_at=seen)
        tx.write(SEEN, [package])
    return TakenScans(package, new)


async def move(tx: Tx, package: PackageRow, scans: Sequence[Scanned], new: Sequence[Scanned]) -> PackageRow:
    """Let all *scans* of a package move it, and return it; *new* are those that have not yet had their effect.

    Delivered is for good. Else the latest scan counts that says anything: it loses the package, or finds it again. What a
    scan cannot move, such as a package whose units are announced to come back, stays where it is.
    """
    arrived, latest = delivered_at(scans), latest_of(scans)
    if package.shipment_id is None or latest is None:
        return package
    if arrived is not None:
        return await package_delivered(tx, package, min(arrived, tx.now)) if package.status in DELIVER.moves else package
    if latest in new:
        with suppress(UnitsInReturn):
            return await _lose_or_find(tx, package, latest)
    return package


async def _lose_or_find(tx: Tx, package: PackageRow, latest: Scanned) -> PackageRow:
    """Let the latest scan of a package lose it or find it, and return it. Raises: UnitsInReturn."""
    at, lost = min(latest.occurred_at, tx.now), latest.status is TrackingStatus.LOST
    if lost and package.status in MARK_LOST.moves:
        return await package_lost(tx, package.id, at)
    if not lost and package.status in MARK_FOUND.moves:
        return await package_found(tx, package.id, at)
    return package


def _tracked(tx: Tx, package: PackageRow, changes: Changes, at: datetime) -> PackageTracked:
    return PackageTracked(
        subject_id=package.id,
        order_id=package.order_id,
        channel_id=package.channel_id,
        location_ids=(package.location_id,),
        changes=changes,
        occurred_at=min(at, tx.now),
    )


def _row(tx: Tx, package: PackageRow, scan: Scan) -> dict[str, object]:
    return {
        "id": tx.new_id(TrackingEventId),
        "package_id": package.id,
        "status": scan.status,
        "occurred_at": scan.occurred_at.astimezone(UTC),
        "code": scan.code,
        "scan_ref": scan.scan_ref,
        "message": scan.message,
        "place": scan.place,
        "actor": tx.actor,
        "recorded_at": tx.now,
    }
