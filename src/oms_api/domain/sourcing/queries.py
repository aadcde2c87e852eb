"""Reads of profiles, groups, zones, decisions and simulations. They are for all who may read channels."""

from sqlalchemy import Select, select

from oms_api.db.keyset import Ordering
from oms_api.db.relations import One, Pages, Several, by, of, pages_of, required
from oms_api.db.statements import statement
from oms_api.domain.channels.queries import in_channels
from oms_api.domain.sourcing.tables import (
    LocationGroupRow,
    PostalZoneRow,
    SourcingDecisionRow,
    SourcingProfileRow,
    SourcingProfileVersionRow,
    SourcingSimulationRow,
)
from oms_api.kernel.ids import (
    IdKind,
    LocationGroupId,
    OrderId,
    PostalZoneId,
    SourcingDecisionId,
    SourcingProfileId,
    SourcingProfileVersionId,
    SourcingSimulationId,
)

PROFILES_BY_CODE = Ordering("code", (SourcingProfileRow.code, SourcingProfileRow.id))
GROUPS_BY_CODE = Ordering("code", (LocationGroupRow.code, LocationGroupRow.id))
ZONES_BY_CODE = Ordering("code", (PostalZoneRow.code, PostalZoneRow.id))
NEWEST_VERSIONS = Ordering("number_desc", (SourcingProfileVersionRow.number, SourcingProfileVersionRow.id), descending=True)
OLDEST_DECISIONS = Ordering("id", (SourcingDecisionRow.id,))

profiles_by_id: One[SourcingProfileId, SourcingProfileRow] = by(SourcingProfileRow.id)
"""The profiles there are."""
versions_by_id: One[SourcingProfileVersionId, SourcingProfileVersionRow] = by(SourcingProfileVersionRow.id)
"""The versions of profiles there are."""
pages_of_versions: Pages[SourcingProfileId, SourcingProfileVersionRow] = pages_of(
    SourcingProfileVersionRow.profile_id, order=NEWEST_VERSIONS
)
"""A page of each profile's versions, the newest first."""
groups_by_id: One[LocationGroupId, LocationGroupRow] = by(LocationGroupRow.id)
"""The groups of locations there are."""
zones_by_id: One[PostalZoneId, PostalZoneRow] = by(PostalZoneRow.id)
"""The postal zones there are."""
decisions_by_id: One[SourcingDecisionId, SourcingDecisionRow] = by(SourcingDecisionRow.id)
"""Decisions on orders."""
decisions_by_order: Several[OrderId, SourcingDecisionRow] = of(SourcingDecisionRow.order_id, order=OLDEST_DECISIONS)
"""The decisions on each order, which was seen before, the oldest first."""
simulations_visible_to = in_channels(SourcingSimulationRow.channel_id)
simulations_by_id: One[SourcingSimulationId, SourcingSimulationRow] = by(
    SourcingSimulationRow.id, visible=simulations_visible_to
)
"""The simulations of channels that can be seen."""

simulation_by_id = required(simulations_by_id, "sourcing simulation", IdKind.SOURCING_SIMULATION)
"""A simulation. Raises: NotFound."""


@statement
def version_numbered(profile_id: SourcingProfileId, number: int) -> Select[SourcingProfileVersionRow]:
    """The version of a profile with a number."""
    row = SourcingProfileVersionRow
    return select(row).where(row.profile_id == profile_id, row.number == number)


@statement
def profile_coded(code: str) -> Select[SourcingProfileRow]:
    """The profile with a code."""
    return select(SourcingProfileRow).where(SourcingProfileRow.code == code)
