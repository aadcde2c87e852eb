"""When lines could leave and arrive if they were ordered now: asked of the same stock and supply that orders take.

What reservations past their deadline hold counts as free, as it does for orders.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from oms_api.db.session import Tx
from oms_api.db.sets import array
from oms_api.db.sql import Sql
from oms_api.domain.catalog.queries import components_by_bundle, skus_by_id
from oms_api.domain.catalog.references import SkuRef, skus_by_reference
from oms_api.domain.catalog.states import SkuKind, SkuStatus
from oms_api.domain.catalog.tables import SkuRow
from oms_api.domain.channels.queries import channels_by_id
from oms_api.domain.channels.states import Activity, Oversell
from oms_api.domain.channels.tables import ChannelRow
from oms_api.domain.fulfillment.backorders.assigning import COMING, SERVED, STOCK, Supplies, levels_in, supplies_of
from oms_api.domain.fulfillment.backorders.rules import RULES, Rule, rules_in
from oms_api.domain.inventory.errors import NotStocked
from oms_api.domain.inventory.promising import Promisable, SupplyKind
from oms_api.domain.inventory.sellable import Sellable, Waiting
from oms_api.domain.inventory.sourcing import Demand
from oms_api.domain.promising.waiting import waiting_for
from oms_api.kernel.checks import check_length
from oms_api.kernel.errors import InvalidQuantity, InvalidValue, NotFound, OmsError, Refused
from oms_api.kernel.ids import ChannelId, IdKind, LocationId, SkuId, text_id
from oms_api.kernel.quantities import LARGEST_QUANTITY

MOST_LINES = 250

WANTED = "unnest(:skus::uuid[])"
WHO_WAITS = Sql(waiting_for(WANTED))
RULES_FOR = Sql(RULES.format(skus=WANTED, channels="ARRAY[:channel::uuid]"))


@dataclass(frozen=True, slots=True)
class LineWanted:
    """Units of one SKU; of a bundle whole sets."""

    sku: SkuRef
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseAvailability:
    """What a customer wants to know before ordering."""

    channel_id: ChannelId
    lines: tuple[LineWanted, ...]
    country: str | None = None


@dataclass(frozen=True, slots=True)
class LinePromise:
    """What can be promised for one line, and why; for a bundle by its *components*."""

    sku_id: SkuId
    quantity: int
    promise: Promisable
    sellable: bool
    reason: str
    components: tuple["LinePromise", ...] = ()


@dataclass(frozen=True, slots=True)
class WantedLine:
    """Units of one SKU, and for a bundle its components with the units that one set holds."""

    sku: SkuRow
    quantity: int
    components: tuple[tuple[SkuRow, int], ...] = ()

    @property
    def goods(self) -> tuple[SkuId, ...]:
        """The SKUs that lie somewhere."""
        return tuple(sku.id for sku, _ in self.components) or (self.sku.id,)


async def promise_availability(tx: Tx, command: PromiseAvailability) -> list[LinePromise]:
    """Return what can be promised for each line, in the order given; each takes what the lines before it leave.

    Raises: NotFound, Refused with all that is wrong with the lines.
    """
    channel = (await channels_by_id(tx, [command.channel_id])).get(command.channel_id)
    if channel is None:
        raise NotFound(what="channel", given=text_id(IdKind.CHANNEL, command.channel_id), field=("channelId",))
    lines = await lines_wanted(tx, command.lines)
    desk = await Desk.opened(tx, channel, sorted({sku for line in lines for sku in line.goods}), command.country)
    return [desk.line(index, line) for index, line in enumerate(lines)]


async def lines_wanted(tx: Tx, lines: Sequence[LineWanted]) -> list[WantedLine]:
    """Return the SKU of each line with its components. Raises: InvalidValue, TooManyItems, Refused."""
    check_length(lines, "lines", MOST_LINES)
    known = await skus_by_reference(tx, [line.sku for line in lines])
    bundles = [sku.id for sku in known.values() if sku.kind is SkuKind.BUNDLE]
    parts = await components_by_bundle(tx, bundles) if bundles else {}
    held = await skus_by_id(tx, {part.component_id for components in parts.values() for part in components})
    errors: list[OmsError] = []
    wanted: list[WantedLine] = []
    for index, line in enumerate(lines):
        sku = known.get(line.sku)
        components = tuple((held[part.component_id], part.quantity) for part in parts.get(sku.id, ())) if sku else ()
        largest = LARGEST_QUANTITY // max((quantity for _, quantity in components), default=1)
        if sku is None:
            errors.append(line.sku.unknown("sku").at("lines", index))
        elif sku.kind is SkuKind.BUNDLE and not components:
            problem = f"The bundle {sku.code} has no components yet."
            errors.append(InvalidValue(problem=problem, field=("sku",)).at("lines", index))
        elif not (sku.kind.stocked or components):
            errors.append(NotStocked(sku=sku.code, kind=sku.kind, field=("sku",)).at("lines", index))
        if not 0 < line.quantity <= largest:
            errors.append(InvalidQuantity(given=line.quantity, largest=largest, field=("quantity",)).at("lines", index))
        if sku is not None:
            wanted.append(WantedLine(sku, line.quantity, components))
    if errors:
        raise Refused(errors=errors)
    return wanted


@dataclass(slots=True)
class Desk:
    """Who answers: with what those who wait leave of the channel's stock and of what comes to it, and with its rules.

    `queued` are the units by SKU that lines before would let wait.
    """

    channel: ChannelRow
    locations: Sequence[LocationId]
    supplies: Supplies
    rules: Mapping[SkuId, Rule]
    country: str | None
    queued: dict[SkuId, int] = field(default_factory=dict)

    @classmethod
    async def opened(cls, tx: Tx, channel: ChannelRow, skus: Sequence[SkuId], country: str | None) -> "Desk":
        """Read what is needed, in one round trip; only locations that the principal may see count."""
        wanted = array(skus)
        served, coming, stock, waiting, rules = await tx.flush(
            [
                SERVED(channels=array([channel.id])),
                COMING(skus=wanted),
                STOCK(skus=wanted, now=tx.now),
                WHO_WAITS(skus=wanted),
                RULES_FOR(skus=wanted, channel=channel.id),
            ]
        )
        seen = [row for row in served if tx.principal.sees_location(row[1])]
        supplies = supplies_of(coming, seen, [channel.id], tx.now)
        left, still = Sellable.of(levels_in(stock), [*map(Waiting.of, waiting)]).after_waiting(0)
        for each in still:
            supplies.give(each)
        supplies.promising.stock = left.free if channel.sells_safety_stock else left.available
        known = {sku: rule for (_, sku), rule in rules_in(rules).items()}
        return cls(channel, supplies.places[channel.id], supplies, known, country)

    def line(self, index: int, line: WantedLine) -> LinePromise:
        """Return what can be promised for a line."""
        if not line.components:
            return self.goods(index, line.sku, line.quantity)
        parts = tuple(self.goods(index, sku, line.quantity * quantity) for sku, quantity in line.components)
        sets = min(
            (part.quantity - part.promise.missing) // each for part, (_, each) in zip(parts, line.components, strict=True)
        )
        reasons = [part.reason for part in parts if not part.sellable] or [part.reason for part in parts]
        promise = Promisable(
            demand=Demand(index, line.sku.id, line.quantity),
            parts=tuple(piece for part in parts for piece in part.promise.parts),
            missing=line.quantity - sets,
        )
        refusal = self.refusal(line.sku)
        sellable = refusal is None and all(part.sellable for part in parts)
        return LinePromise(line.sku.id, line.quantity, promise, sellable, refusal or " ".join(dict.fromkeys(reasons)), parts)

    def goods(self, index: int, sku: SkuRow, quantity: int) -> LinePromise:
        """Return what can be promised of goods."""
        demand, rule, queued = Demand(index, sku.id, quantity), self.rules.get(sku.id, NO_RULE), self.queued.get(sku.id, 0)
        promise = self.supplies.promising.promise(demand, self.locations, self.country)
        later = sum(part.quantity for part in promise.parts if part.kind is not SupplyKind.STOCK) + promise.missing
        refusal = self.refusal(sku)
        if refusal is None and later and not rule.takes(later, queued):
            refusal = _why_not(rule, queued)
        if refusal is not None:
            return LinePromise(sku.id, quantity, promise, sellable=False, reason=refusal)
        self.queued[sku.id] = queued + later
        promise = self.supplies.by_rule(promise, self.locations, self.country, rule, self.supplies.promising.at)
        return LinePromise(sku.id, quantity, promise, sellable=True, reason=_why(promise) if later else "It lies in stock.")

    def refusal(self, sku: SkuRow) -> str | None:
        """Return why the channel takes no order for a SKU at all, or None."""
        if self.channel.status is not Activity.ACTIVE:
            return "The channel is inactive: it takes no orders."
        return None if sku.status is SkuStatus.ACTIVE else f"The SKU {sku.code} is inactive: it cannot be ordered."


NO_RULE = Rule(Oversell.DENY)


def _why_not(rule: Rule, queued: int) -> str:
    if rule.policy is Oversell.DENY or rule.room is None:
        return "The channel sells only what lies in stock."
    return f"Only {max(rule.room - queued, 0)} units more may wait for goods."


def _why(promise: Promisable) -> str:
    if promise.missing:
        return "It is taken as a backorder; no day is known for what is missing."
    if any(part.kind is SupplyKind.RULE for part in promise.parts):
        return "What nothing on its way covers is promised by the channel's rule."
    return "What is missing in stock is on its way."
