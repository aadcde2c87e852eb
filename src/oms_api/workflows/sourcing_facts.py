"""The facts for sourcing by profiles: profiles, locations, zones and goods, in one round trip.

Versions of profiles never change, so they are read once for each process. Locations, groups and zones are kept, too, and read
again when the versions of any of them changed.
"""

from collections.abc import Collection, Mapping
from dataclasses import field
from typing import Any
from uuid import UUID

from oms_api.db.pipeline import Rows, Statement
from oms_api.db.session import Tx
from oms_api.db.sets import array, text_array
from oms_api.db.sql import Sql
from oms_api.domain.catalog.weights import GRAMS
from oms_api.domain.channels.states import LocationKind
from oms_api.domain.inventory.sourcing import Strategy
from oms_api.domain.sourcing.candidates import Journey
from oms_api.domain.sourcing.costs import GoodsFacts
from oms_api.domain.sourcing.groups import GroupsKept
from oms_api.domain.sourcing.places import LocationLoad, Map, PlaceFacts, Point, Spot, Zone, plain
from oms_api.domain.sourcing.profile import Profile, rate_of, scarcity_of, step_of
from oms_api.domain.sourcing.states import Otherwise
from oms_api.domain.sourcing.strategy import ProfileStrategy
from oms_api.kernel.address import Address
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import LocationId, SkuId, SourcingProfileVersionId

VERSIONS = Sql("""
SELECT version.id, profile.code, version.number, version.steps, version.rates, version.split_penalty, version.scarcity,
       version.otherwise
FROM sourcing_profile_version version JOIN sourcing_profile profile ON profile.id = version.profile_id
WHERE version.id = ANY (:ids::uuid[])
""")
ACTIVE = Sql("SELECT code, active_version_id FROM sourcing_profile WHERE code = ANY (:codes::text[]) AND status = 'ACTIVE'")
BUSY = """
SELECT jsonb_agg(jsonb_build_array(location.id,
    CASE WHEN location.open_order_limit IS NULL THEN 0 ELSE (
        SELECT count(*) FROM fulfillment_order work
        WHERE work.location_id = location.id AND work.status IN ('SCHEDULED', 'OPEN', 'IN_PROGRESS')
    ) END,
    CASE WHEN :day::boolean THEN (
        SELECT count(*) FROM fulfillment_order work WHERE work.location_id = location.id AND work.created_at >=
            date_trunc('day', :now::timestamptz AT TIME ZONE location.time_zone) AT TIME ZONE location.time_zone
    ) ELSE 0 END))
FROM location WHERE location.id = ANY (:locations::uuid[]) AND (location.open_order_limit IS NOT NULL OR :day::boolean)
"""
LOOK = Sql(f"""
SELECT ({BUSY}),
    (SELECT sum(version) FROM location WHERE id = ANY (:locations::uuid[])),
    (SELECT count(*) FROM location_group), (SELECT sum(version) FROM location_group),
    (SELECT count(*) FROM postal_zone), (SELECT sum(version) FROM postal_zone)
""")  # noqa: S608 - made of constants
"""Who is busy, and by which versions locations, groups and zones may be kept."""
PLACES = Sql("""
SELECT id, code, name, kind, time_zone, address, open_order_limit,
    ARRAY(SELECT code FROM location_group WHERE location_ids @> ARRAY[location.id])
FROM location WHERE id = ANY (:locations::uuid[])
""")
ZONES = Sql("SELECT code, country, prefixes, ranges, latitude, longitude FROM postal_zone ORDER BY code")
DAILY = Sql("""
SELECT level.sku_id, level.location_id, coalesce(
    (SELECT line.weekly / 7 FROM stock_plan_line line WHERE line.level_id = level.id AND line.plan_id = (
        SELECT id FROM stock_plan WHERE finished_at IS NOT NULL ORDER BY at DESC, id DESC LIMIT 1)),
    (SELECT sum(sold.quantity) / greatest(1, extract(epoch FROM :now::timestamptz - min(sold.occurred_at)) / 86400)
     FROM (SELECT quantity, kind, occurred_at FROM stock_movement
           WHERE level_id = level.id ORDER BY sequence DESC LIMIT 500) sold
     WHERE sold.kind = 'SHIP' AND sold.occurred_at > :now::timestamptz - interval '28 days'), 0) * 1000
FROM inventory_level level
WHERE level.sku_id = ANY (:skus::uuid[]) AND level.location_id = ANY (:locations::uuid[])
""")
"""Thousandths of units a day: as the latest plan forecasts, else as was shipped lately."""

Versions = tuple[int | None, ...]
"""Of locations, groups and zones: sums that grow with each change, with how many there are."""
_profiles: dict[SourcingProfileVersionId, Profile] = {}
_ground: dict[tuple[LocationId, ...], tuple[Versions, "Ground"]] = {}
MOST_KEPT = 1_000


@dataclass(frozen=True, slots=True)
class Ground:
    """Locations by id, and the zones they lie in."""

    places: Mapping[LocationId, PlaceFacts] = field(default_factory=dict)
    map: Map = field(default_factory=Map)


@dataclass(slots=True)
class SourcingFacts:
    """What was read: the versions of profiles that may decide, the locations and how busy they are, and the goods."""

    profiles: Mapping[SourcingProfileVersionId, Profile] = field(default_factory=dict)
    ground: Ground = field(default_factory=Ground)
    busy: dict[LocationId, LocationLoad] = field(default_factory=dict)
    goods: GoodsFacts = field(default_factory=GoodsFacts)

    def destination(self, address: Address | None, country: str | None = None) -> Spot:
        """Return where an order goes, as far as it was told."""
        if address is None:
            return self.ground.map.spot(country, None, None)
        return self.ground.map.spot(address.country, address.postal_code, point_of(address.latitude, address.longitude))


def strategy_by(
    facts: SourcingFacts | None,
    version: SourcingProfileVersionId | None,
    journey: Journey,
    groups: Mapping[int, str],
    homes: Mapping[str, LocationId],
    *,
    currency: str,
    ship_complete: bool,
) -> Strategy | None:
    """Return how an order is sourced whose lines are in *groups*, some of which have *homes*: by *version* of a profile.

    Without one, or where it does not decide, lines are kept together; None where there is nothing but the channel's own way.
    """
    if facts is None or version is None or version not in facts.profiles:
        return GroupsKept(groups, homes) if groups else None
    return ProfileStrategy(
        profile=facts.profiles[version],
        places=facts.ground.places,
        goods=facts.goods,
        journey=journey,
        currency=currency,
        busy=facts.busy,
        ship_complete=ship_complete,
        ship_groups=groups,
        homes=homes,
    )


async def read_facts(
    tx: Tx,
    versions: Collection[SourcingProfileVersionId],
    locations: Collection[LocationId],
    skus: Collection[SkuId],
    *more: Statement,
) -> tuple[SourcingFacts, list[Rows]]:
    """Return what sourcing by *versions* asks for, and what the *more* statements find.

    It is one round trip, and another one where a version, or where locations lie, is new here.
    """
    profiles = await profiles_in(tx, versions)
    asked = profiles.values()
    reads = [LOOK(locations=array(locations), now=tx.now, day=any(profile.asks_day for profile in asked))]
    weighs, covers = any(profile.asks_weights for profile in asked), any(profile.asks_cover for profile in asked)
    if weighs:
        reads.append(GRAMS(skus=array(skus)))
    if covers:
        reads.append(DAILY(skus=array(skus), locations=array(locations), now=tx.now))
    ((busy, *signature),), *found = await tx.flush([*reads, *more])
    goods, others = found[: len(reads) - 1], found[len(reads) - 1 :]
    working = {LocationId(UUID(key)): LocationLoad(open_orders, today) for key, open_orders, today in busy or ()}
    ground = await ground_of(tx, tuple(sorted(locations)), tuple(signature))
    grams: Mapping[SkuId, int] = dict(goods[0]) if weighs else {}
    daily = {(sku, place): round(units) for sku, place, units in goods[-1]} if covers else {}
    return SourcingFacts(profiles, ground, working, GoodsFacts(grams, daily)), others


async def active_versions(tx: Tx, codes: Collection[str]) -> dict[str, SourcingProfileVersionId]:
    """Return the versions that decide of the profiles with *codes*, where they are active."""
    return dict(await tx.fetch(ACTIVE(codes=text_array(sorted(codes)))))


async def profiles_in(tx: Tx, versions: Collection[SourcingProfileVersionId]) -> Mapping[SourcingProfileVersionId, Profile]:
    """Return *versions* of profiles, those that were read before without asking."""
    if missing := [key for key in versions if key not in _profiles]:
        for key, *columns in await tx.fetch(VERSIONS(ids=array(missing))):
            if len(_profiles) >= MOST_KEPT:
                _profiles.clear()
            _profiles[key] = profile_of(*columns)
    return {key: _profiles[key] for key in versions if key in _profiles}


def profile_of(
    code: str,
    number: int,
    steps: list[Mapping[str, Any]],
    rates: list[Mapping[str, Any]],
    split_penalty: int,
    scarcity: Mapping[str, Any] | None,
    otherwise: str,
) -> Profile:
    """Return the profile that is stored as these columns."""
    return Profile(
        code=code,
        number=number,
        steps=tuple(map(step_of, steps)),
        rates=tuple(map(rate_of, rates)),
        split_penalty=split_penalty,
        scarcity=scarcity_of(scarcity),
        otherwise=Otherwise(otherwise),
    )


async def ground_of(tx: Tx, locations: tuple[LocationId, ...], versions: Versions) -> Ground:
    """Return *locations* and the zones there are, read again where *versions* say that any changed."""
    kept = _ground.get(locations)
    if kept is None or kept[0] != versions:
        places, zones = await tx.flush([PLACES(locations=array(locations)), ZONES()])
        zoned = Map([_zone(*row) for row in zones])
        if len(_ground) >= MOST_KEPT:
            _ground.clear()
        kept = _ground[locations] = versions, Ground({row[0]: _place(row, zoned) for row in places}, zoned)
    return kept[1]


def _zone(
    code: str, country: str, prefixes: list[str], ranges: list[list[str]], latitude: float | None, longitude: float | None
) -> Zone:
    return Zone(
        code=code,
        country=country,
        prefixes=tuple(map(plain, prefixes)),
        ranges=tuple((plain(low), plain(high)) for low, high in ranges),
        centre=point_of(latitude, longitude),
    )


def _place(row: tuple[Any, ...], zones: Map) -> PlaceFacts:
    key, code, name, kind, time_zone, address, limit, groups = row
    said = address or {}
    point = point_of(said.get("latitude"), said.get("longitude"))
    return PlaceFacts(
        id=key,
        code=code,
        name=name,
        kind=LocationKind(kind),
        spot=zones.spot(said.get("country"), said.get("postal_code"), point),
        groups=frozenset(groups),
        time_zone=time_zone,
        open_order_limit=limit,
    )


def point_of(latitude: float | None, longitude: float | None) -> Point | None:
    """Return a point, None where half of it is missing."""
    return None if latitude is None or longitude is None else (latitude, longitude)
