"""Statements that a test asks once: the program makes each of its own once and for all."""

from collections.abc import Mapping
from typing import Any, TypeVar, overload

from sqlalchemy.sql.selectable import TypedReturnsRows

from oms_api.db.statements import Compiled, Query

Row = TypeVar("Row")


@overload
def raw(statement: TypedReturnsRows[Row]) -> Query[Row]: ...
@overload
def raw(statement: Any, parameters: Mapping[str, object] | None = None) -> Query[Any]: ...
def raw(statement: Any, parameters: Mapping[str, object] | None = None) -> Query[Any]:
    """Return *statement* as readers and transactions take it."""
    return Compiled(statement.params(parameters) if parameters else statement).query(())
