"""When lines could leave and arrive if they were ordered now: asked of the same stock and supply that orders take.

What reservations past their deadline hold counts as free, as it does for orders.
"""

from collections.abc import Sequence
from dataclasses import field

from oms_api.db.session import Tx
from oms_api.db.sets import array
from oms_api.db.sql import Sql
from oms_api.domain.catalog.references import SkuRef
from oms_api.domain.catalog.states import SkuKind
from oms_api.domain.channels.states import Oversell
from oms_api.domain.fulfillment.backorders.rules import WaitingRule
from oms_api.domain.inventory.errors import NotStocked
from oms_api.domain.inventory.promised_days import Promisable, SupplyKind
from oms_api.domain.inventory.sourcing import Demand
from oms_api.domain.promising.assigning import COMING, SERVED, Supplies, supplies_of
from oms_api.domain.promising.look import BY_CODE, BY_ID, Look, goods, referred
from oms_api.domain.promising.snapshot import ChannelSnapshot, SkuSnapshot, Snapshot
from oms_api.domain.purchasing.incoming import SUPPLY
from oms_api.kernel.checks import check_length
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import InvalidQuantity, InvalidValue, NotFound, OmsError, Refused
from oms_api.kernel.ids import ChannelId, IdKind, LocationId, SkuId, text_id
from oms_api.kernel.quantities import LARGEST_QUANTITY

MOST_LINES = 250

LOOK = Look(BY_CODE, BY_ID)
COMES = Sql(goods(BY_CODE, BY_ID) + COMING.format(supply=SUPPLY, skus="ARRAY(SELECT id FROM stocked)"))


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


async def promise_availability(tx: Tx, command: PromiseAvailability) -> list[LinePromise]:
    """Return what can be promised for each line, in the order given; each takes what the lines before it leave.

    Raises: TooManyItems, NotFound, Refused with all that is wrong with the lines.
    """
    check_length(command.lines, "lines", MOST_LINES)
    desk = await PromiseDesk.opened(tx, command)
    skus = desk.checked(command.lines)
    return [desk.line(index, sku, line.quantity) for index, (sku, line) in enumerate(zip(skus, command.lines, strict=True))]


@dataclass(slots=True)
class PromiseDesk:
    """Who answers: with what those who wait leave of the channel's stock and of what comes to it, and with its rules.

    `queued` are the units by SKU that lines before would let wait.
    """

    snapshot: Snapshot
    channel: ChannelSnapshot
    locations: Sequence[LocationId]
    supplies: Supplies
    country: str | None
    queued: dict[SkuId, int] = field(default_factory=dict)

    @classmethod
    async def opened(cls, tx: Tx, command: PromiseAvailability) -> "PromiseDesk":
        """Read what is needed, in one round trip; only locations that the principal may see count. Raises: NotFound."""
        key, sees = command.channel_id, tx.principal
        values = {**referred(line.sku for line in command.lines), "channels": array([key]), "reservations": "{}", "now": tx.now}
        look = LOOK.second(lock=False, **values)
        *answers, coming, served = await tx.flush([*look, COMES.of(values), SERVED.of(values)])
        snapshot = Snapshot()
        snapshot.take_second(answers, tx.now, locked=False)
        if not snapshot.channels or not sees.sees_channel(key):
            raise NotFound(what="channel", given=text_id(IdKind.CHANNEL, key), field=("channelId",))
        channel = snapshot.channel
        supplies = supplies_of(coming, [row for row in served if sees.sees_location(row[1])], [key], tx.now)
        left, still = snapshot.stock.after_waiting(0)
        for each in still:
            supplies.give(each)
        supplies.promising.stock = left.to(channel)
        return cls(snapshot, channel, supplies.places[key], supplies, command.country)

    def checked(self, lines: Sequence[LineWanted]) -> list[SkuSnapshot]:
        """Return the SKU of each line. Raises: Refused."""
        errors: list[OmsError] = []
        skus: list[SkuSnapshot] = []
        for index, line in enumerate(lines):
            sku = self.snapshot.sku(line.sku)
            parts = () if sku is None else sku.components
            largest = LARGEST_QUANTITY // max((quantity for _, quantity, _ in parts), default=1)
            if sku is None:
                errors.append(line.sku.unknown("sku").at("lines", index))
            elif sku.kind is SkuKind.BUNDLE and not parts:
                problem = f"The bundle {sku.code} has no components yet."
                errors.append(InvalidValue(problem=problem, field=("sku",)).at("lines", index))
            elif not (sku.kind.stocked or parts):
                errors.append(NotStocked(sku=sku.code, kind=sku.kind, field=("sku",)).at("lines", index))
            if not 0 < line.quantity <= largest:
                errors.append(InvalidQuantity(given=line.quantity, largest=largest, field=("quantity",)).at("lines", index))
            if sku is not None:
                skus.append(sku)
        if errors:
            raise Refused(errors=errors)
        return skus

    def line(self, index: int, sku: SkuSnapshot, quantity: int) -> LinePromise:
        """Return what can be promised for a line: units of a SKU, of a bundle whole sets."""
        if not sku.components:
            return self.goods(index, sku, quantity)
        units = {self.snapshot.skus[component]: each for component, each, _ in sku.components}
        parts = tuple(self.goods(index, part, quantity * each) for part, each in units.items())
        sets = min((part.quantity - part.promise.missing) // each for part, each in zip(parts, units.values(), strict=True))
        reasons = [part.reason for part in parts if not part.sellable] or [part.reason for part in parts]
        promise = Promisable(
            demand=Demand(index, sku.id, quantity),
            parts=tuple(piece for part in parts for piece in part.promise.parts),
            missing=quantity - sets,
        )
        refusal = self.refusal(sku)
        sellable = refusal is None and all(part.sellable for part in parts)
        return LinePromise(sku.id, quantity, promise, sellable, refusal or " ".join(dict.fromkeys(reasons)), parts)

    def goods(self, index: int, sku: SkuSnapshot, quantity: int) -> LinePromise:
        """Return what can be promised of goods."""
        demand, queued = Demand(index, sku.id, quantity), self.queued.get(sku.id, 0)
        rule = self.snapshot.oversell.get((self.channel.id, sku.id), NO_RULE)
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

    def refusal(self, sku: SkuSnapshot) -> str | None:
        """Return why the channel takes no order for a SKU at all, or None."""
        if not self.channel.active:
            return "The channel is inactive: it takes no orders."
        return None if sku.active else f"The SKU {sku.code} is inactive: it cannot be ordered."


NO_RULE = WaitingRule(Oversell.DENY)


def _why_not(rule: WaitingRule, queued: int) -> str:
    if rule.policy is Oversell.DENY or rule.capacity is None:
        return "The channel sells only what lies in stock."
    return f"Only {max(rule.capacity - queued, 0)} units more may wait for goods."


def _why(promise: Promisable) -> str:
    if promise.missing:
        return "It is taken as a backorder; no day is known for what is missing."
    if any(part.kind is SupplyKind.RULE for part in promise.parts):
        return "What nothing on its way covers is promised by the channel's rule."
    return "What is missing in stock is on its way."
