"""Which supply a backorder waits for, and the day promised for it: the queue takes what comes, in the order of its days."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from oms_api.db.session import Tx
from oms_api.db.sets import array
from oms_api.domain.channels.calendar import calendar_of
from oms_api.domain.channels.states import Oversell
from oms_api.domain.fulfillment.backorders.rules import Rule
from oms_api.domain.inventory.promising import Incoming, Part, Promise, Promising, Site, SupplyKind
from oms_api.domain.inventory.sellable import Waiting
from oms_api.domain.inventory.sourcing import Demand
from oms_api.domain.purchasing.incoming import SUPPLY

QUEUE = """
SELECT backorder.id, backorder.sku_id, backorder.waiting, backorder.order_id, backorder.channel_id, orders.country,
       backorder.priority, backorder.placed_at, backorder.pinned_to, rule.policy, rule.promise_days, rule.ships_on,
       backorder.supply_kind, backorder.supply_line_id, backorder.location_id, backorder.ships_on, backorder.arrives_on
FROM backorder JOIN orders ON orders.id = backorder.order_id
LEFT JOIN LATERAL (
    SELECT policy, promise_days, ships_on FROM oversell_rule
    WHERE channel_id = backorder.channel_id AND (sku_id = backorder.sku_id OR sku_id IS NULL)
    ORDER BY sku_id NULLS LAST LIMIT 1
) AS rule ON true
WHERE backorder.sku_id = ANY ($1::uuid[]) AND backorder.waiting > 0
ORDER BY backorder.sku_id, backorder.priority DESC, backorder.placed_at, backorder.id
"""
LOCKED_QUEUE = f"{QUEUE} FOR NO KEY UPDATE OF backorder"
COMING = f"""
SELECT supply.kind, supply.line_id, supply.sku_id, supply.location_id, supply.promisable::int, supply.expected_at
FROM ({SUPPLY}) AS supply WHERE supply.sku_id = ANY ($1::uuid[]) AND supply.promisable > 0
"""  # noqa: S608 - made of constants
SERVED = """
SELECT served.channel_id, location.id, location.time_zone, location.calendar
FROM channel_location served JOIN location ON location.id = served.location_id AND location.status = 'ACTIVE'
WHERE served.channel_id = ANY ($1::uuid[]) ORDER BY served.channel_id, served.priority
"""


@dataclass(frozen=True, slots=True)
class Peg:
    """What the first of the units is expected from, and what all of them are promised for."""

    kind: SupplyKind | None = None
    supply_line_id: UUID | None = None
    location_id: UUID | None = None
    ships_on: date | None = None
    arrives_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Queued:
    """A backorder in the queue, the channel's rule for it as it is now, and what it is pegged to."""

    id: UUID
    sku_id: UUID
    units: int
    order_id: UUID
    channel_id: UUID
    country: str | None
    priority: int
    placed_at: datetime
    rule: Rule
    pinned_to: UUID | None = None
    pegged: Peg = Peg()

    @property
    def turn(self) -> tuple[int, datetime, UUID]:
        """When it is served: by priority, then by when the order was placed."""
        return -self.priority, self.placed_at, self.id

    def among(self, places: Sequence[UUID]) -> Sequence[UUID]:
        """Return those of *places* that may serve it: only the one that the order insists on, if it does."""
        return places if self.pinned_to is None else [place for place in places if place == self.pinned_to]


@dataclass(frozen=True, slots=True)
class Supplies:
    """What comes to the locations of channels: for each channel its active locations by priority."""

    promising: Promising
    places: dict[UUID, list[UUID]] = field(default_factory=dict)

    def peg(self, queued: Queued) -> Peg:
        """Return what a backorder is pegged to and promised for, given what those before it took."""
        places = queued.among(self.places[queued.channel_id])
        demand = Demand(0, queued.sku_id, queued.units)
        promise = self.promising.promise(demand, places, queued.country)
        first = promise.parts[0] if promise.parts else None
        promise = self.by_rule(promise, places, queued.country, queued.rule, queued.placed_at)
        leaves, arrives = promise.ships_on, promise.arrives_on
        if first is None:
            return Peg(location_id=places[0] if places else None, ships_on=leaves, arrives_on=arrives)
        return Peg(first.kind, first.line_id, first.location_id, leaves, arrives)

    def give(self, waiting: Waiting) -> None:
        """Let those who wait already take what comes first."""
        self.promising.promise(Demand(0, waiting.sku_id, waiting.units), waiting.locations, None)

    def by_rule(self, promise: Promise, places: Sequence[UUID], country: str | None, rule: Rule, since: datetime) -> Promise:
        """Return *promise* as the channel's *rule* has it: with a day for what nothing brings, and no preorder before its day.

        Units wait *since* a moment, and what nothing brings comes after all that is known to come. A day that is over promises
        nothing.
        """
        place = places[0] if places else None
        ready = None if place is None else rule.ready(since, self.promising.sites[place].zone)
        if place is None or ready is None:
            return promise
        parts = [self._not_before(ready, part, country) if rule.ships_on else part for part in promise.parts]
        missing = promise.missing
        if missing and not self.promising.overdue(place, ready):
            after = max(ready, self.promising.latest(promise.demand.sku_id, places))
            leaves, arrives = self.promising.leaves(place, after, country)
            kind = SupplyKind.RULE
            parts.append(Part(kind=kind, location_id=place, quantity=missing, ships_on=leaves, arrives_on=arrives))
            missing = 0
        return Promise(demand=promise.demand, parts=tuple(parts), missing=missing)

    def _not_before(self, ready: datetime, part: Part, country: str | None) -> Part:
        leaves, arrives = self.promising.leaves(part.location_id, ready, country)
        later = part.ships_on is not None and (leaves is None or part.ships_on < leaves)
        return replace(part, ships_on=leaves, arrives_on=arrives) if later else part


def supplies_of(
    coming: Sequence[tuple[Any, ...]], served: Sequence[tuple[Any, ...]], channels: Collection[UUID], at: datetime
) -> Supplies:
    """Return what the rows of COMING and SERVED tell, as of the moment *at*."""
    places: dict[UUID, list[UUID]] = {channel: [] for channel in channels}
    sites: dict[UUID, Site] = {}
    for channel, location, zone, calendar in served:
        places[channel].append(location)
        sites[location] = Site(calendar_of(calendar), ZoneInfo(zone))
    incoming = [
        Incoming(kind=SupplyKind(kind), line_id=line, sku_id=sku, location_id=location, quantity=units, expected_at=expected)
        for kind, line, sku, location, units, expected in coming
        if location in sites
    ]
    return Supplies(Promising(sites, {}, incoming, at), places)


async def pegs_in_turn(tx: Tx, queue: Sequence[Queued]) -> list[tuple[Queued, Peg]]:
    """Return what each of *queue*, which holds all that waits of its SKUs, is pegged to; the first in turn takes first."""
    if not queue:
        return []
    channels = {queued.channel_id for queued in queue}
    skus = array({queued.sku_id for queued in queue})
    coming, served = await tx.flush([(COMING, (skus,)), (SERVED, (array(channels),))])
    supplies = supplies_of(coming, served, channels, tx.now)
    return [(queued, supplies.peg(queued)) for queued in sorted(queue, key=lambda queued: queued.turn)]


def queued_in(rows: Sequence[tuple[Any, ...]]) -> list[Queued]:
    """Return the backorders in the rows of QUEUE or LOCKED_QUEUE."""
    return [
        Queued(
            id=key,
            sku_id=sku,
            units=units,
            order_id=order,
            channel_id=channel,
            country=country,
            priority=priority,
            placed_at=placed_at,
            rule=Rule(Oversell(policy or Oversell.DENY), None, days, preorder_on),
            pinned_to=pinned_to,
            pegged=Peg(None if kind is None else SupplyKind(kind), *promised),
        )
        for (
            key,
            sku,
            units,
            order,
            channel,
            country,
            priority,
            placed_at,
            pinned_to,
            policy,
            days,
            preorder_on,
            kind,
            *promised,
        ) in rows
    ]


def told(queued: Queued, found: Peg) -> dict[str, tuple[object, object]]:
    """Return what is another day for a customer by *found*."""
    was = queued.pegged
    days = {"shipsOn": (was.ships_on, found.ships_on), "arrivesOn": (was.arrives_on, found.arrives_on)}
    return {name: (before, now) for name, (before, now) in days.items() if before != now}
