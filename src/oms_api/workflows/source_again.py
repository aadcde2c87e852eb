"""Promising units to the lines of an order that wait for them: after a promise was lost, or when goods came in."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from oms_api.db.rows import Row, inserts
from oms_api.db.session import Tx
from oms_api.db.sql import Sql
from oms_api.domain.channels.serving import rule_of
from oms_api.domain.channels.states import Oversell
from oms_api.domain.events.checkpoints import Piece
from oms_api.domain.fulfillment.backorders.events import BackorderAllocated
from oms_api.domain.fulfillment.backorders.settle import WAITS, Wait, allocate_waiting, served
from oms_api.domain.fulfillment.backorders.tables import BackorderRow
from oms_api.domain.fulfillment.document import OrderDocument, locked_document
from oms_api.domain.fulfillment.events import OrderSourced, OrderSourcedAnew
from oms_api.domain.fulfillment.schedule import Place, opens_on
from oms_api.domain.fulfillment.taking import TakenUnits, take, write_taken
from oms_api.domain.fulfillment.ways import BY_ORDER
from oms_api.domain.inventory.deallocation import Loss, record_losses
from oms_api.domain.inventory.reservations.endings import lock_levels_last
from oms_api.domain.inventory.sourcing import Demand, LevelKey, Source, Strategy
from oms_api.domain.orders.quantities import LineUnits, wait_for_supply
from oms_api.domain.orders.states import OrderStatus
from oms_api.domain.orders.tables import OrderRow
from oms_api.domain.promising.look import OrderLook
from oms_api.domain.promising.snapshot import Snapshot
from oms_api.domain.sourcing.candidates import Journey
from oms_api.domain.sourcing.explaining import DecidedStep
from oms_api.domain.sourcing.groups import SentFrom
from oms_api.domain.sourcing.places import Spot
from oms_api.domain.sourcing.states import SourcingAct
from oms_api.domain.sourcing.strategy import ProfileStrategy
from oms_api.domain.sourcing.writing import DECISIONS, decision_rows
from oms_api.kernel.address import Address
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import (
    BackorderId,
    IdKind,
    LocationId,
    OrderId,
    SkuId,
    SourcingProfileVersionId,
    text_id,
)
from oms_api.workflows.sourcing_facts import SourcingFacts, read_facts, strategy_by

ITEMS = Sql(f"""
SELECT line.id, line.sku_id, line.pinned_to, coalesce(line.barred_from, '{{}}'), rule.policy, rule.ships_on, line.ship_group,
    ARRAY(SELECT location_id FROM allocation WHERE line_id = line.id AND allocated + in_fulfillment > 0 ORDER BY id)
FROM order_line line JOIN orders ON orders.id = line.order_id
LEFT JOIN LATERAL ({rule_of("orders.channel_id", "line.sku_id")}) AS rule ON true
WHERE line.order_id = :order::uuid AND line.kind = 'GOODS' ORDER BY line.position
""")  # noqa: S608 - made of constants
ROUTED = """
SELECT profile.active_version_id FROM sourcing_decision decision
JOIN sourcing_profile_version version ON version.id = decision.profile_version_id
JOIN sourcing_profile profile ON profile.id = version.profile_id
WHERE decision.order_id = orders.id AND decision.act = 'PLACED' AND EXISTS (
    SELECT FROM order_rule_match found
    WHERE found.order_id = orders.id AND found.did @> '[{"kind": "ROUTE", "applied": true}]')
ORDER BY decision.id LIMIT 1
"""
"""The version of now of the profile to which a rule routed an order as it was placed."""
CHOSEN = f"""
(SELECT jsonb_build_array(chosen.version, CASE WHEN chosen.version IS NOT NULL THEN (
    SELECT coalesce(nullif(shipping_address, 'null'), nullif(billing_address, 'null')) FROM order_party
    WHERE order_id = orders.id ORDER BY version DESC LIMIT 1) END)
FROM orders JOIN channel ON channel.id = orders.channel_id, LATERAL (
    SELECT coalesce(({ROUTED}), (
        SELECT active_version_id FROM sourcing_profile WHERE id = channel.sourcing_profile_id)) AS version OFFSET 0
) AS chosen WHERE orders.id = :order::uuid)
"""  # noqa: S608 - made of constants
"""By which version of a profile an order is sourced, and where it goes."""
LOOK = OrderLook(
    "SELECT DISTINCT sku_id AS id FROM order_line WHERE order_id = :order::uuid AND unsourced + backordered > 0", CHOSEN
)

BACKORDERS = inserts(BackorderRow)
EMITTED = ("allocated", "in_fulfillment", "backordered")
"""The units of a line that are emitted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceOrder:
    """Promise units to the lines of an order that are unsourced, and with *backordered* to those that wait for supply too."""

    order_id: OrderId
    backordered: bool = False


@dataclass(frozen=True, slots=True)
class WaitingLine:
    """A line that waits, what it is for, where from it may be served, and its channel's rule for what is not there."""

    line: LineUnits
    sku_id: SkuId
    pinned_to: LocationId | None
    barred: Sequence[LocationId]
    policy: Oversell | None
    ships_on: date | None
    ship_group: str | None

    def beyond(self, taken: int) -> int:
        """Return how many units wait for supply from now on, after *taken* ones were promised: none where that is denied."""
        return 0 if self.policy in {None, Oversell.DENY} else max(self.line.unsourced - taken, 0)

    def left(self, line: LineUnits) -> int:
        """Return how many units wait for supply from now on, of what the line is by now."""
        return 0 if self.policy in {None, Oversell.DENY} else line.unsourced


async def source_order(tx: Tx, command: SourceOrder) -> Sequence[Source] | None:
    """Promise what there is to the lines of an open order that wait, as far as it goes, and return where it comes from.

    None says that nothing is to be written.

    It is done by the rules that orders are placed by, over the order's channel: an order that lost units comes behind those who
    wait at its priority or above, and whoever calls it with *backordered* knows that its turn has come. What is left is
    backordered where the channel sells what is not there; its limit is for new orders. Done again it finds nothing left to do.
    """
    key = command.order_id
    look = LOOK(tx, others=not command.backordered, order=key)
    waits_read = [WAITS(order=key)] if command.backordered else []
    document, answers = await locked_document(tx, BY_ORDER, key, ITEMS(order=key), *waits_read, *look)
    if document is None or document.order.status is not OrderStatus.OPEN:
        return None
    rows, *_, (found,) = answers
    waits = [Wait(*row) for row in answers[1]] if command.backordered else []
    snapshot = Snapshot()
    (chosen,) = snapshot.take(found)
    items = items_in(document, rows)
    waiting = [item for item in items if units_waiting(item.line, command)]
    demands = [
        Demand(at, item.sku_id, units_waiting(item.line, command), item.pinned_to, item.barred)
        for at, item in enumerate(waiting)
    ]
    sent = SentFrom.of((group, places) for *_, group, places in rows)
    lane = await lane_of(tx, document.order, waiting, snapshot.channel.locations, chosen)
    strategy = lane.strategy(waiting, sent, tx.now)
    sources, _ = snapshot.stock.source(
        snapshot.channel, demands, priority=document.order.priority, partly=True, strategy=strategy
    )
    taken = [sum(part.quantity for part in sources if part.line == at) for at in range(len(waiting))]
    if not (sources or any(item.beyond(there) for item, there in zip(waiting, taken, strict=True))):
        return None
    write_sourced(tx, document, waiting, sources, snapshot, waits)
    lane.write(tx, decisions_of(strategy))
    return sources


@dataclass(frozen=True, slots=True)
class OrderSourcing:
    """How an order that was placed is sourced: by *version* of a profile, over *facts*; without, by its channel's own way."""

    order: OrderRow
    version: SourcingProfileVersionId | None = None
    facts: SourcingFacts | None = None
    address: Address | None = None

    def strategy(self, items: Sequence[WaitingLine], sent: SentFrom, now: datetime) -> Strategy | None:
        """Return how *items* are sourced, each a line, beside what is *sent* anyway; None for the channel's own way."""
        groups = {at: item.ship_group for at, item in enumerate(items) if item.ship_group is not None}
        facts, order = self.facts, self.order
        to = Spot() if facts is None else facts.destination(self.address, order.country)
        journey, complete = Journey(to, now, sent.places), order.ship_complete
        homes, currency = sent.homes, order.currency
        return strategy_by(facts, self.version, journey, groups, homes, currency=currency, ship_complete=complete)

    def write(self, tx: Tx, decisions: Sequence[DecidedStep]) -> None:
        """Keep what the profile decided."""
        if self.version is not None and decisions:
            tx.write(DECISIONS, list(decision_rows(tx, self.order.id, self.version, SourcingAct.SOURCED_AGAIN, decisions)))


async def lane_of(
    tx: Tx,
    order: OrderRow,
    items: Sequence[WaitingLine],
    locations: Sequence[LocationId],
    chosen: Sequence[Any],
) -> OrderSourcing:
    """Return how *order* is sourced, by what CHOSEN says; where a profile decides, what that asks for is read."""
    profile, address = chosen
    if profile is None or not items:
        return OrderSourcing(order)
    version = SourcingProfileVersionId(UUID(profile))
    facts, _ = await read_facts(tx, [version], locations, {item.sku_id for item in items})
    return OrderSourcing(order, version, facts, None if address is None else Address(**address))


def decisions_of(strategy: Strategy | None) -> Sequence[DecidedStep]:
    """Return what a profile decided last."""
    return strategy.decisions if isinstance(strategy, ProfileStrategy) else ()


def items_in(document: OrderDocument, rows: Sequence[tuple[Any, ...]]) -> list[WaitingLine]:
    """Return the lines in the rows of ITEMS."""
    return [
        WaitingLine(document.lines[line], sku, pinned_to, barred, Oversell(policy) if policy else None, ships_on, group)
        for line, sku, pinned_to, barred, policy, ships_on, group, _ in rows
    ]


def units_waiting(line: LineUnits, command: SourceOrder) -> int:
    """Return how many units of *line* are to be promised."""
    return line.unsourced + (line.backordered if command.backordered else 0)


async def source_lost(tx: Tx, piece: Piece) -> None:
    """Look for other units for the order that lost some, or of which work was rejected: a reaction, one order a piece."""
    for event in await piece.events(tx):
        if event.order_id is not None:
            await source_order(tx, SourceOrder(order_id=event.order_id))


def write_sourced(
    tx: Tx,
    document: OrderDocument,
    waiting: Sequence[WaitingLine],
    sources: Sequence[Source],
    snapshot: Snapshot,
    waits: Sequence[Wait],
    losses: Sequence[Loss] = (),
) -> None:
    """Write the promises of *sources*, whose `line` is a place in *waiting*, and what waits for supply from now on.

    It joins the last flush of *tx*. *waits* are the backorders that get units of them; the promises of *losses* were taken back
    for it in *document*.
    """
    before = {item.line.id: item.line for item in waiting}
    taken = [
        TakenUnits(each, waiting[each.line].line.id, Place.of(each, opens_on(waiting[each.line].ships_on, tx.now)))
        for each in sources
    ]
    works = take(tx, document, taken)
    allocated = {key: line.backordered - document.lines[key].backordered for key, line in before.items()}
    backorders = [(item, units) for item in waiting if (units := item.left(document.lines[item.line.id]))]
    for item, units in backorders:
        document.set_line(wait_for_supply(document.lines[item.line.id], units))
    order = document.save(tx, tx.now)
    freed = Counter[LevelKey]()
    for loss in losses:
        freed[loss.promise.key] += loss.units
    if losses:
        lock_levels_last(tx, {*freed, *(each.key for each in sources)})
    released = record_losses(tx, (IdKind.ORDER, order.id), losses, tx.now) if losses else []
    if sources or losses:
        safety = snapshot.channel.sells_safety_stock
        write_taken(tx, order, works, taken, snapshot.levels, sells_safety_stock=safety, more_moves=released, freed=freed)
    allocate_waiting(tx, allocated)
    tx.write(BACKORDERS, [_backorder(tx, order, item, units) for item, units in backorders])
    changes: dict[str, tuple[object, object]] = {
        f"lines.{text_id(IdKind.LINE, key)}.{name}": (getattr(line, name), getattr(document.lines[key], name))
        for key, line in before.items()
        for name in EMITTED
        if getattr(line, name) != getattr(document.lines[key], name)
    }
    document.emit(tx, OrderSourcedAnew if losses else OrderSourced, changes, tx.now)
    _emit_served(tx, order, served(waits, allocated), taken)


def _emit_served(tx: Tx, order: OrderRow, served_waits: Iterable[tuple[Wait, int]], taken: Sequence[TakenUnits]) -> None:
    """Tell of each backorder how many of its units no longer wait, to whoever sees where they come from."""
    for wait, units in served_waits:
        places = {each.source.location_id for each in taken if each.line_id == wait.line_id}
        tx.emit(
            BackorderAllocated(
                subject_id=wait.id,
                sku_id=wait.sku_id,
                order_id=order.id,
                channel_id=order.channel_id,
                location_ids=tuple(sorted(places)),
                changes=wait.changes(units),
            )
        )


def _backorder(tx: Tx, order: OrderRow, item: WaitingLine, units: int) -> Row:
    """Return the row of units of a line that wait for supply from now on."""
    return {
        "id": tx.new_id(BackorderId),
        "order_id": order.id,
        "line_id": item.line.id,
        "channel_id": order.channel_id,
        "sku_id": item.sku_id,
        "policy": item.policy,
        "quantity": units,
        "waiting": units,
        "priority": order.priority,
        "placed_at": order.placed_at,
        "pinned_to": item.pinned_to,
        "barred_from": item.barred or None,
        "created_at": tx.now,
    }
