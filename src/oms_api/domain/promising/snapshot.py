"""What can be promised, as it was when it was read: channels, SKUs, levels, who waits, rules, what comes."""

from collections.abc import Iterable, Sequence
from dataclasses import field
from datetime import datetime
from typing import Any
from uuid import UUID

from oms_api.db.pipeline import Rows
from oms_api.domain.catalog.references import SkuRef
from oms_api.domain.catalog.states import SkuKind
from oms_api.domain.channels.states import AddressCheck, HandOver, ReleaseWhen
from oms_api.domain.fulfillment.backorders.rules import WaitingRule, rules_in
from oms_api.domain.inventory.reservations.holds import HeldReservation, check_locked, freed, holds_in
from oms_api.domain.inventory.sellable import LevelSnapshot, Sellable, Waiting
from oms_api.domain.inventory.sourcing import LevelKey
from oms_api.domain.rules.books import ChannelRules
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import ChannelId, LevelId, LocationId, ReservationId, RulebookId, SkuId, SourcingProfileVersionId


@dataclass(frozen=True, slots=True)
class ChannelSnapshot:
    """A channel's policies, and its active locations by priority."""

    id: ChannelId
    active: bool
    currency: str
    prices_include_tax: bool
    sells_safety_stock: bool
    locations: tuple[LocationId, ...]
    hand_over: HandOver = HandOver.PAYMENT
    needs_recipient: bool = False
    release_when: ReleaseWhen = ReleaseWhen.PLACED
    pay_within_minutes: int | None = None
    address_check: AddressCheck = AddressCheck.OFF
    rules: ChannelRules | None = None
    profile: SourcingProfileVersionId | None = None
    reservation_minutes: int = 0


@dataclass(frozen=True, slots=True)
class SkuSnapshot:
    """A SKU, and what a bundle of it holds: component, quantity and weight of its share in the price."""

    id: SkuId
    code: str
    name: str
    kind: SkuKind
    active: bool
    components: tuple[tuple[SkuId, int, int], ...] = ()


@dataclass(slots=True)
class Snapshot:
    """What a `Look` found; stock is guarded again when it is taken.

    `contested` says that somebody waits for some of the SKUs already, `holds` are reservations that were named. `overdue` are
    those whose units count as free, and which are expired by whoever takes them. Those are known at a second look only, and so
    are those who wait (`waiting`), the rules by channel and SKU for selling more than there is, and when more of a SKU is
    expected. It is `sure` where all of that is known.
    """

    channels: dict[ChannelId, ChannelSnapshot] = field(default_factory=dict)
    skus: dict[SkuId, SkuSnapshot] = field(default_factory=dict)
    sku_ids: dict[str, SkuId] = field(default_factory=dict)
    levels: dict[LevelKey, LevelSnapshot] = field(default_factory=dict)
    contested: bool = False
    waiting: list[Waiting] = field(default_factory=list)
    holds: dict[ReservationId, HeldReservation] = field(default_factory=dict)
    overdue: list[HeldReservation] = field(default_factory=list)
    oversell: dict[tuple[ChannelId, SkuId], WaitingRule] = field(default_factory=dict)
    next_arrivals: dict[SkuId, datetime] = field(default_factory=dict)
    sure: bool = False

    @property
    def stock(self) -> Sellable:
        """What there is to be promised, after those who wait."""
        return Sellable.of(self.levels, self.waiting)

    @property
    def channel(self) -> ChannelSnapshot:
        """The channel, where it is one."""
        (channel,) = self.channels.values()
        return channel

    def sku(self, reference: SkuRef) -> SkuSnapshot | None:
        """Return the SKU that a caller names, if there is one."""
        key = self.sku_ids.get(reference.code or "") if reference.id is None else reference.id
        return None if key is None else self.skus.get(key)

    def take(self, row: Sequence[Any], *, second: bool = False) -> Sequence[Any]:
        """Take in what a *row* of a reading tells, at a *second* look all of it; return the values that were read beside."""
        channels, skus, parts, levels, waiting, *lookups = (part or [] for part in row)
        self.contested, self.sure = bool(waiting), second
        if waiting is not True:
            self.waiting += map(Waiting.of, waiting)
        if second:
            rules, arrivals, *lookups = lookups
            self.oversell = rules_in(rules)
            self.next_arrivals = {SkuId(UUID(sku_id)): datetime.fromisoformat(at) for sku_id, at in arrivals}
        components: dict[str, list[tuple[SkuId, int, int]]] = {}
        for bundle, component, quantity, share in parts:
            components.setdefault(bundle, []).append((SkuId(UUID(component)), quantity, share))
        for (
            key,
            active,
            currency,
            taxed,
            safety,
            places,
            hand_over,
            addressed,
            release,
            pay,
            check,
            ruled,
            by,
            held,
        ) in channels:
            served = tuple(LocationId(UUID(location)) for location in places or ())
            policies = active, currency, taxed, safety, served, HandOver(hand_over), addressed, ReleaseWhen(release), pay
            rules = None if ruled is None else ChannelRules(RulebookId(UUID(ruled[0])), ruled[1], ruled[2])
            profile = None if by is None else SourcingProfileVersionId(UUID(by))
            seller = ChannelSnapshot(ChannelId(UUID(key)), *policies, AddressCheck(check), rules, profile, held)
            self.channels[seller.id] = seller
        for key, code, name, kind, active in skus:
            sku = SkuSnapshot(SkuId(UUID(key)), code, name, SkuKind(kind), active, tuple(components.get(key, ())))
            self.skus[sku.id] = sku
            self.sku_ids[code] = sku.id
        skus_by_text = {str(sku_id): sku_id for sku_id in self.skus}
        places_by_text = {str(place): place for seller in self.channels.values() for place in seller.locations}
        for key, sku_id, location, available, free in levels:
            place = places_by_text.get(location) or LocationId(UUID(location))  # an inactive one serves nobody, but is read
            self.levels[skus_by_text[sku_id], place] = LevelSnapshot(LevelId(UUID(key)), available, free)
        return lookups

    def take_second(self, answers: Sequence[Rows], now: datetime, *, locked: bool) -> Sequence[Any]:
        """Take in the *answers* of a second look, whether or not that *locked*; return the values that were read beside.

        Raises: LookAgain, where a level came into being after the others were locked.
        """
        lookups = self.take(answers[-1][0], second=True)
        if locked:
            served = {place for seller in self.channels.values() for place in seller.locations}
            check_locked(answers[1], self.levels, served)
        self.hold(holds_in(answers[2 if locked else 1]), now, free=True)
        return lookups

    def hold(self, holds: Iterable[HeldReservation], now: datetime, *, free: bool) -> None:
        """Take in *holds*; where it is to *free* what those hold that are overdue, it counts as free."""
        for hold in holds:
            self.holds[hold.id] = hold
            for line in hold.lines:  # of a location that serves the channel no longer, too
                self.levels.setdefault(line.key, LevelSnapshot(line.level_id, 0, 0))
            if free and hold.overdue(now):
                self.overdue.append(hold)
        self.levels = freed(self.levels, self.overdue)
