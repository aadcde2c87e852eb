"""All that deciding on a batch of orders needs, read in one statement."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import field
from datetime import date
from decimal import Decimal
from hashlib import blake2b
from typing import Any, NamedTuple
from uuid import UUID

from oms_api.db.idempotency import claim
from oms_api.db.pipeline import Rows, Statement
from oms_api.db.session import Claim, Tx
from oms_api.db.sets import array, text_array
from oms_api.db.sql import Sql
from oms_api.domain.attributes.given import Definitions
from oms_api.domain.attributes.queries import definitions_in, naming
from oms_api.domain.attributes.states import AttributeOwner
from oms_api.domain.channels.serving import rule_of
from oms_api.domain.inventory.reservations.holds import holds_in, locking_given
from oms_api.domain.orders.given import Cart, PlaceOrder
from oms_api.domain.promising.look import BY_CODE, Look
from oms_api.domain.promising.snapshot import Snapshot
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import IdempotencyKeyReused
from oms_api.kernel.ids import ChannelId, CustomerId, OrderId, ReservationId, SkuId, SourcingProfileVersionId
from oms_api.workflows.place_order.many import among_others
from oms_api.workflows.sourcing_facts import SourcingFacts, active_versions, read_facts


@dataclass(slots=True)
class PlacingSnapshot(Snapshot):
    """What was true when a batch was read.

    `preorders` are the days of what ships later by channel and SKU. `sourcing` is what profiles ask for, where a channel has
    one, and `routes` are those that rules may choose.
    """

    listings: dict[tuple[ChannelId, str], tuple[SkuId, Decimal | None]] = field(default_factory=dict)
    customers: set[CustomerId] = field(default_factory=set)
    references: dict[tuple[ChannelId, str], OrderId] = field(default_factory=dict)
    preorders: dict[tuple[ChannelId, SkuId], date] = field(default_factory=dict)
    attributes: Definitions = field(default_factory=dict)
    sourcing: SourcingFacts | None = None
    routes: Mapping[str, SourcingProfileVersionId] = field(default_factory=dict)

    def take_lookups(self, values: Sequence[Any]) -> None:
        """Take in what VALUES tell."""
        listings, customers, references, preorders = values
        for channel, code, sku_id, price in listings:
            self.listings[ChannelId(UUID(channel)), code] = SkuId(UUID(sku_id)), None if price is None else Decimal(price)
        self.customers = {CustomerId(UUID(each)) for each in customers}
        for channel, reference, order in references:
            self.references[ChannelId(UUID(channel)), reference] = OrderId(UUID(order))
        for channel, sku_id, ships_on in preorders:
            self.preorders[ChannelId(UUID(channel)), SkuId(UUID(sku_id))] = date.fromisoformat(ships_on)


BY_LISTING = """
    SELECT sku_id FROM listing
    WHERE channel_id = ANY (:channels::uuid[]) AND code = ANY (:listings::text[]) AND status = 'ACTIVE'
"""
BY_RULE = "SELECT sku_id FROM rule_insert WHERE channel_id = ANY (:channels::uuid[])"
LISTINGS = """
    (SELECT jsonb_agg(jsonb_build_array(channel_id, code, sku_id, price::text))
     FROM listing WHERE channel_id = ANY (:channels::uuid[]) AND code = ANY (:listings::text[]) AND status = 'ACTIVE')
"""
CUSTOMERS = "(SELECT jsonb_agg(id) FROM customer WHERE id = ANY (:customers::uuid[]))"
REFERENCES = """
    (SELECT jsonb_agg(jsonb_build_array(orders.channel_id, orders.external_ref, orders.id)) FROM orders
     JOIN unnest(:referenced::uuid[], :references::text[]) AS wanted (channel_id, external_ref)
         USING (channel_id, external_ref))
"""
PREORDERS = f"""
    (SELECT jsonb_agg(jsonb_build_array(rule.channel_id, stocked.id, rule.ships_on))
     FROM stocked CROSS JOIN unnest(:channels::uuid[]) AS wanted (channel_id)
     CROSS JOIN LATERAL ({rule_of("wanted.channel_id", "stocked.id")}) AS rule
     WHERE rule.policy = 'PREORDER')
"""  # noqa: S608 - made of constants
LOOK = Look(BY_CODE, BY_LISTING, BY_RULE, values=(LISTINGS, CUSTOMERS, REFERENCES, PREORDERS), limits=True)
IN_TURN = Sql("SELECT pg_advisory_xact_lock(name) FROM unnest(:names::bigint[]) AS name")
"""Lets who places an order with the same reference wait for the first, and then read it: no number is taken in vain."""


async def claim_and_read(
    tx: Tx, claims: Sequence[Claim | None], orders: Sequence[PlaceOrder]
) -> tuple[list[UUID | IdempotencyKeyReused | None], PlacingSnapshot]:
    """Claim the keys of *orders*, but of those without a claim, and read what deciding on them needs, in one round trip."""
    asked = await among_others(orders, lambda: _asked(tx, orders))
    found, answers = await claim(tx, list(filter(None, claims)), *asked.turns, *asked.definitions, *asked.reads)
    claimed = iter(found)
    earlier = [None if each is None else next(claimed) for each in claims]
    return earlier, await among_others(orders, lambda: _taken(tx, asked, answers[len(asked.turns) :]))


class SnapshotStatements(NamedTuple):
    """The statements that read what deciding on orders needs."""

    turns: list[Statement]
    definitions: list[Statement]
    reads: list[Statement]


def _asked(tx: Tx, orders: Sequence[PlaceOrder]) -> SnapshotStatements:
    names = sorted({_lock_name(order.channel_id, order.external_ref) for order in orders if order.external_ref is not None})
    named_attributes = set[tuple[AttributeOwner, str]]().union(*(order.attributes_named for order in orders))
    return SnapshotStatements(
        [IN_TURN(names=array(names))] if names else [],
        [naming(named_attributes, hold=True)] if named_attributes else [],
        looking(tx, orders, lock=True) if tx.pessimistic else _first_look(orders),
    )


def _taken(tx: Tx, asked: SnapshotStatements, answers: list[Rows]) -> PlacingSnapshot:
    snapshot = PlacingSnapshot()
    if asked.definitions:
        definitions, *answers = answers
        snapshot.attributes = definitions_in(definitions)
    if tx.pessimistic:
        snapshot.take_lookups(snapshot.take_second(answers, tx.now, locked=True))
    else:
        *locked, (row,) = answers
        snapshot.take_lookups(snapshot.take(row))
        if locked:
            snapshot.hold(holds_in(locked[-1]), tx.now, free=False)
    return snapshot


async def read_sourcing(tx: Tx, snapshot: PlacingSnapshot, routes: Collection[str] = (), *more: Statement) -> Sequence[Rows]:
    """Read what the profiles of channels ask for, and those that rules may route to by their codes; mostly nothing.

    Return what the *more* statements find, which travel along.
    """
    sellers = snapshot.channels.values()
    routed = await active_versions(tx, routes) if routes else {}
    versions = {seller.profile for seller in sellers if seller.profile is not None} | {*routed.values()}
    if not versions:
        return await tx.flush(more) if more else ()
    places = {place for seller in sellers if seller.profile or routed for place in seller.locations}
    snapshot.sourcing, answers = await read_facts(tx, versions, places, snapshot.skus, *more)
    snapshot.routes = routed
    return answers


def looking(tx: Tx, orders: Sequence[Cart], *, lock: bool) -> list[Statement]:
    """Return the statements of a second look at *orders*, for `Snapshot.take_second`."""
    return LOOK.second(lock=lock, **named_by(orders), reservations=array(_reservations(orders)), now=tx.now)


def _first_look(orders: Sequence[PlaceOrder]) -> list[Statement]:
    """Return what locks the reservations that *orders* name, and reads."""
    reservations = _reservations(orders)
    return [*(locking_given(reservations) if reservations else ()), LOOK.first(**named_by(orders))]


def _reservations(orders: Sequence[Cart]) -> list[ReservationId]:
    return sorted({order.reservation_id for order in orders if order.reservation_id is not None})


def named_by(orders: Sequence[Cart]) -> dict[str, str]:
    """Return what the orders name: to be sold, where, to whom, and by which reference."""
    skus = {line.sku for order in orders for line in order.lines if line.sku is not None}
    listings = {line.listing for order in orders for line in order.lines if line.listing is not None}
    referenced = [(order.channel_id, order.external_ref) for order in orders if order.external_ref is not None]
    return {
        "codes": text_array(sorted(skus)),
        "channels": array(sorted({order.channel_id for order in orders})),
        "listings": text_array(sorted(listings)),
        "customers": array(sorted({order.customer_id for order in orders if order.customer_id is not None})),
        "referenced": array(channel for channel, _ in referenced),
        "references": text_array(reference for _, reference in referenced),
    }


def _lock_name(channel_id: ChannelId, reference: str) -> int:
    """Return the advisory lock under which orders with an external reference are placed one after the other."""
    return int.from_bytes(blake2b(f"order {channel_id} {reference}".encode(), digest_size=8).digest(), signed=True)
