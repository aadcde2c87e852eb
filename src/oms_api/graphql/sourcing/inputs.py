"""Inputs about sourcing profiles, groups of locations and postal zones."""

from datetime import time
from decimal import Decimal

import strawberry

from oms_api.domain.channels.states import LocationKind
from oms_api.domain.sourcing.commands.change_profile import ActivateProfile, CreateProfile, RetireProfile, UpdateProfile
from oms_api.domain.sourcing.commands.upsert_places import PostalRange, UpsertGroup, UpsertZone
from oms_api.domain.sourcing.profile import Scarcity, ShipmentRate, Step, millionths
from oms_api.domain.sourcing.states import Otherwise, SourceBy
from oms_api.graphql.declared.inputs import Input, becomes
from oms_api.graphql.described import input_type
from oms_api.graphql.scalars import CountryCode
from oms_api.kernel.ids import LocationId, SourcingProfileId

NOTHING = Decimal(0)


@input_type
class SourcingStepInput(Input[Step]):
    """One way to serve an order. Without filters every location of the channel may serve it."""

    name: str
    """The name of the step, as decisions show it; no other step of the profile has it."""
    by: SourceBy = SourceBy.PRIORITY
    """The measure that the step minimizes. COST needs rates."""
    location_groups: list[str] = strawberry.field(default_factory=list)
    """The codes of location groups: the step uses only locations in one of these groups."""
    location_kinds: list[LocationKind] = strawberry.field(default_factory=list)
    """Only locations of these kinds."""
    max_distance_km: int | None = None
    """The longest distance to the destination, in kilometres; null for any distance. A location with an unknown distance is not
    used."""
    same_country: bool = False
    """Whether only locations in the country of the destination are used."""
    same_zone: bool = False
    """Whether only locations in a postal zone of the destination are used."""
    destination_countries: list[CountryCode] = strawberry.field(default_factory=list)
    """The step is for orders to these countries only."""
    destination_zones: list[str] = strawberry.field(default_factory=list)
    """The step is for orders to these postal zones only, by their codes."""
    keep_back: int = 0
    """Units of each SKU that the step leaves at each location."""
    orders_per_day: int | None = None
    """The highest number of fulfillment orders that a location gets in one day of its time zone, at least 1; any number by
    default."""
    cut_off: time | None = None
    """The time of day, in the location's time zone, from which the location is not used: "14:00"."""
    suppliers_last: bool = False
    """Whether suppliers are used only where other locations do not cover the order."""
    may_split: bool = True
    """Whether the step may use more than one location."""
    most_shipments: int = 4
    """The highest number of shipments that this step may create for an order, 1 to 6."""
    serves_part: bool = False
    """Whether the step serves the units it can, and leaves the rest to the next step. Otherwise it serves only where it covers
    all remaining units."""


@input_type
class SourcingRateInput(Input[ShipmentRate]):
    """A price of shipments, in the channel's currency. The first rate that matches a shipment is used."""

    from_group: str | None = None
    """Only shipments from locations in the group with this code; any by default."""
    from_location: str | None = None
    """Only shipments from the location with this code; any by default."""
    to_zone: str | None = None
    """Only shipments to the postal zone with this code; any by default."""
    fixed: Decimal = becomes(by=millionths, default=NOTHING)
    """The price of each shipment: "4.90"."""
    per_kg: Decimal = becomes(by=millionths, default=NOTHING)
    """The price of each kilogram of goods; a SKU without a weight weighs nothing."""
    per_unit: Decimal = becomes(by=millionths, default=NOTHING)
    """The price of handling each unit."""


@input_type
class SourcingScarcityInput(Input[Scarcity]):
    """The extra cost of units from locations with few units left."""

    below_days: int = becomes("days")
    """If the location's stock lasts for fewer days than this (1 to 3,650), units from the location have an extra cost in the
    comparison of locations. The days come from the latest stock plan, or else from recent shipments."""
    per_unit: Decimal = becomes(by=millionths)
    """The upper limit of the extra cost of a unit. The cost comes near this limit as the location's stock goes to zero."""


@input_type
class SourcingProfileCreateInput(Input[CreateProfile]):
    """A profile with its first version. It has no effect until it is activated and a channel names it."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the profile that the first call created."""
    code: str
    """Its code: unique, case-sensitive, no blanks around it."""
    name: str
    """The name shown to people."""
    steps: list[SourcingStepInput]
    """1 to 20 steps, in the order in which they are tried."""
    rates: list[SourcingRateInput] = strawberry.field(default_factory=list)
    """The shipping rates that COST steps compare, at most 500. A location without a matching rate cannot be chosen."""
    split_penalty: Decimal = becomes(by=millionths, default=NOTHING)
    """The extra cost of each shipment after the first, in the channel's currency."""
    scarcity: SourcingScarcityInput | None = None
    """The extra cost of units from locations with few units left; none by default."""
    otherwise: Otherwise = Otherwise.REFUSE
    """The treatment of units that no step serves and that the channel does not oversell."""


@input_type
class SourcingProfileUpdateInput(Input[UpdateProfile]):
    """Another name or a new version of a profile. Fields left out or null are as in its newest version."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the profile."""
    profile_id: SourcingProfileId
    """The profile."""
    name: str | None = None
    """The name shown to people."""
    steps: list[SourcingStepInput] | None = None
    """All steps of the new version; if left out, the steps stay as they are."""
    rates: list[SourcingRateInput] | None = None
    """All rates of the new version; if left out, the rates stay as they are."""
    split_penalty: Decimal | None = becomes(by=millionths, default=None)
    """The extra cost of each shipment after the first, in the channel's currency."""
    scarcity: SourcingScarcityInput | None = None
    """The extra cost of units from locations with few units left; a `perUnit` of "0" ends it."""
    otherwise: Otherwise | None = None
    """The treatment of units that no step serves."""
    expected_version: int | None = None
    """The value of the profile's counter `version` that the change is based on; any other value is refused."""


@input_type
class SourcingProfileActivateInput(Input[ActivateProfile]):
    """The version of a profile to activate."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the profile."""
    profile_id: SourcingProfileId
    """The profile."""
    number: int | None = None
    """The number of the version; the newest by default."""
    expected_version: int | None = None
    """The value of the profile's counter `version` that the change is based on; any other value is refused."""


@input_type
class SourcingProfileRetireInput(Input[RetireProfile]):
    """The profile to retire."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the profile."""
    profile_id: SourcingProfileId
    """The profile."""
    expected_version: int | None = None
    """The value of the profile's counter `version` that the change is based on; any other value is refused."""


@input_type
class LocationGroupUpsertInput(Input[UpsertGroup]):
    """A group of locations, identified by its code. If it exists, fields left out or null stay as they are."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the same group."""
    code: str
    """Its code: unique, case-sensitive, no blanks around it."""
    name: str | None = None
    """The name shown to people; the code by default."""
    location_ids: list[LocationId] | None = None
    """All of its locations, at most 1,000."""
    expected_version: int | None = None
    """The version that the change is based on; any other is refused."""


@input_type
class PostalCodeRangeInput(Input[PostalRange]):
    """A range of postal codes, both ends included.

    Only the first characters of a postal code are compared, as many as `high` has.
    """

    low: str
    """The first postal code of the range."""
    high: str
    """The last postal code of the range. It must be as long as `low`."""


@input_type
class PostalZoneUpsertInput(Input[UpsertZone]):
    """A postal zone, identified by its code. If it exists, fields left out or null stay as they are."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the same zone."""
    code: str
    """Its code: unique, case-sensitive, no blanks around it."""
    country: CountryCode | None = None
    """The country; required for a new zone."""
    prefixes: list[str] | None = None
    """Postal codes of the zone begin with one of these prefixes, at most 1,000. Blanks, dashes and case are ignored."""
    ranges: list[PostalCodeRangeInput] | None = None
    """Postal codes of the zone lie in one of these ranges, at most 1,000."""
    latitude: Decimal | None = becomes(by=float, default=None)
    """The latitude of the zone's center, in degrees. Addresses without coordinates count as lying at the center."""
    longitude: Decimal | None = becomes(by=float, default=None)
    """The longitude of the zone's center, in degrees."""
    expected_version: int | None = None
    """The version that the change is based on; any other is refused."""
