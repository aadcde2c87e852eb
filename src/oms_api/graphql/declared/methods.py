"""Resolvers whose arguments are known only when an entity is declared."""

from collections.abc import Callable, Mapping
from inspect import Parameter, Signature
from typing import Any, cast

from oms_api.graphql.context import Info


def as_method(resolve: Callable[..., Any], taken: Mapping[str, tuple[Any, Any]], returns: Any) -> Any:
    """Return *resolve* as a method that says which arguments it has *taken*, each with its default, and what it returns."""
    parameters = [
        Parameter("self", Parameter.POSITIONAL_OR_KEYWORD),
        Parameter("info", Parameter.POSITIONAL_OR_KEYWORD, annotation=Info),
    ]
    parameters += [
        Parameter(name, Parameter.KEYWORD_ONLY, annotation=type_, default=default) for name, (type_, default) in taken.items()
    ]
    cast("Any", resolve).__signature__ = Signature(parameters, return_annotation=returns)
    resolve.__annotations__["return"] = returns
    return resolve
