"""Reads of attributes and of the values that records have."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from oms_api.db.pipeline import Rows, Statement
from oms_api.db.relations import Keys, One, all_for, by
from oms_api.db.session import Reader
from oms_api.db.sets import among, text_array
from oms_api.db.sql import Sql
from oms_api.db.statements import Query, statement
from oms_api.domain.attributes.given import Definition, Definitions
from oms_api.domain.attributes.states import AttributeOwner, AttributeType
from oms_api.domain.attributes.tables import AttributeDefinitionRow, AttributeValueRow
from oms_api.kernel.access import Sight
from oms_api.kernel.ids import AttributeDefinitionId

definitions_by_id: One[AttributeDefinitionId, AttributeDefinitionRow] = by(AttributeDefinitionRow.id)
NAMED = """
SELECT id, owner, code, type, choices FROM attribute_definition
WHERE (owner, code) IN (SELECT * FROM unnest(:owners::text[], :codes::text[]))
"""
LOOK, HOLD = Sql(NAMED), Sql(f"{NAMED} ORDER BY id FOR KEY SHARE")
"""The second keeps definitions as they are until the transaction ends."""


@statement
def all_definitions(owner: AttributeOwner | None) -> Select[AttributeDefinitionRow]:
    """Every definition, or those of one kind of record, by kind and code."""
    row = AttributeDefinitionRow
    wanted = () if owner is None else (row.owner == owner,)
    return select(row).where(*wanted).order_by(row.owner, row.code)


@all_for("owner_id")
def values_by_owner(owners: Keys, _sight: Sight) -> Select[Any]:
    """Find the values that each record has, which was seen before, by the codes of their attributes."""
    value, definition = AttributeValueRow, AttributeDefinitionRow
    shown: list[Any] = [value.owner_id, definition.code, definition.name, definition.type]
    found = select(*shown, value.text, value.number, value.boolean, value.day)
    found = found.join(definition, definition.id == value.definition_id)
    return found.where(among(value.owner_id, owners)).order_by(definition.code)


def naming(wanted: Collection[tuple[AttributeOwner, str]], *, hold: bool) -> Statement:
    """Return what reads the definitions of codes, and keeps them where it is to *hold* them; see `definitions_in`."""
    named = sorted({(owner.value, code) for owner, code in wanted if "\0" not in code})
    owners, codes = text_array(owner for owner, _ in named), text_array(code for _, code in named)
    return (HOLD if hold else LOOK)(owners=owners, codes=codes)


def definitions_in(rows: Rows) -> Definitions:
    """Return the definitions in the rows of `naming`."""
    read = (
        Definition(AttributeDefinitionId(UUID(str(key))), AttributeOwner(owner), code, AttributeType(type_), choices)
        for key, owner, code, type_, choices in rows
    )
    return {(each.owner, each.code): each for each in read}


async def definitions_named(read: Reader, owner: AttributeOwner, codes: Collection[str]) -> Definitions:
    """Return the definitions of *codes* for records of *owner*."""
    rows: list[Any] = await read.all(Query(*naming({(owner, code) for code in codes}, hold=False)))
    return definitions_in([tuple(row) for row in rows])
