"""When lines could leave and arrive if they were ordered now: asked of the same stock and supply that orders take."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from oms_api.db.session import Tx
from oms_api.db.sets import array
from oms_api.domain.catalog.references import SkuRef, skus_by_reference
from oms_api.domain.channels.calendar import calendar_of
from oms_api.domain.channels.queries import channels_by_id
from oms_api.domain.channels.states import Oversell
from oms_api.domain.channels.tables import Channel
from oms_api.domain.inventory.errors import NotStocked
from oms_api.domain.inventory.promising import Incoming, Part, Promise, Promising, Site, SupplyKind
from oms_api.domain.inventory.sourcing import Demand
from oms_api.kernel.errors import InvalidQuantity, InvalidValue, NotFound, OmsError, Refused, TooManyItems
from oms_api.kernel.ids import IdKind, text_id
from oms_api.workflows.peg_backorders import COMING, SERVED

MOST_LINES = 250
MOST_UNITS = 2**31 - 1

STOCK = """
SELECT level.sku_id, level.location_id, CASE WHEN $3 THEN level.free ELSE level.available END
FROM inventory_level level WHERE level.sku_id = ANY ($1::uuid[]) AND level.location_id = ANY ($2::uuid[])
"""
QUEUED = """
SELECT sku_id, channel_id, sum(waiting)::bigint FROM backorder WHERE sku_id = ANY ($1::uuid[]) AND waiting > 0
GROUP BY sku_id, channel_id
"""
RULES = """
SELECT DISTINCT ON (want.sku_id) want.sku_id, rule.policy, rule.limit_units, rule.promise_days, rule.ships_on
FROM unnest($2::uuid[]) AS want (sku_id)
JOIN oversell_rule rule ON rule.channel_id = $1 AND (rule.sku_id = want.sku_id OR rule.sku_id IS NULL)
ORDER BY want.sku_id, rule.sku_id NULLS LAST
"""


@dataclass(frozen=True, slots=True)
class LineWanted:
    """Units of one SKU."""

    sku: SkuRef
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseAvailability:
    """What a customer wants to know before ordering."""

    channel_id: UUID
    lines: tuple[LineWanted, ...]
    country: str | None = None


@dataclass(frozen=True, slots=True)
class Promised:
    """What can be promised for one line, and why."""

    sku_id: UUID
    quantity: int
    promise: Promise
    sellable: bool
    reason: str


async def promise_availability(tx: Tx, command: PromiseAvailability) -> list[Promised]:
    """Return what can be promised for each line, in the order given; each takes what the lines before it leave.

    Raises: NotFound, Refused with all that is wrong with the lines.
    """
    channel = (await channels_by_id(tx, [command.channel_id])).get(command.channel_id)
    if channel is None:
        raise NotFound(what="channel", given=text_id(IdKind.CHANNEL, command.channel_id), field=("channelId",))
    skus = await wanted_skus(tx, command.lines)
    desk = await Desk.opened(tx, channel, skus)
    lines = zip(skus, command.lines, strict=True)
    return [desk.promise(index, sku, line.quantity, command.country) for index, (sku, line) in enumerate(lines)]


async def wanted_skus(tx: Tx, lines: Sequence[LineWanted]) -> list[UUID]:
    """Return the SKU of each line. Raises: InvalidValue, TooManyItems, Refused."""
    if not lines:
        raise InvalidValue(problem="Name at least one line.", field=("lines",))
    if len(lines) > MOST_LINES:
        raise TooManyItems(limit=MOST_LINES, given=len(lines), field=("lines",))
    known = await skus_by_reference(tx, [line.sku for line in lines])
    errors: list[OmsError] = []
    for index, line in enumerate(lines):
        sku = known.get(line.sku)
        if sku is None:
            errors.append(line.sku.unknown("sku").at("lines", index))
        elif not sku.kind.stocked:
            errors.append(NotStocked(sku=sku.code, kind=sku.kind, field=("sku",)).at("lines", index))
        if not 0 < line.quantity <= MOST_UNITS:
            errors.append(InvalidQuantity(given=line.quantity, field=("quantity",)).at("lines", index))
    if errors:
        raise Refused(errors=errors)
    return [known[line.sku].id for line in lines]


@dataclass(slots=True)
class Rule:
    """Whether a SKU is sold beyond what can be promised from stock, and how many units more."""

    policy: Oversell
    room: int | None
    promise_days: int | None
    ships_on: date | None


@dataclass(slots=True)
class Desk:
    """Who answers: with the stock of the channel's locations, what comes to them, and the channel's rules."""

    locations: list[UUID]
    promising: Promising
    rules: dict[UUID, Rule]

    @classmethod
    async def opened(cls, tx: Tx, channel: Channel, skus: Sequence[UUID]) -> "Desk":
        """Read what is needed, in two round trips; units that others wait for are taken from what comes first."""
        wanted = array(sorted(set(skus)))
        served, coming, queued, rules = await tx.flush(
            [
                (SERVED, (array([channel.id]),)),
                (COMING, (wanted,)),
                (QUEUED, (wanted,)),
                (RULES, (channel.id, wanted)),
            ]
        )
        locations = [location for _, location, _, _ in served]
        sites = {location: Site(calendar_of(calendar), ZoneInfo(zone)) for _, location, zone, calendar in served}
        stock = await tx.fetch(STOCK, (wanted, array(locations), channel.sells_safety_stock))
        incoming = [
            Incoming(kind=SupplyKind(kind), line_id=line, sku_id=sku, location_id=place, quantity=units, expected_on=day)
            for kind, line, sku, place, units, day in coming
            if place in sites
        ]
        promising = Promising(sites, {(sku, place): units for sku, place, units in stock}, incoming, tx.now)
        waiting = dict.fromkeys(skus, 0)
        for sku, waits_for, units in queued:
            waiting[sku] += units if waits_for == channel.id else 0
            _supply_only(promising).promise(Demand(0, sku, units), locations, None)
        known = {
            sku: Rule(Oversell(policy), None if limit is None else max(limit - waiting[sku], 0), days, ships_on)
            for sku, policy, limit, days, ships_on in rules
        }
        return cls(locations, promising, known)

    def promise(self, index: int, sku: UUID, quantity: int, country: str | None) -> Promised:
        """Return what can be promised for a line."""
        promise = self.promising.promise(Demand(index, sku, quantity), self.locations, country)
        later = sum(part.quantity for part in promise.parts if part.kind is not SupplyKind.STOCK) + promise.missing
        rule = self.rules.get(sku)
        if later == 0:
            return Promised(sku, quantity, promise, sellable=True, reason="It lies in stock.")
        if rule is None or rule.policy is Oversell.DENY:
            return Promised(sku, quantity, promise, sellable=False, reason="The channel sells only what lies in stock.")
        if rule.room is not None and later > rule.room:
            reason = f"Only {rule.room} units more may wait for goods."
            return Promised(sku, quantity, promise, sellable=False, reason=reason)
        if promise.missing and self.locations:
            promise = self.by_rule(promise, rule, country)
        return Promised(sku, quantity, promise, sellable=True, reason=_why(promise))

    def by_rule(self, promise: Promise, rule: Rule, country: str | None) -> Promise:
        """Return *promise* with what has no supply promised by the channel's rule, where that names a day."""
        ready = self.ready(rule)
        if ready is None:
            return promise
        place = self.locations[0]
        leaves, arrives = self.promising.leaves(place, max(ready, self.promising.at), country)
        kind = SupplyKind.RULE
        part = Part(kind=kind, location_id=place, quantity=promise.missing, ships_on=leaves, arrives_on=arrives)
        return Promise(demand=promise.demand, parts=(*promise.parts, part), missing=0)

    def ready(self, rule: Rule) -> datetime | None:
        """Return when the rule says that goods will be there."""
        if rule.ships_on is not None:
            return datetime.combine(rule.ships_on, time(), self.promising.sites[self.locations[0]].zone)
        return None if rule.promise_days is None else self.promising.at + timedelta(days=rule.promise_days)


def _supply_only(promising: Promising) -> Promising:
    """Return *promising* without stock: its supply is shared, so that what it gives away is gone there too."""
    without = Promising(promising.sites, {}, [], promising.at)
    without.incoming = promising.incoming
    return without


def _why(promise: Promise) -> str:
    if promise.missing:
        return "It is taken as a backorder; no day is known for what is missing."
    if any(part.kind is SupplyKind.RULE for part in promise.parts):
        return "What nothing on its way covers is promised by the channel's rule."
    return "What is missing in stock is on its way."
