"""All that deciding on a reservation needs, read in one statement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from oms_api.db.session import LookAgain, Tx
from oms_api.db.sets import array, text_array
from oms_api.db.sql import Sql
from oms_api.domain.catalog.references import SkuRef
from oms_api.domain.catalog.states import SkuKind
from oms_api.domain.channels.serving import ACTIVE_LOCATIONS
from oms_api.domain.inventory.reservations.holds import HeldReservation, SecondLook, check_locked, freed, holds_in
from oms_api.domain.inventory.sellable import LevelSnapshot, Waiting
from oms_api.domain.inventory.sourcing import LevelKey
from oms_api.domain.promising.waiting import ANYWHERE, WHERE_SERVED, anybody_waits_for, waiting_as_json
from oms_api.kernel.ids import ChannelId, LevelId, LocationId, ReservationId, SkuId

# OFFSET 0 keeps a lateral lookup one index scan for each row: estimates know nothing of how few rows a parameter holds.
NAMED = """
WITH named AS (
    SELECT sku.id FROM unnest(:codes::text[]) AS wanted (code)
    CROSS JOIN LATERAL (SELECT id FROM sku WHERE sku.code = wanted.code OFFSET 0) AS sku
    UNION SELECT sku.id FROM unnest(:ids::uuid[]) AS wanted (id)
    CROSS JOIN LATERAL (SELECT id FROM sku WHERE sku.id = wanted.id OFFSET 0) AS sku
), parts AS (
    SELECT part.* FROM named CROSS JOIN LATERAL (
        SELECT bundle_id, component_id, quantity FROM sku_component WHERE bundle_id = named.id OFFSET 0
    ) AS part
), stocked AS (
    SELECT id FROM named UNION SELECT component_id FROM parts
), served AS (
    SELECT location_id FROM channel_location WHERE channel_id = :channel::uuid
)
"""
SAME_REFERENCE = """
    SELECT id, expires_at FROM reservation
    WHERE channel_id = :channel::uuid AND external_ref = :reference::text AND status = 'ACTIVE'
"""
ANYBODY = anybody_waits_for("stocked")
TEXT = f"""
{NAMED}
SELECT
    (SELECT jsonb_build_array(status = 'ACTIVE', sells_safety_stock, reservation_minutes,
        (SELECT jsonb_agg(served.location_id ORDER BY served.priority) FROM {ACTIVE_LOCATIONS}
         WHERE served.channel_id = channel.id))
     FROM channel WHERE id = :channel::uuid),
    (SELECT jsonb_agg(jsonb_build_array(sku.id, code, kind, status = 'ACTIVE')) FROM stocked
     CROSS JOIN LATERAL (SELECT * FROM sku WHERE sku.id = stocked.id OFFSET 0) AS sku),
    (SELECT jsonb_agg(jsonb_build_array(bundle_id, component_id, quantity) ORDER BY bundle_id, component_id) FROM parts),
    (SELECT jsonb_agg(jsonb_build_array(id, sku_id, location_id, available, free)) FROM ({WHERE_SERVED}) AS candidate),
    (SELECT jsonb_build_array(id, expires_at <= :now::timestamptz) FROM ({SAME_REFERENCE}) AS same),
    {ANYBODY}
"""  # noqa: S608 - made of constants
WIDE_TEXT = TEXT.replace(WHERE_SERVED, ANYWHERE.format(now=":now::timestamptz")).replace(ANYBODY, waiting_as_json("stocked"))
READ, WIDE_READ = Sql(TEXT), Sql(WIDE_TEXT)
"""The second under locks, with who waits and the levels that they may be served from."""
CANDIDATES = f"{NAMED} SELECT id FROM ({WHERE_SERVED}) AS candidate"  # noqa: S608 - as above
OVERDUE_REFERENCE = f"SELECT id FROM ({SAME_REFERENCE}) AS same WHERE expires_at <= :now::timestamptz"  # noqa: S608 - as above
LOOK = SecondLook(CANDIDATES, OVERDUE_REFERENCE)


@dataclass(frozen=True, slots=True)
class ChannelSnapshot:
    """What of a channel's policy reservations need, and its active locations by priority."""

    active: bool
    sells_safety_stock: bool
    reservation_minutes: int
    locations: tuple[LocationId, ...]


@dataclass(frozen=True, slots=True)
class SkuSnapshot:
    """A SKU, and what a bundle of it holds: component and quantity."""

    id: SkuId
    code: str
    kind: SkuKind
    active: bool
    components: tuple[tuple[SkuId, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What was true when it was read; `levels` count as free what `overdue` reservations hold, which are to be expired.

    `same_reference` is the active reservation of the channel with the reference given, `waiting` are those who wait for some of
    the SKUs already.
    """

    channel: ChannelSnapshot | None
    skus: Mapping[SkuId, SkuSnapshot]
    sku_ids: Mapping[str, SkuId]
    levels: Mapping[LevelKey, LevelSnapshot]
    same_reference: ReservationId | None
    overdue: Sequence[HeldReservation]
    waiting: Sequence[Waiting]

    def sku(self, reference: SkuRef) -> SkuSnapshot | None:
        """Return the SKU that a caller names, if there is one."""
        key = self.sku_ids.get(reference.code or "") if reference.id is None else reference.id
        return None if key is None else self.skus.get(key)


async def read_snapshot(tx: Tx, channel_id: ChannelId, references: Sequence[SkuRef], external_ref: str | None) -> Snapshot:
    """Read what deciding on a reservation needs, in one round trip; with `tx.pessimistic` under locks.

    Raises: LookAgain, where an overdue reservation has the same reference or somebody waits for one of the SKUs: what is to be
    done about that is known under locks only.
    """
    named = {
        "codes": text_array(ref.code for ref in references if ref.code is not None and "\0" not in ref.code),
        "ids": array(ref.id for ref in references if ref.id is not None),
        "channel": channel_id,
        "reference": external_ref,
        "now": tx.now,
    }
    locks = LOOK(**named) if tx.pessimistic else []
    reading = (WIDE_READ if tx.pessimistic else READ)(**named)
    *locked, ((channel, skus, parts, levels, same, waiting),) = await tx.flush([*locks, reading])
    overdue = [hold for hold in holds_in(locked[-1]) if hold.overdue(tx.now)] if locked else []
    same_id, same_overdue = (ReservationId(UUID(same[0])), same[1]) if same else (None, False)
    if (same_overdue or waiting) and not tx.pessimistic:
        raise LookAgain
    found, seller, known = _skus(skus or [], parts or []), _channel(channel), _levels(levels or [])
    if locked and seller is not None:
        check_locked(locked[1], known, seller.locations)
    return Snapshot(
        channel=seller,
        skus=found,
        sku_ids={sku.code: sku.id for sku in found.values()},
        levels=freed(known, overdue),
        same_reference=None if same_id in {hold.id for hold in overdue} else same_id,
        overdue=overdue,
        waiting=[*map(Waiting.of, waiting or ())],
    )


def _channel(channel: list[Any] | None) -> ChannelSnapshot | None:
    if channel is None:
        return None
    active, safety, minutes, locations = channel
    return ChannelSnapshot(active, safety, minutes, tuple(LocationId(UUID(location)) for location in locations or ()))


def _skus(skus: list[Any], parts: list[Any]) -> dict[SkuId, SkuSnapshot]:
    components: dict[str, list[tuple[SkuId, int]]] = {}
    for bundle, component, quantity in parts:
        components.setdefault(bundle, []).append((SkuId(UUID(component)), quantity))
    found = (
        SkuSnapshot(SkuId(UUID(key)), code, SkuKind(kind), active, tuple(components.get(key, ())))
        for key, code, kind, active in skus
    )
    return {sku.id: sku for sku in found}


def _levels(levels: list[Any]) -> dict[LevelKey, LevelSnapshot]:
    return {
        (SkuId(UUID(sku)), LocationId(UUID(place))): LevelSnapshot(LevelId(UUID(key)), available, free)
        for key, sku, place, available, free in levels
    }
