"""One PostgreSQL for a whole run, a migrated template in it, and a clone of that for each module of tests.

The controller of pytest-xdist starts the server and makes the template; workers only clone. With OMS_TEST_DATABASE_ADMIN_URL
(a superuser's URL) that server is used instead of the embedded one.
"""

import gc
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from oms_api.cli import GC_THRESHOLDS
from oms_api.db.connections import Pool
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.kernel.access import Principal, system_principal
from tests.factories.database import Database, Server, cloned, serving
from tests.factories.event_fields import unknown_fields
from tests.factories.ports import PRINTER
from tests.factories.racing import patient_work

SERVER = pytest.StashKey[Server]()
RUN = pytest.StashKey[ExitStack]()

hypothesis.settings.register_profile("quick", max_examples=60, deadline=None)
hypothesis.settings.register_profile("soak", max_examples=3_000, deadline=None)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--soak", action="store_true", help="run the long property and fault tests too")


def pytest_configure(config: pytest.Config) -> None:
    gc.set_threshold(*GC_THRESHOLDS)
    config.addinivalue_line("markers", "soak: takes minutes; runs with --soak only")
    hypothesis.settings.load_profile("soak" if config.getoption("soak") else "quick")
    given = getattr(config, "workerinput", {}).get("test_server")
    if given is not None:
        config.stash[SERVER] = Server(*given)


def pytest_collection_finish() -> None:
    """Look for garbage in what tests make, and no more in all that was imported for them: that took a sixth of their time."""
    gc.collect()
    gc.freeze()


def pytest_configure_node(node: Any) -> None:
    """Tell a worker of pytest-xdist where the server is."""
    node.workerinput["test_server"] = tuple(server_of(node.config))


def pytest_unconfigure(config: pytest.Config) -> None:
    if RUN in config.stash:
        config.stash[RUN].close()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("soak"):
        for item in items:
            if "soak" in item.keywords:
                item.add_marker(pytest.mark.skip(reason="long: runs with --soak"))


def server_of(config: pytest.Config) -> Server:
    """Return the run's server, started when first asked for; this process stops it at the end."""
    if SERVER not in config.stash:
        run = config.stash[RUN] = ExitStack()
        config.stash[SERVER] = run.enter_context(serving())
    return config.stash[SERVER]


@pytest.fixture(scope="session")
def database_server(request: pytest.FixtureRequest) -> Server:
    """Give the server itself, for tests that make databases of their own."""
    return server_of(request.config)


@pytest.fixture(scope="session")
def clone_names(worker_id: str) -> Iterator[str]:
    """Give names that no other worker uses."""
    return (f"{worker_id}_{number}" for number in count(1))


@pytest.fixture(scope="module")
def database(database_server: Server, clone_names: Iterator[str]) -> Iterator[Database]:
    """Give a migrated, empty database that the tests of one module share; what they tell of fields must be in the schema."""
    with cloned(database_server, next(clone_names)) as clone:
        yield clone
        assert unknown_fields(clone) == []


@pytest.fixture
def fresh_database(database_server: Server, clone_names: Iterator[str]) -> Iterator[Database]:
    """Give a migrated, empty database for one test."""
    with cloned(database_server, next(clone_names)) as clone:
        yield clone


@pytest.fixture(scope="module")
async def work(database: Database) -> AsyncIterator[UnitOfWork]:
    """Give the unit of work on `database`, as the role of the running program."""
    pool = Pool(database.app_url)
    yield UnitOfWork(pool)
    await pool.close()


@pytest.fixture
async def patient(database: Database) -> AsyncIterator[UnitOfWork]:
    """Give a unit of work on `database` over which nobody waits too long."""
    async with patient_work(database.app_url, 8) as work:
        yield work


@pytest.fixture
async def fresh_work(fresh_database: Database) -> AsyncIterator[UnitOfWork]:
    """Give the unit of work on `fresh_database`."""
    pool = Pool(fresh_database.app_url)
    yield UnitOfWork(pool)
    await pool.close()


@pytest.fixture(scope="session", autouse=True)
async def _printer() -> AsyncIterator[None]:
    """End the processes of the printer with the run."""
    yield
    await PRINTER.close()


@pytest.fixture(scope="session")
def principal() -> Principal:
    """Give a caller who may do and see everything."""
    return system_principal("tests")


@pytest.fixture(scope="session")
def repository() -> Path:
    """Give the top folder of the clone."""
    return Path(__file__).parent
