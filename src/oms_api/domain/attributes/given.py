"""Values of attributes as they are said, and as they are kept. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from oms_api.domain.attributes.errors import UnknownAttribute
from oms_api.domain.attributes.states import AttributeOwner, AttributeType
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import InvalidValue, OmsError, TooManyItems
from oms_api.kernel.ids import AttributeDefinitionId
from oms_api.kernel.naming import LONGEST_CODE

MOST_ATTRIBUTES = 100
"""Of one record."""
NUMBER = re.compile(r"-?\d{1,12}(\.\d{1,6})?", re.ASCII)
BOOLEANS = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class AttributeGiven:
    """A value for the attribute with a code; None takes it away."""

    code: str
    value: str | None = None


@dataclass(frozen=True, slots=True)
class Definition:
    """The rules for values of an attribute."""

    id: AttributeDefinitionId
    owner: AttributeOwner
    code: str
    type: AttributeType
    choices: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Typed:
    """A value, in the column of its type."""

    text: str | None = None
    number: Decimal | None = None
    boolean: bool | None = None
    day: date | None = None

    @property
    def written(self) -> str:
        """The value as it is written."""
        if self.number is not None:
            whole = f"{self.number:f}"
            return whole.rstrip("0").rstrip(".") if "." in whole else whole
        if self.boolean is not None:
            return "true" if self.boolean else "false"
        return self.day.isoformat() if self.day is not None else self.text or ""


Definitions = Mapping[tuple[AttributeOwner, str], Definition]
Wanted = Mapping[AttributeDefinitionId, Typed | None]
"""The values that a record is to have, by attribute; None for none."""


def typed(definition: Definition, value: str) -> Typed:
    """Return *value* as its type has it. Raises: InvalidValue."""
    match definition.type:
        case AttributeType.NUMBER if NUMBER.fullmatch(value):
            return Typed(number=Decimal(value))
        case AttributeType.BOOLEAN if value in BOOLEANS:
            return Typed(boolean=BOOLEANS[value])
        case AttributeType.DATE if (day := _day(value)) is not None:
            return Typed(day=day)
        case AttributeType.CHOICE if value in definition.choices:
            return Typed(text=value)
        case AttributeType.TEXT if 0 < len(value) <= LONGEST_CODE and "\0" not in value:
            return Typed(text=value)
    raise InvalidValue(problem=f"The attribute '{definition.code}' takes {_right(definition)}.")


def wanted_of(owner: AttributeOwner, given: Sequence[AttributeGiven], known: Definitions) -> tuple[Wanted, list[OmsError]]:
    """Return the values that are *given* for a record of *owner*, and what is wrong with them, at `attributes`."""
    if len(given) > MOST_ATTRIBUTES:
        return {}, [TooManyItems(limit=MOST_ATTRIBUTES, given=len(given), field=("attributes",))]
    wanted: dict[AttributeDefinitionId, Typed | None] = {}
    errors: list[OmsError] = []
    for index, each in enumerate(given):
        path = ("attributes", str(index))
        definition = known.get((owner, each.code))
        if definition is None:
            shown = each.code.replace("\0", "\\0")
            errors.append(UnknownAttribute(given=shown, owner=owner.value, field=(*path, "code")))
        elif definition.id in wanted:
            errors.append(InvalidValue(problem="An attribute is given once.", field=(*path, "code")))
        else:
            try:
                wanted[definition.id] = None if each.value is None else typed(definition, each.value)
            except OmsError as error:
                errors.append(error.at(*path, "value"))
    return wanted, errors


def rows_of(owner_id: object, wanted: Wanted) -> Iterator[dict[str, Any]]:
    """Yield the rows of the values of a record."""
    for key, value in wanted.items():
        if value is not None:
            yield {
                "owner_id": owner_id,
                "definition_id": key,
                "text": value.text,
                "number": value.number,
                "boolean": value.boolean,
                "day": value.day,
            }


def _day(value: str) -> date | None:
    try:
        return date.fromisoformat(value) if len(value) == len("2026-11-29") else None
    except ValueError:
        return None


def _right(definition: Definition) -> str:
    match definition.type:
        case AttributeType.NUMBER:
            return 'a number with at most 12 digits before the point and 6 behind it, such as "2.5"'
        case AttributeType.BOOLEAN:
            return '"true" or "false"'
        case AttributeType.DATE:
            return 'a day, such as "2026-11-29"'
        case AttributeType.CHOICE:
            return "one of: " + ", ".join(definition.choices)
    return f"a text of 1 to {LONGEST_CODE} characters, none of them NUL"
