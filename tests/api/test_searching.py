"""Looking for text: by its beginning or any part of it, whatever it holds, and where the database cannot."""

from typing import Any
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import NullPool, create_engine

from oms_api.cli.database import check_searched
from oms_api.db.direct import driver_url
from oms_api.db.trigrams import lacks_trigram_indexes, make_trigram_indexes
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.catalog.commands.upsert_skus import upsert_sku
from oms_api.domain.catalog.given import SkuChanges, UpsertSku
from oms_api.domain.catalog.states import SkuKind
from oms_api.domain.tables import METADATA
from tests.factories.asking import Ask
from tests.factories.database import Database
from tests.factories.given import SYSTEM, Given

SKUS = "query ($where: SkuFilterInput!) { skus(where: $where) { nodes { code } } }"
CUSTOMERS = "query ($where: CustomerFilterInput!) { customers(where: $where) { nodes { externalRef } } }"


async def article(work: UnitOfWork, code: str, name: str, barcode: str | None = None) -> None:
    changes = SkuChanges(name=name, barcode=barcode)
    command = UpsertSku(idempotency_key=uuid4().hex, code=code, kind=SkuKind.GOODS, changes=changes)
    await work.execute(SYSTEM, upsert_sku, command)


@pytest.fixture(scope="module")
async def ask(work: UnitOfWork) -> Ask:
    await article(work, "MUG-blue", "Blue mug, 100% clay", "5012345678900")
    await article(work, "mug-red", "Red_mug \\ large")
    await article(work, "TRAY", "Tray for MUGS", "5099999999999")
    given = Given(work)
    await given.customer("ada", name="Ada Lovelace", email="Ada@Example.com", phone="+44 20 7946 0000")
    await given.customer("grace", name="Grace Hopper", email="grace@example.org")
    return Ask(work, SYSTEM)


@pytest.mark.parametrize(
    ("where", "codes"),
    [
        ({"code": {"contains": "UG-"}}, {"MUG-blue", "mug-red"}),
        ({"code": {"startsWith": "MUG"}}, {"MUG-blue"}),
        ({"name": {"contains": "mug"}}, {"MUG-blue", "mug-red", "TRAY"}),
        ({"name": {"startsWith": "bLUE"}}, {"MUG-blue"}),
        ({"name": {"eq": "tray FOR mugs"}}, {"TRAY"}),
        ({"name": {"in": ["tray FOR mugs", "BLUE mug, 100% clay"]}}, {"TRAY", "MUG-blue"}),
        ({"name": {"contains": "100%"}}, {"MUG-blue"}),
        ({"name": {"contains": "00%C"}}, set()),
        ({"name": {"contains": "d_m"}}, {"mug-red"}),
        ({"name": {"contains": "e_m"}}, set()),
        ({"name": {"contains": "g \\ l"}}, {"mug-red"}),
        ({"name": {"contains": "mug", "startsWith": "red"}}, {"mug-red"}),
        ({"barcode": {"eq": "5099999999999"}}, {"TRAY"}),
        ({"barcode": {"startsWith": "50"}}, {"TRAY", "MUG-blue"}),
        ({"barcode": {"contains": "3456"}}, {"MUG-blue"}),
        ({"text": "mug"}, {"MUG-blue", "mug-red", "TRAY"}),
        ({"text": "12345"}, {"MUG-blue"}),
        ({"NOT": [{"text": "mug-"}]}, {"TRAY"}),
        ({"OR": [{"text": "tray"}, {"code": {"eq": "mug-red"}}]}, {"TRAY", "mug-red"}),
        ({"text": "x" * 100}, set()),
    ],
)
async def test_skus_are_found_by_text(ask: Ask, where: dict[str, Any], codes: set[str]) -> None:
    assert {node["code"] for node in (await ask(SKUS, where=where))["skus"]["nodes"]} == codes


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ({"name": {"contains": "love"}}, {"ada"}),
        ({"email": {"contains": "EXAMPLE"}}, {"ada", "grace"}),
        ({"email": {"startsWith": "ADA@"}}, {"ada"}),
        ({"phone": {"startsWith": "+44"}}, {"ada"}),
        ({"phone": {"isNull": True}}, {"grace"}),
        ({"name": {"contains": "ace"}, "email": {"contains": ".org"}}, {"grace"}),
        ({"name": {"ne": "ada lovelace"}}, {"grace"}),
        ({"text": "7946"}, {"ada"}),
        ({"text": "HOPPER"}, {"grace"}),
    ],
)
async def test_customers_are_found_by_text(ask: Ask, where: dict[str, Any], found: set[str]) -> None:
    nodes = (await ask(CUSTOMERS, where=where))["customers"]["nodes"]
    assert {node["externalRef"] for node in nodes} == found


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "SEARCH_TOO_SHORT"),
        ("mu", "SEARCH_TOO_SHORT"),
        ("%%%", "SEARCH_TOO_SHORT"),
        ("a--", "SEARCH_TOO_SHORT"),
        ("x" * 101, "SEARCH_TOO_LONG"),
        ("%" * 10_000, "SEARCH_TOO_SHORT"),
        ("x" * 10_000, "SEARCH_TOO_LONG"),
    ],
)
async def test_text_that_no_index_finds_is_refused(ask: Ask, text: str, code: str) -> None:
    for where, path in (
        ({"name": {"contains": text}}, ["where", "name", "contains"]),
        ({"AND": [{"text": text}]}, ["where", "AND", "text"]),
    ):
        (error,) = await ask.errors(SKUS, where=where)
        assert (error["extensions"]["code"], error["extensions"]["field"]) == (code, path)


async def test_without_trigrams_only_contains_is_refused(
    fresh_database: Database, fresh_work: UnitOfWork, capsys: pytest.CaptureFixture[str]
) -> None:
    await article(fresh_work, "MUG", "Mug")
    ask = Ask(fresh_work, SYSTEM)
    assert not lacks_trigram_indexes(fresh_database.owner_url, METADATA)
    with psycopg.connect(fresh_database.admin_url, autocommit=True) as connection:
        connection.execute("DROP EXTENSION pg_trgm CASCADE")
    assert lacks_trigram_indexes(fresh_database.app_url, METADATA)
    check_searched(fresh_database.app_url)
    assert "run `oms migrate`" in capsys.readouterr().err
    for where, path in (
        ({"name": {"contains": "mug"}}, ["where", "name", "contains"]),
        ({"text": "mug"}, ["where", "text"]),
    ):
        (error,) = await ask.errors(SKUS, where=where)
        assert (error["extensions"]["code"], error["extensions"]["field"]) == ("SEARCH_UNAVAILABLE", path)
    assert (await ask(SKUS, where={"name": {"startsWith": "mu"}}))["skus"]["nodes"] == [{"code": "MUG"}]
    for url, lacks in ((fresh_database.app_url, True), (fresh_database.owner_url, False)):  # who may not is no obstacle
        make_trigram_indexes(create_engine(driver_url(url), poolclass=NullPool), METADATA)
        assert lacks_trigram_indexes(fresh_database.owner_url, METADATA) is lacks
    check_searched(fresh_database.app_url)
    assert capsys.readouterr().err == ""
    assert (await ask(SKUS, where={"name": {"contains": "mug"}}))["skus"]["nodes"] == [{"code": "MUG"}]
