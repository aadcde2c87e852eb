"""The one place that builds what the program runs on."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cached_property
from typing import TYPE_CHECKING

from oms_api.adapters.carriers.known import carriers_with
from oms_api.adapters.documents.files import DatabaseFiles, FolderFiles
from oms_api.adapters.documents.printer import TypstPrinter
from oms_api.db.connections import Pool
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.access.keyring import Keyring
from oms_api.domain.events.live import LiveFeed
from oms_api.domain.intake.connectors import CONNECTORS
from oms_api.domain.orders.given import Cart
from oms_api.domain.ports import Ports
from oms_api.kernel.access import Principal
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.secrets import Secrets
from oms_api.kernel.vault import Vault
from oms_api.settings import Settings

if TYPE_CHECKING:
    from strawberry import Schema

    from oms_api.graphql.context import RequestContext


class BuiltInConnector:
    """The connector of a module that is imported when the first document comes: most processes read none."""

    def normalise(self, document: object) -> Cart:
        """Return the order that *document* means. Raises: OmsError."""
        from oms_api.graphql.intake.connector import OmsConnector  # noqa: PLC0415 - it needs the schema

        return OmsConnector().normalise(document)


CONNECTORS["oms"] = BuiltInConnector()


class NotConfiguredError(Exception):
    """A setting is missing; str() is one line that says which and how to set it."""


@dataclass(frozen=True)
class Oms:
    """Everything one process needs to serve. The schema is built when it is first asked for."""

    settings: Settings
    work: UnitOfWork
    ports: Ports
    secrets: Secrets
    feed: LiveFeed
    keyring: Keyring

    @cached_property
    def schema(self) -> "Schema":
        """The GraphQL schema."""
        from oms_api.graphql.schema import build_schema  # noqa: PLC0415 - a second of work that most commands do without

        return build_schema()

    def context(self, principal: Principal, request_id: str) -> "RequestContext":
        """Return the context of one operation."""
        from oms_api.graphql.context import RequestContext  # noqa: PLC0415 - as above

        return RequestContext(principal, self.work, self.ports, self.feed, self.secrets, request_id, self.settings.public_url)

    async def start(self) -> None:
        """Begin to listen to the feed; connections of the pool are opened when needed."""
        await self.feed.start()

    async def stop(self) -> None:
        """End subscriptions, finish what is being noted, close connections."""
        await self.feed.stop()
        await self.keyring.stop()
        await self.ports.close()
        await self.work.pool.close()


def build(settings: Settings) -> Oms:
    """Return the program on the database and with the secrets of *settings*; nothing is connected yet.

    Raises: NotConfiguredError.
    """
    work = work_on(settings)
    secrets = secrets_of(settings)
    feed = LiveFeed(str(settings.direct_url), work, secrets, most_per_s=settings.most_events_per_s)
    ports = ports_on(work, settings)
    return Oms(settings=settings, work=work, ports=ports, secrets=secrets, feed=feed, keyring=Keyring(work, secrets))


def ports_on(work: UnitOfWork, settings: Settings) -> Ports:
    """Return the adapters of *settings*; whatever they start, they start when it is first asked for."""
    folder = settings.files_folder
    files = DatabaseFiles(work) if folder is None else FolderFiles(work, folder)
    printer = TypstPrinter()
    vault = Vault(secrets_of(settings) if settings.secret_keys else None)
    return Ports(files=files, printer=printer, carriers=carriers_with(printer), vault=vault)


def work_on(settings: Settings) -> UnitOfWork:
    """Return a unit of work on the database of *settings*. Raises: NotConfiguredError."""
    if settings.database_url is None:
        raise NotConfiguredError("set OMS_DATABASE_URL to postgresql://user:password@host/database")
    return UnitOfWork(Pool(settings.database_url, size=settings.pool_size))


def secrets_of(settings: Settings) -> Secrets:
    """Return the secrets of *settings*. Raises: NotConfiguredError."""
    if not settings.secret_keys:
        raise NotConfiguredError(
            "set OMS_SECRET_KEYS to a secret of 32 characters or more, such as the output of `openssl rand -hex 32`"
        )
    return Secrets(tuple(key.get_secret_value() for key in settings.secret_keys))


@asynccontextmanager
async def open_work(settings: Settings) -> AsyncIterator[UnitOfWork]:
    """Open a unit of work for the time of a command. Raises: NotConfiguredError."""
    work = work_on(settings)
    try:
        yield work
    finally:
        await work.pool.close()


@asynccontextmanager
async def open_ports(work: UnitOfWork, settings: Settings) -> AsyncIterator[Ports]:
    """Open the adapters of *settings* for the time of a command."""
    ports = ports_on(work, settings)
    try:
        yield ports
    finally:
        await ports.close()
