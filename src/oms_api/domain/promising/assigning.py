"""Which supply a backorder waits for, and the day promised for it: the queue takes what comes, in the order of its days."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import field, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from oms_api.db.session import Tx
from oms_api.db.sets import array
from oms_api.db.sql import Sql
from oms_api.domain.channels.calendar import calendar_of
from oms_api.domain.channels.serving import ACTIVE_LOCATIONS, rule_of
from oms_api.domain.channels.states import Oversell
from oms_api.domain.fulfillment.backorders.rules import WaitingRule
from oms_api.domain.inventory.promised_days import Incoming, Promisable, PromisablePart, Promising, Site, SupplyKind
from oms_api.domain.inventory.sellable import LevelSnapshot, Sellable, Waiting
from oms_api.domain.inventory.sourcing import Demand
from oms_api.domain.promising.look import anywhere
from oms_api.domain.promising.waiting import waits
from oms_api.domain.purchasing.incoming import SUPPLY
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import BackorderId, ChannelId, LineId, LocationId, OrderId, SkuId

CHANNEL = 5
"""The place of the channel in a row of QUEUE."""
ASSIGNED = ("id AS backorder_id", "supply_kind", "supply_line_id", "location_id", "ships_on", "arrives_on")
QUEUE = Sql(f"""
SELECT line.id, line.sku_id, line.units, line.order_id, line.line_id, line.channel_id,
       channel.sells_safety_stock, orders.country, line.priority, line.placed_at, line.pinned_to,
       coalesce(line.barred_from, '{{}}'),
       line.backorder_id IS NOT NULL, line.supply_kind, line.supply_line_id, line.location_id, line.ships_on, line.arrives_on
FROM {waits("sku_id = ANY (:skus::uuid[])", *ASSIGNED)} AS line
JOIN orders ON orders.id = line.order_id JOIN channel ON channel.id = line.channel_id
""")  # noqa: S608 - made of constants
RULES = Sql(f"""
SELECT seller.id, wanted.id, rule.policy, rule.promise_days, rule.ships_on
FROM unnest(:skus::uuid[]) AS wanted (id) CROSS JOIN unnest(:channels::uuid[]) AS seller (id)
CROSS JOIN LATERAL ({rule_of("seller.id", "wanted.id")}) AS rule
""")  # noqa: S608 - made of constants
STOCK = Sql(f"""
WITH stocked AS (SELECT unnest(:skus::uuid[]) AS id)
SELECT id, sku_id, location_id, available, free FROM ({anywhere()}) AS level
""")  # noqa: S608 - made of constants
COMING = """
SELECT supply.kind, supply.line_id, supply.sku_id, supply.location_id, supply.promisable::int, supply.expected_at,
       location.time_zone, location.calendar
FROM ({supply}) AS supply JOIN location ON location.id = supply.location_id
WHERE supply.sku_id = ANY ({skus}) AND supply.promisable > 0
"""
"""What comes wherever it does: others who wait may be served from where the asking channels are not."""
COMING_FOR = Sql(COMING.format(supply=SUPPLY, skus=":skus::uuid[]"))
SERVED = Sql(f"""
SELECT served.channel_id, location.id, location.time_zone, location.calendar
FROM {ACTIVE_LOCATIONS}
WHERE served.channel_id = ANY (:channels::uuid[]) ORDER BY served.channel_id, served.priority
""")  # noqa: S608 - made of constants


@dataclass(frozen=True, slots=True)
class Assignment:
    """What the first of the units is expected from, and what all of them are promised for."""

    kind: SupplyKind | None = None
    supply_line_id: UUID | None = None
    location_id: LocationId | None = None
    ships_on: date | None = None
    arrives_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Queued:
    """Units that wait, the channel's rule for them as it is now, and what they are assigned to: a backorder.

    Units whose promise was lost wait in the same queue, without a backorder: they are assigned to nothing (`assigned` is None).
    """

    id: BackorderId
    sku_id: SkuId
    units: int
    order_id: OrderId
    line_id: LineId
    channel_id: ChannelId
    sells_safety_stock: bool
    country: str | None
    priority: int
    placed_at: datetime
    rule: WaitingRule
    pinned_to: LocationId | None = None
    barred: Sequence[LocationId] = ()
    assigned: Assignment | None = Assignment()

    @property
    def turn(self) -> tuple[int, datetime, OrderId, LineId, BackorderId]:
        """When it is served: by priority, then by when the order was placed; of one moment orders, then lines, by their ids.

        Ids grow with time, and those of an order's lines with their places: lines are served in the order in which they stand.
        """
        return -self.priority, self.placed_at, self.order_id, self.line_id, self.id

    def among(self, places: Sequence[LocationId]) -> Sequence[LocationId]:
        """Return those of *places* that may serve it: none that rejected it, and only the one that the order insists on."""
        if self.pinned_to is None and not self.barred:
            return places
        return [place for place in places if self.pinned_to in {None, place} and place not in self.barred]

    def at(self, places: Sequence[LocationId]) -> Waiting:
        """Return who waits, as whoever shares stock out at the channel's *places* sees it."""
        mine = tuple(self.among(places))
        return Waiting(self.sku_id, self.priority, self.units, self.sells_safety_stock, mine)


@dataclass(frozen=True, slots=True)
class Supplies:
    """What comes to the locations of channels: for each channel its active locations by priority."""

    promising: Promising
    places: dict[ChannelId, list[LocationId]] = field(default_factory=dict)

    def assign(self, queued: Queued, units: int) -> Assignment:
        """Return what *units* of a backorder are assigned to and promised for, given what those before it took."""
        places = queued.among(self.places[queued.channel_id])
        demand = Demand(0, queued.sku_id, units)
        promise = self.promising.promise(demand, places, queued.country)
        first = promise.parts[0] if promise.parts else None
        promise = self.by_rule(promise, places, queued.country, queued.rule, queued.placed_at)
        leaves, arrives = promise.ships_on, promise.arrives_on
        if first is None:
            return Assignment(location_id=places[0] if places else None, ships_on=leaves, arrives_on=arrives)
        return Assignment(first.kind, first.line_id, first.location_id, leaves, arrives)

    def give(self, waiting: Waiting) -> None:
        """Let those who wait already take what comes first."""
        self.promising.promise(Demand(0, waiting.sku_id, waiting.units), waiting.locations, None)

    def by_rule(
        self, promise: Promisable, places: Sequence[LocationId], country: str | None, rule: WaitingRule, since: datetime
    ) -> Promisable:
        """Return *promise* as the channel's *rule* has it: with a day for what nothing brings, and no preorder before its day.

        Units wait *since* a moment, and what nothing brings comes after all that is known to come. A day that is over promises
        nothing.
        """
        place = places[0] if places else None
        ready = None if place is None else rule.ready(since, self.promising.sites[place].zone)
        if place is None or ready is None:
            return promise
        parts = [self._not_before(rule, part, since, country) if rule.ships_on else part for part in promise.parts]
        missing = promise.missing
        if missing and not self.promising.overdue(place, ready):
            after = max(ready, self.promising.latest(promise.demand.sku_id, places))
            leaves, arrives = self.promising.leaves(place, after, country)
            kind = SupplyKind.RULE
            parts.append(PromisablePart(kind=kind, location_id=place, quantity=missing, ships_on=leaves, arrives_on=arrives))
            missing = 0
        return Promisable(demand=promise.demand, parts=tuple(parts), missing=missing)

    def _not_before(self, rule: WaitingRule, part: PromisablePart, since: datetime, country: str | None) -> PromisablePart:
        ready = rule.ready(since, self.promising.sites[part.location_id].zone)
        leaves, arrives = (None, None) if ready is None else self.promising.leaves(part.location_id, ready, country)
        later = part.ships_on is not None and (leaves is None or part.ships_on < leaves)
        return replace(part, ships_on=leaves, arrives_on=arrives) if later else part


def supplies_of(
    coming: Sequence[tuple[Any, ...]], served: Sequence[tuple[Any, ...]], channels: Collection[ChannelId], now: datetime
) -> Supplies:
    """Return what the rows of COMING and SERVED tell, as of the moment *now*."""
    places: dict[ChannelId, list[LocationId]] = {channel: [] for channel in channels}
    sites: dict[LocationId, Site] = {}
    for channel, location, zone, calendar in served:
        places[channel].append(location)
        sites[location] = Site(calendar_of(calendar), ZoneInfo(zone))
    incoming: list[Incoming] = []
    for kind, line, sku, location, units, at, zone, calendar in coming:
        sites.setdefault(location, Site(calendar_of(calendar), ZoneInfo(zone)))
        brings = SupplyKind(kind)
        incoming.append(Incoming(kind=brings, line_id=line, sku_id=sku, location_id=location, quantity=units, expected_at=at))
    return Supplies(Promising(sites, {}, incoming, now), places)


async def assignments_in_turn(tx: Tx, skus: Collection[SkuId]) -> list[tuple[Queued, Assignment]]:
    """Return what each backorder of *skus* is assigned to: in turn all that waits takes from stock, then from what comes.

    Who can be served from stock is not among them: nothing is to be promised for units that lie there.
    """
    wanted = array(skus)
    rows = await tx.fetch(QUEUE(skus=wanted))
    if not rows:
        return []
    channels = {row[CHANNEL] for row in rows}
    ruled, coming, served, stock = await tx.flush(
        [
            RULES(skus=wanted, channels=array(channels)),
            COMING_FOR(skus=wanted),
            SERVED(channels=array(channels)),
            STOCK(skus=wanted, now=tx.now),
        ]
    )
    supplies = supplies_of(coming, served, channels, tx.now)
    shelves = Sellable.of({(sku, place): LevelSnapshot(key, *units) for key, sku, place, *units in stock}, ())
    rules = {(channel, sku): WaitingRule(Oversell(policy), None, *promised) for channel, sku, policy, *promised in ruled}
    queue = [_queued(row, rules) for row in rows]
    assignments: list[tuple[Queued, Assignment]] = []
    for queued in sorted(queue, key=lambda queued: queued.turn):
        waiting = queued.at(supplies.places[queued.channel_id])
        missing = shelves.serve(waiting)
        if missing and queued.assigned is None:
            supplies.give(replace(waiting, units=missing))
        elif missing:
            assignments.append((queued, supplies.assign(queued, missing)))
    return assignments


def _queued(row: tuple[Any, ...], rules: Mapping[tuple[ChannelId, SkuId], WaitingRule]) -> Queued:
    (
        key,
        sku,
        units,
        order,
        line,
        channel,
        safety,
        country,
        priority,
        placed_at,
        pinned,
        barred,
        promised,
        *assignment,
    ) = row
    kind, *expected = assignment
    return Queued(
        id=key,
        sku_id=sku,
        units=units,
        order_id=order,
        line_id=line,
        channel_id=channel,
        sells_safety_stock=safety,
        country=country,
        priority=priority,
        placed_at=placed_at,
        rule=rules.get((channel, sku), WaitingRule(Oversell.DENY)),
        pinned_to=pinned,
        barred=barred,
        assigned=Assignment(None if kind is None else SupplyKind(kind), *expected) if promised else None,
    )


def changes_of(queued: Queued, found: Assignment) -> dict[str, tuple[object, object]]:
    """Return what is another day for a customer by *found*."""
    was = queued.assigned or Assignment()
    days = {
        "promised_ship_on": (was.ships_on, found.ships_on),
        "promised_delivery_on": (was.arrives_on, found.arrives_on),
    }
    return {name: (before, now) for name, (before, now) in days.items() if before != now}
