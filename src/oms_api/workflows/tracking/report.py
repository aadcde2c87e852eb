"""Recording reports on one package: by people, by a carrier that was asked, by a supplier."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from oms_api.db.session import EARLIEST, Tx
from oms_api.db.sql import Sql
from oms_api.domain.carriers.errors import ManyPackages
from oms_api.domain.fulfillment.document import locked_document
from oms_api.domain.parcels.port import Scan
from oms_api.domain.shipping.packages import BY_PACKAGE
from oms_api.domain.shipping.shapes import PACKAGES
from oms_api.domain.shipping.tables import PackageRow
from oms_api.kernel.checks import check_length
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import InvalidValue, NotFound, OmsError, Refused, wrong_in
from oms_api.kernel.ids import IdKind, PackageId, text_id
from oms_api.kernel.naming import check_code, check_text
from oms_api.workflows.tracking.numbers import Reporter, chosen, packages_numbered
from oms_api.workflows.tracking.take import TakenScans, take_scans

MOST_SCANS = 250
CLOCKS_APART = timedelta(minutes=5)
PACKAGE = Sql(f"SELECT {PACKAGES.columns} FROM package WHERE id = :package::uuid")  # noqa: S608 - our own columns


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportTracking:
    """A carrier's reports on a package, named by its id, or by its tracking number and, where several have it, its carrier."""

    events: tuple[Scan, ...]
    package_id: PackageId | None = None
    tracking_number: str | None = None
    carrier: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeScans:
    """Scans of a package, checked before."""

    package_id: PackageId
    scans: Sequence[Scan]


async def report_tracking(tx: Tx, command: ReportTracking) -> PackageRow:
    """Record a carrier's reports on a package, and return the package.

    The first scan is kept on it; what has arrived is delivered. Raises: NotFound, ManyPackages; Refused, for what cannot be.
    """
    check_length(command.events, "events", MOST_SCANS)
    errors = [error.at("events", at) for at, scan in enumerate(command.events) for error in wrong_with(scan, tx.now)]
    if errors:
        raise Refused(errors=errors)
    key = await _named(tx, command)
    return (await take_of_package(tx, TakeScans(package_id=key, scans=command.events))).package


async def take_of_package(tx: Tx, command: TakeScans) -> TakenScans:
    """Lock the order of a package and take its scans. Raises: NotFound."""
    return await take_scans(tx, await locked_package(tx, command.package_id), command.scans)


async def locked_package(tx: Tx, key: PackageId) -> PackageRow:
    """Lock the order of a package and return the package. Raises: NotFound."""
    document, answers = await locked_document(tx, BY_PACKAGE, key, PACKAGE(package=key))
    package = PACKAGES.record(answers[0][0]) if answers[0] else None
    if document is None or package is None or not tx.principal.sees_location(package.location_id):
        raise NotFound(what="package", given=text_id(IdKind.PACKAGE, key), field=("packageId",))
    return package


def wrong_with(scan: Scan, now: datetime) -> list[OmsError]:
    """Return the mistakes of a scan that is reported *now*."""
    errors = wrong_in(
        lambda: check_text(scan.message, "message"),
        lambda: check_text(scan.place, "place"),
        lambda: None if not scan.code else check_code(scan.code, "code"),
        lambda: None if scan.scan_ref is None else check_code(scan.scan_ref, "scanRef"),
    )
    if scan.occurred_at > now + CLOCKS_APART:
        errors.append(InvalidValue(problem="occurredAt must not lie in the future.", field=("occurredAt",)))
    if scan.occurred_at < EARLIEST:
        errors.append(InvalidValue(problem=f"occurredAt lies in {EARLIEST.year} or later.", field=("occurredAt",)))
    return errors


async def _named(tx: Tx, command: ReportTracking) -> PackageId:
    """Return the package that is named. Raises: InvalidValue; NotFound; ManyPackages, where scans are of several."""
    if (command.package_id is None) == (command.tracking_number is None):
        problem = "Name the package by its id, or by its tracking number."
        raise InvalidValue(problem=problem, field=("packageId",))
    if command.package_id is not None:
        return command.package_id
    number = command.tracking_number or ""
    check_text(number, "trackingNumber")
    check_text(command.carrier, "carrier")
    reporter = Reporter(names=None if command.carrier is None else (command.carrier,))
    candidates = (await packages_numbered(tx, reporter, [number])).get(number, ())
    keys = {chosen(candidates, number, scan) for scan in command.events}
    if len(keys) > 1:
        raise ManyPackages(given=number, field=("trackingNumber",))
    return keys.pop()
