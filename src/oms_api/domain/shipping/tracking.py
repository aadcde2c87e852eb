"""The carrier, the tracking number and the link of a package."""

from typing import Protocol

from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import InvalidValue, OmsError, Refused

LONGEST_TEXT = 255
LONGEST_URL = 2_048
TRACKING = ("carrier", "tracking_number", "tracking_url")


class Tracked(Protocol):
    """The carrier of a package, and its tracking number and link."""

    @property
    def carrier(self) -> str | None:
        """The carrier."""

    @property
    def tracking_number(self) -> str | None:
        """Its number there."""

    @property
    def tracking_url(self) -> str | None:
        """A web page about it."""


@dataclass(frozen=True, slots=True)
class Tracking:
    """By whom a package is carried, and how it is followed."""

    carrier: str | None = None
    tracking_number: str | None = None
    tracking_url: str | None = None


def is_number(text: object) -> bool:
    """Tell whether *text* can be a tracking number: what carriers answer may be anything."""
    return isinstance(text, str) and bool(text.strip()) and len(text) <= LONGEST_TEXT and text.isprintable()


def is_page(text: str) -> bool:
    """Tell whether *text* is the address of a web page."""
    return text.startswith(("https://", "http://")) and len(text) <= LONGEST_URL and text.isprintable()


def check_tracking(given: Tracked) -> None:
    """Raises: Refused, for texts that are empty or too long or cannot be printed, or a page that is no web address."""
    errors: list[OmsError] = []
    for name, text in (("carrier", given.carrier), ("trackingNumber", given.tracking_number)):
        if text is not None and not is_number(text):
            problem = f"{name} has 1 to {LONGEST_TEXT} characters that can be printed."
            errors.append(InvalidValue(problem=problem, field=(name,)))
    if given.tracking_url is not None and not is_page(given.tracking_url):
        problem = f"trackingUrl is a web address of at most {LONGEST_URL:,} characters."
        errors.append(InvalidValue(problem=problem, field=("trackingUrl",)))
    if errors:
        raise Refused(errors=errors)
