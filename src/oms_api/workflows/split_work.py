"""Fulfillment orders of one order at one location that are split in two, or become one. No stock moves."""

from collections.abc import Sequence
from dataclasses import replace

from oms_api.db.rows import inserts
from oms_api.db.session import Tx
from oms_api.domain.fulfillment.document import OrderDocument
from oms_api.domain.fulfillment.errors import NotMergeable, SplitsAll
from oms_api.domain.fulfillment.events import FulfillmentOrderMerged, FulfillmentOrderSplit
from oms_api.domain.fulfillment.giving_up import ActedOn, facts_of, locked_for, promises_of, status_changes, work_named
from oms_api.domain.fulfillment.policies import LineToShip, units_named
from oms_api.domain.fulfillment.schedule import Place
from oms_api.domain.fulfillment.splitting import hand_on, touch
from oms_api.domain.fulfillment.states import FulfillmentOrderStatus
from oms_api.domain.fulfillment.tables import FulfillmentOrderRow
from oms_api.domain.fulfillment.units import Work
from oms_api.domain.fulfillment.verbs import LIFE, MERGE, SPLIT
from oms_api.kernel.checks import check_length
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import InvalidValue, OmsError, Refused
from oms_api.kernel.ids import FulfillmentOrderId

WORKS = inserts(FulfillmentOrderRow)
MOST_MERGED = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitWork:
    """Make units of a fulfillment order one of their own."""

    idempotency_key: str
    fulfillment_order_id: FulfillmentOrderId
    lines: tuple[LineToShip, ...]
    expected_version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeWorks:
    """Do the work of several fulfillment orders as one: the first of them takes all."""

    idempotency_key: str
    fulfillment_order_ids: tuple[FulfillmentOrderId, ...]


async def split_work(tx: Tx, command: SplitWork) -> ActedOn:
    """Make the units named a fulfillment order of their own, at the same location and for the same day, and return it.

    Raises: NotFound, VersionConflict, FulfillmentOrderBegun, OrderOnHold, FulfillmentOrderOnHold, SplitsAll; Refused with all
    that is wrong with the lines.
    """
    row = await work_named(tx, command.fulfillment_order_id)
    document, work, _ = await locked_for(tx, row, SPLIT, command.expected_version)
    chosen = units_named(document, work.id, command.lines)
    if sum(units for _, units in chosen) == sum(promise.in_fulfillment for promise in promises_of(document, work.id)):
        raise SplitsAll(field=("lines",))
    made, place = tx.new_id(FulfillmentOrderId), Place(work.location_id, work.opens_on, None)
    document.works[made] = replace(work, id=made, version=1, status=place.status, asked=None)
    document.edited = True
    order = document.save(tx, tx.now)
    new = place.work(made, order.id, order.channel_id, tx.now)
    tx.write(WORKS, [{**new, "opens_by_hand": work.opens_by_hand}])
    hand_on(tx, document, chosen, made)
    touch(tx, [work.id])
    where = (work.location_id,)
    document.emit(tx, FulfillmentOrderSplit, {}, tx.now, subject_id=work.id, location_ids=where, cause_id=made, statuses=False)
    return ActedOn(made)


async def merge_works(tx: Tx, command: MergeWorks) -> ActedOn:
    """Give all units of fulfillment orders that wait to the first of them, close the others, and return the first.

    Raises: InvalidValue, TooManyItems, NotFound; Refused with why which of them cannot be merged: FulfillmentOrderBegun,
    OrderOnHold, FulfillmentOrderOnHold, NotMergeable.
    """
    keys = command.fulfillment_order_ids
    check_length(keys, "fulfillmentOrderIds", MOST_MERGED)
    if len(keys) == 1:
        raise InvalidValue(problem="Give at least two fulfillment orders.", field=("fulfillmentOrderIds",))
    problem = "This fulfillment order is named twice."
    paths = [("fulfillmentOrderIds", str(at)) for at, key in enumerate(keys) if key in keys[:at]]
    twice = [InvalidValue(problem=problem, field=path) for path in paths]
    if twice:
        raise Refused(errors=twice)
    rows = [await work_named(tx, key, "fulfillmentOrderIds", at) for at, key in enumerate(keys)]
    first, *others = rows
    try:
        document, target, _ = await locked_for(tx, first, MERGE, None)
    except OmsError as error:
        error.field = ("fulfillmentOrderIds", "0")
        raise
    errors = _unlike(document, target, others)
    if errors:
        raise Refused(errors=errors)
    merged = [document.works[row.id] for row in others]
    chosen = [(promise, promise.in_fulfillment) for work in merged for promise in promises_of(document, work.id)]
    hand_on(tx, document, chosen, target.id)
    for work in merged:
        document.works[work.id] = replace(work, status=FulfillmentOrderStatus.CLOSED)
        document.closed.append(work.id)
    document.edited = True
    document.save(tx, tx.now)
    touch(tx, [target.id])
    for work in merged:
        document.emit(
            tx,
            FulfillmentOrderMerged,
            status_changes(document, work),
            tx.now,
            subject_id=work.id,
            location_ids=(work.location_id,),
            cause_id=target.id,
            statuses=False,
        )
    return ActedOn(target.id)


def _unlike(document: OrderDocument, first: Work, others: Sequence[FulfillmentOrderRow]) -> list[OmsError]:
    """Return why which of *others* cannot be merged into the *first*."""
    errors: list[OmsError] = []
    for at, row in enumerate(others, 1):
        work = document.works.get(row.id)
        error: OmsError | None
        if work is None:
            error = NotMergeable(other="order")
        elif (error := LIFE.why_not(MERGE, work.status, facts_of(document, work))) is None:
            unlike = {"location": work.location_id != first.location_id, "day": work.opens_on != first.opens_on}
            found = next((name for name, differs in unlike.items() if differs), None)
            error = None if found is None else NotMergeable(other=found)
        if error is not None:
            error.field = ("fulfillmentOrderIds", str(at))
            errors.append(error)
    return errors
