"""Defining an attribute, and changing its definition as far as the values allow that are there."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Select, select

from oms_api.db.session import Tx
from oms_api.db.sets import text_array
from oms_api.db.sql import Sql
from oms_api.db.statements import statement
from oms_api.db.versioned import change
from oms_api.domain.attributes.errors import DefinitionInUse
from oms_api.domain.attributes.events import AttributeDefinitionChanged
from oms_api.domain.attributes.states import AttributeOwner, AttributeType
from oms_api.domain.attributes.tables import AttributeDefinitionRow
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import InvalidValue, OmsError, Refused, TooManyItems, wrong_in
from oms_api.kernel.ids import AttributeDefinitionId
from oms_api.kernel.naming import check_code, check_name, check_version

MOST_CHOICES = 250
USED = Sql("SELECT EXISTS (SELECT FROM attribute_value WHERE definition_id = :definition::uuid)")
CHOSEN = Sql("""
SELECT text FROM attribute_value WHERE definition_id = :definition::uuid AND text <> ALL (:choices::text[]) LIMIT 1
""")


@statement
def definition_locked(owner: AttributeOwner, code: str) -> Select[AttributeDefinitionRow]:
    """The definition of *code* for records of *owner*, locked until the transaction ends: nobody writes values meanwhile."""
    row = AttributeDefinitionRow
    return select(row).where(row.owner == owner, row.code == code).with_for_update()


@dataclass(frozen=True, slots=True, kw_only=True)
class UpsertDefinition:
    """An attribute by its code, of one kind of record; of one that exists, what is None stays as it is."""

    owner: AttributeOwner
    code: str
    name: str | None = None
    type: AttributeType | None = None
    choices: tuple[str, ...] | None = None
    expected_version: int | None = None


async def upsert_definition(tx: Tx, command: UpsertDefinition) -> AttributeDefinitionRow:
    """Define an attribute, or change it; it is for all.

    Raises: Refused, VersionConflict; DefinitionInUse, where values would not fit any more; LimitedKey, for a key that sees some
    channels or locations only.
    """
    tx.principal.check_unlimited("channels", "locations")
    if errors := list(_wrong(command)):
        raise Refused(errors=errors)
    before = await tx.one_or_none(definition_locked(command.owner, command.code))
    if before is None:
        made = await _made(tx, command)
        if made is not None:
            return made
        before = await tx.one(definition_locked(command.owner, command.code))
    check_version(command.expected_version, before.version)
    given = {"name": command.name, "type": command.type, "choices": command.choices and list(command.choices)}
    changes: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    type_ = changes.get("type", before.type)
    if type_ is not AttributeType.CHOICE:
        if command.choices:
            raise InvalidValue(problem="Only a CHOICE has choices.", field=("choices",))
        changes["choices"] = []
    elif not changes.get("choices", before.choices):
        raise InvalidValue(problem="A CHOICE needs choices.", field=("choices",))
    await _check_use(tx, before, type_, changes)
    after, moved = await change(tx, AttributeDefinitionRow, before, changes)
    if moved:
        tx.emit(AttributeDefinitionChanged(subject_id=after.id, changes=moved))
    return after


async def _made(tx: Tx, command: UpsertDefinition) -> AttributeDefinitionRow | None:
    """Return the new definition, None where another made it meanwhile. Raises: Refused, InvalidValue."""
    missing = [
        InvalidValue(problem=f"A new attribute needs a {name}.", field=(name,))
        for name, value in (("name", command.name), ("type", command.type))
        if value is None
    ]
    if command.expected_version is not None:
        problem = "There is no such attribute yet, so it has no version."
        missing.append(InvalidValue(problem=problem, field=("expectedVersion",)))
    if (command.type is AttributeType.CHOICE) != bool(command.choices):
        missing.append(InvalidValue(problem="A CHOICE needs choices, and no other type has them.", field=("choices",)))
    if missing:
        raise Refused(errors=missing)
    row = {"owner": command.owner, "code": command.code, "name": command.name, "type": command.type}
    new = {"id": tx.new_id(AttributeDefinitionId), **row, "choices": list(command.choices or ())}
    made = await tx.made_or_none(AttributeDefinitionRow, {**new, "created_at": tx.now, "updated_at": tx.now})
    if made is not None:
        changes = {name: (None, value) for name, value in row.items()}
        tx.emit(AttributeDefinitionChanged(subject_id=made.id, changes=changes))
    return made


async def _check_use(tx: Tx, before: AttributeDefinitionRow, type_: AttributeType, changes: dict[str, Any]) -> None:
    """Raises: DefinitionInUse."""
    if type_ is not before.type:
        if (await tx.fetch(USED(definition=before.id)))[0][0]:
            problem = f"Records have values of this attribute: it stays a {before.type.value}."
            raise DefinitionInUse(problem=problem, field=("type",))
    elif type_ is AttributeType.CHOICE and set(before.choices) - set(changes.get("choices", before.choices)):
        chosen = await tx.fetch(CHOSEN(definition=before.id, choices=text_array(changes["choices"])))
        if chosen:
            raise DefinitionInUse(problem=f"Records have the choice '{chosen[0][0]}': it stays one.", field=("choices",))


def _wrong(command: UpsertDefinition) -> Iterator[OmsError]:
    yield from wrong_in(
        lambda: check_code(command.code, "code"),
        *([] if command.name is None else [lambda: check_name(command.name or "", "name")]),
        *(
            (lambda at=at, choice=choice: check_code(choice, "choices", str(at)))
            for at, choice in enumerate(command.choices or ())
        ),
    )
    choices = command.choices or ()
    if len(choices) > MOST_CHOICES:
        yield TooManyItems(limit=MOST_CHOICES, given=len(choices), field=("choices",))
    yield from (
        InvalidValue(problem="A choice is given once.", field=("choices", str(at)))
        for at, choice in enumerate(choices)
        if choice in choices[:at]
    )
