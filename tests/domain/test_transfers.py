"""Transfers: planned, sent, received in parts, canceled; the ledger knows where every unit is."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oms_api.db.records import changed
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.catalog.references import SkuRef
from oms_api.domain.catalog.states import SkuKind
from oms_api.domain.catalog.tables import SkuRow
from oms_api.domain.channels.commands.change_location import UpdateLocation, update_location
from oms_api.domain.channels.policies import LocationChanges
from oms_api.domain.channels.states import Activity
from oms_api.domain.inventory.transfers.coming import in_transit_by_level
from oms_api.domain.inventory.transfers.commands.receive import ReceiveTransfer, receive_transfer
from oms_api.domain.inventory.transfers.policies import TransferLineToReceive
from oms_api.domain.inventory.transfers.states import TransferDiscrepancy, TransferResolution, TransferStatus
from oms_api.domain.inventory.transfers.verbs import LIFE
from oms_api.domain.purchasing.incoming import incoming_units
from oms_api.kernel.errors import OmsError
from oms_api.kernel.ids import TransferId
from tests.factories.given import SYSTEM, Given
from tests.factories.moving import Road
from tests.factories.trading import Shop, findings, line

BACK, GONE = TransferResolution.RETURN_TO_SOURCE, TransferResolution.WRITE_OFF
S = TransferStatus


@pytest.fixture
async def road(work: UnitOfWork) -> Road:
    return await Road.build(work)


async def refused(doing: Any) -> list[tuple[str, str]]:
    """Return code and path of each error that *doing* ends with."""
    with pytest.raises(OmsError) as error:
        await doing
    return [(cause.code, ".".join(cause.field)) for cause in error.value.causes]


async def test_units_leave_travel_and_arrive_in_parts(road: Road) -> None:
    cup, pot = await road.goods(10, 4)
    plan = await road.plan((cup, 10), (pot, 4))
    assert (plan.status, plan.version, plan.shipped_at) == (S.READY_TO_SHIP, 1, None)
    sent = (await road.ship(plan.id, (cup, 7))).value
    assert (sent.status, sent.version) == (S.IN_TRANSIT, 2)
    assert await road.stock(cup) == ((3, 0, 0, 0), (0, 0, 0, 0))
    part = (await road.receive(plan.id, (cup, 4, 1, 1))).value
    assert (part.status, part.closed_at) == (S.PARTIALLY_RECEIVED, None)
    assert await road.stock(cup) == ((3, 0, 0, 0), (4, 0, 0, 1))
    rest = (await road.ship(plan.id)).value
    assert rest.status is S.PARTIALLY_RECEIVED
    done = (await road.receive(plan.id)).value
    assert done.status is S.RECEIVED
    assert done.closed_at is not None
    assert (await road.stock(cup), await road.stock(pot)) == (((0, 0, 0, 0), (8, 0, 0, 1)), ((0, 0, 0, 0), (4, 0, 0, 0)))
    assert await road.movements(cup) == [
        ("SEND", 7, "free", "in_transit"),
        ("LOSE", 1, "in_transit", "adjustment"),
        ("ARRIVE", 4, "in_transit", "free"),
        ("ARRIVE", 1, "in_transit", "damaged"),
        ("SEND", 3, "free", "in_transit"),
        ("ARRIVE", 4, "in_transit", "free"),
    ]
    first, _ = await road.lines(plan.id)
    assert (first.sent, first.arrived, first.damaged, first.lost, first.in_transit, first.to_come) == (10, 8, 1, 1, 0, 0)
    assert await findings(road.work) == []


async def test_a_draft_changes_and_is_shipped_through_ready(road: Road) -> None:
    cup, pot = await road.goods(5, 5)
    draft = await road.plan((cup, 1), ready=False, external_ref=Given.code("TR"))
    assert draft.status is S.DRAFT
    elsewhere = await Given(road.work).location()
    changed = await road.update(draft.id, [(pot, 2), (cup, 3)], destination_id=elsewhere.id, note="by van")
    assert (changed.version, changed.destination_id, changed.note) == (2, elsewhere.id, "by van")
    assert [(row.sku_id, row.quantity) for row in await road.lines(draft.id)] == [(pot.id, 2), (cup.id, 3)]
    assert (await road.update(draft.id, note="by van")).version == 2
    ready = await road.ready(draft.id)
    assert (ready.status, ready.version) == (S.READY_TO_SHIP, 3)
    assert await refused(road.update(draft.id, [(pot, 1)])) == [("TRANSFER_FIXED", "transferId")]
    assert await refused(road.update(draft.id, origin_id=elsewhere.id)) == [("TRANSFER_FIXED", "transferId")]
    assert await refused(road.ready(draft.id)) == [("ILLEGAL_MOVE", "transferId")]
    soon = datetime.now(UTC) + timedelta(days=3)
    assert (await road.update(draft.id, expected_at=soon)).expected_at == soon
    await road.ship(draft.id)
    late = soon + timedelta(days=1)
    assert (await road.update(draft.id, expected_at=late, external_ref=None)).external_ref is None
    other = await road.plan((cup, 1), ready=False)
    assert (await road.ship(other.id)).value.status is S.IN_TRANSIT
    await road.receive(other.id)
    assert await refused(road.update(other.id, note="x")) == [("TRANSFER_FIXED", "transferId")]


async def test_safety_stock_may_be_sent_and_promised_units_never(road: Road, work: UnitOfWork) -> None:
    shop = Shop(work, await Given(work).channel(locations=(road.origin,)), (road.origin,))
    (cup,) = await road.goods(10)
    await shop.place(line(cup, 4))
    level = await Given(work).level(cup.id, road.origin.id)
    async with work.pool.lease() as driver:
        await driver.execute("UPDATE inventory_level SET safety_stock_target = 6 WHERE id = %s", (level.id,))
    plan = await road.plan((cup, 10))
    assert await refused(road.ship(plan.id)) == [("BELOW_ZERO", "transferId")]
    assert await refused(road.ship(plan.id, (cup, 7))) == [("BELOW_ZERO", "lines.0.quantity")]
    await road.ship(plan.id, (cup, 6))
    assert await road.stock(cup) == ((0, 4, 0, 0), (0, 0, 0, 0))


async def test_before_it_left_a_transfer_is_simply_canceled(road: Road) -> None:
    (cup,) = await road.goods(3)
    for ready in (False, True):
        plan = await road.plan((cup, 3), ready=ready)
        canceled = (await road.cancel(plan.id)).value
        assert canceled.status is S.CANCELED
        assert canceled.closed_at is not None
        assert await refused(road.cancel(plan.id)) == [("ILLEGAL_MOVE", "transferId")]
        assert await refused(road.ship(plan.id)) == [("ILLEGAL_MOVE", "transferId")]
        assert await refused(road.receive(plan.id)) == [("ILLEGAL_MOVE", "transferId")]
    assert await road.movements(cup) == []


async def test_units_on_the_way_are_brought_back_or_written_off(road: Road) -> None:
    (cup,) = await road.goods(10)
    back = await road.plan((cup, 4))
    await road.ship(back.id, (cup, 3))
    assert await refused(road.cancel(back.id)) == [("RESOLUTION_NEEDED", "resolution")]
    assert (await road.cancel(back.id, BACK)).value.status is S.CANCELED
    assert await road.stock(cup) == ((10, 0, 0, 0), (0, 0, 0, 0))
    (only,) = await road.lines(back.id)
    assert (only.brought_back, only.called_off, only.in_transit, only.to_come) == (3, 1, 0, 0)
    gone = await road.plan((cup, 6))
    await road.ship(gone.id)
    await road.receive(gone.id, (cup, 2, 0, 0))
    assert (await road.cancel(gone.id, GONE)).value.status is S.RECEIVED
    assert await road.stock(cup) == ((4, 0, 0, 0), (2, 0, 0, 0))
    assert (await road.movements(cup))[-1] == ("LOSE", 4, "in_transit", "adjustment")
    assert await findings(road.work) == []


async def test_a_part_of_what_is_on_the_way_is_called_off_and_the_rest_goes_on(road: Road) -> None:
    cup, pot = await road.goods(9, 9)
    plan = await road.plan((cup, 6), (pot, 4))
    assert await refused(road.cancel(plan.id, BACK, (cup, 1))) == [("NOTHING_IN_TRANSIT", "transferId")]
    await road.ship(plan.id, (cup, 5), (pot, 3))
    part = (await road.cancel(plan.id, BACK, (cup, 5), (pot, 1))).value
    assert (part.status, part.closed_at) == (S.IN_TRANSIT, None)
    assert await road.stock(cup) == ((9, 0, 0, 0), (0, 0, 0, 0))
    cups, pots = await road.lines(plan.id)
    assert (cups.brought_back, cups.in_transit, cups.called_off, cups.to_come) == (5, 0, 0, 1)
    assert (pots.brought_back, pots.in_transit, pots.to_come) == (1, 2, 3)
    await road.receive(plan.id, (pot, 1, 0, 0))
    assert (await road.cancel(plan.id, GONE, (pot, 1))).value.status is S.PARTIALLY_RECEIVED
    assert (await road.movements(pot))[-1] == ("LOSE", 1, "in_transit", "adjustment")
    await road.ship(plan.id)
    assert (await road.cancel(plan.id, GONE, (pot, 1))).value.status is S.PARTIALLY_RECEIVED
    over = (await road.cancel(plan.id, BACK, (cup, 1))).value
    assert over.status is S.RECEIVED
    assert over.closed_at is not None
    assert await findings(road.work) == []


async def test_a_transfer_of_which_all_that_left_is_called_off_waits_for_the_rest(road: Road) -> None:
    (cup,) = await road.goods(9)
    plan, whole = await road.plan((cup, 5)), await road.plan((cup, 2))
    await road.ship(plan.id, (cup, 3))
    assert (await road.cancel(plan.id, BACK, (cup, 3))).value.status is S.IN_TRANSIT
    assert await findings(road.work) == []
    assert await refused(road.receive(plan.id)) == [("NOTHING_IN_TRANSIT", "transferId")]
    assert (await road.ship(plan.id)).value.status is S.IN_TRANSIT
    assert (await road.receive(plan.id)).value.status is S.RECEIVED
    assert await road.stock(cup) == ((7, 0, 0, 0), (2, 0, 0, 0))
    await road.ship(whole.id)
    assert (await road.cancel(whole.id, GONE, (cup, 2))).value.status is S.CANCELED
    assert await findings(road.work) == []


async def test_everything_wrong_with_a_part_that_is_called_off_is_named(road: Road) -> None:
    cup, pot, foreign = await road.goods(9, 9, 9)
    plan = await road.plan((cup, 5), (pot, 5))
    await road.ship(plan.id, (cup, 3), (pot, 3))
    assert await refused(road.cancel(plan.id, None, (cup, 1))) == [("RESOLUTION_NEEDED", "resolution")]
    assert await refused(road.cancel(plan.id, BACK, (foreign, 1), (cup, 4), (pot, 0), (cup, 1))) == [
        ("NOT_FOUND", "lines.0.sku"),
        ("EXCEEDS_IN_TRANSIT", "lines.1.quantity"),
        ("INVALID_QUANTITY", "lines.2.quantity"),
        ("LINE_TWICE", "lines.3.sku"),
    ]
    assert await refused(road.cancel(plan.id, BACK, lines=())) == [("INVALID_VALUE", "lines")]
    assert await road.stock(cup) == ((6, 0, 0, 0), (0, 0, 0, 0))
    await road.receive(plan.id)
    await road.cancel(plan.id)
    assert await refused(road.cancel(plan.id, BACK, (cup, 1))) == [("ILLEGAL_MOVE", "transferId")]


async def test_a_transfer_of_which_all_was_received_calls_off_the_rest(road: Road) -> None:
    (cup,) = await road.goods(10)
    plan = await road.plan((cup, 5))
    await road.ship(plan.id, (cup, 2))
    await road.receive(plan.id)
    assert await refused(road.receive(plan.id)) == [("NOTHING_IN_TRANSIT", "transferId")]
    assert (await road.cancel(plan.id)).value.status is S.RECEIVED
    (only,) = await road.lines(plan.id)
    assert (only.called_off, only.to_come) == (3, 0)


async def test_everything_wrong_with_a_plan_is_named(road: Road, work: UnitOfWork) -> None:
    (cup,) = await road.goods(1)
    service = await Given(work).sku(kind=SkuKind.SERVICE)
    unknown = await Given(work).sku()
    unknown = changed(unknown, code="no such thing")
    rows = [(cup, 1), (unknown, 1), (service, 1), (cup, 2), (cup, 0)]
    assert await refused(road.plan(*rows, note="x" * 10_001, external_ref=" x")) == [
        ("INVALID_VALUE", "externalRef"),
        ("INVALID_VALUE", "note"),
        ("UNKNOWN_SKU", "lines.1.sku.code"),
        ("NOT_STOCKED", "lines.2.sku"),
        ("LINE_TWICE", "lines.3.sku"),
        ("LINE_TWICE", "lines.4.sku"),
        ("INVALID_QUANTITY", "lines.4.quantity"),
    ]
    assert await refused(road.plan((cup, 1), destination_id=road.origin.id)) == [("SAME_LOCATION", "destinationId")]
    assert await refused(road.plan((cup, 1), origin_id=uuid4())) == [("NOT_FOUND", "originId")]
    closed, later = await Given(work).location(), await Given(work).location()
    away = UpdateLocation(location_id=closed.id, changes=LocationChanges(status=Activity.INACTIVE))
    await work.execute(SYSTEM, update_location, away)
    assert await refused(road.plan((cup, 1), origin_id=uuid4(), destination_id=closed.id)) == [
        ("NOT_FOUND", "originId"),
        ("LOCATION_INACTIVE", "destinationId"),
    ]
    planned = [(await road.plan((cup, 1), destination_id=later.id, ready=ready)).id for ready in (False, True)]
    gone = UpdateLocation(location_id=later.id, changes=LocationChanges(status=Activity.INACTIVE))
    await work.execute(SYSTEM, update_location, gone)
    assert await refused(road.ready(planned[0])) == [("LOCATION_INACTIVE", "transferId")]
    assert await refused(road.ship(planned[1])) == [("LOCATION_INACTIVE", "transferId")]
    await road.cancel(planned[1])
    assert await refused(road.plan()) == [("INVALID_VALUE", "lines")]
    assert await refused(road.plan(*[(cup, 1)] * 1_001)) == [("TOO_MANY_ITEMS", "lines")]
    reference = Given.code("TR")
    await road.plan((cup, 1), external_ref=reference)
    assert await refused(road.plan((cup, 1), external_ref=reference)) == [("DUPLICATE_TRANSFER_REF", "externalRef")]
    other = await road.plan((cup, 1), ready=False)
    assert await refused(road.update(other.id, external_ref=reference)) == [("DUPLICATE_TRANSFER_REF", "externalRef")]
    assert await refused(road.update(other.id, destination_id=road.origin.id)) == [("SAME_LOCATION", "destinationId")]
    assert await refused(road.update(other.id, [])) == [("INVALID_VALUE", "lines")]
    assert await refused(road.update(other.id, expected_version=7)) == [("VERSION_CONFLICT", "expectedVersion")]


async def test_everything_wrong_with_a_shipment_or_a_receipt_is_named(road: Road) -> None:
    cup, pot, foreign = await road.goods(9, 9, 9)
    plan = await road.plan((cup, 5), (pot, 5))
    assert await refused(road.receive(plan.id)) == [("ILLEGAL_MOVE", "transferId")]
    rows = [(foreign, 1), (cup, 6), (pot, 0), (cup, 1)]
    assert await refused(road.ship(plan.id, *rows)) == [
        ("NOT_FOUND", "lines.0.sku"),
        ("EXCEEDS_UNSENT", "lines.1.quantity"),
        ("INVALID_QUANTITY", "lines.2.quantity"),
        ("LINE_TWICE", "lines.3.sku"),
    ]
    await road.ship(plan.id)
    assert await refused(road.ship(plan.id)) == [("NOTHING_TO_SEND", "transferId")]
    more = [(foreign, 1, 0, 0), (cup, 3, 2, 1), (pot, 0, 0, 0), (cup, 1, 0, 0)]
    assert await refused(road.receive(plan.id, *more)) == [
        ("NOT_FOUND", "lines.0.sku"),
        ("EXCEEDS_IN_TRANSIT", "lines.1.received"),
        ("INVALID_QUANTITY", "lines.2.received"),
        ("LINE_TWICE", "lines.3.sku"),
    ]
    assert await refused(road.receive(plan.id, (cup, 0, -1, 2))) == [("INVALID_QUANTITY", "lines.0.damaged")]
    assert await refused(told(road, plan.id, lost=1)) == [("DISCREPANCY_UNEXPLAINED", "lines.0.reason")]
    stolen = told(road, plan.id, received=1, reason=TransferDiscrepancy.STOLEN)
    assert await refused(stolen) == [("INVALID_VALUE", "lines.0.reason")]
    assert await refused(told(road, plan.id, received=1, note="\0")) == [("INVALID_VALUE", "lines.0.note")]
    assert await refused(road.ship(TransferId(uuid4()))) == [("NOT_FOUND", "transferId")]
    assert await refused(road.receive(plan.id, expected_version=1)) == [("VERSION_CONFLICT", "expectedVersion")]
    assert await road.stock(cup) == ((4, 0, 0, 0), (0, 0, 0, 0))


async def told(road: Road, transfer: TransferId, **more: Any) -> None:
    """Receive one line with just what is told of it."""
    (first, *_) = await road.lines(transfer)
    row = TransferLineToReceive(sku=SkuRef(id=first.sku_id), **more)
    command = ReceiveTransfer(idempotency_key=uuid4().hex, transfer_id=transfer, lines=(row,))
    await road.work.execute(SYSTEM, receive_transfer, command)


async def test_what_happened_has_its_order_in_time(road: Road) -> None:
    (cup,) = await road.goods(9)
    day = datetime(2026, 1, 10, tzinfo=UTC)
    plan = await road.plan((cup, 5), occurred_at=day)
    assert plan.created_at == day
    early = day - timedelta(days=1)
    for act in (road.ship, road.cancel, road.ready):
        draft = await road.plan((cup, 1), occurred_at=day, ready=act != road.ready)
        assert await refused(act(draft.id, occurred_at=early)) == [("OCCURRED_TOO_EARLY", "occurredAt")]
    shipped = (await road.ship(plan.id, occurred_at=day + timedelta(days=2))).value
    assert shipped.shipped_at == day + timedelta(days=2)
    between = day + timedelta(days=1)
    assert await refused(road.receive(plan.id, occurred_at=between)) == [("OCCURRED_TOO_EARLY", "occurredAt")]
    assert await refused(road.cancel(plan.id, BACK, occurred_at=between)) == [("OCCURRED_TOO_EARLY", "occurredAt")]
    received = (await road.receive(plan.id, occurred_at=day + timedelta(days=4))).value
    assert received.closed_at == day + timedelta(days=4)
    future = datetime.now(UTC) + timedelta(days=1)
    assert await refused(road.plan((cup, 1), occurred_at=future)) == [("INVALID_VALUE", "occurredAt")]


async def test_a_retry_answers_with_what_was_done(road: Road) -> None:
    (cup,) = await road.goods(9)
    plan = await road.plan((cup, 5))
    for act in (road.ship, road.receive):
        first = await act(plan.id, idempotency_key="the same")
        again = await act(plan.id, idempotency_key="the same")
        assert (first.replayed, again.replayed) == (False, True)
        assert again.value.version == first.value.version
    assert await road.stock(cup) == ((4, 0, 0, 0), (5, 0, 0, 0))


async def test_a_full_level_takes_nothing_in(road: Road) -> None:
    (cup,) = await road.goods(9)
    await Given(road.work).adjust(cup.id, road.destination.id, 2**31 - 3)
    plan = await road.plan((cup, 5))
    await road.ship(plan.id)
    assert await refused(road.receive(plan.id)) == [("TOO_MUCH_STOCK", "transferId")]
    assert await refused(road.receive(plan.id, (cup, 2, 1, 0))) == [("TOO_MUCH_STOCK", "lines.0")]
    assert (await road.receive(plan.id, (cup, 2, 0, 3))).value.status is S.RECEIVED


async def test_each_end_acts_for_itself_and_either_end_sees(road: Road, work: UnitOfWork) -> None:
    (cup,) = await road.goods(9)
    plan = await road.plan((cup, 5))
    sender = replace(road, principal=replace(SYSTEM, locations=frozenset({road.origin.id})))
    receiver = replace(road, principal=replace(SYSTEM, locations=frozenset({road.destination.id})))
    stranger = replace(road, principal=replace(SYSTEM, locations=frozenset({(await Given(work).location()).id})))
    hidden = [("TRANSFER_END_HIDDEN", "transferId")]
    assert await refused(receiver.ship(plan.id)) == hidden
    assert await refused(receiver.update(plan.id, note="x")) == hidden
    assert await refused(receiver.cancel(plan.id)) == hidden
    for act in (stranger.ship, stranger.receive, stranger.cancel, stranger.ready, stranger.update):
        assert await refused(act(plan.id)) == [("NOT_FOUND", "transferId")]
    assert await refused(sender.plan((cup, 1))) == [("NOT_FOUND", "destinationId")]
    assert await refused(receiver.plan((cup, 1))) == [("NOT_FOUND", "originId")]
    await sender.ship(plan.id)
    assert await refused(sender.receive(plan.id)) == hidden
    await receiver.receive(plan.id, (cup, 1, 0, 0))
    assert await refused(receiver.cancel(plan.id, GONE)) == hidden
    await sender.cancel(plan.id, BACK)
    assert await road.stock(cup) == ((8, 0, 0, 0), (1, 0, 0, 0))


async def test_what_is_to_come_and_what_has_left_is_told_of_the_destination(road: Road, work: UnitOfWork) -> None:
    (cup,) = await road.goods(20)
    await road.plan((cup, 1))
    sent = await road.plan((cup, 5))
    await road.plan((cup, 7), ready=False)
    await road.ship(sent.id, (cup, 4))
    await road.receive(sent.id, (cup, 1, 0, 0))
    here, there = ((cup.id, end.id) for end in (road.origin, road.destination))
    async with work.reads(SYSTEM) as read:
        assert await incoming_units(read, [here, there]) == {there: 5}
        assert await in_transit_by_level(read, [here, there]) == {there: 3}


steps = st.lists(
    st.tuples(
        st.sampled_from(["ship", "receive", "part", "back", "off"]), st.integers(0, 5), st.integers(0, 3), st.integers(0, 3)
    ),
    max_size=7,
)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(planned=st.integers(1, 8), on_hand=st.integers(0, 10), acts=steps)
async def test_a_line_adds_up_whatever_is_done(
    work: UnitOfWork, planned: int, on_hand: int, acts: list[tuple[str, int, int, int]]
) -> None:
    road = await Road.build(work)
    (cup,) = await road.goods(on_hand)
    plan = await road.plan((cup, planned))
    free, here, broken, lost, way, unsent, over = on_hand, 0, 0, 0, 0, planned, False
    for act, a, b, c in acts:
        done = await tried(road, plan.id, cup, act, (a, b, c))
        if act == "ship":
            assert done is (not over and 0 < a <= min(unsent, free))
            free, way, unsent = (free - a, way + a, unsent - a) if done else (free, way, unsent)
        elif act == "receive":
            assert done is (not over and 0 < a + b + c <= way)
            if done:
                way, here, broken, lost = way - a - b - c, here + a, broken + b, lost + c
                over = not way and not unsent
        elif act == "part":
            assert done is (not over and 0 < a <= way)
            if done:
                free, lost, way = (free + a, lost, way - a) if b else (free, lost + a, way - a)
                over = not way and not unsent
        else:
            assert done is not over
            if done:
                free, lost = (free + way, lost) if act == "back" else (free, lost + way)
                way, unsent, over = 0, 0, True
        (only,) = await road.lines(plan.id)
        assert only.in_transit == only.sent - only.arrived - only.damaged - only.lost - only.brought_back == way
        assert await road.stock(cup) == ((free, 0, 0, 0), (here, 0, 0, broken))
        assert free + here + broken + lost + way == on_hand
    assert await findings(work) == []


async def tried(road: Road, transfer: TransferId, cup: SkuRow, act: str, numbers: tuple[int, int, int]) -> bool:
    """Do one act, and return whether it was done."""
    try:
        if act == "ship":
            await road.ship(transfer, (cup, numbers[0]))
        elif act == "receive":
            await road.receive(transfer, (cup, *numbers))
        elif act == "part":
            await road.cancel(transfer, BACK if numbers[1] else GONE, (cup, numbers[0]))
        else:
            await road.cancel(transfer, BACK if act == "back" else GONE)
    except OmsError:
        return False
    return True


def test_every_state_leads_to_an_end() -> None:
    assert {status for status, targets in LIFE.table.moves.items() if not targets} == {S.RECEIVED, S.CANCELED}
