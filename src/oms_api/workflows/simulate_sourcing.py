"""Simulating a version of a sourcing profile over past orders: a job that plays them one after the other."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from oms_api.db.columns import Json
from oms_api.db.rows import updates
from oms_api.db.session import Tx
from oms_api.db.sets import array
from oms_api.db.sql import Sql
from oms_api.domain.channels.queries import channels_by_id
from oms_api.domain.channels.tables import ChannelRow
from oms_api.domain.events.jobs import JobRun, create_job
from oms_api.domain.inventory.sourcing import Demand
from oms_api.domain.sourcing.costs import GoodsFacts
from oms_api.domain.sourcing.queries import simulation_by_id
from oms_api.domain.sourcing.simulating import Flow, Simulation, SourcedOrder
from oms_api.domain.sourcing.tables import SourcingSimulationRow
from oms_api.kernel.address import Address
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import InvalidValue, NotFound, OmsError, Refused
from oms_api.kernel.ids import ChannelId, IdKind, LocationId, SkuId, SourcingSimulationId, parse_id, text_id
from oms_api.workflows.place_order.preview_sourcing import version_named
from oms_api.workflows.sourcing_facts import SourcingFacts, read_facts

JOB = "sourcing_simulation"
PIECE = 500
DONE = updates(SourcingSimulationRow, "result", "finished_at")
PATIENTLY = Sql("SET LOCAL statement_timeout = '10min'")
LOCATIONS = Sql("SELECT location_id FROM channel_location WHERE channel_id = :channel::uuid ORDER BY priority")
COUNT = Sql("""
SELECT count(*) FROM orders
WHERE channel_id = :channel::uuid AND placed_at > :from::timestamptz AND placed_at <= :to::timestamptz
""")
SKUS = Sql("""
SELECT DISTINCT line.sku_id FROM order_line line JOIN orders ON orders.id = line.order_id
WHERE orders.channel_id = :channel::uuid AND orders.placed_at > :from::timestamptz AND orders.placed_at <= :to::timestamptz
  AND line.kind = 'GOODS'
""")
THEN = Sql("""
SELECT level.sku_id, level.location_id, moved.units FROM inventory_level level JOIN (
    SELECT level_id,
        sum(CASE WHEN target = 'free' THEN quantity WHEN source = 'free' THEN -quantity ELSE 0 END)::bigint AS units
    FROM stock_movement WHERE occurred_at <= :from::timestamptz GROUP BY level_id
) AS moved ON moved.level_id = level.id
WHERE level.location_id = ANY (:locations::uuid[]) AND level.sku_id = ANY (:skus::uuid[])
""")
FLOWS = Sql("""
SELECT movement.occurred_at, level.sku_id, level.location_id,
       CASE WHEN movement.target = 'free' THEN movement.quantity ELSE -movement.quantity END
FROM stock_movement movement JOIN inventory_level level ON level.id = movement.level_id
WHERE movement.occurred_at > :from::timestamptz AND movement.occurred_at <= :to::timestamptz
  AND (movement.target = 'free' AND movement.source NOT IN ('committed', 'reserved')
       OR movement.source = 'free' AND movement.target NOT IN ('committed', 'reserved'))
  AND level.location_id = ANY (:locations::uuid[]) AND level.sku_id = ANY (:skus::uuid[])
ORDER BY movement.occurred_at, movement.id
""")
"""What came and went beside orders: goods received and returned, corrections, transfers."""
DAILY = Sql("""
SELECT level.sku_id, level.location_id, sum(promise.quantity - promise.released) * 1000 /
       greatest(1, extract(epoch FROM :to::timestamptz - :from::timestamptz) / 86400)
FROM allocation promise JOIN inventory_level level ON level.id = promise.level_id
WHERE promise.created_at > :from::timestamptz AND promise.created_at <= :to::timestamptz
  AND level.location_id = ANY (:locations::uuid[]) GROUP BY level.sku_id, level.location_id
""")
ORDERS = Sql("""
SELECT orders.id, orders.placed_at, orders.ship_complete, orders.country,
    (SELECT coalesce(nullif(shipping_address, 'null'), nullif(billing_address, 'null')) FROM order_party
     WHERE order_id = orders.id ORDER BY version LIMIT 1),
    (SELECT jsonb_agg(jsonb_build_array(sku_id, ordered - canceled, pinned_to, ship_group) ORDER BY position) FROM order_line
     WHERE order_id = orders.id AND kind = 'GOODS' AND ordered > canceled),
    (SELECT jsonb_agg(jsonb_build_array(promise.location_id, line.sku_id, promise.quantity - promise.released))
     FROM allocation promise JOIN order_line line ON line.id = promise.line_id
     WHERE promise.order_id = orders.id AND promise.quantity > promise.released),
    (SELECT coalesce(sum(quantity), 0)::int FROM backorder WHERE order_id = orders.id)
    + (SELECT coalesce(sum(unsourced), 0)::int FROM order_line WHERE order_id = orders.id AND kind = 'GOODS')
FROM orders WHERE channel_id = :channel::uuid AND placed_at > :from::timestamptz AND placed_at <= :to::timestamptz
  AND (placed_at, id) > (:after::timestamptz, :last::uuid)
ORDER BY placed_at, id LIMIT :size
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulateSourcing:
    """Source the orders of a channel anew that were placed between two moments, by a version of a profile."""

    channel_id: ChannelId
    profile: str
    number: int | None = None
    from_at: datetime
    to_at: datetime


async def simulate_sourcing(tx: Tx, command: SimulateSourcing) -> SourcingSimulationRow:
    """Record what is to be simulated, and ask the worker for it. Raises: Refused, NotFound, VersionNotThere, LimitedKey."""
    tx.principal.check_unlimited("channels", "locations")
    errors: list[OmsError] = []
    if command.from_at >= command.to_at:
        errors.append(InvalidValue(problem="from lies before to.", field=("from",)))
    if command.to_at > tx.now:
        errors.append(InvalidValue(problem="to does not lie in the future.", field=("to",)))
    if errors:
        raise Refused(errors=errors)
    if command.channel_id not in await channels_by_id(tx, [command.channel_id]):
        given = text_id(IdKind.CHANNEL, command.channel_id)
        raise NotFound(what="channel", given=given, field=("channelId",))
    version = await version_named(tx, command.profile, command.number)
    key = tx.new_id(SourcingSimulationId)
    job = await create_job(tx, JOB, {"simulation": text_id(IdKind.SOURCING_SIMULATION, key)})
    row = {
        "id": key,
        "profile_version_id": version.id,
        "channel_id": command.channel_id,
        "from_at": command.from_at,
        "to_at": command.to_at,
        "job_id": job.id,
        "actor": tx.actor,
        "recorded_at": tx.now,
    }
    return await tx.made(SourcingSimulationRow, row)


@dataclass(slots=True)
class Stage:
    """What a simulation begins with."""

    simulation: Simulation
    facts: SourcingFacts
    total: int


async def run_simulation(run: JobRun) -> Json:
    """Play all orders; one that was interrupted plays those again that it had, and goes on. Returns what it came to."""
    key = parse_id(SourcingSimulationId, run.arguments["simulation"])
    async with run.work.reads(run.principal) as read:
        wanted = await simulation_by_id(read, key)
        channel = (await channels_by_id(read, [wanted.channel_id]))[wanted.channel_id]
    stage = await run.work.execute(run.principal, partial(_stage, wanted=wanted), channel)
    after, last, seen = wanted.from_at, UUID(int=0), 0
    while piece := await run.work.execute(run.principal, partial(_piece, wanted=wanted, after=after), last):
        for row in piece:
            stage.simulation.play(_past(stage.facts, row))
        last, after, seen = piece[-1][0], piece[-1][1], seen + len(piece)
        if seen > run.done:
            await run.step(rows=seen - run.done, total=stage.total)
    played, currency = stage.simulation, stage.simulation.currency
    result = {"simulated": played.simulated.stored(currency), "happened": played.happened.stored(currency)}
    await run.work.execute(run.principal, partial(_finish, key=key), result)
    return {"orders": seen}


async def _stage(tx: Tx, channel: ChannelRow, *, wanted: SourcingSimulationRow) -> Stage:
    await tx.fetch(PATIENTLY())
    span = {"from": wanted.from_at, "to": wanted.to_at}
    locations: list[LocationId] = [place for (place,) in await tx.fetch(LOCATIONS(channel=channel.id))]
    skus: list[SkuId] = [sku for (sku,) in await tx.fetch(SKUS(channel=channel.id, **span))]
    ((total,),) = await tx.fetch(COUNT(channel=channel.id, **span))
    facts, _ = await read_facts(tx, [wanted.profile_version_id], locations, skus)
    profile = facts.profiles[wanted.profile_version_id]
    named = {"locations": array(locations), "skus": array(skus)}
    stock = {(sku, place): max(units, 0) for sku, place, units in await tx.fetch(THEN(**named, **{"from": wanted.from_at}))}
    flows = [Flow(at, (sku, place), units) for at, sku, place, units in await tx.fetch(FLOWS(**named, **span))]
    goods = facts.goods
    if profile.asks_cover:
        sold = await tx.fetch(DAILY(locations=named["locations"], **span))
        goods = GoodsFacts(goods.grams, {(sku, place): round(units) for sku, place, units in sold})
    simulation = Simulation(profile, facts.ground.places, goods, locations, channel.currency, stock, iter(flows))
    return Stage(simulation, facts, total)


async def _piece(tx: Tx, last: UUID, *, wanted: SourcingSimulationRow, after: datetime) -> list[tuple[Any, ...]]:
    await tx.fetch(PATIENTLY())
    span = {"from": wanted.from_at, "to": wanted.to_at}
    return await tx.fetch(ORDERS(channel=wanted.channel_id, **span, after=after, last=last, size=PIECE))


def _past(facts: SourcingFacts, row: Sequence[Any]) -> SourcedOrder:
    _, placed_at, complete, country, address, lines, promises, waited = row
    to = facts.destination(None if address is None else Address(**address), country)
    demands = list(_demands(lines or ()))
    groups = {at: group for at, (_, _, _, group) in enumerate(lines or ()) if group is not None}
    served: dict[LocationId, dict[SkuId, int]] = {}
    for place, sku, units in promises or ():
        there = served.setdefault(LocationId(UUID(place)), {})
        there[SkuId(UUID(sku))] = there.get(SkuId(UUID(sku)), 0) + units
    return SourcedOrder(placed_at, to, complete, demands, groups, served, waited)


def _demands(lines: Sequence[Sequence[Any]]) -> Iterator[Demand]:
    for at, (sku, units, pinned, _) in enumerate(lines):
        yield Demand(at, SkuId(UUID(sku)), units, None if pinned is None else LocationId(UUID(pinned)))


async def _finish(tx: Tx, result: Json, *, key: SourcingSimulationId) -> None:
    tx.write(DONE, [{"id": key, "result": result, "finished_at": tx.now}])
