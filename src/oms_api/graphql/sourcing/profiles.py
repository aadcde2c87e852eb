"""Sourcing profiles and their versions, as clients read them."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time
from decimal import Decimal
from typing import Any, Self

from oms_api.domain.channels.states import LocationKind
from oms_api.domain.sourcing.profile import major, rate_of, scarcity_of, step_of
from oms_api.domain.sourcing.queries import pages_of_versions, profiles_by_id, versions_by_id
from oms_api.domain.sourcing.states import Otherwise, ProfileStatus, SourceBy
from oms_api.domain.sourcing.tables import SourcingProfileRow, SourcingProfileVersionRow
from oms_api.graphql.connections import Connection
from oms_api.graphql.declared.links import leads_to, pages
from oms_api.graphql.declared.records import Record, entity, made
from oms_api.graphql.described import enum, output
from oms_api.graphql.nodes import Node
from oms_api.graphql.scalars import CountryCode
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import SourcingProfileId, SourcingProfileVersionId

enum(LocationKind)
enum(ProfileStatus, name="SourcingProfileStatus")
enum(SourceBy)
enum(Otherwise, name="SourcingOtherwise")


@output
class SourcingStep:
    """One way to serve an order. The first step that covers all remaining units wins."""

    name: str
    """The name of the step, as decisions show it."""
    by: SourceBy
    """The measure that the step minimizes."""
    location_groups: list[str]
    """Only locations in one of these groups. An empty list means all locations."""
    location_kinds: list[LocationKind]
    """Only locations of these kinds. An empty list means all locations."""
    max_distance_km: int | None
    """The longest distance to the destination, in kilometres; null for any distance. A location with an unknown distance is not
    used."""
    same_country: bool
    """Whether only locations in the country of the destination are used."""
    same_zone: bool
    """Whether only locations in a postal zone of the destination are used."""
    destination_countries: list[CountryCode]
    """The step is only for orders to these countries; for all orders where the list is empty."""
    destination_zones: list[str]
    """The step is only for orders to these postal zones; for all orders where the list is empty."""
    keep_back: int
    """Units of each SKU that the step leaves at each location."""
    orders_per_day: int | None
    """The highest number of fulfillment orders that a location gets in one day of its time zone; null for any number."""
    cut_off: time | None
    """The time of day, in the location's time zone, from which the location is not used; null for none."""
    suppliers_last: bool
    """Whether suppliers are used only where other locations do not cover the order."""
    may_split: bool
    """Whether the step may use more than one location."""
    most_shipments: int
    """The highest number of shipments that this step may create for an order."""
    serves_part: bool
    """Whether the step serves the units it can, and leaves the rest to the next step."""

    @classmethod
    def of_all(cls, stored: Sequence[Mapping[str, Any]]) -> list[Self]:
        """Describe the steps of a version."""
        names = [name for name in cls.__annotations__ if name not in LISTS]
        return [
            cls(
                **{name: getattr(step, name) for name in names},
                location_groups=list(step.location_groups),
                location_kinds=list(step.location_kinds),
                destination_countries=[CountryCode(code) for code in step.destination_countries],
                destination_zones=list(step.destination_zones),
            )
            for step in map(step_of, stored)
        ]


LISTS = {"location_groups", "location_kinds", "destination_countries", "destination_zones"}


@output
class SourcingRate:
    """A price of shipments, in the channel's currency. The first rate that matches a shipment is used."""

    from_group: str | None
    """Only shipments from locations in this group; null for any."""
    from_location: str | None
    """Only shipments from the location with this code; null for any."""
    to_zone: str | None
    """Only shipments to this postal zone; null for any."""
    fixed: Decimal
    """The price of each shipment."""
    per_kg: Decimal
    """The price of each kilogram of goods; a SKU without a weight weighs nothing."""
    per_unit: Decimal
    """The price of handling each unit."""

    @classmethod
    def of_all(cls, stored: Sequence[Mapping[str, Any]]) -> list[Self]:
        """Describe the rates of a version."""
        return [
            cls(
                from_group=rate.from_group,
                from_location=rate.from_location,
                to_zone=rate.to_zone,
                fixed=major(rate.fixed),
                per_kg=major(rate.per_kg),
                per_unit=major(rate.per_unit),
            )
            for rate in map(rate_of, stored)
        ]


@output
class SourcingScarcity:
    """The extra cost of units from locations with few units left.

    It is zero at `belowDays` days of cover or more, and rises as stock falls.
    """

    below_days: int
    """If the location's stock lasts for fewer days than this, units from the location have an extra cost in the comparison of
    locations."""
    per_unit: Decimal
    """The upper limit of the extra cost of a unit. The cost comes near this limit as the location's stock goes to zero."""

    @classmethod
    def of_stored(cls, stored: Mapping[str, Any] | None) -> Self | None:
        """Describe what a version says of scarcity."""
        rule = scarcity_of(stored)
        return None if rule is None else cls(below_days=rule.days, per_unit=major(rule.per_unit))


@entity(versions_by_id, Scope.CHANNELS_READ)
class SourcingProfileVersion(Node, Record[SourcingProfileVersionRow]):
    """One version of a sourcing profile. Only its status ever changes."""

    id: SourcingProfileVersionId
    number: int
    """Its number, from 1."""
    status: ProfileStatus
    """The status: orders are sourced by the version while it is ACTIVE."""
    steps: list[SourcingStep] = made(SourcingStep.of_all, SourcingProfileVersionRow.steps)
    """The steps, in the order in which they are tried."""
    rates: list[SourcingRate] = made(SourcingRate.of_all, SourcingProfileVersionRow.rates)
    """The shipping rates that COST steps compare."""
    split_penalty: Decimal = made(major, SourcingProfileVersionRow.split_penalty)
    """The extra cost of each shipment after the first, in the channel's currency."""
    scarcity: SourcingScarcity | None = made(SourcingScarcity.of_stored, SourcingProfileVersionRow.scarcity)
    """The extra cost of units from locations with few units left; null for none."""
    otherwise: Otherwise
    """The treatment of units that no step serves."""
    created_at: datetime
    """When it was made."""
    profile: "SourcingProfile | None" = leads_to(SourcingProfileVersionRow.profile_id)
    """The profile that the version belongs to."""


@entity(profiles_by_id, Scope.CHANNELS_READ)
class SourcingProfile(Node, Record[SourcingProfileRow]):
    """A way to choose, step by step, the locations that orders are shipped from. It is kept in versions."""

    id: SourcingProfileId
    code: str
    """Its code: unique, case-sensitive, never changed."""
    name: str
    """The name shown to people."""
    status: ProfileStatus
    """The status: ACTIVE where one of the versions is ACTIVE."""
    version: int
    """A counter that increases with every change of the profile: a version is added, or a status changes."""
    created_at: datetime
    """When it was made."""
    updated_at: datetime
    """When it was last changed."""
    active_version: SourcingProfileVersion | None = leads_to(SourcingProfileRow.active_version_id)
    """The version by which orders are sourced; null for none."""
    versions: Connection[SourcingProfileVersion] = pages(pages_of_versions, SourcingProfileVersion)
    """All of its versions, the newest first."""
