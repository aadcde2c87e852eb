"""Documents against the schema, without HTTP, and the number of statements they took."""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from functools import cache
from typing import Any, cast

import strawberry
from sqlalchemy import literal, select

from oms_api.db.traffic import Traffic, counted
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.events.live import LiveFeed
from oms_api.graphql.context import RequestContext
from oms_api.graphql.errors import formatted
from oms_api.graphql.schema import build_schema
from oms_api.kernel.access import Principal
from oms_api.kernel.secrets import Secrets
from tests.factories.given import SYSTEM
from tests.factories.ports import ports_of
from tests.factories.raw import raw

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

    async def counted(self, document: str, **variables: Any) -> tuple[dict[str, Any], Traffic]:
        """Return the data, and what it took to get them. Raises: AssertionError, for top-level errors."""
        traffic = Traffic()
        with counted(traffic):
            return await self(document, **variables), traffic

    async def errors(self, document: str, **variables: Any) -> list[dict[str, Any]]:
        """Return the top-level errors as clients see them."""
        return (await self.outcome(document, **variables))[1]

    async def outcome(self, document: str, **variables: Any) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """Return data and top-level errors."""
        feed = cast("LiveFeed", None)  # what is asked here never listens
        context = RequestContext(self.principal, self.work, ports_of(self.work), feed, SECRETS, "request-1")
        result = await schema().execute(document, variable_values=variables, context_value=context)
        return result.data or {}, formatted(result.errors or [], "request-1")


def refusals(payload: dict[str, Any]) -> list[tuple[str, list[str] | None]]:
    """Return code and path of each of a payload's userErrors."""
    return [(error["code"], error["field"]) for error in payload["userErrors"]]


class Sent(Traffic):
    """Keeps the statements that were sent, and not only their number."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def left(self, texts: Sequence[str]) -> None:
        """Keep *texts*."""
        super().left(texts)
        self.texts.extend(texts)


@contextmanager
def counted_statements() -> Iterator[list[str]]:
    """Collect every statement that this task and those it starts send. Raises: AssertionError, for none at all."""
    sent = Sent()
    with counted(sent):
        yield sent.texts
    assert sent.texts, "nothing was counted: either nothing was sent, or it leaves unheard"


@asynccontextmanager
async def no_statements(work: UnitOfWork) -> AsyncIterator[None]:
    """Demand that nothing is sent in the block, and that it would have been heard. Raises: AssertionError."""
    sent = Sent()
    with counted(sent):
        yield
        assert sent.texts == []
        async with work.reads(SYSTEM) as read:
            await read.value(raw(select(literal(1))))
        assert len(sent.texts) == 1
