"""All that happened to one record is found by it, or by its order."""

from dataclasses import replace
from uuid import UUID

import psycopg

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.events.queries import events_of, history
from oms_api.kernel.access import Sight
from oms_api.kernel.ids import LocationId, OrderId, new_uuid
from tests.factories.database import Database
from tests.factories.feed import SYSTEM, emit, event, relay_all
from tests.factories.moving import Road

ALL = Sight(None, None, None, None)


async def test_a_transfer_tells_its_life_to_those_who_see_it(work: UnitOfWork, database: Database) -> None:
    road = await Road.build(work)
    (cup,) = await road.goods(3)
    plan, other = await road.plan((cup, 2), ready=False), await road.plan((cup, 1))
    await road.ready(plan.id)
    await road.ship(plan.id, (cup, 1))
    await road.update(plan.id, note="by van")
    await road.cancel(other.id)
    await relay_all(database.app_url)
    async with work.reads(SYSTEM) as read:
        found = await history(read, plan.id)
    assert [one.type for one in found] == ["TRANSFER_CREATED", "TRANSFER_CHANGED", "TRANSFER_SHIPPED", "TRANSFER_CHANGED"]
    assert [(one.changes or {}).get("status") for one in found] == [
        [None, "DRAFT"],
        ["DRAFT", "READY_TO_SHIP"],
        ["READY_TO_SHIP", "IN_TRANSIT"],
        None,
    ]
    for end in (road.origin, road.destination):
        async with work.reads(replace(SYSTEM, locations=frozenset({end.id}))) as read:
            assert len(await history(read, plan.id)) == 4
    async with work.reads(replace(SYSTEM, locations=frozenset({LocationId(new_uuid())}))) as read:
        assert await history(read, plan.id) == []


async def test_a_record_of_an_order_is_found_by_the_order(work: UnitOfWork, database: Database) -> None:
    order, other, subject = OrderId(new_uuid()), OrderId(new_uuid()), new_uuid()
    happened = [(order, subject), (order, new_uuid()), (other, subject), (None, subject), (order, subject)]
    await emit(work, *(event(order=of, subject=about) for of, about in happened))
    await relay_all(database.app_url)
    async with work.reads(SYSTEM) as read:
        assert [one.order_id for one in await history(read, subject, order_id=order)] == [order, order]
        assert [one.order_id for one in await history(read, subject)] == [None]


def test_both_ways_have_their_index(database: Database) -> None:
    with psycopg.connect(database.admin_url) as connection:
        connection.execute("ALTER TABLE feed DISABLE TRIGGER ALL")
        connection.execute("""
            INSERT INTO feed
                (position, id, type, subject_kind, subject_id, order_id, location_ids, actor, occurred_at, recorded_at)
            SELECT 1000 + n, gen_random_uuid(), 'X', 'x', gen_random_uuid(), CASE WHEN n % 2 = 0 THEN gen_random_uuid() END,
                   '{}', 'x', now(), now() FROM generate_series(1, 5000) n
        """)
        connection.execute("ANALYZE feed")
        for of, index in ((None, "ix_feed_subject_id_position"), (UUID(int=5), "ix_feed_order_id_position")):
            plan = connection.execute(f"EXPLAIN (GENERIC_PLAN) {events_of(UUID(int=1), of, ALL).text}".encode()).fetchall()
            assert any(index in line for (line,) in plan), plan
        connection.rollback()
