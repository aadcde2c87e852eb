"""Asking for sourcing profiles, groups of locations and postal zones."""

from oms_api.domain.sourcing.queries import GROUPS_BY_CODE, PROFILES_BY_CODE, ZONES_BY_CODE
from oms_api.domain.sourcing.tables import LocationGroupRow, PostalZoneRow, SourcingProfileRow
from oms_api.graphql.declared.filters import By, Where, key, on
from oms_api.graphql.declared.lists import Listing, found, listed
from oms_api.graphql.described import input_type, one_of, output
from oms_api.graphql.sourcing.places import LocationGroup, PostalZone
from oms_api.graphql.sourcing.profiles import SourcingProfile


@input_type
class SourcingProfileFilterInput(Where):
    """Conditions on sourcing profiles; all must be true."""

    code = on(SourcingProfileRow.code)
    status = on(SourcingProfileRow.status)


@one_of
class SourcingProfileByInput(By):
    """Identifies a sourcing profile: give exactly one field."""

    id = key(SourcingProfileRow.id)
    code = key(SourcingProfileRow.code)


@input_type
class LocationGroupFilterInput(Where):
    """Conditions on groups of locations; all must be true."""

    code = on(LocationGroupRow.code)


@input_type
class PostalZoneFilterInput(Where):
    """Conditions on postal zones; all must be true."""

    code = on(PostalZoneRow.code)
    country = on(PostalZoneRow.country)


PROFILES = Listing(
    show=SourcingProfile,
    where=SourcingProfileFilterInput,
    by=SourcingProfileByInput,
    order=PROFILES_BY_CODE,
    which="Conditions on profiles; by default, all profiles are included.",
)
GROUPS = Listing(
    show=LocationGroup,
    where=LocationGroupFilterInput,
    order=GROUPS_BY_CODE,
    which="Conditions on groups; by default, all groups are included.",
)
ZONES = Listing(
    show=PostalZone,
    where=PostalZoneFilterInput,
    order=ZONES_BY_CODE,
    which="Conditions on zones; by default, all zones are included.",
)


@output
class SourcingQueries:
    """Asking for sourcing profiles, groups of locations and postal zones."""

    sourcing_profiles = listed(PROFILES)
    """Sourcing profiles, sorted by code."""
    sourcing_profile = found(PROFILES, "The profile; give exactly one field.")
    """A sourcing profile; null where there is none."""
    location_groups = listed(GROUPS)
    """Groups of locations, sorted by code."""
    postal_zones = listed(ZONES)
    """Postal zones, sorted by code."""
