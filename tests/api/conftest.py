"""What the documents of every module leave behind."""

from collections.abc import Iterator

import psycopg
import pytest

from oms_api.workflows.doctor.records import INVARIANTS
from tests.factories.database import Database


@pytest.fixture(scope="module", autouse=True)
def keys_point_to_what_they_made(database: Database) -> Iterator[None]:
    """Hold after each module that the doctor looks for what its mutations made where they made it."""
    yield
    with psycopg.connect(database.admin_url) as connection:
        assert connection.execute(INVARIANTS["keys point to what they made"].encode()).fetchall() == []
