"""Anything with an id can be asked for by it."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, cast

import strawberry

from oms_api.graphql.context import Info
from oms_api.graphql.described import interface
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import IdKind, split_id


@interface
class Node:
    """A record with an id that is unique over everything."""

    id: strawberry.ID
    """The id, opaque; its prefix tells the kind: order_01h..."""


Fetch = Callable[[Info, Any], Awaitable[Any]]
FetchType = TypeVar("FetchType", bound=Fetch)
_fetchers: dict[IdKind, tuple[Scope, Fetch]] = {}


def fetches(kind: IdKind, scope: Scope) -> Callable[[FetchType], FetchType]:
    """Make the decorated function the way to fetch records of *kind*, for those who have *scope*."""

    def register(fetch: FetchType) -> FetchType:
        _fetchers[kind] = (scope, fetch)
        return fetch

    return register


async def fetch_if_permitted(info: Info, node_id: str) -> Node | None:
    """Return the record with *node_id*, or None where the caller lacks the scope or may not see it."""
    kind, value = split_id(node_id)
    if kind not in _fetchers:
        return None
    scope, fetch = _fetchers[kind]
    return cast("Node | None", await fetch(info, value)) if info.context.principal.may(scope) else None


async def fetch_node(info: Info, node_id: str) -> Node | None:
    """Return the record with *node_id*, or None where there is none that the caller may see.

    Raises: InvalidId, for what is no id; MissingScope.
    """
    kind, value = split_id(node_id)
    if kind not in _fetchers:
        return None
    scope, fetch = _fetchers[kind]
    info.context.principal.demand(scope)
    return cast("Node | None", await fetch(info, value))
