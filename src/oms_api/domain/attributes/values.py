"""Writing the values that records have of attributes."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from oms_api.db.pipeline import Rows
from oms_api.db.rows import upserts
from oms_api.db.session import Tx
from oms_api.db.sets import array
from oms_api.db.sql import Sql
from oms_api.domain.attributes.given import AttributeGiven, Typed, Wanted, rows_of, wanted_of
from oms_api.domain.attributes.queries import definitions_in, naming
from oms_api.domain.attributes.states import AttributeOwner
from oms_api.domain.attributes.tables import VALUES, AttributeValueRow
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import Refused
from oms_api.kernel.ids import AttributeDefinitionId

PRESENT = Sql("""
SELECT owner_id, definition_id, text, number, boolean, day FROM attribute_value WHERE owner_id = ANY (:owners::uuid[])
""")
KEEP = upserts(AttributeValueRow, *VALUES)
FORGET = Sql("""
DELETE FROM attribute_value value USING unnest(:owners::uuid[], :definitions::uuid[]) AS gone (owner_id, definition_id)
WHERE value.owner_id = gone.owner_id AND value.definition_id = gone.definition_id
""")

Values = Mapping[AttributeDefinitionId, Typed]


@dataclass(frozen=True, slots=True)
class Giving:
    """Values that are given for a record of *owner*, at a *path* of what the caller said."""

    owner: AttributeOwner
    given: Sequence[AttributeGiven]
    path: tuple[str | int, ...] = ()


async def attributes_wanted(tx: Tx, owner: AttributeOwner, given: Sequence[AttributeGiven]) -> Wanted:
    """Return the values that are *given* for one record. Raises: as `wanted_each`."""
    (wanted,) = await wanted_each(tx, [Giving(owner, given)])
    return wanted


async def wanted_each(tx: Tx, givings: Sequence[Giving]) -> list[Wanted]:
    """Return the values of each of *givings*, whose definitions stay as they are until *tx* ends; nothing is read for none.

    Raises: Refused, at `attributes` below each path.
    """
    named = {(giving.owner, each.code) for giving in givings for each in giving.given}
    known = definitions_in(await tx.fetch(naming(named, hold=True))) if named else {}
    found = [wanted_of(giving.owner, giving.given, known) for giving in givings]
    if errors := [error.at(*giving.path) for giving, (_, wrong) in zip(givings, found, strict=True) for error in wrong]:
        raise Refused(errors=errors)
    return [wanted for wanted, _ in found]


def values_in(rows: Rows) -> dict[UUID, dict[AttributeDefinitionId, Typed]]:
    """Return the values in the rows of PRESENT, by record."""
    found: dict[UUID, dict[AttributeDefinitionId, Typed]] = {}
    for owner_id, definition_id, *columns in rows:
        found.setdefault(owner_id, {})[definition_id] = Typed(*columns)
    return found


async def differing(tx: Tx, owner_id: UUID, wanted: Wanted) -> Wanted:
    """Return those of the values *wanted* that the record, which is locked, has not yet."""
    if not wanted:
        return {}
    present = values_in(await tx.fetch(PRESENT(owners=array([owner_id])))).get(owner_id, {})
    return different(present, wanted)


def different(present: Values, wanted: Wanted) -> Wanted:
    """Return those of the values *wanted* that are not *present*."""
    return {key: value for key, value in wanted.items() if present.get(key) != value}


def write_values(tx: Tx, moved: Mapping[UUID, Wanted]) -> None:
    """Hand the values that *moved*, by record, to the last flush of *tx*."""
    kept: list[dict[str, Any]] = [row for owner_id, wanted in moved.items() for row in rows_of(owner_id, wanted)]
    gone: Collection[tuple[UUID, AttributeDefinitionId]] = [
        (owner_id, key) for owner_id, wanted in moved.items() for key, value in wanted.items() if value is None
    ]
    tx.write(KEEP, kept)
    if gone:
        tx.closing.append(FORGET(owners=array(owner for owner, _ in gone), definitions=array(key for _, key in gone)))
