"""How the schema tells what went wrong: user errors in payloads, and top-level errors with a code."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import structlog
from graphql import GraphQLError

import oms_api.domain.errors  # noqa: F401 - so that every code is known
from oms_api.graphql.described import interface, listed, output
from oms_api.kernel.errors import OmsError, VersionConflict, cut, type_registry

log = structlog.get_logger()
INTERNAL = "INTERNAL"


_codes = {
    code: error.meaning()
    for code, error in sorted(type_registry.items())
    if error.__module__.startswith(("oms_api.kernel.", "oms_api.domain."))  # jobs and tests have errors of their own
}
ErrorCode: Any = listed("ErrorCode", "Why a request was refused.", [(code, code) for code in _codes], _codes)


@interface
class UserError:
    """The reason why a mutation did nothing, for programs and for people."""

    code: ErrorCode
    """The error code, for programs."""
    message: str
    """The problem and its remedy, for people."""
    field: list[str] | None
    """The path below `input` to the argument that is wrong, such as ["lines", "3", "quantity"]. Positions in lists are given as
    text."""


@output
class InputError(UserError):
    """An argument is wrong, or the record does not allow the change."""


@output
class VersionConflictError(UserError):
    """Somebody changed the record after it was read."""

    current_version: int
    """The present version."""


UserErrorType = TypeVar("UserErrorType", bound=type[UserError])
_details: dict[type[OmsError], tuple[type[UserError], Callable[[Any], dict[str, Any]]]] = {
    VersionConflict: (VersionConflictError, lambda error: {"current_version": error.current_version})
}


def represents(error: type[OmsError], details: Callable[[Any], dict[str, Any]]) -> Callable[[UserErrorType], UserErrorType]:
    """Make the decorated type the representation of *error*; *details* gives its further fields."""

    def register(cls: UserErrorType) -> UserErrorType:
        _details[error] = (cls, details)
        return cls

    return register


def error_types() -> list[type[UserError]]:
    """Return every concrete type of user error: strawberry leaves out those that are not handed to the schema."""
    return [InputError, *(cls for cls, _ in _details.values())]


def user_errors(error: OmsError) -> list[UserError]:
    """Return what a payload says of *error*."""
    return [_represent(cause) for cause in error.causes]


def _represent(error: OmsError) -> UserError:
    cls, details = _details.get(type(error), (InputError, lambda _: {}))
    return cls(code=ErrorCode[error.code], message=error.message, field=list(error.field) or None, **details(error))


def formatted(errors: Sequence[GraphQLError], request_id: str) -> list[dict[str, Any]]:
    """Return top-level errors as clients see them: each with a code and the request id, nothing internal.

    What nobody foresaw is logged with the request id and told as INTERNAL.
    """
    return [_format(error, request_id) for error in errors]


def _format(error: GraphQLError, request_id: str) -> dict[str, Any]:
    cause = error.original_error
    while isinstance(cause, GraphQLError):
        cause = cause.original_error or None
    if isinstance(cause, OmsError):
        first, *others = cause.causes
        shown: dict[str, Any] = {**error.formatted, "message": first.message}
        extensions: dict[str, Any] = {**(error.extensions or {}), "code": first.code}
        if first.field:
            extensions["field"] = list(first.field)
        if others:
            extensions["others"] = [{"code": o.code, "message": o.message, "field": list(o.field)} for o in others]
    elif cause is None or (error.extensions or {}).get("code"):
        shown = {**error.formatted, "message": cut(error.message)}
        extensions = {"code": "BAD_USER_INPUT", **(error.extensions or {})}
    else:
        log.error("request failed", request_id=request_id, path=error.path, exc_info=cause)
        shown = {"message": "Something went wrong on our side; the request id helps to find out what."}
        if error.path:
            shown["path"] = error.path
        extensions = {"code": INTERNAL}
    shown["extensions"] = {**extensions, "requestId": request_id}
    return shown
