"""Alerts of packages: raised by the clock and by what happens, once, and resolved when they are over."""

from datetime import UTC, datetime
from typing import Any

import pytest

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.channels.commands.change_channel import UpdateChannel, update_channel
from oms_api.domain.orders.states import OrderStatus
from oms_api.domain.parcels.states import TrackingStatus
from oms_api.domain.tracking.events import ShipmentAlertRaised, ShipmentAlertResolved
from oms_api.domain.tracking.states import ShipmentAlertKind
from oms_api.workflows.complete_orders import CompleteShipped, complete_shipped
from tests.factories.database import Database
from tests.factories.feed import feed, relay_all
from tests.factories.given import SYSTEM
from tests.factories.tower import Tower

K, T = ShipmentAlertKind, TrackingStatus


@pytest.fixture
async def tower(work: UnitOfWork, database: Database) -> Tower:
    return await Tower.open(work, database)


async def test_a_package_that_nobody_scans_raises_an_alert_until_it_is_scanned(tower: Tower) -> None:
    package, without = await tower.sent(), await tower.sent(None)
    await tower.look(23)
    assert await tower.raised(package) == set()
    await tower.look(25)
    await tower.look(26)
    assert (await tower.raised(package), await tower.raised(without)) == ({K.UNSCANNED}, set())
    await tower.told(package, T.IN_TRANSIT)
    await tower.look()
    (alert,) = await tower.alerts(package.id)
    assert alert.resolved_at is not None
    assert (alert.order_id, alert.channel_id, alert.carrier) == (package.order_id, tower.shop.channel.id, "Van")


async def test_a_package_that_nothing_is_heard_of_is_quiet(tower: Tower) -> None:
    package = await tower.sent()
    await tower.told(package, T.IN_TRANSIT)
    await tower.look(71)
    assert K.QUIET not in await tower.raised(package)
    await tower.look(73)
    assert K.QUIET in await tower.raised(package)
    await tower.told(package, T.IN_TRANSIT)
    await tower.look()
    assert K.QUIET not in await tower.raised(package)


async def test_a_package_is_late_the_day_after_it_was_promised(tower: Tower) -> None:
    package = await tower.sent()
    await tower.look(0)
    (dated,) = await tower.shop.packages(package.order_id)
    assert dated.promised_on is not None
    days = (dated.promised_on - datetime.now(UTC).date()).days
    await tower.look(24 * (days - 1))
    assert K.LATE not in await tower.raised(package)
    await tower.look(24 * (days + 2))
    assert K.LATE in await tower.raised(package)
    await tower.told(package, T.DELIVERED)
    await tower.look()
    assert (await tower.raised(package), await tower.watched(package)) == (set(), False)


async def test_what_the_carrier_tells_raises_alerts_at_once_and_what_follows_resolves_them(tower: Tower) -> None:
    package = await tower.sent()
    for hours, status, kinds in (
        (1, T.FAILURE, {K.FAILED_ATTEMPT}),
        (2, T.OUT_FOR_DELIVERY, set()),
        (3, T.FAILURE, {K.FAILED_ATTEMPT}),
        (4, T.RETURN_TO_SENDER, {K.RETURNING}),
    ):
        tower.hours = hours
        await tower.told(package, status)
        await tower.look()
        assert await tower.raised(package) == kinds
    await tower.shop.mark_returned(package.id)
    await tower.look()
    assert await tower.raised(package) == set()
    assert [alert.kind for alert in await tower.alerts(package.id)] == [K.FAILED_ATTEMPT, K.FAILED_ATTEMPT, K.RETURNING]


async def test_a_lost_package_raises_an_alert_until_it_is_found(tower: Tower) -> None:
    package = await tower.sent()
    await tower.shop.mark_lost(package.id)
    await tower.look()
    assert await tower.raised(package) == {K.LOST}
    await tower.shop.mark_found(package.id)
    await tower.look()
    assert await tower.raised(package) == set()


async def test_a_package_is_not_watched_for_ever(tower: Tower) -> None:
    package = await tower.sent()
    await tower.look(30)
    assert await tower.raised(package) == {K.UNSCANNED}
    await tower.look(24 * 91)
    assert (await tower.raised(package), await tower.watched(package)) == (set(), False)


async def test_a_channel_says_what_it_wants_to_hear_of(tower: Tower) -> None:
    package = await tower.sent()
    await tower.look(30)
    assert await tower.raised(package) == {K.UNSCANNED}
    changes: Any = {"alert_unscanned_after_hours": None}
    await tower.work.execute(SYSTEM, update_channel, UpdateChannel(channel_id=tower.shop.channel.id, changes=changes))
    await tower.look()
    assert await tower.raised(package) == set()


async def test_alerts_are_told_as_events_of_their_order(tower: Tower) -> None:
    package = await tower.sent()
    await tower.told(package, T.FAILURE)
    await tower.look()
    await tower.told(package, T.DELIVERED)
    await tower.look()
    await relay_all(tower.database.owner_url)
    told = [each for each in await feed(tower.shop.work) if each.order_id == package.order_id and "ALERT" in each.type]
    assert [(each.type, each.changes, each.cause_id) for each in told] == [
        (ShipmentAlertRaised.type, {"kind": [None, "FAILED_ATTEMPT"]}, package.id),
        (ShipmentAlertResolved.type, {"kind": ["FAILED_ATTEMPT", None]}, package.id),
    ]
    assert {each.channel_id for each in told} == {tower.shop.channel.id}
    assert [list(each.location_ids) for each in told] == [[tower.shop.locations[0].id]] * 2


async def test_what_counts_as_arrived_is_not_watched(tower: Tower) -> None:
    package = await tower.sent()
    await tower.look(30)
    assert await tower.raised(package) == {K.UNSCANNED}
    later = tower.work.clock()
    command = CompleteShipped(channel_id=tower.shop.channel.id, shipped_until=later, size=20)
    await tower.work.execute(SYSTEM, complete_shipped, command)
    assert (await tower.shop.order(package.order_id)).status is OrderStatus.COMPLETED
    await tower.look()
    assert (await tower.raised(package), await tower.watched(package)) == (set(), False)
