"""Deciding on one order over a snapshot: pure, so that every rule is tested in microseconds."""

from collections.abc import Callable, Sequence
from dataclasses import field, replace
from datetime import datetime
from uuid import UUID

from oms_api.domain.attributes.given import wanted_of
from oms_api.domain.attributes.states import AttributeOwner
from oms_api.domain.catalog.errors import SkuInactive, UnknownSku
from oms_api.domain.catalog.states import SkuKind
from oms_api.domain.channels.errors import ChannelInactive, LocationNotInChannel
from oms_api.domain.channels.states import AddressCheck
from oms_api.domain.inventory.errors import InsufficientStock, Shortage
from oms_api.domain.inventory.reservations.holds import HeldReservation
from oms_api.domain.inventory.sellable import Sellable
from oms_api.domain.inventory.sourcing import Demand, Source, Strategy
from oms_api.domain.orders.errors import DuplicateExternalRef, EmptyOrder, LineWithoutItem, RecipientMissing, UnknownListing
from oms_api.domain.orders.given import MOST_LINES, Amount, Cart, LineGiven
from oms_api.domain.orders.pricing import LinePrice, price_order
from oms_api.domain.orders.states import LineKind
from oms_api.domain.orders.texts import wrong_texts
from oms_api.domain.promising.snapshot import ChannelSnapshot, SkuSnapshot
from oms_api.domain.sourcing.candidates import Journey
from oms_api.domain.sourcing.groups import SentFrom
from oms_api.domain.sourcing.places import Spot
from oms_api.domain.sourcing.strategy import ProfileStrategy
from oms_api.kernel.access import Principal
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import InvalidQuantity, InvalidValue, NotFound, OmsError, Refused, TooManyItems
from oms_api.kernel.ids import ChannelId, IdKind, LineId, OrderId, ReservationId, SkuId, text_id
from oms_api.kernel.money import MixedCurrencies, split
from oms_api.kernel.quantities import LARGEST_QUANTITY
from oms_api.workflows.place_order.convert import Conversion, check_reservation, convert
from oms_api.workflows.place_order.plan import (
    Demanded,
    Item,
    OrderPlan,
    PlannedLine,
    Priced,
    ProfileDecision,
    Sourcing,
    WaitingUnits,
)
from oms_api.workflows.place_order.ruled import NOT_IN_STOCK, Ruled, asked_of, routed, rule_cart, with_inserts
from oms_api.workflows.place_order.snapshot import PlacingSnapshot
from oms_api.workflows.rule_orders.judging import Judge
from oms_api.workflows.sourcing_facts import strategy_by

ON_THE_WAY = {SkuKind.GOODS, SkuKind.BUNDLE}
FREE_TEXT_KINDS = {LineKind.FEE, LineKind.SERVICE}
LONGEST_REFERENCE = 255


@dataclass(slots=True)
class Decision:
    """Decides on orders one after the other, over one snapshot."""

    snapshot: PlacingSnapshot
    principal: Principal
    new_id: Callable[[], UUID]
    now: datetime
    judge: Judge | None = None
    sent: SentFrom = field(default_factory=SentFrom)
    stock: Sellable = field(init=False)
    references: set[tuple[ChannelId, str]] = field(default_factory=set)
    converted: set[ReservationId] = field(default_factory=set)
    queued: dict[tuple[ChannelId, SkuId], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.stock = Sellable.of(self.snapshot.levels, self.snapshot.waiting)

    def order(self, given: Cart) -> OrderPlan:
        """Return the plan for *given*. Raises: Refused or another OmsError, with all that is wrong with it."""
        channel = self.channel(given)
        items, errors = self.checked(given, channel)
        if errors:
            raise Refused(errors=errors)
        ruled, sourcing = self.sourced(self.ruled(given, channel, self.priced(given, channel, items)), channel)
        if given.external_ref is not None:
            self.references.add((channel.id, given.external_ref))
        if sourcing.conversion is not None:
            self.converted.add(sourcing.conversion.hold.id)
        if self.judge is not None:
            self.judge.took(asked_of(given, channel, self.now), ruled.priced.price.total)
        return self.plan(ruled, channel, sourcing)

    def checked(self, given: Cart, channel: ChannelSnapshot) -> tuple[list[Item], list[OmsError]]:
        """Return the SKU and the unit price of each line, and all that is wrong with the order before it is priced."""
        errors = self.header_errors(given, channel)
        items, line_errors = self.items(given, channel)
        errors.extend(line_errors)
        demanded = channel.needs_recipient and channel.address_check is AddressCheck.OFF  # else it is put on hold
        if demanded and not given.names_recipient and any(sku and sku.kind in ON_THE_WAY for sku, _ in items):
            errors.append(RecipientMissing(field=("shippingAddress",)))
        return items, errors

    def priced(self, given: Cart, channel: ChannelSnapshot, items: Sequence[Item]) -> Priced:
        """Return the money of the order and its lines. Raises: what `price_order` raises."""
        prices = [price for _, price in items]
        taxed = channel.prices_include_tax if given.prices_include_tax is None else given.prices_include_tax
        price = price_order(given, prices, currency=channel.currency, prices_include_tax=taxed)
        lines: list[PlannedLine] = []
        for line, (sku, _), line_price in zip(given.lines, items, price.lines, strict=True):
            lines.extend(self.planned(line, sku, line_price))
        return Priced(price, taxed, lines)

    def ruled(self, given: Cart, channel: ChannelSnapshot, priced: Priced) -> Ruled:
        """Return the order as the rules of its channel leave it. Raises: RuleRejected."""
        return rule_cart(self.judge, given, channel, priced)

    def sourced(self, ruled: Ruled, channel: ChannelSnapshot) -> tuple[Ruled, Sourcing]:
        """Return where the goods come from, and the order with what rules add to it as far as that is in stock.

        Raises: as `sources`; never for what rules add.
        """
        channel = routed(ruled, channel, self.snapshot.routes)
        more, added = with_inserts(self, ruled, channel)
        if added:
            try:
                return more, self.sources(more.given, channel, more.priced.lines)
            except InsufficientStock:
                for did in added:
                    did.refuse(NOT_IN_STOCK)
        return ruled, self.sources(ruled.given, channel, ruled.priced.lines)

    def plan(self, ruled: Ruled, channel: ChannelSnapshot, sourcing: Sourcing) -> OrderPlan:
        """Return the order as it will be written."""
        taken = sourcing.sources, sourcing.conversion, sourcing.waiting, sourcing.unsourced, sourcing.decided
        priced = ruled.priced
        price, taxed, lines = priced.price, priced.prices_include_tax, priced.lines
        return OrderPlan(OrderId(self.new_id()), ruled.given, channel, price, taxed, lines, *taken, ruled.verdict)

    def channel(self, given: Cart) -> ChannelSnapshot:
        """Return the order's channel. Raises: NotFound, for an unknown one or one the caller may not see; ChannelInactive."""
        channel = self.snapshot.channels.get(given.channel_id)
        if channel is None or not self.principal.sees_channel(channel.id):
            raise NotFound(what="channel", given=text_id(IdKind.CHANNEL, given.channel_id), field=("channelId",))
        if not channel.active:
            raise ChannelInactive(field=("channelId",))
        return channel

    def header_errors(self, given: Cart, channel: ChannelSnapshot) -> list[OmsError]:
        """Return what is wrong with the order apart from its lines and amounts."""
        errors: list[OmsError] = []
        if not given.lines:
            errors.append(EmptyOrder(field=("lines",)))
        if len(given.lines) > MOST_LINES:
            errors.append(TooManyItems(limit=MOST_LINES, given=len(given.lines), field=("lines",)))
        if given.currency is not None and given.currency != channel.currency:
            errors.append(MixedCurrencies(given=given.currency, expected=channel.currency, field=("currencyCode",)))
        if given.customer_id is not None and given.customer_id not in self.snapshot.customers:
            errors.append(NotFound(what="customer", given=text_id(IdKind.CUSTOMER, given.customer_id), field=("customerId",)))
        if (reference := given.external_ref) is not None:
            if not 0 < len(reference) <= LONGEST_REFERENCE:
                problem = f"An external reference has 1 to {LONGEST_REFERENCE} characters."
                errors.append(InvalidValue(problem=problem, field=("externalRef",)))
            found = self.snapshot.references.get((channel.id, reference))
            if found is not None or (channel.id, reference) in self.references:
                errors.append(DuplicateExternalRef(external_ref=reference, order_id=found, field=("externalRef",)))
        errors.extend(wrong_texts(given))
        if given.attributes:
            errors.extend(wanted_of(AttributeOwner.ORDER, given.attributes, self.snapshot.attributes)[1])
        try:
            self.hold(given)
        except OmsError as error:
            errors.append(error)
        return errors

    def hold(self, given: Cart) -> HeldReservation | None:
        """Return the reservation that the order names. Raises: see `check_reservation`."""
        return check_reservation(given, self.snapshot.holds, self.principal, self.now, self.converted)

    def items(self, given: Cart, channel: ChannelSnapshot) -> tuple[list[Item], list[OmsError]]:
        """Return the SKU and the unit price of each line, and what is wrong with the lines."""
        items: list[Item] = []
        errors: list[OmsError] = []
        for index, line in enumerate(given.lines):
            try:
                items.append(self.item(line, channel))
            except OmsError as error:
                errors.append(error.at("lines", index))
        return items, errors

    def item(self, line: LineGiven, channel: ChannelSnapshot) -> Item:
        """Return the SKU (None for a free-text line) and the unit price of *line*."""
        if not 0 < line.quantity <= LARGEST_QUANTITY:
            raise InvalidQuantity(given=line.quantity, field=("quantity",))
        if line.location_id is not None and line.location_id not in channel.locations:
            raise LocationNotInChannel(given=text_id(IdKind.LOCATION, line.location_id), field=("locationId",))
        sku, listed = self.sku(line, channel)
        if line.attributes and (unfit := wanted_of(AttributeOwner.LINE, line.attributes, self.snapshot.attributes)[1]):
            raise Refused(errors=unfit)
        if line.unit_price is not None:
            return sku, line.unit_price
        if listed is None:
            raise InvalidValue(problem="A line needs a unitPrice unless its listing has a price.", field=("unitPrice",))
        return sku, listed

    def sku(self, line: LineGiven, channel: ChannelSnapshot) -> tuple[SkuSnapshot | None, Amount | None]:
        """Return the SKU that *line* names, and the price of its listing if it has one."""
        if (line.sku is None) == (line.listing is None):
            free_text = line.kind in FREE_TEXT_KINDS and line.name and line.sku is None
            if not free_text:
                raise LineWithoutItem(field=("sku",))
            return None, None
        listed = None
        if line.listing is not None:
            known = self.snapshot.listings.get((channel.id, line.listing))
            if known is None:
                raise UnknownListing(given=line.listing, field=("listing",))
            sku_id, price = known
            listed = None if price is None else Amount(value=price)
        elif (found := self.snapshot.sku_ids.get(line.sku or "")) is not None:
            sku_id = found
        else:
            raise UnknownSku(given=line.sku or "", field=("sku",))
        sku = self.snapshot.skus[sku_id]
        if not sku.active:
            raise SkuInactive(sku=sku.code, field=("sku" if line.listing is None else "listing",))
        if line.kind is not None and line.kind.value != sku.kind.value:
            raise InvalidValue(problem=f"The SKU {sku.code} is {sku.kind}, not {line.kind}.", field=("kind",))
        if sku.kind is SkuKind.BUNDLE:
            self.check_bundle(line, sku)
        return sku, listed

    def check_bundle(self, line: LineGiven, bundle: SkuSnapshot) -> None:
        """Raises: InvalidValue, for a bundle of nothing; SkuInactive, for a component; InvalidQuantity, for too many units."""
        if not bundle.components:
            raise InvalidValue(problem=f"The bundle {bundle.code} has no components yet.", field=("sku",))
        for component, quantity, _ in bundle.components:
            part = self.snapshot.skus[component]
            if not part.active:
                raise SkuInactive(sku=part.code, field=("sku" if line.listing is None else "listing",))
            if line.quantity * quantity > LARGEST_QUANTITY:
                raise InvalidQuantity(given=line.quantity, largest=LARGEST_QUANTITY // quantity, field=("quantity",))

    def planned(self, line: LineGiven, sku: SkuSnapshot | None, price: LinePrice) -> list[PlannedLine]:
        """Return the line, and after a bundle its components, each with its share of the money."""
        kind = LineKind(sku.kind.value) if sku else line.kind or LineKind.FEE
        pinned, name = line.location_id, line.name or (sku.name if sku else "")
        parent = PlannedLine(LineId(self.new_id()), kind, sku, name, line.quantity, price, None, pinned, (), line.ship_group)
        if sku is None or sku.kind is not SkuKind.BUNDLE:
            return [parent]
        shares = _shares(price, [share for _, _, share in sku.components])
        parts = [
            PlannedLine(
                LineId(self.new_id()),
                LineKind.GOODS,
                part,
                part.name,
                line.quantity * quantity,
                share,
                parent.id,
                pinned,
                (),
                line.ship_group,
            )
            for (component, quantity, _), share in zip(sku.components, shares, strict=True)
            for part in (self.snapshot.skus[component],)
        ]
        return [parent, *parts]

    def sources(self, given: Cart, channel: ChannelSnapshot, lines: list[PlannedLine]) -> Sourcing:
        """Return where the goods come from, which of them a reservation holds, and what waits by the channel's rules.

        Raises: InsufficientStock, naming every SKU that is short.
        """
        asked = self.demanded(given, channel, lines)
        demands, conversion, wanted = asked.demands, asked.conversion, asked.wanted
        strategy = self.strategy(given, channel, lines, conversion)
        sources, missing = self.stock.source(channel, wanted, priority=given.priority, strategy=strategy)
        if not missing:
            return Sourcing(sources, conversion, decided=decided_by(channel, strategy))
        waits = {sku_id: self.may_wait(channel, sku_id, units) for sku_id, units in missing.items()}
        sourceless = self.snapshot.sure and isinstance(strategy, ProfileStrategy) and strategy.waits
        if waits == missing or sourceless:
            sources, _ = self.stock.source(channel, wanted, priority=given.priority, partly=True, strategy=strategy)
            queued = {sku_id for sku_id, units in missing.items() if waits[sku_id] == units}
            left = unserved(wanted, sources)
            waiting = self.queue(channel, [demand for demand in left if demand.sku_id in queued])
            unsourced = {demand.line: demand.quantity for demand in left if demand.sku_id not in queued}
            return Sourcing(sources, conversion, waiting, unsourced, decided_by(channel, strategy))
        if isinstance(strategy, ProfileStrategy):
            missing = strategy.short
        requested: dict[SkuId, int] = {}
        for demand in demands:
            requested[demand.sku_id] = requested.get(demand.sku_id, 0) + demand.quantity
        short = [
            Shortage(
                sku_id,
                self.snapshot.skus[sku_id].code,
                requested[sku_id],
                self.promisable(channel, sku_id, given, strategy, requested[sku_id] - missing[sku_id])
                + (0 if conversion is None else conversion.units(sku_id)),
                self.snapshot.next_arrivals.get(sku_id),
                waits[sku_id],
            )
            for sku_id in missing
        ]
        raise InsufficientStock(short=short, field=("lines",))

    def demanded(self, given: Cart, channel: ChannelSnapshot, lines: list[PlannedLine]) -> Demanded:
        """Return the goods that the order wants, and which of them its reservation holds."""
        demands = [
            Demand(position, line.sku.id, line.quantity, line.pinned_to, line.barred)
            for position, line in enumerate(lines)
            if line.sku is not None and line.kind.ships
        ]
        hold = self.hold(given)
        conversion, wanted = (None, demands) if hold is None else convert(hold, demands, channel.locations)
        return Demanded(demands, conversion, wanted)

    def may_wait(self, channel: ChannelSnapshot, sku_id: SkuId, units: int) -> int | None:
        """Return for how many of the units that are missing the channel takes an order; None where for none ever."""
        rule = self.snapshot.oversell.get((channel.id, sku_id))
        return None if rule is None else rule.capacity_for(units, self.queued.get((channel.id, sku_id), 0))

    def promisable(self, channel: ChannelSnapshot, sku_id: SkuId, given: Cart, strategy: Strategy | None, served: int) -> int:
        """Return how many units there are for the order: with a *strategy* of its own, as many as would be *served*."""
        return self.stock.promisable(channel, sku_id, priority=given.priority) if strategy is None else served

    def queue(self, channel: ChannelSnapshot, left: Sequence[Demand]) -> dict[int, WaitingUnits]:
        """Let what is *left* of demands wait, and return it by line."""
        waiting: dict[int, WaitingUnits] = {}
        for demand in left:
            key = channel.id, demand.sku_id
            self.queued[key] = self.queued.get(key, 0) + demand.quantity
            waiting[demand.line] = WaitingUnits(demand.quantity, self.snapshot.oversell[key].policy)
        return waiting

    def strategy(
        self, given: Cart, channel: ChannelSnapshot, lines: Sequence[PlannedLine], conversion: Conversion | None
    ) -> Strategy | None:
        """Return how the order is sourced, by a profile or keeping lines together; None for the channel's own way."""
        groups = {position: line.ship_group for position, line in enumerate(lines) if line.ship_group is not None}
        held = () if conversion is None else (taken.location_id for taken in conversion.taken)
        facts, address = self.snapshot.sourcing, given.shipping_address or given.billing_address
        to = Spot() if facts is None else facts.destination(address)
        journey, complete = Journey(to, self.now, self.sent.places.union(held)), given.ship_complete
        homes, currency = self.sent.homes, channel.currency
        return strategy_by(facts, channel.profile, journey, groups, homes, currency=currency, ship_complete=complete)


def decided_by(channel: ChannelSnapshot, strategy: Strategy | None) -> ProfileDecision | None:
    """Return what a profile decided, if one did."""
    if not isinstance(strategy, ProfileStrategy) or channel.profile is None or not strategy.decisions:
        return None
    return ProfileDecision(channel.profile, tuple(strategy.decisions))


def unserved(demands: Sequence[Demand], sources: Sequence[Source]) -> list[Demand]:
    """Return what *sources* do not cover of *demands*."""
    served: dict[int, int] = {}
    for taken in sources:
        served[taken.line] = served.get(taken.line, 0) + taken.quantity
    return [replace(demand, quantity=left) for demand in demands if (left := demand.quantity - served.get(demand.line, 0))]


def _shares(price: LinePrice, weights: list[int]) -> list[LinePrice]:
    parts = [
        split(amount, weights)
        for amount in (
            price.goods,
            price.rounding,
            price.discount,
            price.tax,
            price.order_discount,
            price.shipping,
            price.shipping_tax,
        )
    ]
    return [LinePrice(price.unit_price, *amounts) for amounts in zip(*parts, strict=True)]
