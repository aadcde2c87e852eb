"""Which scope each field needs. Default is deny: a root field without a scope cannot be declared."""

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any, get_type_hints

import strawberry
from graphql import GraphQLField

from oms_api.graphql.errors import user_errors
from oms_api.kernel.access import Scope
from oms_api.kernel.errors import OmsError

SCOPE = "scope"
ANYONE = "anyone"


def _described(description: str, scope: Scope | None) -> str:
    return f"{description} Needs the scope `{scope.value}`." if scope else description


def query(scope: Scope, *, description: str, name: str | None = None) -> Any:
    """Declare a query field that needs *scope*."""
    return strawberry.field(name=name, description=_described(description, scope), metadata={SCOPE: scope})


def anyone(*, description: str) -> Any:
    """Declare a root field that every key may ask for; what it returns checks its own scope."""
    return strawberry.field(description=description, metadata={ANYONE: True})


def guarded(scope: Scope, *, description: str, name: str | None = None) -> Any:
    """Declare a field of a type that needs *scope* beside what the path to it needs: personal data, cost."""
    return strawberry.field(name=name, description=_described(description, scope), metadata={SCOPE: scope})


def subscription(scope: Scope, *, description: str) -> Any:
    """Declare a subscription that needs *scope*."""
    return strawberry.subscription(description=_described(description, scope), metadata={SCOPE: scope})


def mutation(scope: Scope, *, description: str) -> Any:
    """Declare a mutation that needs *scope*; an OmsError it raises becomes the payload's userErrors."""

    def declare(resolve: Callable[..., Awaitable[Any]]) -> Any:
        @wraps(resolve)
        async def refusals_told(*arguments: Any, **named: Any) -> Any:
            try:
                return await resolve(*arguments, **named)
            except OmsError as error:
                payload = get_type_hints(resolve)["return"]
                return payload(user_errors=user_errors(error))

        return strawberry.mutation(refusals_told, description=_described(description, scope), metadata={SCOPE: scope})

    return declare


def required_scope(field: GraphQLField) -> Scope | None:
    """Return the scope that *field* of the built schema needs by itself."""
    definition = field.extensions.get("strawberry-definition")
    scope = getattr(definition, "metadata", {}).get(SCOPE)
    return scope if isinstance(scope, Scope) else None


def open_to_anyone(field: GraphQLField) -> bool:
    """Tell whether *field* was declared open to every key."""
    definition = field.extensions.get("strawberry-definition")
    return bool(getattr(definition, "metadata", {}).get(ANYONE))
