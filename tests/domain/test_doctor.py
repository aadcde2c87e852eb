from datetime import UTC, datetime
from uuid import uuid4

import psycopg
import pytest
from psycopg.rows import scalar_row

from oms_api.db.columns import Base
from oms_api.db.direct import conninfo
from oms_api.db.documents import kinds_of
from oms_api.db.idempotency import RESULTS
from oms_api.db.reads import OneConnection
from oms_api.db.session import Reader
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.catalog.states import SkuKind
from oms_api.domain.catalog.tables import SkuRow
from oms_api.domain.channels.commands.set_oversell import SetOversell, set_oversell
from oms_api.domain.channels.states import Oversell
from oms_api.domain.intake.commands.submit import SubmitIntake, submit_intake
from oms_api.domain.inventory.states import CauseKind
from oms_api.domain.orders.given import PlaceOrder
from oms_api.domain.orders.states import CanceledStock
from oms_api.domain.parcels.port import Scan
from oms_api.domain.parcels.states import TrackingStatus
from oms_api.domain.payments.states import PaymentEventType, RefundReason
from oms_api.domain.purchasing.states import RejectReason
from oms_api.domain.returns.states import Disposition
from oms_api.domain.rules.states import RuleActionKind
from oms_api.kernel.ids import OrderId, ReturnId
from oms_api.workflows.doctor.check import INVARIANTS, check
from oms_api.workflows.labels.buy import purchase_label
from oms_api.workflows.labels.manifest import CreateManifest, create_manifest
from oms_api.workflows.labels.request import PurchaseLabel
from oms_api.workflows.read_intake import ResolveIntake, resolve_intake
from oms_api.workflows.ship_order import CreateShipment, create_shipment
from oms_api.workflows.tracking.report import ReportTracking, report_tracking
from tests.factories.carriage import Counter
from tests.factories.counting import count_about
from tests.factories.database import Database
from tests.factories.fetching import Store
from tests.factories.given import SYSTEM, Given
from tests.factories.keeping import Keeper
from tests.factories.lots import Pantry
from tests.factories.moving import move_about
from tests.factories.purchasing import Buyer, came
from tests.factories.purchasing import line as ordered
from tests.factories.rearranging import Floor
from tests.factories.requesting import Desk
from tests.factories.reserving import Checkouts, wanted
from tests.factories.ruling import Rules, act
from tests.factories.sales import roll_up
from tests.factories.trading import ASLEEP, Shop, fee, findings, line

BREAKS = {
    "the ledger explains every bucket": "UPDATE inventory_level SET damaged = damaged + 1",
    "movements of a level are numbered without gaps": "UPDATE inventory_level SET sequence = sequence + 1",
    "of what waits for its payment nothing is released": "UPDATE orders SET awaits_payment = true",
    "what waits outside of fulfillment waits for its payment": """
        UPDATE order_line SET allocated = in_fulfillment, in_fulfillment = 0 WHERE in_fulfillment > 0
    """,
    "what is on hold has an active hold, and only that": "UPDATE orders SET on_hold = NOT on_hold",
    "the rulebook of a channel holds the rules in force there": "UPDATE channel SET rulebook_id = NULL",
    "what rules add is read with the orders of their channel": "DELETE FROM rule_insert",
    "a rule is as far as the furthest of its versions": "UPDATE order_rule SET mode = 'DRAFT'",
    "what a rule said of an order is in a ruling of it": "UPDATE order_rule_match SET order_id = ruling_id",
    "a package with a label has one that is bought": "UPDATE label SET status = 'REFUSED' WHERE status = 'PURCHASED'",
    "a label that is bought is on its package": "UPDATE package SET status = 'DRAFT' WHERE status = 'LABEL_PURCHASED'",
    "requests stand as their fulfillment orders do": """
        UPDATE fulfillment_request SET status = 'SUBMITTED' WHERE closed_at IS NOT NULL
    """,
    "what suppliers send is bought as far as they send it": """
        UPDATE purchase_order_line SET accepted = 0 WHERE fulfillment_order_line_id IS NOT NULL
    """,
    "all that a supplier works on of its own is bought": """
        UPDATE purchase_order_line SET fulfillment_order_line_id = NULL WHERE fulfillment_order_line_id IS NOT NULL
    """,
    "a manifest counts its labels": "UPDATE manifest SET packages = packages + 1",
    "a package was first scanned when its carrier first told": "UPDATE package SET scanned_at = now() WHERE true",
    "a package that its carrier delivered has arrived, and not later": "UPDATE tracking_event SET status = 'DELIVERED'",
    "what waits for its customer has a pickup that is ready": "UPDATE fulfillment_order SET awaits_pickup = NOT awaits_pickup",
    "pickups are where their fulfillment order is": "UPDATE pickup SET location_id = gen_random_uuid()",
    "what was handed over is delivered": "UPDATE shipment SET status = 'SHIPPED' WHERE status = 'DELIVERED'",
    "a promise is of the order of its line": "UPDATE allocation SET order_id = line_id",
    "committed units are the open allocations": """
        UPDATE allocation SET in_fulfillment = in_fulfillment - 1, released = released + 1 WHERE in_fulfillment > 0
    """,
    "every promise, release and shipment has its movement": "UPDATE shipment_line SET quantity = quantity + 1",
    "what was told late leaves the numbers that were told as they are": """
        UPDATE stock_movement SET quantity = quantity + 1 WHERE kind = 'SUPERSEDED'
    """,
    "reserved units are what reservations hold": "UPDATE reservation_line SET quantity = quantity + 1 WHERE held > 0",
    "reservations that ended hold nothing": """
        UPDATE reservation SET status = 'RELEASED', closed_at = now() WHERE status = 'ACTIVE'
    """,
    "only an order claims units of a reservation": """
        UPDATE reservation_line SET claimed = claimed - 1, released = released + 1 WHERE claimed > 0
    """,
    "every hold and every release of one has its movement": """
        UPDATE reservation_line SET quantity = quantity + 1, released = released + 1
    """,
    "lots hold what their movements brought and took": "UPDATE lot_level SET on_hand = on_hand + 1",
    "units in lots are what the lots of the level hold": "UPDATE inventory_level SET in_lots = 0 WHERE in_lots > 0",
    "lots have no more set aside than their level": """
        UPDATE inventory_level SET free = free + quality_control, quality_control = 0
        WHERE id IN (SELECT level_id FROM lot_level WHERE set_aside > 0)
    """,
    "lots have no more set aside than was moved there": "UPDATE lot_level SET set_aside = on_hand WHERE set_aside < on_hand",
    "lots at levels are of their SKU, location and expiry": "UPDATE lot SET expires_on = DATE '2001-02-03'",
    "documents name the lots that they moved": "UPDATE inventory_adjustment_line SET lot = 'another' WHERE lot IS NOT NULL",
    "lines of goods are where their allocations are": """
        UPDATE order_line SET allocated = allocated + 1, in_fulfillment = in_fulfillment - 1
        WHERE kind = 'GOODS' AND in_fulfillment > 0
    """,
    "what is canceled has a cancellation": "DELETE FROM order_cancellation_line",
    "what was canceled lies where its cancellation says": """
        UPDATE order_cancellation SET stock = 'DAMAGED' WHERE stock = 'RELEASE'
    """,
    "bundles show the whole sets of their components": """
        UPDATE order_line SET shipped = shipped + 1, in_fulfillment = in_fulfillment - 1
        WHERE kind = 'BUNDLE' AND in_fulfillment > 0
    """,
    "stored fulfillment statuses are the derived ones": "UPDATE orders SET fulfillment_status = 'BACKORDERED'",
    "stored order statuses are what the lines say": "UPDATE orders SET status = 'COMPLETED' WHERE status = 'OPEN'",
    "what waits for payment is not paid for": "UPDATE orders SET due_minor = 0",
    "totals are the sums of what they are made of": "UPDATE orders SET total_minor = total_minor + 1",
    "what is due is the share of the units that are left, less what was conceded, and the fees kept": """
        UPDATE orders SET due_minor = 1
    """,
    "what concessions take off is what acts moved": "UPDATE order_concession SET amount_minor = amount_minor + 1",
    "parts of a refund add up to what it is of": "UPDATE refund_part SET amount_minor = amount_minor + 1",
    "components share the money of their bundle": "UPDATE order_line SET tax_minor = 1 WHERE parent_line_id IS NOT NULL",
    "fulfillment orders work on what is allocated": """
        UPDATE fulfillment_order_line SET canceled = canceled + 1 WHERE shipped + canceled + packed < quantity
    """,
    "fulfillment orders are closed when nothing is left": "UPDATE fulfillment_order SET status = 'CLOSED', closed_at = now()",
    "what shipped is in a shipment": "UPDATE fulfillment_order_line SET shipped = shipped - 1 WHERE shipped > 0",
    "what is packed is in packages that wait": "UPDATE package SET status = 'VOIDED' WHERE status = 'DRAFT'",
    "what left is in the packages of its shipment": "UPDATE package_line SET quantity = quantity + 1",
    "packages are where their fulfillment order is": "UPDATE package SET location_id = gen_random_uuid()",
    "what was delivered, lost or sent back is in such a package": """
        UPDATE package SET status = 'SHIPPED' WHERE status = 'DELIVERED'
    """,
    "what came back undelivered is in stock again, or was thrown away": """
        UPDATE package SET status = 'RETURNED_TO_SENDER' WHERE status = 'LOST'
    """,
    "stored shipment statuses are those of the packages": "UPDATE shipment SET status = 'PARTIALLY_DELIVERED'",
    "shipments left after the order was placed and arrived after they left": """
        UPDATE shipment SET shipped_at = shipped_at - interval '1 day'
    """,
    "units that come back are on a return": "UPDATE order_line SET in_return = in_return - 1 WHERE in_return > 0",
    "bundles show the whole sets that come back": "UPDATE order_line SET in_return = 0 WHERE kind = 'BUNDLE'",
    "what a return received is in its receipts": "UPDATE return_receipt_line SET quantity = quantity + 1",
    "goods that came back have their movements": "UPDATE return_receipt_line SET disposition = 'INSPECT'",
    "stored return statuses are what their lines say": "UPDATE returns SET status = 'RECEIVED' WHERE received_at IS NULL",
    "what went away was recorded with its share of the money": """
        UPDATE return_receipt_line SET goods_minor = goods_minor + 1
    """,
    "orders with an open return are open": "UPDATE orders SET status = 'COMPLETED' WHERE return_status = 'IN_PROGRESS'",
    "stored return statuses of orders are the derived ones": "UPDATE orders SET return_status = 'RETURNED'",
    "payment transactions are the fold of their events": """
        UPDATE payment_transaction SET captured_minor = captured_minor + 1, authorized_minor = authorized_minor + 1
    """,
    "payments, refunds and balances belong to their order, its channel and its currency": """
        UPDATE refund SET return_id = gen_random_uuid() WHERE return_id IS NOT NULL
    """,
    "balances are the fold of transactions": "UPDATE payment_balance SET disputed_minor = disputed_minor + 1",
    "what is granted is what open refunds owe": "UPDATE payment_balance SET granted_minor = 0 WHERE granted_minor > 0",
    "what went back of a refund is in its events": """
        UPDATE refund SET refunded_minor = refunded_minor + 1 WHERE status = 'SUCCEEDED'
    """,
    "refunds got as far as their events say": "UPDATE refund SET failed_at = NULL WHERE status = 'FAILED'",
    "stored payment statuses are the derived ones": "UPDATE orders SET payment_status = 'OVERPAID'",
    "sales by day are what was placed, canceled and returned": "UPDATE sales_day SET tax_minor = tax_minor + 1",
    "sales by month are the sums of its days": "UPDATE sales_sku_month SET units = units + 1",
    "sales are counted by the days of their channel's time zone": "UPDATE sales_zone SET time_zone = 'Asia/Tokyo'",
    "every sale, edit, cancellation, receipt, refund and fee was told once": """
        DELETE FROM outbox_stage WHERE type = 'ORDER_PLACED'
    """,
    "sales are counted soon": """
        INSERT INTO feed (position, id, type, subject_kind, subject_id, location_ids, actor, occurred_at, recorded_at)
        SELECT 1000000, gen_random_uuid(), 'ORDER_PLACED', 'order', id, '{}', 'tests', now(), now() - interval '1 hour'
        FROM orders LIMIT 1
    """,
    "received quantities are those of the receipts": "UPDATE purchase_order_line SET rejected = rejected + 1",
    "accepted units of a receipt have their movement": """
        UPDATE purchase_receipt_line SET accepted = accepted - 1 WHERE accepted > 1
    """,
    "goods are received where they were ordered to": "UPDATE purchase_receipt SET occurred_at = occurred_at - interval '1 day'",
    "purchase orders are as far as their lines": "UPDATE purchase_order SET status = 'CONFIRMED' WHERE status = 'RECEIVED'",
    "totals of purchase orders are the sums of their lines": "UPDATE purchase_order SET total_minor = total_minor + 1",
    "corrections and moves of stock have their movements": "UPDATE inventory_move_line SET quantity = quantity + 1",
    "numbers told of stock left what was told": "UPDATE inventory_sync SET applied = applied + 1",
    "promises taken back were released": "UPDATE inventory_unpromise_line SET order_id = gen_random_uuid()",
    "what was promised after an order was placed has its allocation": """
        UPDATE order_sourcing_line SET quantity = quantity + 1
    """,
    "documents that became orders say so, and how often they were read": "UPDATE order_intake SET attempts = attempts + 1",
    "a promise that was split off is for the line and the level of the whole": """
        UPDATE allocation SET level_id = (SELECT id FROM inventory_level other WHERE other.id <> level_id LIMIT 1)
        WHERE split_from_id IS NOT NULL
    """,
    "what waits is barred from the locations that its line is": """
        UPDATE backorder SET barred_from = array[gen_random_uuid()] WHERE waiting > 0
    """,
    "a line is barred from locations that rejected it": "UPDATE order_line SET barred_from = array[gen_random_uuid()]",
    "transfer lines are the sums of their acts": "UPDATE transfer_line SET lost = lost + 1 WHERE in_transit > 0",
    "what transfers have in transit is in the ledger's account": """
        UPDATE transfer_line SET sent = sent - 1 WHERE in_transit > 0
    """,
    "every act of a transfer has its movements, at the end where it was done": """
        UPDATE transfer_act_line SET quantity = quantity + 1 WHERE outcome = 'LOST'
    """,
    "acts of transfers happen at one of their ends": "UPDATE transfer_act SET location_id = gen_random_uuid()",
    "stored transfer statuses are what the lines say": """
        UPDATE transfer SET status = 'READY_TO_SHIP' WHERE status = 'IN_TRANSIT'
    """,
    "posted count lines are what the ledger moved": """
        UPDATE stock_count_line SET variance = variance + 1, expected = expected - 1 WHERE outcome = 'FOUND'
    """,
    "count lines are marked when their count is posted": """
        UPDATE stock_count SET status = 'REVIEW', closed_at = NULL WHERE status = 'POSTED'
    """,
    "stock counts are counted within their time": "UPDATE stock_count SET created_at = created_at + interval '1 day'",
    "the feed has no gaps and ends at its head": "UPDATE feed_head SET position = position + 1",
    "no event waits for the relay": "UPDATE outbox_stage SET recorded_at = recorded_at - interval '2 minutes'",
    "what lines wait for has its backorders": "UPDATE backorder SET waiting = waiting - 1, canceled = 1 WHERE waiting > 0",
    "backorders are of their order's channel, priority and goods": "UPDATE backorder SET priority = priority + 1",
    "no reaction fails again and again": """
        INSERT INTO follower (name, position, failures, failing_since, last_error)
        VALUES ('stuck', 0, 3, now() - interval '2 minutes', 'ZeroDivisionError: division by zero')
    """,
    "once all was told of levels, it is what is there": """
        WITH told AS (UPDATE follower SET position = feed_head.position FROM feed_head WHERE name = 'level_changes')
        DELETE FROM outbox_stage
    """,
    "keys point to what they made": "UPDATE idempotency SET result_id = gen_random_uuid()",
}

POINT = """
INSERT INTO idempotency (client_id, mutation, key, arguments, result_id, recorded_at)
VALUES (gen_random_uuid(), %(name)s, gen_random_uuid()::text, '', %(made)s, now())
"""


@pytest.fixture(scope="module")
async def traded(work: UnitOfWork, database: Database, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Let everything happen: a sale, a bundle, a part shipped and delivered, a part canceled, returned, paid and refunded."""
    shop = await Shop.open(work, locations=2)
    cup, spoon = await shop.stocked(5, 50), await shop.stocked(50)
    bundle = await Given(work).sku(kind=SkuKind.BUNDLE, components={cup.code: 1, spoon.code: 2})
    await buy(work)
    await label(await Counter.open(work, tmp_path_factory.mktemp("carrier") / "book"))
    await keep(work)
    await hold(shop, cup, spoon)
    await move_about(work)
    await count_about(work)
    await Pantry(shop).trade()
    await wait_for_goods(shop)
    await rearrange(shop)
    await pack(shop)
    await fetch(work)
    await drop(work)
    await Rules(work, shop.channel).active(
        "order.units > 3", act(RuleActionKind.ADD_LINE, sku=spoon.code, quantity=1), act(RuleActionKind.TAG, tags=("big",))
    )
    await take_in(shop, spoon)
    for counted in (True, False):
        order = await shop.place(line(cup, 4), line(bundle, 2), fee())
        (todo, *_), (cups, *_) = await shop.works(order.id), await shop.lines(order.id)
        shipment = (await shop.ship(todo.id, (cups.id, 1))).value
        await shop.deliver(shipment.id)
        await shop.cancel(order.id, (cups.id, 1))
        await never_arrive(shop, cup)
        sold = await shop.sent(line(cup, 1), line(bundle, 2))
        cups, sets, *_ = await shop.lines(sold.id)
        back = (await shop.return_(sold.id, (cups.id, 1), (sets.id, 1))).value
        await shop.take_back(back.id, (sets.id, 1, Disposition.RESTOCK), (cups.id, 1, Disposition.SCRAP))
        await shop.return_(sold.id, (sets.id, 1))
        await pay_and_refund(shop, order.id, sold.id, back.id)
        if counted:
            await roll_up(work, database)


async def drop(work: UnitOfWork) -> None:
    """Let a supplier send a part of what it is asked for, so that it works on the rest."""
    desk = await Desk.open(work)
    shop = Shop(work, await Given(work).channel(locations=(desk.location,)), (desk.location,))
    cup = await desk.buyer.supplied(await shop.stocked(5))
    for units in (1, 3):
        order = await shop.place(line(cup, units))
        request = await desk.accept((await desk.asked(order.id)).id)
        (part,) = await shop.work_lines(request.fulfillment_order_id)
        await desk.ship(request.id, (part.id, 1))


async def take_in(shop: Shop, sku: SkuRow) -> None:
    """Let a document of another system become an order."""
    given = SubmitIntake(idempotency_key="", source="erp", document={"sku": sku.code})
    kept = await shop.work.execute(SYSTEM, submit_intake, given)
    order = PlaceOrder(idempotency_key="", channel_id=shop.channel.id, lines=(line(sku, 1),))
    await shop.work.execute(SYSTEM, resolve_intake, ResolveIntake(order_intake_id=kept.id, order=order))


async def pack(shop: Shop) -> None:
    """Let units be packed, of which some leave, some are unpacked, and some wait."""
    order = await shop.place(line(await shop.stocked(9), 6))
    (todo,), (part,) = await shop.works(order.id), await shop.lines(order.id)
    one, two, _ = await shop.pack(todo.id, [(part.id, 1)], [(part.id, 2)], [(part.id, 3)])
    await shop.void(one.id)
    await shop.ship_packages(two.id)


async def rearrange(shop: Shop) -> None:
    """Let work be split, moved, joined and rejected, and an order be sourced anew."""
    floor, jug = Floor(shop.work), await shop.stocked(9, 9)
    order = await shop.place(line(jug, 5))
    (todo,), (jugs,) = await shop.works(order.id), await shop.lines(order.id)
    part = await floor.split(todo.id, (jugs.id, 2))
    moved = await floor.move(part.id, shop.locations[1])
    await floor.reject(todo.id, (jugs.id, 1), reason="DAMAGED")
    await floor.again(order.id)
    await floor.split(moved.id, (jugs.id, 1))


async def hold(shop: Shop, *skus: SkuRow) -> None:
    """Let checkouts become an order, be given up, and still be at it."""
    checkouts = Checkouts(shop)
    lines = [wanted(sku, 1) for sku in skus]
    ordered, released = await checkouts.reserve(*lines), await checkouts.reserve(*lines)
    await checkouts.order(ordered.id, line(skus[0], 1))
    await checkouts.release(released.id)
    await checkouts.reserve(lines[1])


async def keep(work: UnitOfWork) -> None:
    """Set units aside, let a feed find some missing that were promised, others be told late, and an order be sourced again."""
    shop = await Shop.open(work, locations=2)
    keeper, pot = Keeper(work, shop.locations[0]), await shop.stocked(6, 6)
    order = await shop.place(line(pot, 5))
    await keeper.move(pot, 2)
    before = datetime.now(UTC)
    await keeper.sync((pot, 4))
    await keeper.adjust(pot, 1, occurred_at=before)
    await keeper.source(order.id)


async def buy(work: UnitOfWork) -> None:
    """Let goods be ordered, confirmed, received in parts, rejected in part, and closed short."""
    buyer = await Buyer.open(work)
    cup = await buyer.supplied()
    full, short, canceled = [await buyer.order(ordered(cup)) for _ in range(3)]
    await buyer.receive(full.id)
    await buyer.confirm(short.id)
    (cups,) = await buyer.lines(short.id)
    await buyer.receive(short.id, came(cups.id, 4, 1, reject_reason=RejectReason.DAMAGED))
    await buyer.close(short.id)
    await buyer.cancel(canceled.id)


async def label(counter: Counter) -> None:
    """Let labels be bought, one package wait with its own, and another leave, be scanned and be on a manifest."""
    execute, package = counter.shop.work.execute, await counter.package()
    for parcel in (await counter.package(), package):
        command = PurchaseLabel(package_id=parcel, account_id=counter.account.id, service="standard")
        await purchase_label(counter.desk, command, key=uuid4().hex)
    await execute(SYSTEM, create_shipment, CreateShipment(idempotency_key=uuid4().hex, package_ids=(package,)))
    scan = Scan(status=TrackingStatus.IN_TRANSIT, occurred_at=datetime(2026, 1, 1, tzinfo=UTC))
    await execute(SYSTEM, report_tracking, ReportTracking(package_id=package, events=(scan,)))
    day = CreateManifest(location_id=counter.shop.locations[0].id, account_id=counter.account.id)
    await execute(SYSTEM, create_manifest, day)


async def fetch(work: UnitOfWork) -> None:
    """Let one customer fetch goods, and another one be waited for."""
    store = await Store.open(work)
    cup = await store.shop.stocked(9)
    fetched = await store.waiting(line(cup, 2))
    await store.hand_over(fetched.id, fetched.code or "")
    await store.waiting(line(cup, 1))


async def never_arrive(shop: Shop, sku: SkuRow) -> None:
    """Let a package be lost, another come back undelivered, and units be canceled that are not there."""
    for fate in (shop.mark_lost, shop.mark_returned):
        order = await shop.sent(line(sku), delivered=False)
        (package,) = await shop.packages(order.id)
        await fate(package.id)
    order = await shop.place(line(sku))
    await shop.cancel(order.id, stock=CanceledStock.NOT_FOUND)


async def pay_and_refund(shop: Shop, order: OrderId, sold: OrderId, back: ReturnId) -> None:
    """Let every kind of event come, and refunds be granted, paid, failed and canceled."""
    for kind in PaymentEventType:
        await shop.pay(order, "3.00", kind, transaction_reference="all kinds")
    await shop.pay(sold, "500.00")
    for amount in ("10.00", "20.00", "30.00"):
        refund = (await shop.refund(sold, amount, return_id=back)).value
        await shop.pay(sold, amount, PaymentEventType.REFUNDED if amount == "10.00" else PaymentEventType.FAILED,
                       refund_id=refund.id)  # fmt: skip
    await shop.cancel_refund(refund.id)
    await shop.refund(sold, "40.00")
    await shop.refund(sold, "0.50", RefundReason.GOODWILL)
    await shop.place(fee())


async def wait_for_goods(shop: Shop) -> None:
    """Order more than there is, where the channel's rule lets units wait."""
    rule = SetOversell(channel_id=shop.channel.id, policy=Oversell.BACKORDER)
    await shop.work.execute(SYSTEM, set_oversell, rule)
    await shop.place(line(await shop.stocked(1), 3))


@pytest.mark.usefixtures("traded")
async def test_a_sound_installation_has_no_findings(work: UnitOfWork) -> None:
    assert await findings(work) == []


def test_every_invariant_is_broken_once() -> None:
    assert BREAKS.keys() == INVARIANTS.keys()


@pytest.mark.usefixtures("traded")
@pytest.mark.parametrize("name", INVARIANTS)
async def test_a_broken_invariant_is_found(name: str, database: Database) -> None:
    """Break it as nobody may: as superuser with triggers and foreign keys asleep, in a transaction that is rolled back."""
    async with await psycopg.AsyncConnection.connect(conninfo(database.admin_url), autocommit=True) as driver:
        await driver.execute("BEGIN")
        await driver.execute("SET session_replication_role = replica")
        await driver.execute(ASLEEP.encode())
        await driver.execute(BREAKS[name].encode())
        found = {finding.name: finding for finding in await check(Reader(OneConnection(driver), SYSTEM))}
        await driver.execute("ROLLBACK")
    assert not found[name].ok
    assert found[name].violations > 0
    assert 0 < len(found[name].examples) <= 5


LINES = {kinds["id"].value: table for each in Base.registry.mappers if "id" in (kinds := kinds_of(table := each.class_))}
CHANGES = {
    CauseKind.ORDER_LINE: "sku_id = NULL",
    CauseKind.PACKAGE_LINE: "quantity = quantity + 1",
    CauseKind.RESERVATION_LINE: "quantity = quantity + 1",
    CauseKind.COUNT_LINE: "counted = counted + 1, variance = variance + 1",
}
"""A change that would explain other movements than there are; lines of other kinds refuse any."""


@pytest.mark.usefixtures("traded")
@pytest.mark.parametrize("cause", CauseKind)
@pytest.mark.parametrize("role", ["admin_url", "app_url"])
def test_a_line_that_explains_movements_stays_as_it_is(database: Database, role: str, cause: CauseKind) -> None:
    table = LINES[cause.value].__tablename__
    moved = f"id IN (SELECT cause_id FROM stock_movement WHERE cause_kind = '{cause.value}')"
    change = CHANGES.get(cause, "id = id")
    with psycopg.connect(getattr(database, role)) as connection:
        assert connection.execute(f"SELECT FROM {table} WHERE {moved}".encode()).rowcount > 0
        connection.commit()
        for act in (
            f"UPDATE {table} SET {change} WHERE {moved}",
            f"DELETE FROM {table} WHERE {moved}",
            f"TRUNCATE {table} CASCADE",
        ):
            with pytest.raises(psycopg.Error) as refused, connection.transaction():
                connection.execute(act.encode())
            assert refused.value.sqlstate in {"OM002", "42501"}


@pytest.mark.usefixtures("traded")
@pytest.mark.parametrize(
    "act",
    [
        "DELETE FROM package_line",
        "UPDATE package_line SET quantity = quantity + 1 WHERE package_id IN (SELECT id FROM package WHERE status = 'SHIPPED')",
        "UPDATE package_line SET quantity = quantity + 1 WHERE package_id IN (SELECT id FROM package WHERE status = 'VOIDED')",
        "UPDATE reservation_line SET claimed = claimed - 1 WHERE claimed > 0",
        "UPDATE reservation_line SET released = 0 WHERE released > 0",
    ],
)
def test_units_of_a_line_are_not_rewritten(database: Database, act: str) -> None:
    with pytest.raises(psycopg.Error, match="refuses") as refused, psycopg.connect(database.app_url) as connection:
        assert connection.execute(act.encode()).rowcount > 0
    assert refused.value.sqlstate == "OM002"


@pytest.mark.usefixtures("traded")
async def test_a_key_of_any_mutation_that_points_to_nothing_is_found(database: Database) -> None:
    """Also that of a mutation of which nobody knows what it makes."""
    expected = [*RESULTS, "whoKnows"]
    async with await psycopg.AsyncConnection.connect(database.admin_url, row_factory=scalar_row) as driver:
        for name in expected:
            await driver.execute(POINT, {"name": name, "made": uuid4()})
        for name, column in RESULTS.items():
            one = f"SELECT {column.key} FROM {column.class_.__tablename__} LIMIT 1"
            made = await (await driver.execute(one.encode())).fetchone()
            if made is not None:
                await driver.execute(POINT, {"name": name, "made": made})
        found = await (await driver.execute(INVARIANTS["keys point to what they made"].encode())).fetchall()
        assert sorted(line.split()[3] for line in found) == sorted(expected)
        await driver.rollback()
