"""What people call things: codes, names and free text, checked alike wherever they come in."""

import re
from zoneinfo import available_timezones

from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email

from oms_api.kernel.errors import InvalidValue, VersionConflict

LONGEST_CODE = 255
LONGEST_TEXT = 2_000
LONGEST_NOTE = 10_000
AN_ID = re.compile("[a-z]+_[0-9a-z]{26}")
LONGEST_PLAIN_EMAIL = 64
PLAIN_EMAIL = re.compile(
    rf"""
    [\w!\#$%&'*+\-/=?^`{{|}}~]+ (?: \. [\w!\#$%&'*+\-/=?^`{{|}}~]+ )*
    @ (?! (?: .*\. )? (?: {"|".join(map(re.escape, SPECIAL_USE_DOMAIN_NAMES))} ) \Z )
    (?: [a-z0-9]+ (?: -[a-z0-9]+ )* \. )+ [a-z]+
    """,
    re.ASCII | re.IGNORECASE | re.VERBOSE,
)
"""Addresses that `validate_email` takes, up to the length of one name in a domain: most of them, in a twentieth of its time."""


def shown(path: str) -> str:
    """Return a field's name or path as the schema has it: `lead_time_days` is leadTimeDays; ids in a path stay as they are."""
    if "_" not in path:
        return path
    return ".".join(part if AN_ID.fullmatch(part) else _camel(part) for part in path.split("."))


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(map(str.capitalize, others))


def check_code(given: str, *path: str) -> None:
    """Raises: InvalidValue, naming *path*, for a code that is empty, too long, or has blanks around it."""
    if not 0 < len(given) <= LONGEST_CODE or given != given.strip() or "\0" in given:
        problem = f"'{given[:LONGEST_CODE]}' is no code: 1 to {LONGEST_CODE} characters, without blanks before or after them."
        raise InvalidValue(problem=problem.replace("\0", "\\0"), field=path)


def check_name(given: str, *path: str) -> None:
    """Raises: InvalidValue, naming *path*, for a name that is blank or too long."""
    if not given.strip() or len(given) > LONGEST_CODE or "\0" in given:
        raise InvalidValue(problem=f"A name has 1 to {LONGEST_CODE} characters that are not all blanks.", field=path)


def check_text(given: str | None, *path: str) -> None:
    """Raises: InvalidValue, naming *path*, for a text that is too long or cannot be stored."""
    if given is not None and (len(given) > LONGEST_TEXT or "\0" in given):
        raise InvalidValue(problem=f"A text has at most {LONGEST_TEXT:,} characters, none of them NUL.", field=path)


def check_note(given: str | None, *path: str) -> None:
    """Raises: InvalidValue, naming *path*, for a note that is too long or cannot be stored."""
    if given is not None and (len(given) > LONGEST_NOTE or "\0" in given):
        raise InvalidValue(problem=f"A note has at most {LONGEST_NOTE:,} characters, none of them NUL.", field=path)


def check_reference(given: str | None, *path: str) -> None:
    """Raises: InvalidValue, naming *path*, for a reference that is blank, too long or cannot be stored; None is none."""
    check_text(given, *path)
    if given is not None and not given.strip():
        raise InvalidValue(problem="A reference is not blank: leave it out where there is none.", field=path)


def check_email(given: str | None, *path: str) -> None:
    """Raises: InvalidValue, naming *path*, for what no e-mail could be sent to; whether anybody reads it is not asked."""
    if given is None or (len(given) <= LONGEST_PLAIN_EMAIL and PLAIN_EMAIL.fullmatch(given)):
        return
    try:
        validate_email(given, check_deliverability=False)
    except EmailNotValidError as wrong:
        problem = f"This is no e-mail address, such as ada@example.com: {wrong}"
        raise InvalidValue(problem=problem, field=path) from None


def check_time_zone(given: str, *path: str) -> None:
    """Raises: InvalidValue, naming *path*, for what is no time zone of the IANA database."""
    if given not in available_timezones():
        problem = f"'{given}' is not a time zone of the IANA database, such as Europe/London."
        raise InvalidValue(problem=problem, field=path)


def check_version(expected: int | None, current: int) -> None:
    """Raises: VersionConflict, where the caller expects another version than the current one."""
    if expected is not None and expected != current:
        raise VersionConflict(expected_version=expected, current_version=current, field=("expectedVersion",))
