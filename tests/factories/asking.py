"""Documents against the schema, without HTTP, and the number of statements they took."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, cast
from unittest.mock import patch

import psycopg
import strawberry
from sqlalchemy import event

from oms_api.db import session
from oms_api.db.pipeline import send
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.events.live import LiveFeed
from oms_api.graphql.context import RequestContext
from oms_api.graphql.errors import formatted
from oms_api.graphql.schema import build_schema
from oms_api.kernel.access import Principal
from oms_api.kernel.secrets import Secrets

SECRETS = Secrets(("a secret for the tests",))


@cache
def schema() -> strawberry.Schema:
    """Return the schema, built once a process."""
    return build_schema()


class Ask:
    """Asks as one caller."""

    def __init__(self, work: UnitOfWork, principal: Principal) -> None:
        self.work = work
        self.principal = principal

    async def __call__(self, document: str, **variables: Any) -> dict[str, Any]:
        """Return the data. Raises: AssertionError, for top-level errors."""
        data, errors = await self.outcome(document, **variables)
        assert not errors, errors
        return data

    async def errors(self, document: str, **variables: Any) -> list[dict[str, Any]]:
        """Return the top-level errors as clients see them."""
        return (await self.outcome(document, **variables))[1]

    async def outcome(self, document: str, **variables: Any) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """Return data and top-level errors."""
        feed = cast("LiveFeed", None)  # what is asked here never listens
        context = RequestContext(self.principal, self.work, feed, SECRETS, "request-1")
        result = await schema().execute(document, variable_values=variables, context_value=context)
        return result.data or {}, formatted(result.errors or [], "request-1")


def refusals(payload: dict[str, Any]) -> list[tuple[str, list[str] | None]]:
    """Return code and path of each of a payload's userErrors."""
    return [(error["code"], error["field"]) for error in payload["userErrors"]]


@contextmanager
def counted_statements(work: UnitOfWork) -> Iterator[list[str]]:
    """Collect every statement sent, by SQLAlchemy, by psycopg itself and in packets of several."""
    sent: list[str] = []
    raw = psycopg.AsyncRawCursor.execute

    async def send_all(driver: Any, statements: Any) -> Any:
        sent.extend(text for text, _ in statements)
        return await send(driver, statements)

    async def execute(cursor: Any, text: Any, *arguments: Any, **named: Any) -> Any:
        sent.append(str(text))
        return await raw(cursor, text, *arguments, **named)

    def collect(*arguments: Any) -> None:
        sent.append(arguments[2])

    listen: Callable[..., None] = event.listen
    listen(work.engine.sync_engine, "before_cursor_execute", collect)
    try:
        with patch.object(psycopg.AsyncRawCursor, "execute", execute), patch.object(session, "send", send_all):
            yield sent
    finally:
        event.remove(work.engine.sync_engine, "before_cursor_execute", collect)
