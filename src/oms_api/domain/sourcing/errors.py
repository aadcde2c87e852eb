"""Errors of sourcing."""

from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import OmsError


@dataclass(eq=False)
class UnknownSourcingCode(OmsError):
    """There is no {what} with the code '{given}': create it first, or give another code.

    No location group, location or postal zone has this code.
    """

    code = "UNKNOWN_SOURCING_CODE"
    what: str
    given: str


@dataclass(eq=False)
class ProfileInUse(OmsError):
    """The channel '{channel}' sources its orders by this profile: give it another one first, or none.

    A channel sources its orders by the profile: give the channel another profile first, or none.
    """

    code = "PROFILE_IN_USE"
    channel: str


@dataclass(eq=False)
class ProfileRetired(OmsError):
    """The sourcing profile '{profile}' is retired and takes no new versions: create another one.

    The sourcing profile is retired: it takes no new versions, and none of its versions can be activated.
    """

    code = "PROFILE_RETIRED"
    profile: str


@dataclass(eq=False)
class VersionNotThere(OmsError):
    """The sourcing profile '{profile}' has the versions 1 to {latest}, not {given}.

    The sourcing profile has no version with this number.
    """

    code = "PROFILE_VERSION_UNKNOWN"
    profile: str
    given: int
    latest: int
