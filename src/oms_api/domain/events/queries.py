"""Who sees which events, the same in SQL and in memory, and reading them by position.

A caller's limits apply to what an event names: a channel outside them hides it, and so do locations or suppliers of which none
lies within them. Beyond that a limited caller must be let in by one of its own limits: an event that names nothing of the kind
it is limited by (a catalog or job event, an order event without locations for a caller limited by location only) is hidden from
it. Stock belongs to no channel, so that a caller limited by channel reads it wherever it lies and hears of it, too: an event
that names locations lets it in. Events of suppliers recorded before they named them stay hidden from a caller limited by
supplier.
"""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, not_, or_, select, true

from oms_api.db.outbox import FeedEvent, FeedHead
from oms_api.db.session import Reader
from oms_api.db.sets import among
from oms_api.db.statements import statement
from oms_api.domain.events.cursors import FeedPlace
from oms_api.kernel.access import Principal, Sight
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import IdKind


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFilter:
    """Which events a reader wants. `None` means any, an empty set none at all.

    *every* and one of *some* must hold as well, and nothing of *none*.
    """

    types: frozenset[str] | None = None
    order_ids: frozenset[UUID] | None = None
    channel_ids: frozenset[UUID] | None = None
    subject_ids: frozenset[UUID] | None = None
    sku_ids: frozenset[UUID] | None = None
    location_ids: frozenset[UUID] | None = None
    has_order: bool | None = None
    has_channel: bool | None = None
    has_sku: bool | None = None
    has_locations: bool | None = None
    every: tuple["EventFilter", ...] = ()
    some: tuple["EventFilter", ...] = ()
    none: tuple["EventFilter", ...] = ()


EVERYTHING = EventFilter()
OF_SUPPLIERS = (IdKind.SUPPLIER.value, IdKind.SUPPLIER_SKU.value, IdKind.PURCHASE_ORDER.value)


@statement
def feed_head() -> Select[Any]:
    """The head of the feed."""
    return select(FeedHead)


@statement
def matching_events(position: int, through: int | None, where: EventFilter, sight: Sight, limit: int) -> Select[Any]:
    """The first events beyond *position*, up to *through*, that match and whoever has *sight* may see."""
    found = select(FeedEvent).where(FeedEvent.position > position, *matching(where), *permitted(sight))
    if through is not None:
        found = found.where(FeedEvent.position <= through)
    # the events of few orders are found by order and then sorted: "+ 0" keeps the planner from walking the whole feed
    return found.order_by(FeedEvent.position if where.order_ids is None else FeedEvent.position + 0).limit(limit)


@statement
def events_of(subject_id: UUID, order_id: UUID | None, sight: Sight) -> Select[Any]:
    """All events about one record, which belongs to an order or to none."""
    where = (
        FeedEvent.subject_id == subject_id,
        FeedEvent.order_id.is_(None) if order_id is None else FeedEvent.order_id == order_id,
    )
    # found by subject or by order and then sorted: "+ 0" keeps the planner from walking the whole feed
    return select(FeedEvent).where(*where, *permitted(sight)).order_by(FeedEvent.position + 0)


@statement
def events_within(first: int, last: int, types: Sequence[str]) -> Select[Any]:
    """The events of *types* from one position to another."""
    wanted = FeedEvent.position.between(first, last), among(FeedEvent.type, types)
    return select(FeedEvent).where(*wanted).order_by(FeedEvent.position)


async def head(read: Reader) -> FeedPlace:
    """Return the last place of the feed."""
    found = await read.one(feed_head())
    return FeedPlace(found.epoch, found.position)


async def events_after(
    read: Reader, position: int, where: EventFilter, limit: int, *, through: int | None = None
) -> Sequence[FeedEvent]:
    """Return the first *limit* events beyond *position* (up to *through*) that match and the principal may see, in order.

    Without `order_ids` a filter is applied to every event on the way: give *through*, so that the way is not too long.
    """
    return await read.all(matching_events(position, through, where, read.sight, limit))


async def history(read: Reader, subject_id: UUID, *, order_id: UUID | None = None) -> Sequence[FeedEvent]:
    """Return all that happened to a record and that the principal may see, oldest first; a record of an order is found by that.

    What the relay has yet to place in the feed, some milliseconds' worth, is missing.
    """
    return await read.all(events_of(subject_id, order_id, read.sight))


async def events_between(read: Reader, first: int, last: int, types: frozenset[str]) -> Sequence[FeedEvent]:
    """Return the events of *types* from position *first* to *last*, in order, for the installation's own reactions."""
    return await read.all(events_within(first, last, list(types)))


def visible(event: FeedEvent, principal: Principal, where: EventFilter = EVERYTHING) -> bool:
    """Tell whether *event* matches and *principal* may see it; the same rule as `matching` and `permitted` are in SQL."""
    return _matches(event, where) and _permits(event, principal)


def matching(where: EventFilter) -> list[ColumnElement[bool]]:
    """Return what *where* asks, as conditions."""
    columns: tuple[tuple[Any, frozenset[Any] | None], ...] = (
        (FeedEvent.type, where.types),
        (FeedEvent.order_id, where.order_ids),
        (FeedEvent.channel_id, where.channel_ids),
        (FeedEvent.subject_id, where.subject_ids),
        (FeedEvent.sku_id, where.sku_ids),
    )
    conditions = [among(column, wanted) for column, wanted in columns if wanted is not None]
    if where.location_ids is not None:
        conditions.append(_overlaps(where.location_ids))
    there = (
        (FeedEvent.order_id.is_not(None), where.has_order),
        (FeedEvent.channel_id.is_not(None), where.has_channel),
        (FeedEvent.sku_id.is_not(None), where.has_sku),
        (func.cardinality(FeedEvent.location_ids) > 0, where.has_locations),
    )
    conditions += [condition if wanted else not_(condition) for condition, wanted in there if wanted is not None]
    conditions += [_whole(each) for each in where.every]
    conditions += [or_(*map(_whole, where.some))] if where.some else []
    conditions += [_whole(each).is_not(true()) for each in where.none]  # NOT NULL would be no answer
    return conditions


def _whole(where: EventFilter) -> ColumnElement[bool]:
    return and_(true(), *matching(where))


def permitted(sight: Sight) -> list[ColumnElement[bool]]:
    """Return the limits of whoever has *sight*, as conditions."""
    conditions: list[ColumnElement[bool]] = []
    let_in: list[ColumnElement[bool]] = []
    if sight.channels is not None:
        conditions.append(or_(FeedEvent.channel_id.is_(None), among(FeedEvent.channel_id, sight.channels)))
        let_in += [FeedEvent.channel_id.is_not(None), func.cardinality(FeedEvent.location_ids) > 0]
    if sight.locations is not None:
        conditions.append(or_(func.cardinality(FeedEvent.location_ids) == 0, _overlaps(sight.locations)))
        let_in.append(func.cardinality(FeedEvent.location_ids) > 0)
    if sight.suppliers is not None:
        mine = FeedEvent.supplier_ids.bool_op("&&")(sight.suppliers)
        of_none = and_(FeedEvent.supplier_ids.is_(None), not_(among(FeedEvent.subject_kind, OF_SUPPLIERS)))
        conditions.append(or_(of_none, mine))
        let_in.append(FeedEvent.supplier_ids.is_not(None))
    return [*conditions, or_(*let_in)] if let_in else []


def _overlaps(locations: Collection[UUID]) -> ColumnElement[bool]:
    return FeedEvent.location_ids.bool_op("&&")(locations)


def _matches(event: FeedEvent, where: EventFilter) -> bool:
    return (
        (where.types is None or event.type in where.types)
        and (where.order_ids is None or event.order_id in where.order_ids)
        and (where.channel_ids is None or event.channel_id in where.channel_ids)
        and (where.subject_ids is None or event.subject_id in where.subject_ids)
        and (where.sku_ids is None or event.sku_id in where.sku_ids)
        and (where.location_ids is None or not where.location_ids.isdisjoint(event.location_ids))
        and where.has_order in {None, event.order_id is not None}
        and where.has_channel in {None, event.channel_id is not None}
        and where.has_sku in {None, event.sku_id is not None}
        and where.has_locations in {None, bool(event.location_ids)}
        and all(_matches(event, each) for each in where.every)
        and (not where.some or any(_matches(event, each) for each in where.some))
        and not any(_matches(event, each) for each in where.none)
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
