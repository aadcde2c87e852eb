"""Which supply a backorder waits for, and the day promised for it: the queue takes what comes, in the order of its days."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from oms_api.db.session import Tx
from oms_api.db.sets import array
from oms_api.domain.channels.calendar import calendar_of
from oms_api.domain.channels.states import Oversell
from oms_api.domain.fulfillment.backorders.rules import Rule
from oms_api.domain.inventory.promising import Incoming, Promising, Site, SupplyKind
from oms_api.domain.inventory.sellable import Waiting
from oms_api.domain.inventory.sourcing import Demand
from oms_api.domain.purchasing.incoming import SUPPLY

QUEUE = """
SELECT backorder.id, backorder.sku_id, backorder.waiting, backorder.order_id, backorder.channel_id, orders.country,
       backorder.priority, backorder.placed_at, rule.policy, rule.promise_days, rule.ships_on, backorder.supply_kind,
       backorder.supply_line_id, backorder.location_id, backorder.ships_on, backorder.arrives_on
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
SELECT supply.kind, supply.line_id, supply.sku_id, supply.location_id, supply.quantity::int,
       (supply.expected_at AT TIME ZONE location.time_zone)::date
FROM ({SUPPLY}) AS supply JOIN location ON location.id = supply.location_id WHERE supply.sku_id = ANY ($1::uuid[])
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
    pegged: Peg = Peg()

    @property
    def turn(self) -> tuple[int, datetime, UUID]:
        """When it is served: by priority, then by when the order was placed."""
        return -self.priority, self.placed_at, self.id


@dataclass(frozen=True, slots=True)
class Supplies:
    """What comes to the locations of channels: for each channel its active locations by priority."""

    promising: Promising
    places: dict[UUID, list[UUID]] = field(default_factory=dict)

    def peg(self, queued: Queued) -> Peg:
        """Return what a backorder is pegged to and promised for, given what those before it took."""
        promising, places = self.promising, self.places[queued.channel_id]
        promise = promising.promise(Demand(0, queued.sku_id, queued.units), places, queued.country)
        first = promise.parts[0] if promise.parts else None
        leaves, arrives = promise.ships_on, promise.arrives_on
        if leaves is None and places:
            leaves, arrives = self.by_rule(queued, places[0])
        if queued.rule.ships_on is not None and leaves is not None and leaves < queued.rule.ships_on:
            leaves, arrives = self.by_rule(queued, first.location_id if first else places[0])
        if first is None:
            return Peg(location_id=places[0] if places else None, ships_on=leaves, arrives_on=arrives)
        return Peg(first.kind, first.line_id, first.location_id, leaves, arrives)

    def give(self, waiting: Waiting) -> None:
        """Let those who wait already take what comes first."""
        self.promising.promise(Demand(0, waiting.sku_id, waiting.units), waiting.locations, None)

    def by_rule(self, queued: Queued, location: UUID) -> tuple[date | None, date | None]:
        """Return the days promised by the channel's rule alone, where no supply with a day covers all units."""
        ready = queued.rule.ready(queued.placed_at, self.promising.sites[location].zone)
        if ready is None:
            return None, None
        return self.promising.leaves(location, max(ready, self.promising.at), queued.country)


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
        Incoming(kind=SupplyKind(kind), line_id=line, sku_id=sku, location_id=location, quantity=units, expected_on=day)
        for kind, line, sku, location, units, day in coming
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
            pegged=Peg(None if kind is None else SupplyKind(kind), *promised),
        )
        for key, sku, units, order, channel, country, priority, placed_at, policy, days, preorder_on, kind, *promised in rows
    ]


def told(queued: Queued, found: Peg) -> dict[str, tuple[object, object]]:
    """Return what is another day for a customer by *found*."""
    was = queued.pegged
    days = {"shipsOn": (was.ships_on, found.ships_on), "arrivesOn": (was.arrives_on, found.arrives_on)}
    return {name: (before, now) for name, (before, now) in days.items() if before != now}
