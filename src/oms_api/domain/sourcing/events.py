"""Events of sourcing profiles, groups of locations and postal zones."""

from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.events import Event
from oms_api.kernel.ids import IdKind


@dataclass(frozen=True, kw_only=True)
class SourcingProfileChanged(Event):
    """A sourcing profile was created, got a new version, or its active version changed."""

    type = "SOURCING_PROFILE_CHANGED"
    subject = IdKind.SOURCING_PROFILE


@dataclass(frozen=True, kw_only=True)
class LocationGroupChanged(Event):
    """A group of locations was created or changed."""

    type = "LOCATION_GROUP_CHANGED"
    subject = IdKind.LOCATION_GROUP


@dataclass(frozen=True, kw_only=True)
class PostalZoneChanged(Event):
    """A postal zone was created or changed."""

    type = "POSTAL_ZONE_CHANGED"
    subject = IdKind.POSTAL_ZONE
