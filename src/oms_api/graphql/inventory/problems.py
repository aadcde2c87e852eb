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
    """The change would take away too many units.

    Only free units can be taken away. With DEALLOCATE, promised units that are not picked can be taken away too.
    """

    sku: str | None
    """The code of the SKU; null where the path in `field` already points to the row with the SKU."""
    most: int
    """The highest number of units that can be taken away, as `onShortfall` allows."""
    free: int
    """Units that are neither promised nor set aside."""
    requested: int
    """Units to take away, summed over all changes of this SKU at this location."""
    reserved: int
    """Units that are held for checkouts."""
    committed: int
    """Units that are promised to order lines."""
    picked: int
    """Committed units that are picked or packed."""


@represents(BelowPicked, numbers)
@output
class BelowPickedError(UserError):
    """The change would take away units that are picked or packed."""

    sku: str | None
    """The code of the SKU; null where the path in `field` already points to the row with the SKU."""
    free: int
    """Units that are promised to nobody."""
    requested: int
    """Units to take away, summed over all changes of this SKU at this location."""
    reserved: int
    """Units that are held for checkouts."""
    committed: int
    """Units that are promised to order lines."""
    picked: int
    """Committed units that are picked or packed. If these units cannot be found, cancel them by `orderCancel(stock:
    NOT_FOUND)`."""


@represents(StaleQuantity, lambda error: {"current_quantity": error.current})
@output
class StaleQuantityError(UserError):
    """The number of units on hand differs from the expected number."""

    current_quantity: int
    """The units on hand now, or at `occurredAt` where it is given."""


@represents(EmptyBucket, lambda error: {"held": error.held, "requested": error.requested})
@output
class EmptyBucketError(UserError):
    """The bucket that units are taken from, such as damaged, holds fewer units than the change takes."""

    held: int
    """Units in the bucket, once the rows before this row are applied."""
    requested: int
    """Units to take from the bucket."""


@represents(TooMuchStock, lambda error: {"sku": error.sku})
@output
class TooMuchStockError(UserError):
    """A level would hold more than 2,147,483,647 units."""

    sku: str | None
    """The code of the SKU; null where the path in `field` already points to the row with the SKU."""
