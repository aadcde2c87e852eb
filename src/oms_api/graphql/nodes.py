"""Anything with an id can be asked for by it."""

from collections.abc import Awaitable, Callable, Generator
from typing import TYPE_CHECKING, Any, NamedTuple, cast
from uuid import UUID

import strawberry

from oms_api.db.relations import One
from oms_api.db.session import Reader
from oms_api.graphql.context import Info
from oms_api.graphql.described import interface
from oms_api.kernel.access import Scope
from oms_api.kernel.errors import OmsError
from oms_api.kernel.ids import ID_TYPES, IdKind, parse_id, split_id

if TYPE_CHECKING:
    Id = Any  # each type holds ids of its own kind
else:
    Id = strawberry.ID
TYPES = {kind: of for of, kind in ID_TYPES.items()}


@interface
class Node:
    """A record with a globally unique id."""

    id: Id
    """The opaque id. Its prefix names the kind of record, for example `order_` for an order."""


class Entity(NamedTuple):
    """How records of one kind are fetched by their ids, what they are shown as, and the scope that `node` needs for them.

    Without a scope they are only led to. `one` reads one of them, and raises NotFound where there is none.
    """

    scope: Scope | None
    relation: One[Any, Any]
    show: Any
    one: Callable[[Reader, Any], Awaitable[Any]]

    def shown(self, row: Any) -> Any:
        """Show *row*; None for none."""
        return shown(self.show, row)


class LookUp:
    """A *record* that is looked up by its *id*, to be awaited: what belongs to that id can be asked for in the same moment."""

    __slots__ = ("id", "record")

    def __init__(self, id_: UUID, record: Awaitable[Any]) -> None:
        self.id, self.record = id_, record

    def __await__(self) -> Generator[Any, Any, Any]:
        """Wait for the record."""
        return self.record.__await__()


def shown(show: Any, row: Any) -> Any:
    """Return *row*, which holds itself what its type takes along, shown as *show*; None for none."""
    if row is None:
        return None
    return show.of(row) if show.along is None else show.of(row, getattr(row, show.along))


ENTITIES: dict[IdKind, Entity] = {}
"""Every kind of record that is declared an entity."""


def entity_of(show: Any) -> Entity:
    """Return the declaration of the records that *show* shows. Raises: TypeError, where it is no entity."""
    for each in ENTITIES.values():
        if each.show is show:
            return each
    raise TypeError(f"{show.__name__} is no entity")


async def fetch(info: Info, kind: IdKind, key: UUID) -> Any:
    """Return the record of *kind* with *key*, or None where there is none that the caller may see."""
    entity = ENTITIES[kind]
    return entity.shown(await info.context.load(entity.relation, key))


def scope_of(kind: IdKind) -> Scope | None:
    """Return the scope that fetching records of *kind* needs, None where they are fetched by no id."""
    return ENTITIES[kind].scope if kind in ENTITIES else None


def id_at(kind: IdKind, text: str, *path: str | int) -> Any:
    """Return the id of *kind* behind *text*. Raises: InvalidId, naming *path*."""
    try:
        return parse_id(TYPES[kind], text)
    except OmsError as error:
        raise error.at(*path) from None


async def fetch_if_permitted(info: Info, node_id: str) -> Node | None:
    """Return the record with *node_id*, or None where the caller lacks the scope or may not see it."""
    kind, value = split_id(node_id)
    scope = scope_of(kind)
    if scope is None or not info.context.principal.may(scope):
        return None
    return cast("Node | None", await fetch(info, kind, value))


async def fetch_node(info: Info, node_id: str) -> Node | None:
    """Return the record with *node_id*, or None where there is none that the caller may see.

    Raises: InvalidId, for what is no id; MissingScope.
    """
    kind, value = split_id(node_id)
    scope = scope_of(kind)
    if scope is None:
        return None
    info.context.principal.demand(scope)
    return cast("Node | None", await fetch(info, kind, value))
