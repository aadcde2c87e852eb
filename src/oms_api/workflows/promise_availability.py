"""When lines could leave and arrive if they were ordered now: asked of the same stock and supply that orders take."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from oms_api.db.session import Tx
from oms_api.db.sets import array
from oms_api.domain.catalog.queries import components_by_bundle
from oms_api.domain.catalog.references import SkuRef, skus_by_reference
from oms_api.domain.catalog.states import SkuKind
from oms_api.domain.catalog.tables import Sku
from oms_api.domain.channels.queries import channels_by_id
from oms_api.domain.channels.states import Oversell
from oms_api.domain.channels.tables import Channel
from oms_api.domain.fulfillment.backorders.pegging import COMING, SERVED, supplies_of
from oms_api.domain.fulfillment.backorders.rules import RULES, Rule, rules_in
from oms_api.domain.inventory.errors import NotStocked
from oms_api.domain.inventory.promising import Part, Promise, Promising, SupplyKind
from oms_api.domain.inventory.sellable import WAITING, LevelSnapshot, Sellable, Waiting
from oms_api.domain.inventory.sourcing import Demand
from oms_api.kernel.errors import InvalidQuantity, InvalidValue, NotFound, OmsError, Refused, TooManyItems
from oms_api.kernel.ids import IdKind, text_id

MOST_LINES = 250
MOST_UNITS = 2**31 - 1

WANTED = "unnest($1::uuid[])"
STOCK = """
SELECT level.id, level.sku_id, level.location_id, level.available, level.free FROM channel_location served
JOIN inventory_level level ON level.location_id = served.location_id AND level.sku_id = ANY ($1::uuid[])
WHERE served.channel_id = $2::uuid
"""
WHO_WAITS = WAITING.format(skus=WANTED)
RULES_FOR = RULES.format(skus=WANTED, channels="ARRAY[$2::uuid]")


@dataclass(frozen=True, slots=True)
class LineWanted:
    """Units of one SKU; of a bundle whole sets."""

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
    """What can be promised for one line, and why; for a bundle by its *components*."""

    sku_id: UUID
    quantity: int
    promise: Promise
    sellable: bool
    reason: str
    components: tuple["Promised", ...] = ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """Units of one SKU, and for a bundle the units of each component that one set holds."""

    sku: Sku
    quantity: int
    components: tuple[tuple[UUID, int], ...] = ()

    @property
    def goods(self) -> tuple[UUID, ...]:
        """The SKUs that lie somewhere."""
        return tuple(sku for sku, _ in self.components) or (self.sku.id,)


async def promise_availability(tx: Tx, command: PromiseAvailability) -> list[Promised]:
    """Return what can be promised for each line, in the order given; each takes what the lines before it leave.

    Raises: NotFound, Refused with all that is wrong with the lines.
    """
    channel = (await channels_by_id(tx, [command.channel_id])).get(command.channel_id)
    if channel is None:
        raise NotFound(what="channel", given=text_id(IdKind.CHANNEL, command.channel_id), field=("channelId",))
    lines = await lines_wanted(tx, command.lines)
    desk = await Desk.opened(tx, channel, sorted({sku for line in lines for sku in line.goods}), command.country)
    return [desk.line(index, line) for index, line in enumerate(lines)]


async def lines_wanted(tx: Tx, lines: Sequence[LineWanted]) -> list[Wanted]:
    """Return the SKU of each line with its components. Raises: InvalidValue, TooManyItems, Refused."""
    if not lines:
        raise InvalidValue(problem="Name at least one line.", field=("lines",))
    if len(lines) > MOST_LINES:
        raise TooManyItems(limit=MOST_LINES, given=len(lines), field=("lines",))
    known = await skus_by_reference(tx, [line.sku for line in lines])
    bundles = [sku.id for sku in known.values() if sku.kind is SkuKind.BUNDLE]
    parts = await components_by_bundle(tx, bundles) if bundles else {}
    errors: list[OmsError] = []
    wanted: list[Wanted] = []
    for index, line in enumerate(lines):
        sku = known.get(line.sku)
        components = tuple((part.component_id, part.quantity) for part in parts.get(sku.id, ())) if sku else ()
        largest = MOST_UNITS // max((quantity for _, quantity in components), default=1)
        if sku is None:
            errors.append(line.sku.unknown("sku").at("lines", index))
        elif not (sku.kind.stocked or components):
            errors.append(NotStocked(sku=sku.code, kind=sku.kind, field=("sku",)).at("lines", index))
        if not 0 < line.quantity <= largest:
            errors.append(InvalidQuantity(given=line.quantity, largest=largest, field=("quantity",)).at("lines", index))
        if sku is not None:
            wanted.append(Wanted(sku, line.quantity, components))
    if errors:
        raise Refused(errors=errors)
    return wanted


@dataclass(slots=True)
class Desk:
    """Who answers: with what those who wait leave of the channel's stock and of what comes to it, and with its rules."""

    locations: Sequence[UUID]
    promising: Promising
    rules: Mapping[UUID, Rule]
    country: str | None

    @classmethod
    async def opened(cls, tx: Tx, channel: Channel, skus: Sequence[UUID], country: str | None) -> "Desk":
        """Read what is needed, in one round trip."""
        wanted = array(skus)
        served, coming, stock, waiting, rules = await tx.flush(
            [
                (SERVED, (array([channel.id]),)),
                (COMING, (wanted,)),
                (STOCK, (wanted, channel.id)),
                (WHO_WAITS, (wanted,)),
                (RULES_FOR, (wanted, channel.id)),
            ]
        )
        supplies = supplies_of(coming, served, [channel.id], tx.now)
        levels = {(sku, place): LevelSnapshot(key, available, free) for key, sku, place, available, free in stock}
        left, still = Sellable.of(levels, [*map(Waiting.of, waiting)]).after_waiting(0)
        for each in still:
            supplies.give(each)
        supplies.promising.stock = left.free if channel.sells_safety_stock else left.available
        known = {sku: rule for (_, sku), rule in rules_in(rules).items()}
        return cls(supplies.places[channel.id], supplies.promising, known, country)

    def line(self, index: int, line: Wanted) -> Promised:
        """Return what can be promised for a line."""
        if not line.components:
            return self.goods(index, line.sku.id, line.quantity)
        parts = tuple(self.goods(index, sku, line.quantity * quantity) for sku, quantity in line.components)
        sets = min(
            (part.quantity - part.promise.missing) // each for part, (_, each) in zip(parts, line.components, strict=True)
        )
        held_up = [part.reason for part in parts if not part.sellable] or [part.reason for part in parts]
        promise = Promise(
            demand=Demand(index, line.sku.id, line.quantity),
            parts=tuple(piece for part in parts for piece in part.promise.parts),
            missing=line.quantity - sets,
        )
        sellable = all(part.sellable for part in parts)
        return Promised(line.sku.id, line.quantity, promise, sellable, " ".join(dict.fromkeys(held_up)), parts)

    def goods(self, index: int, sku: UUID, quantity: int) -> Promised:
        """Return what can be promised of goods."""
        promise = self.promising.promise(Demand(index, sku, quantity), self.locations, self.country)
        later = sum(part.quantity for part in promise.parts if part.kind is not SupplyKind.STOCK) + promise.missing
        rule = self.rules.get(sku, NO_RULE)
        if later == 0:
            return Promised(sku, quantity, promise, sellable=True, reason="It lies in stock.")
        if not rule.takes(later):
            return Promised(sku, quantity, promise, sellable=False, reason=_why_not(rule))
        promise = self.by_rule(promise, rule)
        return Promised(sku, quantity, promise, sellable=True, reason=_why(promise))

    def by_rule(self, promise: Promise, rule: Rule) -> Promise:
        """Return *promise* as the channel's rule has it: with a day for what nothing brings, and no preorder before its day."""
        place = self.locations[0] if self.locations else None
        ready = None if place is None else rule.ready(self.promising.at, self.promising.sites[place].zone)
        if place is None or ready is None:
            return promise
        parts = [self.not_before(ready, part) if rule.ships_on else part for part in promise.parts]
        if promise.missing:
            leaves, arrives = self.promising.leaves(place, max(ready, self.promising.at), self.country)
            units, kind = promise.missing, SupplyKind.RULE
            parts.append(Part(kind=kind, location_id=place, quantity=units, ships_on=leaves, arrives_on=arrives))
        return Promise(demand=promise.demand, parts=tuple(parts), missing=0)

    def not_before(self, ready: datetime, part: Part) -> Part:
        """Return *part* of what comes as leaving when it is *ready* at the earliest."""
        leaves, arrives = self.promising.leaves(part.location_id, max(ready, self.promising.at), self.country)
        later = part.kind is not SupplyKind.STOCK and part.ships_on < leaves
        return replace(part, ships_on=leaves, arrives_on=arrives) if later else part


NO_RULE = Rule(Oversell.DENY)


def _why_not(rule: Rule) -> str:
    if rule.policy is Oversell.DENY:
        return "The channel sells only what lies in stock."
    return f"Only {rule.room} units more may wait for goods."


def _why(promise: Promise) -> str:
    if promise.missing:
        return "It is taken as a backorder; no day is known for what is missing."
    if any(part.kind is SupplyKind.RULE for part in promise.parts):
        return "What nothing on its way covers is promised by the channel's rule."
    return "What is missing in stock is on its way."
