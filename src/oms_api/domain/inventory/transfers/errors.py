"""Errors of transfers."""

from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import OmsError
from oms_api.kernel.ids import TransferId


@dataclass(eq=False)
class SameLocation(OmsError):
    """Origin and destination of a transfer must differ."""

    code = "SAME_LOCATION"


@dataclass(eq=False)
class TransferFixed(OmsError):
    """The transfer is {status}: lines and locations change while it is a DRAFT only, other fields until it is closed.

    The lines and locations of a transfer can be changed only while it is a DRAFT. Its other fields can be changed until it is
    received or canceled.
    """

    code = "TRANSFER_FIXED"
    status: str


@dataclass(eq=False)
class TransferEndHidden(OmsError):
    """This is done at the {end} of the transfer, and the API key may not see that location.

    The action takes place at the origin or the destination of the transfer, and the API key may not see that location.
    """

    code = "TRANSFER_END_HIDDEN"
    end: str


@dataclass(eq=False)
class ExceedsUnsent(OmsError):
    """Only {unsent} units of the line are left to be sent, not {requested}.

    More units are to be sent than the transfer's line still has to send.
    """

    code = "EXCEEDS_UNSENT"
    unsent: int
    requested: int


@dataclass(eq=False)
class NothingToSend(OmsError):
    """The transfer has no unsent units: all were sent or called off."""

    code = "NOTHING_TO_SEND"


@dataclass(eq=False)
class ExceedsInTransit(OmsError):
    """Only {in_transit} units of the line are on the way, not {reported}.

    More units of a transfer's line are reported than are in transit.
    """

    code = "EXCEEDS_IN_TRANSIT"
    in_transit: int
    reported: int


@dataclass(eq=False)
class NothingInTransit(OmsError):
    """The transfer has no units in transit: ship some of it first."""

    code = "NOTHING_IN_TRANSIT"


@dataclass(eq=False)
class DiscrepancyUnexplained(OmsError):
    """Damaged or lost units need a reason."""

    code = "DISCREPANCY_UNEXPLAINED"


@dataclass(eq=False)
class ResolutionNeeded(OmsError):
    """{in_transit} units are on the way: say whether they are back at the origin or given up.

    Units of the transfer are on the way: say whether they are back at the origin or given up.
    """

    code = "RESOLUTION_NEEDED"
    in_transit: int


@dataclass(eq=False)
class DuplicateTransferRef(OmsError):
    """There is a transfer with the external reference '{external_ref}' already.

    Another transfer has this external reference; the error names it.
    """

    code = "DUPLICATE_TRANSFER_REF"
    external_ref: str
    transfer_id: TransferId | None = None
