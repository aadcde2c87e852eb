"""Sweeps: a record on which one breaks down keeps no other waiting, and what is due is found by indexes."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.channels.states import ReleaseWhen
from oms_api.jobs.sweeping import run_sweep
from oms_api.kernel.clock import system_clock
from oms_api.workflows import payment_gate
from oms_api.workflows.sweeps import SWEEPS
from tests.factories.database import Database
from tests.factories.holding import hold, sweep
from tests.factories.reserving import Checkouts, wanted
from tests.factories.trading import Shop, by_hand, line

BROKEN = """
CREATE FUNCTION break_down() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'it breaks down'; END $$;
CREATE TRIGGER break_down BEFORE UPDATE ON {table} FOR EACH ROW WHEN (old.id IN ({ids})) EXECUTE FUNCTION break_down()
"""
MENDED = "DROP TRIGGER break_down ON {table}; DROP FUNCTION break_down"


@pytest.fixture
async def shop(fresh_work: UnitOfWork) -> Shop:
    return await Shop.open(fresh_work)


def broken(database: Database, table: str, *ids: UUID) -> None:
    """Let every change of these rows break down."""
    with psycopg.connect(database.owner_url) as connection:
        connection.execute(BROKEN.format(table=table, ids=", ".join(f"'{each}'" for each in ids)).encode())


def mended(database: Database, table: str) -> None:
    """Let rows change again."""
    with psycopg.connect(database.owner_url) as connection:
        connection.execute(MENDED.format(table=table).encode())


async def test_an_order_that_breaks_down_keeps_no_other_waiting(shop: Shop, fresh_database: Database) -> None:
    await shop.gated()
    sku = await shop.stocked(9)
    orders = [await shop.place(line(sku)) for _ in range(4)]
    await shop.gated(ReleaseWhen.PLACED)
    broken(fresh_database, "orders", orders[0].id, orders[1].id)
    assert await sweep(shop.work, "open_gates") == 2
    assert [(await shop.order(each.id)).awaits_payment for each in orders] == [True, True, False, False]
    mended(fresh_database, "orders")
    assert await sweep(shop.work, "open_gates") == 2


async def test_of_a_batch_that_breaks_down_all_others_are_done(shop: Shop, fresh_database: Database) -> None:
    checkouts = Checkouts(shop)
    sku = await shop.stocked(9)
    held = [await checkouts.reserve(wanted(sku, 1), minutes=minutes) for minutes in (1, 2, 3)]
    broken(fresh_database, "reservation", held[1].id)
    (found,) = [each for each in SWEEPS if each.name == "reservation_expiry"]
    late, passed = checkouts.after(5), dict[UUID, float]()
    assert await run_sweep(late.work, found, asyncio.Event(), passed) == 2
    assert set(passed) == {held[1].id}
    assert [(await late.now(each.id)).status for each in held] == ["EXPIRED", "ACTIVE", "EXPIRED"]
    mended(fresh_database, "reservation")
    assert await run_sweep(late.work, found, asyncio.Event(), passed) == 0
    passed[held[1].id] = 0.0
    assert await run_sweep(late.work, found, asyncio.Event(), passed) == 1


async def test_holds_that_are_due_do_not_wait_for_one_that_breaks_down(shop: Shop, fresh_database: Database) -> None:
    sku = await shop.stocked(9)
    orders = [await shop.place(line(sku)) for _ in range(3)]
    for order in orders:
        await hold(shop.work, order.id, release_at=shop.work.clock() + timedelta(minutes=1))
    broken(fresh_database, "orders", orders[0].id)
    late = UnitOfWork(shop.work.pool, lambda: system_clock() + timedelta(minutes=5))
    assert await sweep(late, "holds_to_release") == 2
    assert [(await shop.order(each.id)).on_hold for each in orders] == [True, False, False]


MANY = """
INSERT INTO orders ({columns}) SELECT {values} FROM orders CROSS JOIN generate_series(1, 2000) WHERE orders.id = '{order}'
"""


def rows_read(plan: Mapping[str, Any], table: str) -> int:
    """Return how many rows of a table the nodes of a plan looked at, those that they left out included."""
    mine = plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0) if plan.get("Relation Name") == table else 0
    return int(mine * plan["Actual Loops"]) + sum(rows_read(each, table) for each in plan.get("Plans", ()))


@pytest.mark.parametrize("when", [ReleaseWhen.AUTHORIZED, ReleaseWhen.PAID])
async def test_the_gate_reads_only_what_is_due(shop: Shop, fresh_database: Database, when: ReleaseWhen) -> None:
    """Thousands wait for their payment, as many are authorized where they are to be paid, and many are late elsewhere."""
    await shop.gated(when, pay_within_minutes=1)
    sku = await shop.stocked(9)
    order, due = [await shop.place(line(sku)) for _ in range(2)]
    waits = "PENDING" if when is ReleaseWhen.AUTHORIZED else "AUTHORIZED"
    with psycopg.connect(fresh_database.admin_url) as connection:
        found = connection.execute("SELECT column_name FROM information_schema.columns WHERE table_name = 'orders'")
        columns = [name for (name,) in found if name not in {"number", "external_ref"}]
    others = {"id": "gen_random_uuid()", "payment_status": f"'{waits}'"}
    values = ", ".join(others.get(name, f"orders.{name}") for name in columns)
    by_hand(fresh_database.admin_url, MANY.format(columns=", ".join(columns), values=values, order=order.id))
    by_hand(fresh_database.admin_url, f"UPDATE orders SET due_minor = 0, payment_status = 'NOT_REQUIRED' WHERE id = '{due.id}'")
    for statement, most in ((payment_gate.OPENED(passed="{}"), 4), (payment_gate.OVERDUE(passed="{}", now="2100-01-01"), 0)):
        with psycopg.connect(fresh_database.admin_url, cursor_factory=psycopg.RawCursor) as connection:
            connection.execute(b"ANALYZE orders")
            connection.execute(b"SET plan_cache_mode = force_generic_plan")
            text, parameters = statement[0], statement[1]
            ((plan,),) = connection.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {text}".encode(), parameters)
        assert rows_read(plan[0]["Plan"], "orders") <= most, plan
