"""The verbs of orders, and of all that is done for them, are accepted where their lives say and lead to what they say."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial as with_
from typing import Any
from uuid import UUID

import pytest

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.carriers import verbs as labels
from oms_api.domain.carriers.states import LabelTrouble
from oms_api.domain.carriers.tables import LabelRow
from oms_api.domain.fulfillment import verbs as works
from oms_api.domain.fulfillment.commands.free_reference import FreeReference, free_reference
from oms_api.domain.fulfillment.commands.update_order import update_order
from oms_api.domain.fulfillment.holds.commands.release import ReleaseFulfillmentOrder, release_fulfillment_order
from oms_api.domain.fulfillment.requests import verbs as requests
from oms_api.domain.fulfillment.requests.states import FulfillmentRequestStatus
from oms_api.domain.fulfillment.requests.tables import FulfillmentRequestRow
from oms_api.domain.fulfillment.states import FulfillmentOrderStatus
from oms_api.domain.fulfillment.tables import FulfillmentOrderRow
from oms_api.domain.inventory.reservations import verbs as reservations
from oms_api.domain.inventory.reservations.commands.change import (
    ExtendReservation,
    ReleaseReservation,
    extend_reservation,
    release_reservation,
)
from oms_api.domain.inventory.reservations.tables import ReservationRow
from oms_api.domain.orders import verbs as orders
from oms_api.domain.orders.changes import verbs as changes
from oms_api.domain.orders.changes.tables import OrderChangeRow
from oms_api.domain.orders.holds import verbs as holds
from oms_api.domain.orders.holds.tables import OrderHoldRow
from oms_api.domain.orders.quantities import LineUnits
from oms_api.domain.orders.states import LineKind, OrderStatus
from oms_api.domain.orders.tables import OrderRow
from oms_api.domain.orders.updates import UpdateOrder
from oms_api.domain.pickups import verbs as pickups
from oms_api.domain.pickups.tables import PickupRow
from oms_api.domain.shipping import verbs as packages
from oms_api.domain.shipping.tables import PackageRow
from oms_api.kernel.ids import LineId
from oms_api.workflows.add_order_note import AddNote, add_note
from oms_api.workflows.change_package import UpdatePackage, update_package
from oms_api.workflows.edit_order.proposals import ApplyChange, DeclineChange, apply_change, decline_change
from oms_api.workflows.labels.outcome import (
    NotBought,
    NotVoided,
    ResolveLabel,
    Trouble,
    Unclear,
    record_kept,
    record_refused,
    record_unclear,
    resolve_label,
)
from oms_api.workflows.reschedule_work import RescheduleWork, reschedule_work
from oms_api.workflows.start_fulfillment import FulfillmentToChange, put_back_fulfillment
from tests.factories.holding import hold, hold_work, release
from tests.factories.leading import EDITS, Bench, Changes, Holds, Orders, Parcels, Pickups, Requests, Reservations, Works
from tests.factories.requesting import Desk
from tests.factories.trading import Shop, findings, line
from tests.factories.walking import Walk

TOMORROW = datetime.now(UTC).date() + timedelta(days=2)
REFUSED = Trouble(what=LabelTrouble.CARRIER_REFUSED)
HANDED_OVER = LineUnits(id=LineId(UUID(int=1)), kind=LineKind.GOODS, parent_id=None, ordered=1, shipped=1)
WAITS = works.WorkFacts(order_on_hold=False, on_hold=False)


def orders_of_two(bench: Bench) -> Walk:
    """Lead orders of two units: canceled, edited, sent, lost and found one by one or all at once."""
    return Walk(
        orders.LIFE,
        OrderRow,
        lambda work: Orders(**vars(replace(bench, work=work))),
        [Orders.placed, Orders.completed],
        [
            (orders.UPDATE, lambda at, key: at.do(update_order, UpdateOrder(order_id=key, add_tags=("gift",)))),
            (orders.CANCEL, lambda at, key: at.shop.cancel(key, keep_external_ref=True)),
            *((orders.CANCEL_LINES, with_(Orders.cancel, units=units)) for units in (1, 2)),
            *((orders.EDIT, each) for each in EDITS),
            (orders.SOURCE_AGAIN, lambda at, key: at.floor.again(key)),
            (orders.FREE_REFERENCE, lambda at, key: at.do(free_reference, FreeReference(order_id=key))),
            (orders.ADD_NOTE, lambda at, key: at.do(add_note, AddNote(idempotency_key="", order_id=key, text="Rang twice."))),
            (orders.HOLD, lambda at, key: hold(at.work, key)),
            (orders.RELEASE_HOLD, lambda at, key: release(at.work, key)),
        ],
        Orders.apart,
        steps=[
            Orders.ship,
            lambda at, key: at.ship(key, 1),
            with_(Orders.parcel, act=lambda shop, package: shop.deliver(package.shipment_id)),
            with_(Orders.parcel, act=lambda shop, package: shop.mark_lost(package.id)),
            with_(Orders.parcel, act=lambda shop, package: shop.mark_found(package.id)),
        ],
        facts=[orders.OrderFacts(OrderStatus.COMPLETED, [HANDED_OVER], None)],
    )


def works_of_two(bench: Bench) -> Walk:
    """Lead fulfillment orders of two units beside one of one unit, or at a supplier: put off, held, begun, sent, given away."""
    put_back = with_(Works.order, command=put_back_fulfillment, given=FulfillmentToChange)
    put_off = with_(Works.order, command=reschedule_work, given=RescheduleWork)
    unhold = with_(Works.order, command=release_fulfillment_order, given=ReleaseFulfillmentOrder)
    return Walk(
        works.LIFE,
        FulfillmentOrderRow,
        lambda work: Works(**vars(replace(bench, work=work))),
        [Works.waiting, Works.accepted],
        [
            (works.START, lambda at, key: at.shop.start(key)),
            (works.PUT_BACK, put_back),
            (works.PACK, lambda at, key: at.shop.pack(key)),
            (works.SHIP, lambda at, key: at.shop.ship(key)),
            (works.SHIP, Works.ship),
            (works.READY_FOR_PICKUP, Works.ready),
            (works.MOVE, Works.move),
            (works.SPLIT, Works.split),
            *((works.MERGE, with_(Works.merge, into=into)) for into in (True, False)),
            (works.REJECT, lambda at, key: at.floor.reject(key)),
            (works.REJECT, Works.reject),
            *((works.RESCHEDULE, with_(put_off, opens_on=day)) for day in (None, TOMORROW)),
            (works.HOLD, lambda at, key: hold_work(at.work, key)),
            (works.RELEASE_HOLD, unhold),
        ],
        Works.apart,
        steps=[*(with_(Works.cancel, all_units=each) for each in (True, False)), Works.undo],
        facts=[WAITS, replace(WAITS, asked=FulfillmentRequestStatus.ACCEPTED)],
    )


def requests_of_two(bench: Bench) -> Walk:
    """Lead requests for two units: withdrawn, accepted, rejected, sent and stopped one by one or all at once."""
    steps = with_(Works.cancel, all_units=True), Works.move, Works.undo, lambda at, key: at.shop.ship(key)
    return Walk(
        requests.LIFE,
        FulfillmentRequestRow,
        lambda work: Requests(**vars(replace(bench, work=work))),
        [Requests.asked],
        [
            (requests.SUBMIT, lambda at, key: at.desk.submit(key)),
            *((requests.ACCEPT, with_(Requests.answer, act=Desk.accept, units=units)) for units in (0, 1, 2)),
            *((requests.REJECT, with_(Requests.answer, act=Desk.reject, units=units)) for units in (0, 1)),
            *((requests.SHIP, with_(Requests.answer, act=Desk.ship, units=units)) for units in (0, 1)),
            (requests.ASK_TO_CANCEL, lambda at, key: at.desk.ask_to_cancel(key)),
            (requests.ASK_TO_CANCEL, lambda at, key: at.desk.ask_to_cancel(key, source_elsewhere=True)),
            (requests.ACCEPT_CANCELLATION, lambda at, key: at.desk.stop(key)),
            (requests.REJECT_CANCELLATION, lambda at, key: at.desk.go_on(key)),
            (requests.EXPIRE, Requests.silence),
        ],
        Requests.apart,
        facts=[requests.RequestFacts(FulfillmentOrderStatus.OPEN, WAITS)],
        steps=[with_(Requests.with_work, act=step) for step in steps],
    )


def changes_of_orders(bench: Bench) -> Walk:
    """Lead changes that were proposed: applied or declined."""
    return Walk(
        changes.LIFE,
        OrderChangeRow,
        lambda work: Changes(**vars(replace(bench, work=work))),
        [Changes.proposed],
        [
            (changes.APPLY, lambda at, key: at.do(apply_change, ApplyChange(idempotency_key="", order_change_id=key))),
            (changes.DECLINE, lambda at, key: at.do(decline_change, DeclineChange(idempotency_key="", order_change_id=key))),
        ],
    )


def holds_of_both(bench: Bench) -> Walk:
    """Lead holds of orders and of fulfillment orders: released, due, or over with what they keep."""
    return Walk(
        holds.LIFE,
        OrderHoldRow,
        lambda work: Holds(**vars(replace(bench, work=work))),
        [Holds.held, Holds.held_work],
        [],
        steps=[Holds.release, Holds.due, Holds.end],
    )


def reservations_of_one(bench: Bench) -> Walk:
    """Lead units that a checkout holds: for longer, for its order, or no more."""
    named = {"idempotency_key": ""}
    return Walk(
        reservations.LIFE,
        ReservationRow,
        lambda work: Reservations(**vars(replace(bench, work=work))),
        [Reservations.held],
        [
            (reservations.CONVERT, lambda at, key: at.shop.place(line(at.cup), reservation_id=key)),
            (
                reservations.EXTEND,
                lambda at, key: at.do(extend_reservation, ExtendReservation(**named, reservation_id=key, minutes=90)),
            ),
            (reservations.RELEASE, lambda at, key: at.do(release_reservation, ReleaseReservation(**named, reservation_id=key))),
            (reservations.EXPIRE, Reservations.overdue),
        ],
        facts=[reservations.Deadline(datetime.now(UTC), datetime.now(UTC))],
    )


def pickups_of_two(bench: Bench) -> Walk:
    """Lead goods that wait for their customer: fetched, given up, kept longer, or nobody comes."""
    return Walk(
        pickups.LIFE,
        PickupRow,
        lambda work: Pickups(**vars(replace(bench, work=work))),
        [Pickups.waits],
        [
            (pickups.HAND_OVER, Pickups.hand_over),
            (pickups.CANCEL, lambda at, key: at.store.cancel(key)),
            (pickups.RENEW_CODE, lambda at, key: at.store.renew(key)),
            (pickups.EXTEND, lambda at, key: at.store.extend(key, 2)),
            (pickups.EXPIRE, Pickups.overdue),
        ],
    )


def packages_of_two(bench: Parcels) -> Walk:
    """Lead packages with and without a label: labeled, unpacked, sent, lost, found, back, delivered and undone."""
    heavier: dict[str, Any] = {"idempotency_key": "", "changes": {"weight_g": 900}}
    return Walk(
        packages.LIFE,
        PackageRow,
        lambda work: replace(bench, work=work),
        [Parcels.waiting, Parcels.labeled],
        [
            (packages.UPDATE, lambda at, key: at.do(update_package, UpdatePackage(package_id=key, **heavier))),
            (packages.VOID, lambda at, key: at.shop.void(key)),
            (packages.SHIP, lambda at, key: at.shop.ship_packages(key)),
            (packages.MARK_LOST, lambda at, key: at.shop.mark_lost(key)),
            (packages.MARK_FOUND, lambda at, key: at.shop.mark_found(key)),
            (packages.MARK_RETURNED, lambda at, key: at.shop.mark_returned(key)),
        ],
        Parcels.apart,
        steps=[
            *(with_(Parcels.with_shipment, act=each) for each in (Shop.deliver, Shop.cancel_shipment)),
            *(with_(Parcels.with_label, act=each) for each in (Parcels.buy, Parcels.give_back, Parcels.gave_back)),
        ],
    )


def labels_of_packages(bench: Parcels) -> Walk:
    """Lead labels that were asked for: bought, refused, left unclear, resolved by hand, given back or kept."""
    bought: dict[str, Any] = {"bought": True, "tracking_number": "SI2"}
    return Walk(
        labels.LIFE,
        LabelRow,
        lambda work: replace(bench, work=work),
        [Parcels.label],
        [
            (labels.BUY, Parcels.buy),
            (labels.DECLINE, with_(Parcels.buy, dear=True)),
            (labels.REFUSE, lambda at, key: at.do(record_refused, NotBought(label_id=key, trouble=REFUSED))),
            (labels.LOSE, lambda at, key: at.do(record_unclear, Unclear(label_id=key, asks=True))),
            (labels.RESOLVE, lambda at, key: at.do(resolve_label, ResolveLabel(label_id=key, bought=False))),
            (labels.RESOLVE, lambda at, key: at.do(resolve_label, ResolveLabel(label_id=key, **bought))),
            (labels.VOID, Parcels.give_back),
            (labels.VOIDED, Parcels.gave_back),
            (labels.KEEP, lambda at, key: at.do(record_kept, NotVoided(label_id=key, carrier="DHL", trouble=REFUSED))),
        ],
    )


@pytest.mark.parametrize(
    ("bench", "walk"),
    [
        (Bench, orders_of_two), (Bench, works_of_two), (Bench, requests_of_two),
        (Bench, changes_of_orders), (Bench, pickups_of_two), (Bench, reservations_of_one), (Bench, holds_of_both),
        (Parcels, packages_of_two), (Parcels, labels_of_packages),
    ],
)  # fmt: skip
async def test_verbs_lead_where_their_life_says_and_nowhere_else(work: UnitOfWork, bench: Any, walk: Any) -> None:
    led = walk(await bench.open(work))
    moves, wrong = await led.led(work)
    assert wrong == set()
    for verb, said in led.said.items():
        assert moves[verb] == said, verb.shown
    assert await findings(work) == []
