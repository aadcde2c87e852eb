"""Whether what events tell of fields is in the schema."""

import psycopg
from graphql import GraphQLField, GraphQLInterfaceType, GraphQLObjectType, get_named_type

from oms_api.graphql import nodes
from oms_api.kernel.events import event_types
from oms_api.kernel.ids import IdKind
from oms_api.kernel.naming import AN_ID
from tests.factories.asking import schema
from tests.factories.database import Database

TOLD = """
SELECT DISTINCT type, subject_kind, order_id IS NOT NULL, jsonb_object_keys(changes)
FROM (SELECT type, subject_kind, order_id, changes FROM outbox_stage
      UNION ALL SELECT type, subject_kind, order_id, changes FROM feed) AS event
WHERE jsonb_typeof(changes) = 'object' ORDER BY 1, 4
"""


def unknown_fields(database: Database) -> list[str]:
    """Return every event and field that was told in *database* and is not in the schema."""
    with psycopg.connect(database.owner_url) as connection:
        told = connection.execute(TOLD).fetchall()
    return [
        f"{type_}: {path}"
        for type_, subject, of_order, path in told
        if type_ in event_types and event_types[type_].__module__.startswith("oms_api.")
        if not known(IdKind(subject), path, of_order=of_order)
    ]


def known(subject: IdKind, path: str, *, of_order: bool) -> bool:
    """Tell whether *path* leads to a field, from the subject, its type's name or the order on."""
    parts = [part for part in path.split(".") if not AN_ID.fullmatch(part)]
    starts = [shown_by(subject), *([shown_by(IdKind.ORDER)] if of_order else [])]
    named = schema()._schema.get_type(parts[0][0].upper() + parts[0][1:])
    return any(leads(start, parts) for start in starts) or (len(parts) > 1 and leads(named, parts[1:]))


def shown_by(kind: IdKind) -> object:
    """Return the type that shows records of *kind*."""
    if kind not in nodes.ENTITIES:
        return None
    return schema()._schema.get_type(nodes.ENTITIES[kind].show.__strawberry_definition__.name)


def leads(start: object, parts: list[str]) -> bool:
    """Tell whether *parts* are fields one behind the other; of a connection, those of its nodes."""
    at: object = start
    for part in parts:
        fields = fields_of(at)
        if part not in fields and "nodes" in fields:
            fields = fields_of(get_named_type(fields["nodes"].type))
        if part not in fields:
            return False
        at = get_named_type(fields[part].type)
    return True


def fields_of(type_: object) -> dict[str, GraphQLField]:
    """Return the fields of a type that has some."""
    return dict(type_.fields) if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType) else {}
