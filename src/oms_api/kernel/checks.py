"""What every intake asks of lists and quantities, and how a refusal becomes an error."""

from collections.abc import Sized
from datetime import date

from oms_api.kernel.errors import InvalidQuantity, InvalidValue, OmsError, TooManyItems
from oms_api.kernel.quantities import LARGEST_QUANTITY

MOST_DAYS = 366


def check_days(start: date, before: date) -> None:
    """Raises: InvalidValue, for a range of a report that holds no day, or more than a year."""
    if not 0 < (before - start).days <= MOST_DAYS:
        raise InvalidValue(problem=f"A range spans 1 to {MOST_DAYS} days.", field=("range",))


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
