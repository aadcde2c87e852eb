"""What every intake asks of lists and quantities, and how a refusal becomes an error."""

from collections.abc import Sized

from oms_api.kernel.errors import InvalidQuantity, InvalidValue, OmsError, TooManyItems
from oms_api.kernel.quantities import LARGEST_QUANTITY


def check_length(given: Sized, name: str, most: int, otherwise: str | None = None) -> None:
    """Check the length of the list *name*; *otherwise* says what to do instead of naming nothing.

    Raises: InvalidValue, for an empty one; TooManyItems, for one of more than *most*.
    """
    if not given:
        problem = f"Give at least one of {name}{'' if otherwise is None else f', or {otherwise}'}."
        raise InvalidValue(problem=problem, field=(name,))
    if len(given) > most:
        raise TooManyItems(limit=most, given=len(given), field=(name,))


def check_quantity(given: int, *path: str) -> None:
    """Raises: InvalidQuantity, naming *path*, for units that are none or more than there can be."""
    if not 0 < given <= LARGEST_QUANTITY:
        raise InvalidQuantity(given=given, field=path)


def refuse_if(refusal: OmsError | None) -> None:
    """Raises: *refusal*, where there is one."""
    if refusal is not None:
        raise refusal
