"""Values of attributes: as clients give them, read them, and look for records by them."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Self
from uuid import UUID

from sqlalchemy import ColumnElement, false, select, true

from oms_api.db.session import Reader
from oms_api.db.sets import among_found
from oms_api.domain.attributes.errors import UnknownAttribute
from oms_api.domain.attributes.given import AttributeGiven, Typed, typed
from oms_api.domain.attributes.queries import definitions_named, values_by_owner
from oms_api.domain.attributes.states import AttributeOwner, AttributeType
from oms_api.domain.attributes.tables import AttributeValueRow
from oms_api.graphql.declared.agreement import Column
from oms_api.graphql.declared.asking import Filter
from oms_api.graphql.declared.inputs import Input
from oms_api.graphql.declared.links import loaded
from oms_api.graphql.described import enum, input_type, output
from oms_api.kernel.access import Sight
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import InvalidValue, OmsError, TooManyItems

enum(AttributeType)
MOST_ASKED = 10
COLUMNS = {
    AttributeType.TEXT: "text",
    AttributeType.CHOICE: "text",
    AttributeType.NUMBER: "number",
    AttributeType.BOOLEAN: "boolean",
    AttributeType.DATE: "day",
}
RANGED = {AttributeType.NUMBER, AttributeType.DATE}


@input_type
class AttributeInput(Input[AttributeGiven]):
    """A value for an attribute that is defined for this kind of record: see `attributeDefinitions`."""

    code: str
    """The code of the attribute."""
    value: str | None = None
    """The value as text: "2.5", "true", "2026-11-29", a text or one of the choices; null removes the value."""


@output
class Attribute:
    """A record's value of one attribute."""

    code: str
    """The code of the attribute."""
    name: str
    """The name of the attribute, as shown to people."""
    type: AttributeType
    """The type of its values."""
    value: str
    """The value as text."""

    @classmethod
    def of_all(cls, rows: Sequence[Any]) -> list[Self]:
        """Describe the values of a record."""
        return [
            cls(
                code=row.code,
                name=row.name,
                type=row.type,
                value=Typed(row.text, row.number, row.boolean, row.day).written,
            )
            for row in rows
        ]


def attributes() -> list[Attribute]:
    """Declare the field of a record that shows its attributes."""
    return loaded(values_by_owner, Attribute.of_all)


@input_type
class AttributeFilterInput:
    """A condition on the value of an attribute; without an operator any value matches.

    A record without a value does not match.
    """

    code: str
    """The code of the attribute."""
    eq: str | None = None
    """Equal to this."""
    gte: str | None = None
    """This number or a larger one; this day or a later one."""
    lte: str | None = None
    """This number or a smaller one; this day or an earlier one."""


@dataclass(frozen=True)
class AttributeCondition:
    """What is asked of one attribute, by the types of values; with nothing else, that there is a value."""

    definition: UUID
    has_text: bool = False
    has_number: bool = False
    has_boolean: bool = False
    has_day: bool = False
    eq_text: str | None = None
    eq_number: Decimal | None = None
    gte_number: Decimal | None = None
    lte_number: Decimal | None = None
    eq_boolean: bool | None = None
    eq_day: date | None = None
    gte_day: date | None = None
    lte_day: date | None = None

    def conditions(self) -> Iterator[ColumnElement[bool]]:
        """Yield what must hold of the row of a value."""
        row = AttributeValueRow
        yield row.definition_id == self.definition
        if self.eq_boolean is not None:  # the planner does not see that what is false is not null, as its index has it
            yield row.boolean == (true() if self.eq_boolean else false())
            yield row.boolean.is_not(None)
        columns = (row.text, "text"), (row.number, "number"), (row.boolean, "boolean"), (row.day, "day")
        yield from (column.is_not(None) for column, name in columns if getattr(self, f"has_{name}"))
        for column, name in ((row.text, "text"), (row.number, "number"), (row.day, "day")):
            if (equal := getattr(self, f"eq_{name}")) is not None:
                yield column == equal
            if (least := getattr(self, f"gte_{name}", None)) is not None:
                yield column >= least
            if (most := getattr(self, f"lte_{name}", None)) is not None:
                yield column <= most


@dataclass(frozen=True)
class OnAttributes(Filter):
    """A filter by values of attributes of records of *owner*: the listed ones, whose ids are in *key*, or parts of them.

    A row of a part has its own id in *part*, and that of the listed record in *whole*.
    """

    owner: AttributeOwner
    key: Column
    part: Column | None = None
    whole: Column | None = None

    def operators(self) -> Any:
        """Return the type of what a client writes."""
        return list[AttributeFilterInput]

    def checked(self, asked: Sequence[AttributeFilterInput]) -> Sequence[AttributeFilterInput]:
        """Return *asked*. Raises: TooManyItems."""
        if len(asked) > MOST_ASKED:
            raise TooManyItems(limit=MOST_ASKED, given=len(asked))
        return asked

    def looks(self, _asked: Any) -> bool:
        """Tell that the attributes have to be looked up."""
        return True

    def selective(self, _asked: Any) -> bool:
        """Tell that an index finds the records."""
        return True

    async def known(self, read: Reader, asked: Sequence[AttributeFilterInput]) -> list[AttributeCondition]:
        """Return what is asked by the types of the attributes. Raises: UnknownAttribute, InvalidValue."""
        known = await definitions_named(read, self.owner, {each.code for each in asked})
        found: list[AttributeCondition] = []
        for index, each in enumerate(asked):
            definition = known.get((self.owner, each.code))
            if definition is None:
                shown = each.code.replace("\0", "\\0")
                raise UnknownAttribute(given=shown, owner=self.owner.value, field=(str(index), "code"))
            parts: dict[str, Any] = {}
            for operator in ("eq", "gte", "lte"):
                if (text := getattr(each, operator)) is None:
                    continue
                if operator != "eq" and definition.type not in RANGED:
                    problem = "Only numbers and days come before or after others."
                    raise InvalidValue(problem=problem, field=(str(index), operator))
                try:
                    value = typed(definition, text)
                except OmsError as error:
                    raise error.at(index, operator) from None
                for name in ("text", "number", "boolean", "day"):
                    if (part := getattr(value, name)) is not None:
                        parts[f"{operator}_{name}"] = part
            found.append(AttributeCondition(definition.id, **(parts or {f"has_{COLUMNS[definition.type]}": True})))
        return found

    def conditions(self, asked: Sequence[AttributeCondition], _sight: Sight) -> Iterator[ColumnElement[bool]]:
        """Yield what must hold of each attribute that is *asked*: its records are looked up before anything else."""
        owners = [select(AttributeValueRow.owner_id).where(*each.conditions()) for each in asked]
        if self.part is None or self.whole is None:
            yield from (among_found(self.key, found) for found in owners)
        elif owners:
            yield among_found(self.key, select(self.whole).where(*(among_found(self.part, found) for found in owners)))


def on_attributes(owner: AttributeOwner, key: Column, *, part: Column | None = None, whole: Column | None = None) -> Any:
    """Declare a filter by values of attributes of records of *owner*, whose ids are in the column *key*.

    Where *owner* is a *part* of what is listed, rows of it have the id of the listed record in *whole*.
    """
    return OnAttributes(owner, key, part, whole)
