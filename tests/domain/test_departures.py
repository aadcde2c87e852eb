"""When work must have left, and work that is put off by hand."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import psycopg
import pytest

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.channels.calendar import Calendar
from oms_api.domain.fulfillment.departures import NEVER, date_departures, leave_by
from oms_api.domain.fulfillment.errors import FulfillmentOrderBegun
from oms_api.domain.fulfillment.schedule import open_scheduled, schedule_missed
from oms_api.domain.fulfillment.states import FulfillmentOrderStatus
from oms_api.domain.fulfillment.tables import FulfillmentOrderRow
from oms_api.kernel.errors import InvalidValue
from oms_api.kernel.ids import FulfillmentOrderId
from oms_api.workflows.reschedule_work import RescheduleWork, reschedule_work
from tests.factories.database import Database
from tests.factories.given import SYSTEM
from tests.factories.trading import Shop, findings, line

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = date(2026, 3, 2)
AT_TWO = Calendar(cut_off=time(14))


def moment(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), BERLIN)


@pytest.mark.parametrize(
    ("told", "leaves"),
    [
        ({}, moment(MONDAY, 14)),
        ({"placed_at": moment(MONDAY, 15)}, moment(MONDAY + timedelta(1), 14)),
        ({"placed_at": moment(MONDAY + timedelta(5), 9)}, moment(MONDAY + timedelta(7), 14)),
        ({"opens_on": MONDAY + timedelta(3)}, moment(MONDAY + timedelta(3), 14)),
        ({"promised": MONDAY + timedelta(2), "waited": True}, moment(MONDAY + timedelta(2), 14)),
        ({"created_at": moment(MONDAY + timedelta(8), 9), "waited": True}, moment(MONDAY + timedelta(8), 14)),
        ({"created_at": moment(MONDAY + timedelta(8), 9)}, moment(MONDAY, 14)),
    ],
)
def test_goods_leave_by_the_cut_off_of_the_day_that_is_promised(told: dict[str, Any], leaves: datetime) -> None:
    placed = moment(MONDAY, 9)
    about: dict[str, Any] = {
        "placed_at": placed, "created_at": placed, "opens_on": None, "promised": None, "waited": False, **told,
    }  # fmt: skip
    assert leave_by(AT_TWO, BERLIN, **about) == leaves


def test_a_location_without_days_to_come_is_never_late() -> None:
    closed = Calendar(working_days=())
    about: dict[str, Any] = {"opens_on": None, "promised": None, "waited": False}
    assert leave_by(closed, BERLIN, placed_at=moment(MONDAY, 9), created_at=moment(MONDAY, 9), **about) == NEVER


async def sweep(work: UnitOfWork) -> None:
    while await work.execute(SYSTEM, date_departures, 500):
        pass


async def put_off(work: UnitOfWork, key: FulfillmentOrderId, day: date | None) -> FulfillmentOrderRow:
    command = RescheduleWork(idempotency_key=uuid4().hex, fulfillment_order_id=key, opens_on=day)
    return await work.execute(SYSTEM, reschedule_work, command)


async def test_work_is_put_off_by_hand_and_opens_on_its_day(work: UnitOfWork) -> None:
    shop = await Shop.open(work)
    order = await shop.place(line(await shop.stocked(9), 2))
    (todo,) = await shop.works(order.id)
    await sweep(work)
    (dated,) = await shop.works(order.id)
    assert dated.leave_by is not None
    today = datetime.now(UTC).date()
    later = await put_off(work, todo.id, today + timedelta(10))
    assert (later.status, later.opens_on, later.leave_by) == (FulfillmentOrderStatus.SCHEDULED, today + timedelta(10), None)
    for look in (open_scheduled, schedule_missed):
        await work.execute(SYSTEM, look, 100)
    await sweep(work)
    (now,) = await shop.works(order.id)
    assert now.status is FulfillmentOrderStatus.SCHEDULED
    assert now.leave_by is not None
    assert now.leave_by > dated.leave_by
    assert (await put_off(work, todo.id, None)).status is FulfillmentOrderStatus.OPEN
    with pytest.raises(InvalidValue):
        await put_off(work, todo.id, today - timedelta(3))
    await shop.start(todo.id)
    with pytest.raises(FulfillmentOrderBegun):
        await put_off(work, todo.id, today + timedelta(10))
    assert await findings(work) == []


async def test_work_is_not_opened_beside_who_is_busy_with_its_order(work: UnitOfWork, database: Database) -> None:
    shop = await Shop.open(work)
    order = await shop.place(line(await shop.stocked(9), 2))
    (todo,) = await shop.works(order.id)
    await put_off(work, todo.id, datetime.now(UTC).date() + timedelta(2))
    with psycopg.connect(database.app_url) as busy:
        busy.execute("UPDATE fulfillment_order SET opens_on = current_date - 1 WHERE id = %s", (todo.id,))
        busy.commit()
        busy.execute("SELECT FROM orders WHERE id = %s FOR UPDATE", (order.id,))
        assert await work.execute(SYSTEM, open_scheduled, 500) == 0
    assert await work.execute(SYSTEM, open_scheduled, 500) == 1
