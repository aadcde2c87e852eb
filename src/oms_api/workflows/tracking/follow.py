"""Asking carriers that can be asked where parcels are, until they have arrived."""

import structlog

from oms_api.db.session import Tx
from oms_api.db.sql import Sql
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.carriers.policies import FOLLOWED_DAYS, TRACK_EVERY_S
from oms_api.domain.ports import Ports
from oms_api.kernel.access import system_principal
from oms_api.kernel.errors import OmsError
from oms_api.kernel.ids import CarrierAccountId, PackageId
from oms_api.workflows.labels.desk import Desk, asked
from oms_api.workflows.tracking.report import MOST_SCANS, ReportTracking, report_tracking, wrong_with

AT_ONCE = 20
KEEPER = system_principal("tracking")
DUE = Sql("""
UPDATE label SET track_at = CASE
    WHEN label.status = 'PURCHASED' AND package.status NOT IN ('DELIVERED', 'CANCELED', 'RETURNED_TO_SENDER')
         AND label.purchased_at > :now::timestamptz - :days::int * interval '1 day'
    THEN :now::timestamptz + :every::int * interval '1 second' END
FROM package WHERE package.id = label.package_id AND label.id = ANY (ARRAY(
    SELECT id FROM label WHERE track_at <= :now::timestamptz ORDER BY track_at, id LIMIT :size
    FOR NO KEY UPDATE SKIP LOCKED))
RETURNING label.package_id, label.account_id, label.tracking_number, label.track_at IS NOT NULL
""")
log = structlog.get_logger()
Due = tuple[PackageId, CarrierAccountId, str, bool]


async def follow_parcels(work: UnitOfWork, ports: Ports) -> None:
    """Ask for each parcel that is due where it is: an errand. What a carrier does not tell now is asked for again later."""
    desk = Desk(work, KEEPER, ports)
    while found := await desk.execute(_due, AT_ONCE):
        for package_id, account_id, number, goes_on in found:
            if goes_on:
                await _follow(desk, package_id, account_id, number)


async def _due(tx: Tx, size: int) -> list[Due]:
    found = DUE(now=tx.now, size=size, every=TRACK_EVERY_S, days=FOLLOWED_DAYS)
    return [(package, account, number, goes_on) for package, account, number, goes_on in await tx.fetch(found)]


async def _follow(desk: Desk, package_id: PackageId, account_id: CarrierAccountId, number: str) -> None:
    try:
        account, access = await desk.access(account_id)
        scans = await asked(desk.carrier(account).track(access, number))
        now = desk.work.clock()
        known = tuple(scan for scan in scans if not wrong_with(scan, now))[-MOST_SCANS:]
        if known:
            await desk.execute(report_tracking, ReportTracking(package_id=package_id, events=known))
    except OmsError as error:
        log.warning("parcel_not_followed", package=str(package_id), code=error.code)
