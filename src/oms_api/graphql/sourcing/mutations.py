"""Making and changing sourcing profiles, groups of locations and postal zones."""

from oms_api.domain.sourcing.commands.change_profile import activate_profile, create_profile, retire_profile, update_profile
from oms_api.domain.sourcing.commands.upsert_places import upsert_group, upsert_zone
from oms_api.graphql.declared.mutations import carries_out
from oms_api.graphql.described import output
from oms_api.graphql.payloads import Payload
from oms_api.graphql.sourcing.inputs import (
    LocationGroupUpsertInput,
    PostalZoneUpsertInput,
    SourcingProfileActivateInput,
    SourcingProfileCreateInput,
    SourcingProfileRetireInput,
    SourcingProfileUpdateInput,
)
from oms_api.graphql.sourcing.places import LocationGroup, PostalZone
from oms_api.graphql.sourcing.profiles import SourcingProfile
from oms_api.kernel.access import Scope


@output
class SourcingProfilePayload(Payload):
    """The profile as it is now."""

    sourcing_profile: SourcingProfile | None = None
    """The profile."""


@output
class LocationGroupUpsertPayload(Payload):
    """The group as it is now."""

    location_group: LocationGroup | None = None
    """The group."""


@output
class PostalZoneUpsertPayload(Payload):
    """The zone as it is now."""

    postal_zone: PostalZone | None = None
    """The zone."""


@output
class SourcingMutations:
    """Making and changing sourcing profiles, groups of locations and postal zones."""

    sourcing_profile_create = carries_out(
        create_profile, SourcingProfileCreateInput, SourcingProfilePayload, Scope.CHANNELS_WRITE, describes="The profile."
    )
    """Create a sourcing profile with its first version. Fails with UNKNOWN_SOURCING_CODE for an unknown group, location or
    zone, and with LIMITED_KEY for an API key that is limited to certain channels or locations."""
    sourcing_profile_update = carries_out(
        update_profile, SourcingProfileUpdateInput, SourcingProfilePayload, Scope.CHANNELS_WRITE, describes="The changes."
    )
    """Write a new version of a profile; the active version stays in use until the new version is activated. Fails with
    PROFILE_RETIRED for a retired profile."""
    sourcing_profile_activate = carries_out(
        activate_profile, SourcingProfileActivateInput, SourcingProfilePayload, Scope.CHANNELS_WRITE, describes="The version."
    )
    """Activate any version of a profile, an earlier one too: orders are sourced by it from now on. Fails with
    PROFILE_VERSION_UNKNOWN for an unknown number, and with PROFILE_RETIRED for a retired profile."""
    sourcing_profile_retire = carries_out(
        retire_profile, SourcingProfileRetireInput, SourcingProfilePayload, Scope.CHANNELS_WRITE, describes="The profile."
    )
    """Retire a profile for good. Fails with PROFILE_IN_USE while an active channel has it."""
    location_group_upsert = carries_out(
        upsert_group, LocationGroupUpsertInput, LocationGroupUpsertPayload, Scope.CHANNELS_WRITE, describes="The group."
    )
    """Create a group of locations, or change it."""
    postal_zone_upsert = carries_out(
        upsert_zone, PostalZoneUpsertInput, PostalZoneUpsertPayload, Scope.CHANNELS_WRITE, describes="The zone."
    )
    """Create a postal zone, or change it."""
