"""Taking in what carriers tell of parcels: in whatever order it comes, it is kept once, and means the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Select, select

from oms_api.db.records import changed
from oms_api.db.rows import inserts, updates
from oms_api.db.session import EARLIEST, Tx
from oms_api.db.sql import Sql
from oms_api.db.statements import statement
from oms_api.domain.carriers.errors import ManyPackages
from oms_api.domain.carriers.events import PackageTracked
from oms_api.domain.carriers.folding import Scanned, delivered_at, first_seen, unknown_among, where
from oms_api.domain.carriers.queries import scans_by_package
from oms_api.domain.carriers.tables import TrackingEventRow
from oms_api.domain.channels.queries import visible_channels, visible_locations
from oms_api.domain.fulfillment.document import locked_document
from oms_api.domain.parcels.port import Scan
from oms_api.domain.shipping.shapes import PACKAGES
from oms_api.domain.shipping.tables import PackageRow
from oms_api.domain.shipping.verbs import DELIVER
from oms_api.kernel.access import Sight
from oms_api.kernel.checks import check_length
from oms_api.kernel.errors import InvalidValue, NotFound, OmsError, Refused, wrong_in
from oms_api.kernel.ids import IdKind, PackageId, TrackingEventId, text_id
from oms_api.kernel.naming import check_code, check_text
from oms_api.workflows.deliver_shipment import package_delivered
from oms_api.workflows.labels.request import BY_PACKAGE

MOST_SCANS = 250
CLOCKS_APART = timedelta(minutes=5)
PACKAGE = Sql(f"SELECT {PACKAGES.columns} FROM package WHERE id = :package::uuid")  # noqa: S608 - our own columns
SCANS, SEEN = inserts(TrackingEventRow), updates(PackageRow, "scanned_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportTracking:
    """What a carrier told of a package, named by its id, or by its tracking number and, where that has several, its carrier."""

    events: tuple[Scan, ...]
    package_id: PackageId | None = None
    tracking_number: str | None = None
    carrier: str | None = None


@statement
def packages_numbered(number: str, carrier: str | None, sight: Sight) -> Select[PackageRow]:
    """The packages with a tracking number that can be seen, two at most."""
    row = PackageRow
    limits = [*visible_channels(sight, row.channel_id), *visible_locations(sight, row.location_id)]
    if carrier is not None:
        limits.append(row.carrier == carrier)
    return select(row).where(row.tracking_number == number, *limits).limit(2)


async def report_tracking(tx: Tx, command: ReportTracking) -> PackageRow:
    """Take in what a carrier told of a package, and return the package.

    The first scan is kept on it; what has arrived is delivered. Raises: NotFound, ManyPackages; Refused, for what cannot be.
    """
    check_length(command.events, "events", MOST_SCANS)
    errors = [error.at("events", at) for at, scan in enumerate(command.events) for error in _wrong(tx, scan)]
    if errors:
        raise Refused(errors=errors)
    key = await _named(tx, command)
    document, answers = await locked_document(tx, BY_PACKAGE, key, PACKAGE(package=key))
    package = PACKAGES.record(answers[0][0]) if answers[0] else None
    if document is None or package is None or not tx.principal.sees_location(package.location_id):
        raise NotFound(what="package", given=text_id(IdKind.PACKAGE, key), field=("packageId",))
    return await take_scans(tx, package, command.events)


async def take_scans(tx: Tx, package: PackageRow, scans: Sequence[Scan]) -> PackageRow:
    """Keep *scans* of a package whose order is locked, and let them have their effect, once. Returns the package."""
    before = await scans_by_package.of_one(tx, package.id)
    new = unknown_among(scans, before)
    if not new:
        return package
    tx.write(SCANS, [_row(tx, package, scan) for scan in new])
    together: list[Scanned] = [*before, *new]
    was, now = where(before), where(together)
    seen = first_seen(together)
    if seen != package.scanned_at and seen is not None:
        package = changed(package, scanned_at=seen)
        tx.write(SEEN, [package])
    moved = {} if was is now else {"package.trackingStatus": (was, now)}
    latest = max(new, key=lambda scan: scan.occurred_at)
    tx.emit(
        PackageTracked(
            subject_id=package.id,
            order_id=package.order_id,
            channel_id=package.channel_id,
            location_ids=(package.location_id,),
            changes=moved,
            occurred_at=min(latest.occurred_at, tx.now),
        )
    )
    arrived = delivered_at(together)
    if arrived is not None and package.shipment_id is not None and package.status in DELIVER.moves:
        await package_delivered(tx, package.shipment_id, package.id, min(arrived, tx.now))
    return package


async def _named(tx: Tx, command: ReportTracking) -> PackageId:
    if (command.package_id is None) == (command.tracking_number is None):
        problem = "Name the package by its id, or by its tracking number."
        raise InvalidValue(problem=problem, field=("packageId",))
    if command.package_id is not None:
        return command.package_id
    number = command.tracking_number or ""
    check_text(number, "trackingNumber")
    check_text(command.carrier, "carrier")
    found = await tx.all(packages_numbered(number, command.carrier, tx.sight))
    if not found:
        raise NotFound(what="package", given=number, field=("trackingNumber",))
    if len(found) > 1:
        raise ManyPackages(given=number, field=("trackingNumber",))
    return found[0].id


def _wrong(tx: Tx, scan: Scan) -> list[OmsError]:
    errors = wrong_in(
        lambda: check_text(scan.message, "message"),
        lambda: check_text(scan.place, "place"),
        lambda: None if not scan.code else check_code(scan.code, "code"),
        lambda: None if scan.scan_ref is None else check_code(scan.scan_ref, "scanRef"),
    )
    if scan.occurred_at > tx.now + CLOCKS_APART:
        errors.append(InvalidValue(problem="occurredAt must not lie in the future.", field=("occurredAt",)))
    if scan.occurred_at < EARLIEST:
        errors.append(InvalidValue(problem=f"occurredAt lies in {EARLIEST.year} or later.", field=("occurredAt",)))
    return errors


def _row(tx: Tx, package: PackageRow, scan: Scan) -> dict[str, object]:
    return {
        "id": tx.new_id(TrackingEventId),
        "package_id": package.id,
        "status": scan.status,
        "occurred_at": scan.occurred_at,
        "code": scan.code,
        "scan_ref": scan.scan_ref,
        "message": scan.message,
        "place": scan.place,
        "actor": tx.actor,
        "recorded_at": tx.now,
    }
