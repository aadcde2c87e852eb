"""What a caller did wrong, as data. Each subclass is one code; the first paragraph of its docstring is the message.

A message that holds data says little without it: a second paragraph tells then what the code means.
"""

from collections.abc import Callable, Sequence
from dataclasses import field
from dataclasses import fields as dataclass_fields
from functools import cache
from inspect import cleandoc
from typing import ClassVar

from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.quantities import LARGEST_QUANTITY

LONGEST_ECHO = 255
LONGEST_MESSAGE = 2 * LONGEST_ECHO + len(" ... ")
type_registry: dict[str, type["OmsError"]] = {}


def cut(message: str) -> str:
    """Return *message* without its middle where it repeats more of the request than anybody reads."""
    return message if len(message) <= LONGEST_MESSAGE else f"{message[:LONGEST_ECHO]} ... {message[-LONGEST_ECHO:]}"


@dataclass(eq=False)
class OmsError(Exception):
    """The request was refused."""

    code: ClassVar[str]
    field: tuple[str, ...] = field(default=(), kw_only=True)

    def __post_init__(self) -> None:
        """Cut what the caller sent and the error repeats: nothing that is valid is longer."""
        for each in dataclass_fields(self):
            value = getattr(self, each.name)
            if isinstance(value, str) and each.name == "problem":
                setattr(self, each.name, cut(value))
            elif isinstance(value, str) and len(value) > LONGEST_ECHO:
                setattr(self, each.name, value[:LONGEST_ECHO] + "...")

    def __init_subclass__(cls, **options: object) -> None:
        super().__init_subclass__(**options)
        if "code" in vars(cls):
            type_registry[cls.code] = cls

    @property
    def message(self) -> str:
        """The first paragraph of the docstring, with ``{name}`` replaced by the error's own data."""
        return _paragraphs(type(self).__doc__ or "")[0].format_map(
            {f.name: getattr(self, f.name) for f in dataclass_fields(self)}
        )

    @classmethod
    def meaning(cls) -> str:
        """What the code means, whatever the data."""
        message, *more = _paragraphs(cls.__doc__ or "")
        return "\n\n".join(more if "{" in message else (message, *more))

    def __str__(self) -> str:
        where = ".".join(self.field)
        return f"{self.code}{f' at {where}' if where else ''}: {self.message}"

    def at(self, *path: str | int) -> "OmsError":
        """Return this error with *path* put before the field it names."""
        self.field = (*map(str, path), *self.field)
        return self

    @property
    def causes(self) -> Sequence["OmsError"]:
        """The single errors behind this one: itself, unless it is a collection."""
        return (self,)


@cache
def _paragraphs(docstring: str) -> list[str]:
    return [paragraph.replace("\n", " ") for paragraph in cleandoc(docstring).split("\n\n")]


@dataclass(eq=False)
class Refused(OmsError):
    """The request has several problems: each is told as an error of its own, with its code and path."""

    code = "REFUSED"
    errors: Sequence[OmsError]

    def at(self, *path: str | int) -> "Refused":
        """Return this error with *path* put before the field that each single error names."""
        for error in self.errors:
            error.at(*path)
        return self

    @property
    def causes(self) -> Sequence[OmsError]:
        """Every single error, in the order they were found."""
        return tuple(cause for error in self.errors for cause in error.causes)


def wrong_in(*checks: Callable[[], object]) -> list[OmsError]:
    """Return what each of *checks* raises, in their order."""
    errors: list[OmsError] = []
    for check in checks:
        try:
            check()
        except OmsError as error:
            errors.extend(error.causes)
    return errors


@dataclass(eq=False)
class InvalidId(OmsError):
    """'{given}' is not the right id here: expected {expected}.

    The id is malformed, or belongs to another kind of record: its prefix tells the kind.
    """

    code = "INVALID_ID"
    expected: str
    given: str


@dataclass(eq=False)
class InvalidValue(OmsError):
    """{problem}

    A value is not allowed here, alone or together with the others: the message tells what would be right.
    """  # noqa: D415 - the problem ends with a stop

    code = "INVALID_VALUE"
    problem: str


@dataclass(eq=False)
class InvalidQuantity(OmsError):
    """{given:,} is no quantity: it must be between {least:,} and {largest:,}.

    The quantity is below the minimum or above the maximum.
    """

    code = "INVALID_QUANTITY"
    given: int
    largest: int = LARGEST_QUANTITY
    least: int = 1


@dataclass(eq=False)
class LineTwice(OmsError):
    """The line is named more than once: give its whole quantity in one row."""

    code = "LINE_TWICE"


@dataclass(eq=False)
class OccurredTooEarly(OmsError):
    """It cannot have happened at {given}: {what} was at {earliest}.

    The moment is before an event that must come first.
    """

    code = "OCCURRED_TOO_EARLY"
    given: str
    what: str
    earliest: str


@dataclass(eq=False)
class NotFound(OmsError):
    """There is no {what} '{given}', or it is outside what this key may see.

    The record does not exist, or the API key may not see it.
    """

    code = "NOT_FOUND"
    what: str
    given: str


@dataclass(eq=False)
class IllegalMove(OmsError):
    """The {what} is {current} and cannot become {target}.

    The status of the record does not allow the action: `availableActions` lists the allowed actions.
    """

    code = "ILLEGAL_MOVE"
    what: str
    current: str
    target: str


@dataclass(eq=False)
class VersionConflict(OmsError):
    """Somebody changed the record since: its version is {current_version} now, not {expected_version}. Read it again.

    Somebody changed the record after it was read; the error holds its present version.
    """

    code = "VERSION_CONFLICT"
    expected_version: int
    current_version: int


@dataclass(eq=False)
class MissingScope(OmsError):
    """This needs the scope {scope}, which the API key does not have.

    The API key does not have the scope that the field needs.
    """

    code = "MISSING_SCOPE"
    scope: str


@dataclass(eq=False)
class LimitedKey(OmsError):
    """This API key is limited to some {what}: only an unlimited key may do this.

    The API key is limited to some channels, locations or suppliers, and only an unlimited key may do this.
    """

    code = "LIMITED_KEY"
    what: str


@dataclass(eq=False)
class TooManyItems(OmsError):
    """At most {limit:,} are allowed here, {given:,} were given.

    The list has more items than one call accepts: send it in parts.
    """

    code = "TOO_MANY_ITEMS"
    limit: int
    given: int


@dataclass(eq=False)
class TooManyConditions(OmsError):
    """A filter has at most {limit:,} conditions, with all that are nested in it.

    The filter has too many conditions: give many values to one operator `in`, or ask in parts.
    """

    code = "TOO_MANY_CONDITIONS"
    limit: int


@dataclass(eq=False)
class SearchTooShort(OmsError):
    """Search for at least {least} characters, two of them letters or digits: an index finds nothing shorter.

    The text to search for is too short for an index to find.
    """

    code = "SEARCH_TOO_SHORT"
    least: int


@dataclass(eq=False)
class SearchTooLong(OmsError):
    """Search for at most {limit} characters: {given:,} were given.

    The text to search for has too many characters.
    """

    code = "SEARCH_TOO_LONG"
    limit: int
    given: int


@dataclass(eq=False)
class SearchUnavailable(OmsError):
    """The database lacks the indexes of this search: install its extension pg_trgm and run `oms migrate`, or use startsWith."""

    code = "SEARCH_UNAVAILABLE"


@dataclass(eq=False)
class IdempotencyKeyReused(OmsError):
    """This idempotency key was used before with other arguments: use a new key for a new request."""

    code = "IDEMPOTENCY_KEY_REUSED"


@dataclass(eq=False)
class ReplayHidden(OmsError):
    """This API key may not see the result of this idempotency key, and nothing was done now: use a new idempotency key."""

    code = "REPLAY_HIDDEN"


@dataclass(eq=False)
class IdempotencyInProgress(OmsError):
    """A request with this idempotency key is being carried out: send the same request again in a moment."""

    code = "IDEMPOTENCY_IN_PROGRESS"


@dataclass(eq=False)
class OutcomeUnknown(OmsError):
    """The connection broke while saving, so the outcome is not known: send the request again with the same key."""

    code = "OUTCOME_UNKNOWN"


@dataclass(eq=False)
class Unavailable(OmsError):
    """The database cannot be reached. Send the request again in a moment; for a mutation, use the same idempotencyKey."""

    code = "UNAVAILABLE"


@dataclass(eq=False)
class Busy(OmsError):
    """Others are changing the same records, so nothing was done: send the request again."""

    code = "BUSY"
