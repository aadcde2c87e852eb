"""Which scope each field needs, and how a mutation answers with what it is refused for.

Default is deny: a root field without a scope cannot be declared.
"""

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any, TypeVar, cast, get_type_hints

import strawberry
from graphql import GraphQLField

from oms_api.graphql.described import SCOPE, naming
from oms_api.graphql.errors import user_errors
from oms_api.kernel.access import Scope
from oms_api.kernel.errors import OmsError, Unavailable

Resolver = TypeVar("Resolver", bound=Callable[..., Any])
Declare = Callable[[Resolver], Resolver]
ANYONE, PUBLIC = "anyone", "public"
PRICE = "price"
REFUSE = "refuse"
"""The key of a mutation's metadata that holds what answers an input which is wrong before it is called."""


def field(*, description: str, name: str | None = None) -> Declare[Any]:
    """Declare a field of a type that needs no more than the path to it does; *name* where Python reserves the word."""
    return cast("Declare[Any]", strawberry.field(description=description, name=name))


def query(scope: Scope, *, description: str, name: str | None = None, price: int = 0) -> Declare[Any]:
    """Declare a field that needs *scope*: a root field, or personal data and costs on a type; *name* as with `field`.

    *price* is what it costs beside what it gives: a unit is the time in which a value of a record is answered, about 4 µs.
    """
    described = naming(description, scope)
    return cast("Declare[Any]", strawberry.field(description=described, metadata={SCOPE: scope, PRICE: price}, name=name))


guarded = query


def anyone(*, description: str) -> Declare[Any]:
    """Declare a root field that every key may ask for; what it returns checks its own scope."""
    return cast("Declare[Any]", strawberry.field(description=description, metadata={ANYONE: True}))


def public(*, description: str, price: int) -> Declare[Any]:
    """Declare a root field of queries that needs no key, for its arguments hold what lets one in; *price* as with `query`."""
    return cast(
        "Declare[Any]",
        strawberry.field(description=description, metadata={ANYONE: True, PUBLIC: True, PRICE: price}),
    )


def subscription(scope: Scope, *, description: str) -> Declare[Any]:
    """Declare a subscription that needs *scope*."""
    return cast("Declare[Any]", strawberry.subscription(description=naming(description, scope), metadata={SCOPE: scope}))


def mutation(scope: Scope, *, description: str) -> Declare[Any]:
    """Declare a mutation that needs *scope*; an OmsError it raises becomes the payload's userErrors, but for Unavailable."""

    def declare(resolve: Callable[..., Awaitable[Any]]) -> Any:
        def refuse(error: OmsError) -> Any:
            return get_type_hints(resolve)["return"](user_errors=user_errors(error))

        @wraps(resolve)
        async def refusals_answered(*arguments: Any, **named: Any) -> Any:
            try:
                return await resolve(*arguments, **named)
            except Unavailable:
                raise  # nobody's input is to blame
            except OmsError as error:
                return refuse(error)

        described = naming(description, scope)
        return strawberry.mutation(refusals_answered, description=described, metadata={SCOPE: scope, REFUSE: refuse})

    return declare


def _metadata(declared: GraphQLField) -> dict[str, Any]:
    return getattr(declared.extensions.get("strawberry-definition"), "metadata", {})


def required_scope(declared: GraphQLField) -> Scope | None:
    """Return the scope that a field of the built schema needs by itself."""
    scope = _metadata(declared).get(SCOPE)
    return scope if isinstance(scope, Scope) else None


def declared_price(declared: GraphQLField) -> int:
    """Return what a field of the built schema costs beside what it gives."""
    return int(_metadata(declared).get(PRICE, 0))


def open_to_anyone(declared: GraphQLField) -> bool:
    """Tell whether a field of the built schema was declared open to every key."""
    return bool(_metadata(declared).get(ANYONE))


def open_without_key(declared: GraphQLField) -> bool:
    """Tell whether a field of the built schema was declared open to callers without a key."""
    return bool(_metadata(declared).get(PUBLIC))
