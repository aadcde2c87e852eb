"""Buying many labels as a job: each package has a state of its own, and bought labels stay bought."""

import asyncio
from collections.abc import Sequence
from decimal import Decimal
from functools import partial
from typing import Any

from sqlalchemy import Select, select

from oms_api.db.columns import Json
from oms_api.db.json_text import dump_json
from oms_api.db.session import Tx
from oms_api.db.sets import among
from oms_api.db.sql import Sql
from oms_api.db.statements import statement
from oms_api.domain.carriers.policies import abandoned
from oms_api.domain.carriers.queries import batch_by_id, label_by_id
from oms_api.domain.carriers.states import BatchItemStatus, LabelStatus, LabelTrouble
from oms_api.domain.carriers.tables import LabelBatchItemRow, LabelBatchRow, LabelRow
from oms_api.domain.channels.queries import visible_channels, visible_locations
from oms_api.domain.events.errors import JobOvertaken
from oms_api.domain.events.jobs import JobRun, create_job
from oms_api.domain.orders.given import Amount
from oms_api.domain.parcels.port import CarrierRefused, CarrierTimedOut, CarrierUnreadable
from oms_api.domain.ports import Ports
from oms_api.domain.shipping.tables import PackageRow
from oms_api.kernel.access import Sight
from oms_api.kernel.checks import check_length
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import Busy, InvalidValue, NotFound, OmsError, OutcomeUnknown, Refused, Unavailable
from oms_api.kernel.ids import (
    CarrierAccountId,
    IdKind,
    LabelBatchId,
    LabelBatchItemId,
    LabelId,
    PackageId,
    parse_id,
    text_id,
)
from oms_api.workflows.labels.buy import carry_through, to_the_end, trouble_of
from oms_api.workflows.labels.desk import Desk
from oms_api.workflows.labels.request import PurchaseLabel, Requested, check_choice, request_label
from oms_api.workflows.labels.settle import settle

JOB = "labels_purchase"
MOST_PACKAGES = 5_000
AT_ONCE = 4
PIECE = 20
MOST_ERRORS = 100
PAUSE_S = 1.0
NEXT = Sql("""
SELECT id, package_id, label_id FROM label_batch_item
WHERE batch_id = :batch::uuid AND status = 'WAITING' ORDER BY position LIMIT :size
""")
COUNT = Sql("SELECT count(*) FILTER (WHERE status <> 'WAITING')::int FROM label_batch_item WHERE batch_id = :batch::uuid")
SUMS = Sql("SELECT status, count(*)::int FROM label_batch_item WHERE batch_id = :batch::uuid GROUP BY status ORDER BY status")
TAKEN = Sql("""
UPDATE label_batch_item SET label_id = :label::uuid
WHERE id = :item::uuid AND status = 'WAITING' AND label_id IS NOT DISTINCT FROM :before::uuid RETURNING 1
""")
ENDED = Sql("""
UPDATE label_batch_item SET status = :status::text, error = :error::jsonb WHERE id = :item::uuid AND status = 'WAITING'
RETURNING 1
""")
CAME_TO = {
    LabelStatus.PURCHASED: BatchItemStatus.PURCHASED,
    LabelStatus.UNKNOWN: BatchItemStatus.UNKNOWN,
    LabelStatus.REQUESTED: BatchItemStatus.UNKNOWN,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchaseLabels:
    """Buy the labels of packages: by a service of an account, or each by what its order's shipping code leads to."""

    package_ids: tuple[PackageId, ...]
    account_id: CarrierAccountId | None = None
    service: str | None = None
    max_price: Amount | None = None


@statement
def visible_packages(keys: Sequence[PackageId], sight: Sight) -> Select[Any]:
    """The ids of those of *keys* that can be seen."""
    row = PackageRow
    limits = [*visible_channels(sight, row.channel_id), *visible_locations(sight, row.location_id)]
    return select(row.id).where(among(row.id, keys), *limits)


async def _check_packages(tx: Tx, keys: Sequence[PackageId]) -> None:
    """Raises: Refused, with every package that cannot be seen, or is named twice."""
    there, errors, seen = set(await tx.values(visible_packages(list(keys), tx.sight))), list[OmsError](), set[PackageId]()
    for at, key in enumerate(keys):
        path = "packageIds", str(at)
        if key not in there:
            errors.append(NotFound(what="package", given=text_id(IdKind.PACKAGE, key), field=path))
        elif key in seen:
            errors.append(InvalidValue(problem="A package is named once.", field=path))
        seen.add(key)
    if errors:
        raise Refused(errors=errors[:MOST_ERRORS])


async def purchase_labels(tx: Tx, command: PurchaseLabels) -> LabelBatchRow:
    """Record which labels are to be bought, and ask the worker for them. Raises: InvalidValue, TooManyItems."""
    check_length(command.package_ids, "packageIds", MOST_PACKAGES)
    check_choice(command.account_id, command.service)
    await _check_packages(tx, command.package_ids)
    key = tx.new_id(LabelBatchId)
    job = await create_job(tx, JOB, {"batch": text_id(IdKind.LABEL_BATCH, key)})
    most = command.max_price
    options: Json = {
        "account": None if command.account_id is None else text_id(IdKind.CARRIER_ACCOUNT, command.account_id),
        "service": command.service,
        "max_price": None if most is None else {"value": str(most.value), "currency": most.currency},
    }
    row = {
        "id": key,
        "job_id": job.id,
        "options": options,
        "packages": len(command.package_ids),
        "actor": tx.actor,
        "created_at": tx.now,
    }
    batch = await tx.made(LabelBatchRow, row)
    await tx.insert(
        LabelBatchItemRow,
        [
            {
                "id": tx.new_id(LabelBatchItemId),
                "batch_id": key,
                "position": at,
                "package_id": package,
                "status": BatchItemStatus.WAITING,
            }
            for at, package in enumerate(command.package_ids)
        ],
    )
    return batch


@dataclass(frozen=True, slots=True)
class BatchItem:
    """A package of a batch that waits, and the label that was asked for before the job was interrupted."""

    id: LabelBatchItemId
    package_id: PackageId
    label_id: LabelId | None


async def run_purchases(run: JobRun) -> Json:
    """Buy the labels of a batch, a few at once, from where an earlier attempt left it. Returns how many came to what."""
    key = parse_id(LabelBatchId, run.arguments["batch"])
    desk = Desk(run.work, run.principal, run.ports)
    batch = await desk.execute(batch_by_id, key)
    few = asyncio.Semaphore(AT_ONCE)

    async def one(item: BatchItem) -> Json | None:
        async with few:
            return await _purchase(desk, batch, item)

    while items := await desk.execute(_next, key):
        ended = await asyncio.gather(*map(one, items), return_exceptions=True)
        broken = next((each for each in ended if isinstance(each, BaseException)), None)
        errors = [each for each in ended if each is not None and not isinstance(each, BaseException)]
        done = await desk.execute(_count, key)
        if done > run.done:
            await run.step(rows=done - run.done, total=batch.packages, errors=errors)
        if broken is not None:
            raise broken
    return dict(await desk.execute(_sums, key))


async def _purchase(desk: Desk, batch: LabelBatchRow, item: BatchItem) -> Json | None:
    """Buy the label of a package, and record what came of it. Returns what went wrong."""
    if item.label_id is not None:
        label = await _known(desk, item.label_id)
        if label.trouble is not LabelTrouble.NOT_BOUGHT:
            return await _ended(desk, item, label)
    try:
        asks = partial(_request, item=item, ports=desk.ports)
        asked_for = await desk.execute(asks, _command(batch, item))
    except (JobOvertaken, Busy, Unavailable, OutcomeUnknown):
        raise
    except OmsError as error:
        return await _refused(desk, item, BatchItemStatus.REFUSED, error)
    return await _ended(desk, item, await to_the_end(carry_through(desk, asked_for)))


async def _known(desk: Desk, label_id: LabelId) -> LabelRow:
    """Return a label of which the carrier was asked what came of it, once nobody waits for its answer any more."""
    label = await desk.execute(label_by_id, label_id)
    while label.status is LabelStatus.REQUESTED and not abandoned(label.requested_at, desk.work.clock()):
        await asyncio.sleep(PAUSE_S)
        label = await desk.execute(label_by_id, label_id)
    if label.status is not LabelStatus.REQUESTED:
        return label
    try:
        return await settle(desk, label)
    except (CarrierRefused, CarrierTimedOut, CarrierUnreadable):
        return label


async def _request(tx: Tx, command: PurchaseLabel, *, item: BatchItem, ports: Ports) -> Requested:
    asked_for = await request_label(tx, command, ports=ports)
    if not await tx.fetch(TAKEN(label=asked_for.id, item=item.id, before=item.label_id)):
        raise JobOvertaken
    return asked_for


async def _ended(desk: Desk, item: BatchItem, label: LabelRow) -> Json | None:
    error = trouble_of(label)
    status = CAME_TO.get(label.status, BatchItemStatus.REFUSED)
    return await _refused(desk, item, status, error)


async def _refused(desk: Desk, item: BatchItem, status: BatchItemStatus, error: OmsError | None) -> Json | None:
    causes = [] if error is None else error.causes
    first = None if not causes else {"code": causes[0].code, "message": causes[0].message, "field": list(causes[0].field)}
    await desk.execute(partial(_end, status=status, error=first), item)
    if first is None:
        return None
    package = text_id(IdKind.PACKAGE, item.package_id)
    return {"code": first["code"], "problem": f"{package}: {first['message']}", "package": package}


async def _end(tx: Tx, item: BatchItem, *, status: BatchItemStatus, error: Json | None) -> None:
    await tx.fetch(ENDED(item=item.id, status=status, error=None if error is None else dump_json(error).decode()))


async def _next(tx: Tx, batch: LabelBatchId) -> list[BatchItem]:
    return [BatchItem(*row) for row in await tx.fetch(NEXT(batch=batch, size=PIECE))]


async def _count(tx: Tx, batch: LabelBatchId) -> int:
    ((done,),) = await tx.fetch(COUNT(batch=batch))
    return int(done)


async def _sums(tx: Tx, batch: LabelBatchId) -> list[tuple[str, int]]:
    return [(status.lower(), count) for status, count in await tx.fetch(SUMS(batch=batch))]


def _command(batch: LabelBatchRow, item: BatchItem) -> PurchaseLabel:
    account, most = batch.options["account"], batch.options["max_price"]
    return PurchaseLabel(
        package_id=item.package_id,
        account_id=None if account is None else parse_id(CarrierAccountId, account),
        service=batch.options["service"],
        max_price=None if most is None else Amount(value=Decimal(most["value"]), currency=most["currency"]),
    )
