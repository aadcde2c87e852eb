"""The codes and the days of pickups, and the goods that may be fetched. Pure but for the code, which nobody can guess."""

from collections.abc import Mapping
from datetime import date, timedelta
from hmac import compare_digest
from secrets import choice

from oms_api.domain.channels.policies import LONGEST_PICKUP_DAYS
from oms_api.domain.fulfillment.document import OrderDocument
from oms_api.domain.fulfillment.errors import BundleApart
from oms_api.domain.fulfillment.giving_up import promises_of
from oms_api.domain.orders.quantities import units_per_set
from oms_api.kernel.errors import InvalidValue
from oms_api.kernel.ids import FulfillmentOrderId, LineId

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""No 0 and O, no 1, I and L, no U and V: a code is read out and typed."""
CODE_LENGTH = 8
MOST_TRIES = 5
MOST_DAYS_AHEAD = 730


def new_code() -> str:
    """Return a code by which goods are handed over: one of 6.5 times 10^11."""
    return "".join(choice(ALPHABET) for _ in range(CODE_LENGTH))


def is_code(code: str | None, given: str) -> bool:
    """Tell whether *given* is the code, whatever its case, its blanks and hyphens, in a time that tells nothing of it."""
    typed = "".join(given.split()).replace("-", "").upper()
    return compare_digest((code or "").encode(), typed.encode()) and code is not None


def days_of(today: date, days: int, reminder_days: int | None) -> tuple[date, date | None]:
    """Return the last day on which goods that are ready *today* wait, and that on which their customer is to be reminded."""
    return today + timedelta(days), None if reminder_days is None else today + timedelta(reminder_days)


def extended(collect_by: date, today: date, days: int) -> date:
    """Return the last day after *days* more, which count from *today* where that is later than the last day till now.

    Raises: InvalidValue, where that is further away than goods may wait.
    """
    if not 0 < days <= LONGEST_PICKUP_DAYS:
        raise InvalidValue(problem=f"days is between 1 and {LONGEST_PICKUP_DAYS}.", field=("days",))
    last = max(collect_by, today) + timedelta(days)
    if last > today + timedelta(MOST_DAYS_AHEAD):
        raise InvalidValue(problem=f"Goods wait for {MOST_DAYS_AHEAD} days from today at most.", field=("days",))
    return last


def units_to_fetch(document: OrderDocument, work_id: FulfillmentOrderId) -> Mapping[LineId, int]:
    """Return what a fulfillment order has left to ship, by line: of bundles their sets, too, before their components.

    Raises: BundleApart, where it has components of which the other ones of a set are elsewhere.
    """
    units: dict[LineId, int] = {}
    for promise in promises_of(document, work_id):
        units[promise.line_id] = units.get(promise.line_id, 0) + promise.in_fulfillment
    found: dict[LineId, int] = {}
    for bundle in dict.fromkeys(parent for key in units if (parent := document.lines[key].parent_id) is not None):
        parts = [(units.get(part.id, 0), units_per_set(document.lines[bundle], part)) for part in document.components(bundle)]
        sets = min(here // each for here, each in parts)
        if any(here != sets * each for here, each in parts):
            raise BundleApart(field=("fulfillmentOrderId",))
        found[bundle] = sets
    return found | units
