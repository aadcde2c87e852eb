"""Who sees which events, the same in SQL and in memory, and reading them by position.

A caller's limits apply to what an event names: a channel outside them hides it, and so do locations or suppliers of which none
lies within them. Beyond that a limited caller must be let in by one of its own limits: an event that names nothing of the kind
it is limited by (a catalog or job event, an order event without locations for a caller limited by location only) is hidden from
it. Stock belongs to no channel, so that a caller limited by channel reads it wherever it lies and hears of it, too: an event
that names locations lets it in. Events of suppliers recorded before they named them stay hidden from a caller limited by
supplier.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Text, and_, any_, func, literal, or_, select, true

from oms_api.db.outbox import UUIDS, FeedEvent, FeedHead, StagedEvent
from oms_api.db.session import Reader
from oms_api.domain.events.cursors import Place
from oms_api.kernel.access import Principal
from oms_api.kernel.ids import IdKind


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFilter:
    """Which events a reader wants. `None` means any, an empty set none at all."""

    types: frozenset[str] | None = None
    order_ids: frozenset[UUID] | None = None
    channel_ids: frozenset[UUID] | None = None
    subject_ids: frozenset[UUID] | None = None
    sku_ids: frozenset[UUID] | None = None
    location_ids: frozenset[UUID] | None = None


EVERYTHING = EventFilter()
OF_SUPPLIERS = (IdKind.SUPPLIER.value, IdKind.SUPPLIER_SKU.value, IdKind.PURCHASE_ORDER.value)


async def head(read: Reader) -> Place:
    """Return the last place of the feed."""
    found = await read.one(select(FeedHead))
    return Place(found.epoch, found.position)


async def events_after(
    read: Reader, position: int, where: EventFilter, limit: int, *, through: int | None = None
) -> Sequence[FeedEvent]:
    """Return the first *limit* events beyond *position* (up to *through*) that match and the principal may see, in order.

    Without `order_ids` a filter is applied to every event on the way: give *through*, so that the way is not too long.
    """
    statement = select(FeedEvent).where(FeedEvent.position > position, *matching(where), *permitted(read.principal))
    if through is not None:
        statement = statement.where(FeedEvent.position <= through)
    # the events of few orders are found by order and then sorted: "+ 0" keeps the planner from walking the whole feed
    by = FeedEvent.position if where.order_ids is None else FeedEvent.position + 0
    return await read.all(statement.order_by(by).limit(limit))


async def events_between(read: Reader, first: int, last: int, types: frozenset[str]) -> Sequence[FeedEvent]:
    """Return the events of *types* from position *first* to *last*, in order, for the installation's own reactions."""
    return await read.all(
        select(FeedEvent)
        .where(FeedEvent.position.between(first, last), *matching(EventFilter(types=types)))
        .order_by(FeedEvent.position)
    )


async def feed_gaps(read: Reader) -> int:
    """Return how many positions up to the head have no event, or events lie beyond it: 0 in a sound feed."""
    placed = func.count().filter(FeedEvent.position.between(1, FeedHead.position))
    missing_or_beyond = FeedHead.position - placed + func.count(FeedEvent.position) - placed
    statement = select(missing_or_beyond).select_from(FeedHead).outerjoin(FeedEvent, true()).group_by(FeedHead.position)
    return await read.value(statement) or 0


async def staged_count(read: Reader) -> int:
    """Return how many events wait for the relay."""
    return await read.value(select(func.count()).select_from(StagedEvent)) or 0


def visible(event: FeedEvent, principal: Principal, where: EventFilter = EVERYTHING) -> bool:
    """Tell whether *event* matches and *principal* may see it; the same rule as `matching` and `permitted` are in SQL."""
    return _matches(event, where) and _permits(event, principal)


def matching(where: EventFilter) -> list[ColumnElement[bool]]:
    """Return what *where* asks, as conditions."""
    conditions: list[ColumnElement[bool]] = []
    if where.types is not None:
        conditions.append(FeedEvent.type == any_(literal(sorted(where.types), ARRAY(Text))))
    for column, wanted in (
        (FeedEvent.order_id, where.order_ids),
        (FeedEvent.channel_id, where.channel_ids),
        (FeedEvent.subject_id, where.subject_ids),
        (FeedEvent.sku_id, where.sku_ids),
    ):
        if wanted is not None:
            conditions.append(column == any_(literal(sorted(wanted), UUIDS)))
    if where.location_ids is not None:
        conditions.append(_overlaps(where.location_ids))
    return conditions


def permitted(principal: Principal) -> list[ColumnElement[bool]]:
    """Return the principal's limits, as conditions."""
    conditions: list[ColumnElement[bool]] = []
    let_in: list[ColumnElement[bool]] = []
    if principal.channels is not None:
        allowed = FeedEvent.channel_id == any_(literal(sorted(principal.channels), UUIDS))
        conditions.append(or_(FeedEvent.channel_id.is_(None), allowed))
        let_in += [FeedEvent.channel_id.is_not(None), func.cardinality(FeedEvent.location_ids) > 0]
    if principal.locations is not None:
        conditions.append(or_(func.cardinality(FeedEvent.location_ids) == 0, _overlaps(principal.locations)))
        let_in.append(func.cardinality(FeedEvent.location_ids) > 0)
    if principal.suppliers is not None:
        mine = FeedEvent.supplier_ids.bool_op("&&")(literal(sorted(principal.suppliers), UUIDS))
        of_none = and_(FeedEvent.supplier_ids.is_(None), FeedEvent.subject_kind.not_in(OF_SUPPLIERS))
        conditions.append(or_(of_none, mine))
        let_in.append(FeedEvent.supplier_ids.is_not(None))
    return [*conditions, or_(*let_in)] if let_in else []


def _overlaps(locations: frozenset[UUID]) -> ColumnElement[bool]:
    return FeedEvent.location_ids.bool_op("&&")(literal(sorted(locations), UUIDS))


def _matches(event: FeedEvent, where: EventFilter) -> bool:
    return (
        (where.types is None or event.type in where.types)
        and (where.order_ids is None or event.order_id in where.order_ids)
        and (where.channel_ids is None or event.channel_id in where.channel_ids)
        and (where.subject_ids is None or event.subject_id in where.subject_ids)
        and (where.sku_ids is None or event.sku_id in where.sku_ids)
        and (where.location_ids is None or not where.location_ids.isdisjoint(event.location_ids))
    )


def _permits(event: FeedEvent, principal: Principal) -> bool:
    if event.channel_id is not None and not principal.sees_channel(event.channel_id):
        return False
    if event.location_ids and not any(map(principal.sees_location, event.location_ids)):
        return False
    if not _permits_suppliers(event, principal):
        return False
    unlimited = principal.channels is None and principal.locations is None and principal.suppliers is None
    by_channel = principal.channels is not None and event.channel_id is not None
    by_location = (principal.channels is not None or principal.locations is not None) and bool(event.location_ids)
    by_supplier = principal.suppliers is not None and event.supplier_ids is not None
    return unlimited or by_channel or by_location or by_supplier


def _permits_suppliers(event: FeedEvent, principal: Principal) -> bool:
    if event.supplier_ids is None:
        return principal.suppliers is None or event.subject_kind not in OF_SUPPLIERS
    return any(map(principal.sees_supplier, event.supplier_ids))
