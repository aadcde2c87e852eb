"""The job that takes the tracking events of an import, from where an earlier attempt left it."""

from functools import partial

from oms_api.db.columns import Json
from oms_api.db.rows import Given
from oms_api.db.session import Tx
from oms_api.db.sql import Sql
from oms_api.domain.carriers.queries import account_by_id, import_by_id
from oms_api.domain.carriers.states import ScanOutcome
from oms_api.domain.events.jobs import JobRun
from oms_api.kernel.errors import OmsError
from oms_api.kernel.ids import TrackingImportId, parse_id
from oms_api.workflows.labels.desk import Desk, name_of
from oms_api.workflows.tracking.numbers import Reporter
from oms_api.workflows.tracking.report import MOST_SCANS
from oms_api.workflows.tracking.request_import import error_shown
from oms_api.workflows.tracking.rows import ReportedScan, scan_in
from oms_api.workflows.tracking.scans import Outcome, Outcomes, take_reported
from oms_api.workflows.tracking.webhook import reporter_of

NEXT = Sql("""
SELECT position, told FROM tracking_import_item WHERE import_id = :import::uuid AND outcome = 'WAITING'
ORDER BY tracking_number, position LIMIT :size
""")
CAME = Given("came", position="int", outcome="text", package_id="uuid", error="jsonb")
ENDED = Sql(f"""
UPDATE tracking_import_item item SET outcome = came.outcome, package_id = came.package_id, error = came.error
FROM {CAME} WHERE item.import_id = :import::uuid AND item.position = came.position AND item.outcome = 'WAITING'
""")  # noqa: S608 - our own columns
SUMS = Sql("""
SELECT outcome, count(*)::int FROM tracking_import_item WHERE import_id = :import::uuid GROUP BY outcome ORDER BY outcome
""")


async def run_import(run: JobRun) -> Json:
    """Take the events of an import, those of one number together. Returns how many came to what."""
    key = parse_id(TrackingImportId, run.arguments["import"])
    desk = Desk(run.work, run.principal, run.ports)
    made = await desk.execute(import_by_id, key)
    reporter = Reporter()
    if made.account_id is not None:
        account = await desk.execute(account_by_id, made.account_id)
        reporter = reporter_of(account, name_of(account, desk.carrier(account)))
    while rows := await desk.execute(_next, key):
        now, scans, wrong = run.work.clock(), dict[int, ReportedScan](), dict[int, Outcome]()
        for position, row in rows:
            try:
                scans[position] = scan_in(row, now)
            except OmsError as error:
                wrong[position] = Outcome.refused(error)
        record = partial(_record, key=key)
        if wrong:
            await desk.execute(record, wrong)
        await take_reported(desk, reporter, scans, record=record)
        sums = await desk.execute(_sums, key)
        done = made.events - sums.get(ScanOutcome.WAITING, 0)
        await run.step(rows=done - run.done, total=made.events)
    sums = await desk.execute(_sums, key)
    if refused := sums.get(ScanOutcome.REFUSED, 0):
        problem = f"{refused:,} of {made.events:,} events were refused: trackingImport tells why."
        await run.step(rows=made.events - run.done, total=made.events, errors=[{"code": "REFUSED", "problem": problem}])
    return {outcome.lower(): count for outcome, count in sums.items()}


async def _next(tx: Tx, key: TrackingImportId) -> list[tuple[int, Json]]:
    return [(position, row) for position, row in await tx.fetch(NEXT(**{"import": key, "size": MOST_SCANS}))]


async def _sums(tx: Tx, key: TrackingImportId) -> dict[ScanOutcome, int]:
    return {ScanOutcome(outcome): count for outcome, count in await tx.fetch(SUMS(**{"import": key}))}


async def _record(tx: Tx, outcomes: Outcomes, *, key: TrackingImportId) -> None:
    """Write what came of events, in the transaction in which it did."""
    given = [
        {
            "position": position,
            "outcome": each.outcome,
            "package_id": each.package_id,
            "error": None if each.error is None else error_shown(each.error),
        }
        for position, each in outcomes.items()
    ]
    tx.closing.append(ENDED(**{"import": key, "came": CAME(given)}))
