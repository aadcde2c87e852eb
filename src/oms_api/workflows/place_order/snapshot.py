"""All that deciding on a batch of orders needs, read in one statement."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from hashlib import blake2b
from typing import Any
from uuid import UUID

from oms_api.db.idempotency import claim
from oms_api.db.pipeline import Rows, Statement
from oms_api.db.session import Claim, Tx
from oms_api.db.sets import array, text_array
from oms_api.db.sql import Sql
from oms_api.domain.attributes.intake import Definitions
from oms_api.domain.attributes.queries import definitions_in, naming
from oms_api.domain.attributes.states import AttributeOwner
from oms_api.domain.catalog.states import SkuKind
from oms_api.domain.channels.serving import ACTIVE_LOCATIONS, rule_of
from oms_api.domain.channels.states import AddressCheck, HandOver, ReleaseWhen
from oms_api.domain.fulfillment.backorders.rules import RULES, Rule, rules_in
from oms_api.domain.inventory.reservations.holds import (
    GIVEN,
    HeldReservation,
    SecondLook,
    check_locked,
    freed,
    holds_in,
    locking_given,
)
from oms_api.domain.inventory.sellable import LevelSnapshot, Waiting
from oms_api.domain.inventory.sourcing import LevelKey
from oms_api.domain.orders.intake import Cart, PlaceOrder
from oms_api.domain.promising.waiting import ANYWHERE, WHERE_SERVED, anybody_waits_for, waiting_as_json
from oms_api.domain.purchasing.incoming import NEXT
from oms_api.kernel.errors import IdempotencyKeyReused
from oms_api.kernel.ids import (
    ChannelId,
    CustomerId,
    LevelId,
    LocationId,
    OrderId,
    ReservationId,
    RulebookId,
    SkuId,
    SourcingProfileVersionId,
)
from oms_api.workflows.rule_orders.judging import ChannelRules
from oms_api.workflows.sourcing_facts import SourcingFacts, active_versions, read_facts


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
class PlacingSnapshot:
    """What was true when a batch was read; stock is guarded again when it is taken.

    `contested` says that somebody waits for some of the SKUs already, `preorders` are the days of what ships later by channel
    and SKU, `holds` the reservations that the orders name, locked. `overdue` are reservations whose units count as free, and
    which are expired with the orders; they are known under locks only, and so are those who wait (`waiting`), the rules by
    channel and SKU for selling more than there is, and when more of a SKU is expected. It is `sure` where all of that is known.
    `sourcing` is what profiles ask for, where a channel has one, and `routes` are those that rules may choose.
    """

    channels: dict[ChannelId, ChannelSnapshot] = field(default_factory=dict)
    skus: dict[SkuId, SkuSnapshot] = field(default_factory=dict)
    sku_ids: dict[str, SkuId] = field(default_factory=dict)
    listings: dict[tuple[ChannelId, str], tuple[SkuId, Decimal | None]] = field(default_factory=dict)
    levels: dict[LevelKey, LevelSnapshot] = field(default_factory=dict)
    customers: set[CustomerId] = field(default_factory=set)
    references: dict[tuple[ChannelId, str], OrderId] = field(default_factory=dict)
    contested: bool = False
    waiting: list[Waiting] = field(default_factory=list)
    preorders: dict[tuple[ChannelId, SkuId], date] = field(default_factory=dict)
    holds: dict[ReservationId, HeldReservation] = field(default_factory=dict)
    overdue: list[HeldReservation] = field(default_factory=list)
    oversell: dict[tuple[ChannelId, SkuId], Rule] = field(default_factory=dict)
    next_arrivals: dict[SkuId, datetime] = field(default_factory=dict)
    attributes: Definitions = field(default_factory=dict)
    sourcing: SourcingFacts | None = None
    routes: Mapping[str, SourcingProfileVersionId] = field(default_factory=dict)
    sure: bool = False

    def hold(self, holds: Iterable[HeldReservation], now: datetime, *, free: bool) -> None:
        """Take in *holds*; where it is to *free* what those hold that are overdue, it counts as free."""
        for hold in holds:
            self.holds[hold.id] = hold
            for line in hold.lines:  # of a location that serves the channel no longer, too
                self.levels.setdefault(line.key, LevelSnapshot(line.level_id, 0, 0))
            if free and hold.overdue(now):
                self.overdue.append(hold)
        self.levels = freed(self.levels, self.overdue)


# OFFSET 0 keeps a lateral lookup one index scan for each row: estimates know nothing of how few rows a parameter holds.
NAMED = """
WITH named AS (
    SELECT sku.id FROM unnest(:skus::text[]) AS wanted (code)
    CROSS JOIN LATERAL (SELECT id FROM sku WHERE sku.code = wanted.code OFFSET 0) AS sku
    UNION SELECT sku_id FROM listing
    WHERE channel_id = ANY (:channels::uuid[]) AND code = ANY (:listings::text[]) AND status = 'ACTIVE'
    UNION SELECT sku_id FROM rule_insert WHERE channel_id = ANY (:channels::uuid[])
), parts AS (
    SELECT part.* FROM named CROSS JOIN LATERAL (
        SELECT bundle_id, component_id, quantity, share FROM sku_component WHERE bundle_id = named.id OFFSET 0
    ) AS part
), stocked AS (
    SELECT id FROM named UNION SELECT component_id FROM parts
), served AS (
    SELECT DISTINCT location_id FROM channel_location WHERE channel_id = ANY (:channels::uuid[])
)
"""
PREORDERS = f"""
    SELECT rule.channel_id, stocked.id AS sku_id, rule.ships_on
    FROM stocked CROSS JOIN unnest(:channels::uuid[]) AS wanted (channel_id)
    CROSS JOIN LATERAL ({rule_of("wanted.channel_id", "stocked.id")}) AS rule
    WHERE rule.policy = 'PREORDER'
"""  # noqa: S608 - made of constants
ANYBODY = anybody_waits_for("stocked")
TEXT = f"""
{NAMED}
SELECT
    (SELECT jsonb_agg(jsonb_build_array(id, status = 'ACTIVE', currency, prices_include_tax, sells_safety_stock,
        (SELECT jsonb_agg(served.location_id ORDER BY served.priority) FROM {ACTIVE_LOCATIONS}
         WHERE served.channel_id = channel.id), hand_over, needs_recipient,
        release_when, pay_within_minutes, address_check,
        CASE WHEN rulebook_id IS NOT NULL THEN jsonb_build_array(rulebook_id, code, time_zone) END,
        CASE WHEN sourcing_profile_id IS NOT NULL THEN (
            SELECT active_version_id FROM sourcing_profile WHERE id = sourcing_profile_id) END))
     FROM channel WHERE id = ANY (:channels::uuid[])),
    (SELECT jsonb_agg(jsonb_build_array(sku.id, code, name, kind, status = 'ACTIVE')) FROM stocked
     CROSS JOIN LATERAL (SELECT * FROM sku WHERE sku.id = stocked.id OFFSET 0) AS sku),
    (SELECT jsonb_agg(jsonb_build_array(bundle_id, component_id, quantity, share) ORDER BY bundle_id, component_id)
     FROM parts),
    (SELECT jsonb_agg(jsonb_build_array(channel_id, code, sku_id, price::text))
     FROM listing WHERE channel_id = ANY (:channels::uuid[]) AND code = ANY (:listings::text[]) AND status = 'ACTIVE'),
    (SELECT jsonb_agg(jsonb_build_array(id, sku_id, location_id, available, free)) FROM ({WHERE_SERVED}) AS candidate),
    (SELECT jsonb_agg(id) FROM customer WHERE id = ANY (:customers::uuid[])),
    (SELECT jsonb_agg(jsonb_build_array(orders.channel_id, orders.external_ref, orders.id)) FROM orders
     JOIN unnest(:referenced::uuid[], :references::text[]) AS wanted (channel_id, external_ref)
         USING (channel_id, external_ref)),
    {ANYBODY},
    (SELECT jsonb_agg(jsonb_build_array(channel_id, sku_id, ships_on)) FROM ({PREORDERS}) AS preorder)
"""  # noqa: S608 - made of constants
LIMITED = Sql(f"""
{NAMED}
SELECT pg_advisory_xact_lock(hashtextextended(key, 0)) FROM (
    SELECT DISTINCT concat_ws(' ', 'oms backorders', rule.channel_id, stocked.id) AS key FROM stocked
    JOIN oversell_rule rule ON rule.channel_id = ANY (:channels::uuid[]) AND (rule.sku_id = stocked.id OR rule.sku_id IS NULL)
    WHERE rule.limit_units IS NOT NULL ORDER BY key
) AS counted
""")  # noqa: S608 - as above
OVERSELL = Sql(f"{NAMED} {RULES.format(skus='stocked', channels=':channels::uuid[]')}")
COMES = NEXT.format(skus="SELECT id FROM stocked", served="SELECT location_id FROM served", now=":now::timestamptz")
ARRIVALS = Sql(f"{NAMED} {COMES}")
WIDE_TEXT = TEXT.replace(WHERE_SERVED, ANYWHERE.format(now=":now::timestamptz")).replace(ANYBODY, waiting_as_json("stocked"))
READ, WIDE_READ = Sql(TEXT), Sql(WIDE_TEXT)
"""The second under locks, with who waits and the levels that they may be served from."""
CANDIDATES = f"{NAMED} SELECT id FROM ({WHERE_SERVED}) AS candidate"  # noqa: S608 - as above
LOOK = SecondLook(CANDIDATES, GIVEN)
IN_TURN = Sql("SELECT pg_advisory_xact_lock(name) FROM unnest(:names::bigint[]) AS name")
"""Lets who places an order with the same reference wait for the first, and then read it: no number is taken in vain."""


async def claim_and_read(
    tx: Tx, claims: Sequence[Claim | None], orders: Sequence[PlaceOrder]
) -> tuple[list[UUID | IdempotencyKeyReused | None], PlacingSnapshot]:
    """Claim the keys of *orders*, but of those without a claim, and read what deciding on them needs, in one round trip."""
    named, beside = named_by(orders), beside_of(orders)
    locks = _locks(tx, orders, named)
    if tx.pessimistic:
        reads = [WIDE_READ(**named, **beside, now=tx.now), LIMITED(**named), OVERSELL(**named), ARRIVALS(**named, now=tx.now)]
    else:
        reads = [READ(**named, **beside)]
    names = sorted({_lock_name(order.channel_id, order.external_ref) for order in orders if order.external_ref is not None})
    turns = [IN_TURN(names=array(names))] if names else []
    named_attributes = set[tuple[AttributeOwner, str]]().union(*(order.attributes_named for order in orders))
    definitions = [naming(named_attributes, hold=True)] if named_attributes else []
    found, answers = await claim(tx, list(filter(None, claims)), *turns, *definitions, *locks, *reads)
    claimed = iter(found)
    earlier = [None if each is None else next(claimed) for each in claims]
    known = definitions_in(answers[len(turns)]) if definitions else {}
    answers = answers[len(turns) + len(definitions) :]
    locked, ((row,), *more) = answers[: len(locks)], answers[len(locks) :]
    snapshot = snapshot_of(row, locked=tx.pessimistic)
    snapshot.attributes = known
    if more:
        _, rules, arrivals = more
        snapshot.oversell = rules_in(rules)
        snapshot.next_arrivals.update(arrivals)
    if tx.pessimistic:
        check_locked(locked[1], snapshot.levels, {place for seller in snapshot.channels.values() for place in seller.locations})
    if locked:
        snapshot.hold(holds_in(locked[-1]), tx.now, free=tx.pessimistic)
    return earlier, snapshot


async def read_sourcing(tx: Tx, snapshot: PlacingSnapshot, routes: Collection[str] = (), *beside: Statement) -> Sequence[Rows]:
    """Read what the profiles of channels ask for, and those that rules may route to by their codes; mostly nothing.

    Return what the statements *beside* find, which travel along.
    """
    sellers = snapshot.channels.values()
    routed = await active_versions(tx, routes) if routes else {}
    versions = {seller.profile for seller in sellers if seller.profile is not None} | {*routed.values()}
    if not versions:
        return await tx.flush(beside) if beside else ()
    places = {place for seller in sellers if seller.profile or routed for place in seller.locations}
    snapshot.sourcing, answers = await read_facts(tx, versions, places, snapshot.skus, *beside)
    snapshot.routes = routed
    return answers


def _locks(tx: Tx, orders: Sequence[PlaceOrder], named: Mapping[str, str]) -> list[Statement]:
    """Return what is to be locked first: the reservations that orders name, and on a second look all they may take from."""
    reservations = sorted({order.reservation_id for order in orders if order.reservation_id is not None})
    if tx.pessimistic:
        return LOOK(**named, reservations=array(reservations), now=tx.now)
    return locking_given(reservations) if reservations else []


def named_by(orders: Sequence[Cart]) -> dict[str, str]:
    """Return the parameters of NAMED: what the orders name to be sold, and where."""
    skus = {line.sku for order in orders for line in order.lines if line.sku is not None}
    listings = {line.listing for order in orders for line in order.lines if line.listing is not None}
    return {
        "skus": text_array(sorted(skus)),
        "channels": array(sorted({order.channel_id for order in orders})),
        "listings": text_array(sorted(listings)),
    }


def _lock_name(channel_id: ChannelId, reference: str) -> int:
    """Return the advisory lock under which orders with an external reference are placed one after the other."""
    return int.from_bytes(blake2b(f"order {channel_id} {reference}".encode(), digest_size=8).digest(), signed=True)


def beside_of(orders: Sequence[Cart]) -> dict[str, str]:
    """Return the parameters that reading takes beside those of NAMED."""
    referenced = [(order.channel_id, order.external_ref) for order in orders if order.external_ref is not None]
    return {
        "customers": array(sorted({order.customer_id for order in orders if order.customer_id is not None})),
        "referenced": array(channel for channel, _ in referenced),
        "references": text_array(reference for _, reference in referenced),
    }


def snapshot_of(row: tuple[Any, ...], *, locked: bool) -> PlacingSnapshot:
    """Return what a row of READ tells, or of WIDE_READ under locks."""
    channels, skus, parts, listings, levels, customers, references, waiting, preorders = (part or [] for part in row)
    components: dict[str, list[tuple[SkuId, int, int]]] = {}
    for bundle, component, quantity, share in parts:
        components.setdefault(bundle, []).append((SkuId(UUID(component)), quantity, share))
    found = PlacingSnapshot(customers={CustomerId(UUID(each)) for each in customers}, contested=bool(waiting), sure=locked)
    if locked:
        found.waiting += map(Waiting.of, waiting)
    for key, active, currency, taxed, safety, locations, hand_over, addressed, release, minutes, check, ruled, by in channels:
        served = tuple(LocationId(UUID(location)) for location in locations or ())
        policies = active, currency, taxed, safety, served, HandOver(hand_over), addressed, ReleaseWhen(release), minutes
        rules = None if ruled is None else ChannelRules(RulebookId(UUID(ruled[0])), ruled[1], ruled[2])
        profile = None if by is None else SourcingProfileVersionId(UUID(by))
        seller = ChannelSnapshot(ChannelId(UUID(key)), *policies, AddressCheck(check), rules, profile)
        found.channels[seller.id] = seller
    for key, code, name, kind, active in skus:
        sku = SkuSnapshot(SkuId(UUID(key)), code, name, SkuKind(kind), active, tuple(components.get(key, ())))
        found.skus[sku.id] = sku
        found.sku_ids[code] = sku.id
    for channel, code, sku_id, price in listings:
        found.listings[ChannelId(UUID(channel)), code] = SkuId(UUID(sku_id)), None if price is None else Decimal(price)
    skus_by_text = {str(sku_id): sku_id for sku_id in found.skus}
    places_by_text = {str(place): place for seller in found.channels.values() for place in seller.locations}
    for key, sku_id, location, available, free in levels:
        place = places_by_text.get(location) or LocationId(UUID(location))  # an inactive one serves nobody, but is read
        found.levels[skus_by_text[sku_id], place] = LevelSnapshot(LevelId(UUID(key)), available, free)
    for channel, sku_id, ships_on in preorders:
        found.preorders[ChannelId(UUID(channel)), SkuId(UUID(sku_id))] = date.fromisoformat(ships_on)
    for channel, reference, order in references:
        found.references[ChannelId(UUID(channel)), reference] = OrderId(UUID(order))
    return found
