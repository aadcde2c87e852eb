"""What is told beside the code when stock is not what a mutation needs."""

from oms_api.domain.inventory.errors import BelowPicked, BelowZero, EmptyBucket, StaleQuantity, TooMuchStock
from oms_api.graphql.described import output
from oms_api.graphql.errors import UserError, represents


def numbers(error: BelowZero | BelowPicked) -> dict[str, int | str | None]:
    """Return what an error tells of the level: its numbers, and the code of the SKU."""
    return {name: getattr(error, name) for name in ("sku", "free", "requested", "reserved", "committed", "picked")}


@represents(BelowZero, lambda error: numbers(error) | {"most": error.most})
@output
class BelowZeroError(UserError):
    """More units were to be taken away than nobody was promised, or with UNPROMISE than all that are not picked."""

    sku: str | None
    """The code of the SKU, where `field` does not lead to the row that names it."""
    most: int
    """How many could have been taken away, by what `onShortfall` allows."""
    free: int
    """How many are promised to nobody and not set aside."""
    requested: int
    """How many were to be, all changes of the level together."""
    reserved: int
    """How many are held for checkouts."""
    committed: int
    """How many are promised to order lines."""
    picked: int
    """How many of those are picked or packed."""


@represents(BelowPicked, numbers)
@output
class BelowPickedError(UserError):
    """More units were to be taken away than can be without touching those that are picked or packed."""

    sku: str | None
    """The code of the SKU, where `field` does not lead to the row that names it."""
    free: int
    """How many are promised to nobody."""
    requested: int
    """How many were to be taken away, all changes of the level together."""
    reserved: int
    """How many are held for checkouts."""
    committed: int
    """How many are promised to order lines."""
    picked: int
    """How many of those are picked or packed: report a short pick if they are missing."""


@represents(StaleQuantity, lambda error: {"current_quantity": error.current})
@output
class StaleQuantityError(UserError):
    """Another number is on hand than the caller believes."""

    current_quantity: int
    """The units on hand now, or with occurredAt at that moment."""


@represents(EmptyBucket, lambda error: {"held": error.held, "requested": error.requested})
@output
class EmptyBucketError(UserError):
    """A bucket holds fewer units than were to leave it."""

    held: int
    """How many it holds, after the rows before."""
    requested: int
    """How many were to leave it."""


@represents(TooMuchStock, lambda error: {"sku": error.sku})
@output
class TooMuchStockError(UserError):
    """A level would hold more units than can be counted."""

    sku: str | None
    """The code of the SKU, where `field` does not lead to the row that names it."""
