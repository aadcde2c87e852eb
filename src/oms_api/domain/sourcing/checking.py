"""Checks of a version of a profile, a group or a zone. Pure, but for the codes that are looked up."""

from collections.abc import Iterator, Mapping, Sequence

from oms_api.db.session import Reader
from oms_api.db.sets import text_array
from oms_api.db.sql import Sql
from oms_api.db.statements import Query
from oms_api.domain.channels.states import LocationKind
from oms_api.domain.sourcing.errors import UnknownSourcingCode
from oms_api.domain.sourcing.profile import DECIMALS, MOST_SHIPMENTS, Scarcity, ShipmentRate, Step
from oms_api.domain.sourcing.states import SourceBy
from oms_api.kernel.address import COUNTRIES
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import InvalidValue, OmsError, TooManyItems, wrong_in
from oms_api.kernel.naming import check_name
from oms_api.kernel.quantities import LARGEST_QUANTITY

MOST_STEPS, MOST_RATES, MOST_NAMES = 20, 500, 100
LONGEST_KM = 20_100
"""Half of the way round the earth."""
LONGEST_COVER_DAYS = 3_650
LARGEST_AMOUNT, MILLION = 1_000_000, 10**DECIMALS
CODES = Sql("""
SELECT 'location group', code, ARRAY(SELECT kind FROM location WHERE id = ANY (location_ids) AND status = 'ACTIVE')
FROM location_group WHERE code = ANY (:groups::text[])
UNION ALL SELECT 'postal zone', code, NULL FROM postal_zone WHERE code = ANY (:zones::text[])
UNION ALL SELECT 'location', code, NULL FROM location WHERE code = ANY (:locations::text[])
UNION ALL SELECT 'kind', kind, NULL FROM (SELECT DISTINCT kind FROM location WHERE status = 'ACTIVE') AS there
""")
Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileDefinition:
    """All that a version of a profile says."""

    steps: tuple[Step, ...]
    rates: tuple[ShipmentRate, ...] = ()
    split_penalty: int = 0
    scarcity: Scarcity | None = None

    def named(self) -> Iterator[tuple[str, str, Path]]:
        """Yield the codes that it names: of what, which, and where."""
        for at, step in enumerate(self.steps):
            yield from (
                ("location group", code, ("steps", at, "locationGroups", i)) for i, code in enumerate(step.location_groups)
            )
            yield from (
                ("postal zone", code, ("steps", at, "destinationZones", i)) for i, code in enumerate(step.destination_zones)
            )
        for at, rate in enumerate(self.rates):
            named = (
                ("location group", rate.from_group, "fromGroup"),
                ("location", rate.from_location, "fromLocation"),
                ("postal zone", rate.to_zone, "toZone"),
            )
            yield from ((what, code, ("rates", at, field)) for what, code, field in named if code is not None)


async def wrong_with(read: Reader, given: ProfileDefinition) -> list[OmsError]:
    """Return all that is wrong with a version, the codes that it names included."""
    errors = list(_wrong(given))
    named = list(given.named())
    wanted = {
        what: text_array(sorted({code for kind, code, _ in named if kind == what and "\0" not in code})) for what, _, _ in named
    }
    codes = {"groups": "location group", "zones": "postal zone", "locations": "location"}
    rows = await read.all(
        Query[tuple[str, str, Sequence[str] | None]](*CODES(**{key: wanted.get(what, "{}") for key, what in codes.items()}))
    )
    known = {(what, code): kinds for what, code, kinds in rows}
    errors += [
        UnknownSourcingCode(what=what, given=code, field=tuple(map(str, path)))
        for what, code, path in named
        if (what, code) not in known
    ]
    kinds = {LocationKind(code) for what, code in known if what == "kind"}
    groups = {
        code: {LocationKind(kind) for kind in found or ()} for (what, code), found in known.items() if what == "location group"
    }
    errors += _empty(given.steps, groups, kinds)
    return errors


def _empty(steps: Sequence[Step], groups: Mapping[str, set[LocationKind]], kinds: set[LocationKind]) -> Iterator[OmsError]:
    """Yield which steps no active location could ever serve."""
    for at, step in enumerate(steps):
        if not groups.keys() >= {*step.location_groups}:
            continue  # that is said already
        there = set().union(*(groups[code] for code in step.location_groups)) if step.location_groups else kinds
        if step.location_kinds:
            there &= {*step.location_kinds}
        if not there:
            field = "locationGroups" if step.location_groups else "locationKinds" if step.location_kinds else "name"
            problem = f"No active location fits the step '{step.name}': it could serve nothing."
            yield InvalidValue(problem=problem, field=("steps", str(at), field))


def _wrong(given: ProfileDefinition) -> Iterator[OmsError]:
    if not given.steps:
        yield InvalidValue(problem="A profile needs at least one step.", field=("steps",))
    for what, items, most in (("steps", given.steps, MOST_STEPS), ("rates", given.rates, MOST_RATES)):
        if len(items) > most:
            yield TooManyItems(limit=most, given=len(items), field=(what,))
    names = [step.name for step in given.steps]
    for at, step in enumerate(given.steps):
        yield from (error.at("steps", at) for error in _wrong_step(step))
        if step.name in names[:at]:
            yield InvalidValue(problem="Each step has a name of its own.", field=("steps", str(at), "name"))
        if step.by is SourceBy.COST and not given.rates:
            problem = "A step by COST needs rates: one without `from` and `to` fits everywhere."
            yield InvalidValue(problem=problem, field=("steps", str(at), "by"))
    for at, rate in enumerate(given.rates):
        yield from (error.at("rates", at) for error in _wrong_rate(rate))
    yield from _amount(given.split_penalty, "splitPenalty")
    if given.scarcity is not None:
        yield from _between(given.scarcity.days, 1, LONGEST_COVER_DAYS, "scarcity", "belowDays")
        yield from _amount(given.scarcity.per_unit, "scarcity", "perUnit")


def _wrong_rate(rate: ShipmentRate) -> Iterator[OmsError]:
    for name, amount in (("fixed", rate.fixed), ("perKg", rate.per_kg), ("perUnit", rate.per_unit)):
        yield from _amount(amount, name)
    if rate.from_group is not None and rate.from_location is not None:
        problem = "A rate is from a group or from one location, not both."
        yield InvalidValue(problem=problem, field=("fromLocation",))


def _wrong_step(step: Step) -> Iterator[OmsError]:
    yield from wrong_in(lambda: check_name(step.name, "name"))
    yield from _between(step.most_shipments, 1, MOST_SHIPMENTS, "mostShipments")
    yield from _between(step.keep_back, 0, LARGEST_QUANTITY, "keepBack")
    yield from _between(step.orders_per_day, 1, LARGEST_QUANTITY, "ordersPerDay")
    yield from _between(step.max_distance_km, 0, LONGEST_KM, "maxDistanceKm")
    lists = (
        ("locationGroups", step.location_groups),
        ("destinationZones", step.destination_zones),
        ("destinationCountries", step.destination_countries),
    )
    for name, codes in lists:
        if len(codes) > MOST_NAMES:
            yield TooManyItems(limit=MOST_NAMES, given=len(codes), field=(name,))
    for at, country in enumerate(step.destination_countries):
        if country not in COUNTRIES:
            problem = f"'{country}' is not a country code of ISO 3166-1 alpha-2, such as GB."
            yield InvalidValue(problem=problem, field=("destinationCountries", str(at)))


def _amount(given: int, *path: str) -> Iterator[OmsError]:
    if not 0 <= given <= LARGEST_AMOUNT * MILLION:
        yield InvalidValue(problem=f"An amount is between 0 and {LARGEST_AMOUNT:,}.", field=path)


def _between(given: int | None, least: int, most: int, *path: str | int) -> Iterator[OmsError]:
    if given is not None and not least <= given <= most:
        name = str(path[-1])
        yield InvalidValue(problem=f"{name} is between {least:,} and {most:,}.", field=tuple(map(str, path)))
