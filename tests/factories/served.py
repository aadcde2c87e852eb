"""A real server on a free port, in the test's own event loop, with a small schema that can do what transports must bear."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import httpx
import strawberry
import uvicorn
from pydantic import SecretStr

from oms_api.app import assemble
from oms_api.cli.serving import bind, server_config
from oms_api.domain.access.commands.issue_key import IssuedKey, IssueKey, issue_key
from oms_api.domain.access.commands.revoke_key import RevokeKey, revoke_key
from oms_api.graphql.execution import LevelExecutor
from oms_api.kernel.access import Scope, system_principal
from oms_api.settings import Settings
from oms_api.wiring import Oms, build
from tests.factories.database import Database

TESTER = system_principal("tests")


@strawberry.type
class Query:
    @strawberry.field
    def hello(self, name: str = "you") -> str:
        return f"hello {name}"

    @strawberry.field
    def who(self, info: strawberry.Info[Any, None]) -> str:
        return str(info.context.principal.name)

    @strawberry.field
    def length(self, text: str) -> int:
        return len(text)

    @strawberry.field
    def boom(self) -> str | None:
        raise ZeroDivisionError("the password is hunter2")

    @strawberry.field
    def certain_boom(self) -> str:
        raise ZeroDivisionError("the password is hunter2")

    @strawberry.field
    async def slow(self, seconds: float) -> str:
        await asyncio.sleep(seconds)
        return "done"


@strawberry.type
class Mutation:
    @strawberry.mutation
    def change(self) -> str:
        return "changed"

    @strawberry.mutation
    def orders_place(self, text: str) -> int:
        return len(text)


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def ticks(self, every: float = 0.01, most: int = 1_000_000) -> AsyncGenerator[int]:
        for number in range(most):
            yield number
            await asyncio.sleep(every)

    @strawberry.subscription
    async def breaks(self) -> AsyncGenerator[int]:
        yield 1
        raise ZeroDivisionError("the password is hunter2")


SMALL_SCHEMA = strawberry.Schema(Query, Mutation, Subscription, execution_context_class=LevelExecutor)


@dataclass(frozen=True)
class Served:
    """A running server."""

    address: str
    oms: Oms
    server: uvicorn.Server
    running: "asyncio.Task[None]"

    @property
    def socket_address(self) -> str:
        return self.address.replace("http", "ws", 1) + "/graphql"

    async def key(self, **changes: Any) -> IssuedKey:
        command = IssueKey(**{"client": "tests", "name": "tests", "scopes": frozenset(Scope), **changes})
        return await self.oms.work.execute(TESTER, partial(issue_key, secrets=self.oms.secrets), command)

    async def revoke(self, key: IssuedKey) -> None:
        await self.oms.work.execute(TESTER, revoke_key, RevokeKey(key.prefix))

    async def client(self) -> httpx.AsyncClient:
        headers = {"authorization": f"Bearer {(await self.key()).text}"}
        return httpx.AsyncClient(base_url=self.address, headers=headers, timeout=20)


def settings_for(database: Database, **changes: Any) -> Settings:
    return Settings(
        database_url=database.app_url,
        database_owner_url=database.owner_url,
        secret_keys=(SecretStr("a secret that only the tests know"),),
        **changes,
    )


@asynccontextmanager
async def served(
    settings: Settings, *, schema: strawberry.Schema | None = SMALL_SCHEMA, deadline_s: float = 30
) -> AsyncIterator[Served]:
    """Serve until the block ends; *schema* None: the real one."""
    oms = build(settings)
    if schema is not None:
        vars(oms)["schema"] = schema
    listening = bind("127.0.0.1", 0)
    server = uvicorn.Server(server_config(assemble(oms, deadline_s=deadline_s), settings))
    running = asyncio.create_task(server.serve(sockets=[listening]))
    while not server.started and not running.done():  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    try:
        yield Served(f"http://127.0.0.1:{listening.getsockname()[1]}", oms, server, running)
    finally:
        server.should_exit = True
        await running
