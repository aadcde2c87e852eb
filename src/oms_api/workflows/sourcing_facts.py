"""What sourcing by profiles needs to know: profiles, locations, zones and goods, in one round trip.

Versions of profiles never change, so they are read once for each process; zones are read again when any of them changed.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from oms_api.db.session import Tx
from oms_api.db.sets import array, text_array
from oms_api.db.sql import Sql
from oms_api.domain.channels.states import LocationKind
from oms_api.domain.inventory.sourcing import Strategy
from oms_api.domain.sourcing.candidates import Journey
from oms_api.domain.sourcing.costs import Goods
from oms_api.domain.sourcing.groups import GroupsKept
from oms_api.domain.sourcing.places import Map, PlaceFacts, Point, Spot, Zone, plain
from oms_api.domain.sourcing.profile import Profile, rate_of, scarcity_of, step_of
from oms_api.domain.sourcing.states import Otherwise
from oms_api.domain.sourcing.strategy import ProfileStrategy
from oms_api.kernel.address import Address
from oms_api.kernel.ids import LocationId, SkuId, SourcingProfileVersionId

VERSIONS = Sql("""
SELECT version.id, profile.code, version.number, version.steps, version.rates, version.split_penalty, version.scarcity,
       version.otherwise
FROM sourcing_profile_version version JOIN sourcing_profile profile ON profile.id = version.profile_id
WHERE version.id = ANY (:ids::uuid[])
""")
ACTIVE = Sql("SELECT code, active_version_id FROM sourcing_profile WHERE code = ANY (:codes::text[]) AND status = 'ACTIVE'")
PLACES = Sql("""
SELECT location.id, location.code, location.name, location.kind, location.time_zone, location.address,
    location.open_order_limit,
    CASE WHEN location.open_order_limit IS NULL THEN 0 ELSE (
        SELECT count(*) FROM fulfillment_order work
        WHERE work.location_id = location.id AND work.status IN ('SCHEDULED', 'OPEN', 'IN_PROGRESS')
    ) END,
    CASE WHEN :day::boolean THEN (
        SELECT count(*) FROM fulfillment_order work WHERE work.location_id = location.id AND work.created_at >=
            date_trunc('day', :now::timestamptz AT TIME ZONE location.time_zone) AT TIME ZONE location.time_zone
    ) ELSE 0 END,
    ARRAY(SELECT code FROM location_group WHERE location_ids @> ARRAY[location.id])
FROM location WHERE location.id = ANY (:locations::uuid[])
""")
SIGNATURE = Sql("SELECT count(*), coalesce(sum(version), 0) FROM postal_zone")
ZONES = Sql("SELECT code, country, prefixes, ranges, latitude, longitude FROM postal_zone ORDER BY code")
GRAMS = Sql("SELECT id, weight_g FROM sku WHERE id = ANY (:skus::uuid[]) AND weight_g IS NOT NULL")
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

_profiles: dict[SourcingProfileVersionId, Profile] = {}
_map: tuple[tuple[int, int], Map] = ((0, 0), Map())
MOST_KEPT = 1_000


@dataclass(slots=True)
class SourcingFacts:
    """What was read: the versions of profiles that may decide, the locations by id, the zones and the goods."""

    profiles: Mapping[SourcingProfileVersionId, Profile] = field(default_factory=dict)
    places: dict[LocationId, PlaceFacts] = field(default_factory=dict)
    map: Map = field(default_factory=Map)
    goods: Goods = field(default_factory=Goods)

    def destination(self, address: Address | None, country: str | None = None) -> Spot:
        """Return where an order goes, as far as it was told."""
        if address is None:
            return self.map.spot(country, None, None)
        return self.map.spot(address.country, address.postal_code, point_of(address.latitude, address.longitude))


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
        places=facts.places,
        goods=facts.goods,
        journey=journey,
        currency=currency,
        ship_complete=ship_complete,
        ship_groups=groups,
        homes=homes,
    )


async def read_facts(
    tx: Tx, versions: Collection[SourcingProfileVersionId], locations: Collection[LocationId], skus: Collection[SkuId]
) -> SourcingFacts:
    """Return what sourcing by *versions* asks for; one round trip, and another one where a version or zones are new here."""
    profiles = await profiles_in(tx, versions)
    asked = profiles.values()
    places = PLACES(locations=array(locations), now=tx.now, day=any(profile.asks_day for profile in asked))
    reads = [places, SIGNATURE()]
    weighs, covers = any(profile.asks_weights for profile in asked), any(profile.asks_cover for profile in asked)
    if weighs:
        reads.append(GRAMS(skus=array(skus)))
    if covers:
        reads.append(DAILY(skus=array(skus), locations=array(locations), now=tx.now))
    found, ((count, changes),), *goods = await tx.flush(reads)
    zones = await zones_in(tx, (count, changes))
    grams: Mapping[SkuId, int] = dict(goods[0]) if weighs else {}
    daily = {(sku, place): round(units) for sku, place, units in goods[-1]} if covers else {}
    return SourcingFacts(profiles, {row[0]: _place(row, zones) for row in found}, zones, Goods(grams, daily))


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


async def zones_in(tx: Tx, signature: tuple[int, int]) -> Map:
    """Return the postal zones, read again where *signature* says that some changed."""
    global _map  # noqa: PLW0603 - what the process keeps of the database
    if _map[0] != signature:
        _map = signature, Map([_zone(*row) for row in await tx.fetch(ZONES())])
    return _map[1]


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
    key, code, name, kind, time_zone, address, limit, open_orders, today, groups = row
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
        open_orders=open_orders,
        today=today,
    )


def point_of(latitude: float | None, longitude: float | None) -> Point | None:
    """Return a point, None where half of it is missing."""
    return None if latitude is None or longitude is None else (latitude, longitude)
