"""What is told of lots beside the code of an error."""

from oms_api.domain.inventory.lots.errors import LotExpired, LotShort
from oms_api.graphql.described import output
from oms_api.graphql.errors import UserError, represents


@represents(LotExpired, lambda error: {"lot": error.lot, "left": error.left, "requested": error.requested})
@output
class LotExpiredError(UserError):
    """Units that were to be shipped are of lots that have expired: take them away and let their lines be sourced again."""

    lot: str
    """The code of the first of these lots."""
    left: int
    """How many of the units can be shipped."""
    requested: int
    """How many were to be."""


@represents(LotShort, lambda error: {"lot": error.lot, "held": error.held, "requested": error.requested})
@output
class LotShortError(UserError):
    """Fewer units of a lot are there than were to be taken away."""

    lot: str
    """The code of the lot."""
    held: int
    """How many units of it are there."""
    requested: int
    """How many were to be taken away."""
