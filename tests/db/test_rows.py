"""Rows reach their table as they were, by SQL that the table gives."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg.errors import UniqueViolation
from sqlalchemy import text as sql_text
from sqlalchemy.dialects.postgresql import psycopg
from sqlalchemy.types import Enum, NullType

from oms_api.db.outbox import IdempotencyRecord, JobRow, JobStatus, StagedEvent
from oms_api.db.rows import Given, Rows, column_type, inserts, updates
from oms_api.db.session import Tx
from oms_api.db.sql import Sql
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.catalog.states import SkuKind, SkuStatus
from oms_api.domain.catalog.tables import SkuRow
from oms_api.domain.tables import METADATA
from oms_api.kernel.access import Principal
from oms_api.kernel.ids import new_uuid
from tests.factories.raw import raw

Value = TypeVar("Value")
NOW = datetime(2026, 2, 3, 4, 5, 6, 789_000, tzinfo=UTC)
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


@pytest.fixture(scope="module")
def run(work: UnitOfWork, principal: Principal) -> Callable[[Callable[[Tx], Awaitable[Any]]], Awaitable[Any]]:
    async def carried_out(act: Callable[[Tx], Awaitable[Any]]) -> Any:
        async def command(tx: Tx, _nothing: None) -> Any:
            return await act(tx)

        return await work.execute(principal, command, None)

    return carried_out


Run = Callable[[Callable[[Tx], Awaitable[Any]]], Awaitable[Any]]


def a_job(**beside: object) -> dict[str, object]:
    row = {"id": new_uuid(), "kind": "export", "status": JobStatus.CREATED, "arguments": {"rate": Decimal("1.50")}}
    return {**row, "client_id": UUID(int=1), "created_at": NOW, **beside}


def a_sku(code: str) -> dict[str, object]:
    row = {"id": new_uuid(), "code": code, "name": "Cup", "kind": SkuKind.GOODS, "status": SkuStatus.ACTIVE}
    return {**row, "created_at": NOW, "updated_at": NOW}


async def test_a_row_is_made_and_comes_back_as_a_query_would_give_it(run: Run) -> None:
    job: JobRow = await run(lambda tx: tx.made(JobRow, a_job(errors=[{"code": "é\n'\"\\"}], started_at=NOW)))
    assert job.status is JobStatus.CREATED
    assert job.arguments == {"rate": "1.50"}
    assert job.errors == [{"code": "é\n'\"\\"}]
    assert (job.started_at, job.created_at, job.total) == (NOW, NOW, None)


async def test_what_a_row_leaves_out_is_the_default_of_the_database(run: Run) -> None:
    job: JobRow = await run(lambda tx: tx.made(JobRow, a_job()))
    assert (job.done, job.errors, job.result) == (0, [], None)


async def test_bytes_arrays_and_columns_that_the_database_fills(run: Run) -> None:
    ids = [new_uuid(), new_uuid()]
    event = {"id": new_uuid(), "type": "t", "subject_kind": "sku", "subject_id": ids[0], "location_ids": tuple(ids)}
    kept = {
        "client_id": ids[0],
        "mutation": "m",
        "key": "k",
        "arguments": b"\x00\xff'",
        "result_id": ids[1],
        "recorded_at": NOW,
    }

    async def act(tx: Tx) -> tuple[StagedEvent, IdempotencyRecord]:
        staged = await tx.made(StagedEvent, {**event, "actor": "a", "occurred_at": NOW, "recorded_at": NOW})
        return staged, await tx.made(IdempotencyRecord, kept)

    staged, record = await run(act)
    assert staged.location_ids == ids
    assert staged.stage > 0
    assert record.arguments == b"\x00\xff'"


async def test_many_rows_are_inserted_by_one_statement_and_none_by_none(run: Run) -> None:
    skus = [a_sku(f"MANY-{number}") for number in range(50)]
    sent = []

    async def act(tx: Tx) -> list[tuple[Any, ...]]:
        flush = tx.flush
        tx.flush = lambda statements, **how: sent.append(len(statements)) or flush(statements, **how)  # type: ignore[method-assign, func-returns-value]
        await tx.insert(SkuRow, skus)
        await tx.insert(SkuRow, [])
        return (await flush([Sql("SELECT code FROM sku WHERE code LIKE 'MANY-%' ORDER BY id")()]))[0]

    assert await run(act) == [(f"MANY-{number}",) for number in range(50)]
    assert sent[0] == 1
    assert len(sent) == 2  # and the last flush


async def test_a_row_that_is_there_is_told(run: Run) -> None:
    assert (await run(lambda tx: tx.made_or_none(SkuRow, a_sku("ONCE")))).code == "ONCE"
    assert await run(lambda tx: tx.made_or_none(SkuRow, a_sku("ONCE"))) is None
    with pytest.raises(UniqueViolation):
        await run(lambda tx: tx.made(SkuRow, a_sku("ONCE")))


async def test_a_row_is_inserted_or_written_over(run: Run) -> None:
    first = await run(lambda tx: tx.upserted(SkuRow, a_sku("TWICE"), "name", on=("code",)))
    second = await run(lambda tx: tx.upserted(SkuRow, {**a_sku("TWICE"), "name": "Mug"}, "name", on=("code",)))
    assert (second.id, second.name, second.version) == (first.id, "Mug", first.version)


async def test_named_columns_are_updated_and_no_other(run: Run) -> None:
    sku = await run(lambda tx: tx.made(SkuRow, a_sku("CHANGED")))
    after = await run(lambda tx: tx.updated(SkuRow, {"id": sku.id, "name": "Mug", "version": 2}))
    assert (after.id, after.name, after.version, after.kind) == (sku.id, "Mug", 2, SkuKind.GOODS)


@dataclass(frozen=True)
class Renamed:
    """Anything with the columns as attributes is a row."""

    id: UUID
    name: str
    told: bool = False


async def test_writings_are_parts_of_a_larger_statement(run: Run) -> None:
    names, jobs = updates(SkuRow, "name"), inserts(JobRow)
    whole = Sql(f"WITH jobs AS ({jobs} RETURNING id), renamed AS ({names} RETURNING sku.name) SELECT * FROM renamed, jobs")
    sku, job = await run(lambda tx: tx.made(SkuRow, a_sku("PART"))), a_job()
    rows = Rows()
    rows.put(jobs, **job)
    rows.put(names, id=sku.id, name="unused")

    async def act(tx: Tx) -> list[list[tuple[Any, ...]]]:
        return await tx.flush([whole(sku=names([Renamed(sku.id, "Plate")]), **rows.given(jobs))])

    assert await run(act) == [[("Plate", job["id"])]]
    assert rows.given(names) == {"sku": names([{"id": sku.id, "name": "unused"}])}


async def test_a_set_of_rows_stands_where_a_table_does(run: Run) -> None:
    want = Given("want", code="text", units="int", day="date", share="numeric")
    sums = Sql(f"SELECT want.units * 2, day, share, code IS NULL FROM {want} WHERE units > :least ORDER BY units")
    rows: list[dict[str, object]] = [{"units": 1}, {"units": 2, "day": date(2026, 1, 2), "share": Decimal("0.10")}]

    async def act(tx: Tx) -> list[list[tuple[Any, ...]]]:
        return await tx.flush([sums(want=want(rows), least=0), sums(want=want([]), least=0)])

    assert await run(act) == [[(2, None, None, True), (4, date(2026, 1, 2), Decimal("0.10"), True)], []]


@settings(max_examples=50, deadline=None)
@given(st.lists(ANY_TEXT))
async def test_texts_of_any_content_arrive_as_they_were(run: Run, texts: list[str]) -> None:
    want = Given("want", at="int", told="text")
    read = Sql(f"SELECT told FROM {want} ORDER BY at")
    rows = [{"at": at, "told": told} for at, told in enumerate(texts)]
    assert await run(lambda tx: tx.flush([read(want=want(rows))])) == [[(told,) for told in texts]]


def test_a_row_names_columns_that_are_there_and_all_that_are_needed() -> None:
    with pytest.raises(TypeError, match="a row of sku lacks code, lacks created_at, does not know colour"):
        inserts(SkuRow)(
            [{name: value for name, value in a_sku("x").items() if name not in {"code", "created_at"}} | {"colour": 1}]
        )
    with pytest.raises(TypeError, match=r"a row of outbox_stage .*does not know stage"):
        inserts(StagedEvent)([{"stage": 1}])
    with pytest.raises(TypeError, match="a row of sku lacks name"):
        updates(SkuRow, "name")([{"id": new_uuid()}])
    with pytest.raises(KeyError, match="colour"):
        updates(SkuRow, "colour")


def test_the_text_is_made_once() -> None:
    assert updates(SkuRow, "name") is updates(SkuRow, "name")
    assert updates(SkuRow, "name") is not updates(SkuRow, "status")


@pytest.mark.parametrize("table", METADATA.tables.values(), ids=str)
def test_types_are_known_before_the_tables_are_that_a_column_refers_to(table: Any) -> None:
    """What SQLAlchemy learns when all is loaded is what was taken for granted before."""
    dialect = psycopg.dialect()  # type: ignore[no-untyped-call]
    for column in table.columns:
        assert not isinstance(column.type, NullType)
        if column.foreign_keys:
            by_name = "UUID" if all(key.target_fullname.endswith(".id") for key in column.foreign_keys) else "TEXT"
            assert column.type.compile(dialect) == by_name
        if not isinstance(column.type, Enum):
            assert column_type(column) == column.type.compile(dialect)


async def test_few_rows_are_expected_so_that_they_are_looked_up(run: Run) -> None:
    await run(lambda tx: tx.insert(SkuRow, [a_sku(f"PLAN-{number}") for number in range(3_000)]))
    named = Given("named", id="uuid")
    found = Sql(f"SELECT sku.code FROM {named} JOIN sku ON sku.id = named.id")(named=named([]))

    async def explained(tx: Tx) -> str:
        text, values = found
        await tx.ask(raw(sql_text("ANALYZE sku")))
        return "\n".join(row[0] for row in await tx.fetch((f"EXPLAIN {text}", values)))

    plan = await run(explained)
    assert "rows=10 " in plan
    assert "Seq Scan" not in plan
