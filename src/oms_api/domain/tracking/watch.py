"""Watching packages: each event and the clock lead to a look, which raises and resolves alerts."""

from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from oms_api.db.rows import Given, inserts
from oms_api.db.session import Tx
from oms_api.db.sets import array
from oms_api.db.sql import Sql
from oms_api.domain.carriers.events import LabelPurchased, LabelVoided, PackageTracked
from oms_api.domain.carriers.folding import where
from oms_api.domain.channels.events import ChannelChanged
from oms_api.domain.events.checkpoints import Piece
from oms_api.domain.orders.events import OrderCompleted
from oms_api.domain.parcels.port import Scan
from oms_api.domain.parcels.states import TrackingStatus
from oms_api.domain.shipping.events import (
    PackageAdded,
    PackageDelivered,
    PackageFound,
    PackageLost,
    PackageReturned,
    PackageVoided,
    ShipmentCanceled,
    ShipmentCreated,
    ShipmentDelivered,
    ShipmentUpdated,
)
from oms_api.domain.shipping.states import PackageStatus
from oms_api.domain.tracking.alerting import WATCHED, WatchedPackage, judged
from oms_api.domain.tracking.events import ShipmentAlertRaised, ShipmentAlertResolved
from oms_api.domain.tracking.states import ShipmentAlertKind
from oms_api.domain.tracking.tables import ShipmentAlertRow
from oms_api.kernel.ids import IdKind, ShipmentAlertId

FOLLOWER = "packages_to_watch"
PACKAGES = (PackageTracked, PackageVoided)
SHIPMENTS = (
    ShipmentCreated,
    ShipmentUpdated,
    ShipmentCanceled,
    ShipmentDelivered,
    PackageAdded,
    PackageDelivered,
    PackageFound,
    PackageLost,
    PackageReturned,
)
TYPES = frozenset(event.type for event in (*PACKAGES, *SHIPMENTS, LabelPurchased, LabelVoided, OrderCompleted, ChannelChanged))
KINDS = (IdKind.PACKAGE, IdKind.SHIPMENT, IdKind.LABEL, IdKind.ORDER, IdKind.CHANNEL)
LIMITS = {"alertUnscannedAfterHours", "alertQuietAfterDays"}
ON_THEIR_WAY = ", ".join(f"'{status}'" for status in sorted(WATCHED))
LOOK = Sql(f"""
INSERT INTO package_watch (package_id, look_at)
SELECT package.id, :now::timestamptz FROM package JOIN (
    SELECT unnest(:packages::uuid[]) AS id
    UNION SELECT id FROM package WHERE shipment_id = ANY (:shipments::uuid[])
    UNION SELECT package_id FROM label WHERE id = ANY (:labels::uuid[])
    UNION SELECT id FROM package WHERE order_id = ANY (:orders::uuid[])
    UNION SELECT id FROM package WHERE channel_id = ANY (:channels::uuid[]) AND status IN ({ON_THEIR_WAY})
) AS concerned ON concerned.id = package.id
WHERE package.status IN ({ON_THEIR_WAY}) OR EXISTS (SELECT FROM package_watch watch WHERE watch.package_id = package.id)
ORDER BY package.id
ON CONFLICT (package_id) DO UPDATE SET look_at = least(package_watch.look_at, excluded.look_at)
""")  # noqa: S608 - our own states
DUE = Sql("""
WITH due AS (
    SELECT package_id FROM package_watch WHERE look_at <= :now::timestamptz ORDER BY look_at, package_id LIMIT :size
    FOR NO KEY UPDATE SKIP LOCKED
)
SELECT package.id, package.order_id, package.channel_id, package.location_id, package.carrier, package.status,
       orders.status <> 'COMPLETED' OR package.status <> 'SHIPPED' AS awaited, package.tracking_number IS NOT NULL AS numbered,
       package.scanned_at, package.dated, coalesce(package.promised_on, package.expected_on) AS due_on,
       (SELECT max(label.purchased_at) FROM label
        WHERE label.package_id = package.id AND label.status = 'PURCHASED') AS purchased_at,
       shipment.shipped_at, location.time_zone, channel.alert_unscanned_after_hours AS hours,
       channel.alert_quiet_after_days AS days,
       ARRAY (SELECT jsonb_build_array(scan.status, scan.occurred_at) FROM tracking_event scan
              WHERE scan.package_id = package.id) AS scans,
       ARRAY (SELECT jsonb_build_array(alert.kind, alert.id) FROM shipment_alert alert
              WHERE alert.package_id = package.id AND alert.resolved_at IS NULL) AS open
FROM due JOIN package ON package.id = due.package_id JOIN orders ON orders.id = package.order_id
JOIN channel ON channel.id = package.channel_id JOIN location ON location.id = package.location_id
LEFT JOIN shipment ON shipment.id = package.shipment_id
""")
COLUMNS = (
    "id", "order_id", "channel_id", "location_id", "carrier", "status", "awaited", "numbered", "scanned_at", "dated", "due_on",
    "purchased_at", "shipped_at", "time_zone", "hours", "days", "scans", "open",
)  # fmt: skip
PLAIN = ("awaited", "numbered", "purchased_at", "shipped_at", "scanned_at", "dated", "due_on", "hours", "days")
WHOSE = ("order_id", "channel_id", "location_id", "carrier")
SEEN = Given("seen", id="uuid", look_at="timestamptz")
NEXT = Sql(f"""
UPDATE package_watch SET look_at = seen.look_at FROM {SEEN} WHERE package_watch.package_id = seen.id
""")  # noqa: S608 - our own columns
FORGET = Sql("DELETE FROM package_watch WHERE package_id = ANY (:packages::uuid[])")
RESOLVE = Sql("UPDATE shipment_alert SET resolved_at = :now WHERE id = ANY (:alerts::uuid[])")
RAISED = inserts(ShipmentAlertRow)


async def look_again(tx: Tx, piece: Piece) -> None:
    """Have the packages looked at that events tell of: a reaction."""
    subjects: dict[IdKind, set[UUID]] = {kind: set() for kind in KINDS}
    for event in await piece.events(tx):
        if event.type != ChannelChanged.type or LIMITS & (event.changes or {}).keys():
            subjects[IdKind(event.subject_kind)].add(event.subject_id)
    if any(subjects.values()):
        keys = {f"{kind.name.lower()}s": array(found) for kind, found in subjects.items()}
        tx.closing.append(LOOK(now=tx.now, **keys))


async def watch_packages(tx: Tx, size: int) -> int:
    """Look at packages that are due, raise and resolve their alerts, and say when to look again: a sweep."""
    found = [dict(zip(COLUMNS, row, strict=True)) for row in await tx.fetch(DUE(now=tx.now, size=size))]
    looks, over = [], []
    for package in found:
        judgement = judged(_watched(package), tx.now)
        _raise_and_resolve(tx, package, judgement.alerts)
        if judgement.look_at is None:
            over.append(package["id"])
        else:
            looks.append({"id": package["id"], "look_at": judgement.look_at})
    if looks:
        tx.closing.append(NEXT(seen=SEEN(looks)))
    if over:
        tx.closing.append(FORGET(packages=array(over)))
    return len(found)


def _watched(package: dict[str, Any]) -> WatchedPackage:
    scans = [Scan(status=TrackingStatus(status), occurred_at=datetime.fromisoformat(at)) for status, at in package["scans"]]
    return WatchedPackage(
        status=PackageStatus(package["status"]),
        heard_at=max((scan.occurred_at for scan in scans), default=None),
        carrier_status=where(scans),
        zone=ZoneInfo(package["time_zone"]),
        **{name: package[name] for name in PLAIN},
    )


def _raise_and_resolve(tx: Tx, package: dict[str, Any], holds: frozenset[ShipmentAlertKind]) -> None:
    """Raise the alerts that hold and are not open, and resolve those that are open and do not hold."""
    open_ = {ShipmentAlertKind(kind): ShipmentAlertId(UUID(key)) for kind, key in package["open"]}
    about = {"order_id": package["order_id"], "channel_id": package["channel_id"], "location_ids": (package["location_id"],)}
    for kind in sorted(holds - open_.keys()):
        alert = tx.new_id(ShipmentAlertId)
        row = {"id": alert, "package_id": package["id"], "kind": kind, "raised_at": tx.now}
        tx.write(RAISED, [{**row, **{name: package[name] for name in WHOSE}}])
        tx.emit(ShipmentAlertRaised(subject_id=alert, cause_id=package["id"], changes={"kind": (None, kind)}, **about))
    over = sorted(open_.keys() - holds)
    if over:
        tx.closing.append(RESOLVE(alerts=array(open_[kind] for kind in over), now=tx.now))
    for kind in over:
        tx.emit(ShipmentAlertResolved(subject_id=open_[kind], cause_id=package["id"], changes={"kind": (kind, None)}, **about))
