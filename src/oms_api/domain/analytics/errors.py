"""Errors of sales reports."""

from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import OmsError


@dataclass(eq=False)
class InvalidRange(OmsError):
    """A range of days ends after the day it begins with, and spans at most {most_years} years.

    The range of days ends before it begins, or spans too many years.
    """

    code = "INVALID_RANGE"
    most_years: int
