"""What is told of lots beside the code of an error."""

from oms_api.domain.inventory.lots.errors import LotExpired, LotShort
from oms_api.graphql.described import output
from oms_api.graphql.errors import UserError, represents


@represents(LotExpired, lambda error: {"lot": error.lot, "left": error.left, "requested": error.requested})
@output
class LotExpiredError(UserError):
    """Some units to ship are of lots that have expired.

    Reject these units with `fulfillmentOrderReject`: then they are sourced again.
    """

    lot: str
    """The code of the first of the expired lots."""
    left: int
    """Units that can be shipped."""
    requested: int
    """Units that were to be shipped."""


@represents(LotShort, lambda error: {"lot": error.lot, "held": error.held, "requested": error.requested})
@output
class LotShortError(UserError):
    """The lot holds fewer units than the change takes from it."""

    lot: str
    """The code of the lot."""
    held: int
    """Units of the lot that can be taken."""
    requested: int
    """Units to take from the lot."""
