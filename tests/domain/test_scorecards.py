"""How suppliers and locations did their work: the report against a count by hand."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from psycopg.rows import dict_row

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.analytics.scorecards import Card, CardOf, scorecards
from oms_api.domain.fulfillment.requests.queries import requests_shown
from oms_api.domain.fulfillment.tables import FulfillmentOrderRow
from oms_api.kernel.access import Principal
from oms_api.kernel.errors import InvalidValue
from tests.factories.database import Database
from tests.factories.fetching import Store
from tests.factories.given import SYSTEM, Given
from tests.factories.purchasing import Buyer
from tests.factories.requesting import Desk
from tests.factories.trading import ASLEEP, AWAKE, Shop, line

START, BEFORE = date(2026, 3, 2), date(2026, 3, 16)
ZONES = ("Pacific/Auckland", "America/Los_Angeles")
ANSWERED = """
UPDATE fulfillment_request SET submitted_at = %s, answered_at = CASE WHEN answered_at IS NOT NULL THEN %s::timestamptz END,
    cancellation_answered_at = CASE WHEN cancellation_answered_at IS NOT NULL THEN %s::timestamptz END
WHERE id = %s
"""
ASKED = """
SELECT asked.*, location.time_zone, location.supplier_id AS of FROM fulfillment_request asked
JOIN location ON location.id = asked.location_id
"""
REFUSED = """
SELECT act.*, line.quantity, location.time_zone, location.supplier_id AS of FROM fulfillment_rejection act
JOIN fulfillment_rejection_line line ON line.rejection_id = act.id JOIN location ON location.id = act.location_id
"""
SENT = """
SELECT shipment.*, work.leave_by, location.time_zone, location.supplier_id AS of,
       (SELECT array_agg(status) FROM package WHERE shipment_id = shipment.id) AS packages
FROM shipment JOIN fulfillment_order work ON work.id = shipment.fulfillment_order_id
JOIN location ON location.id = shipment.location_id
"""


async def worked(work: UnitOfWork, database: Database) -> None:
    """Let two suppliers far apart, and a warehouse of ours, do all kinds of things, at moments that are made up."""
    for zone in ZONES:
        desk = await Desk.open(work, minutes=60)
        await desk.change(time_zone=zone)
        own = await Given(work).location(time_zone=zone)
        for place in (desk.location, own):
            shop = Shop(work, await Given(work).channel(locations=(place,)), (place,))
            sku = await shop.stocked(500)
            for number in range(12):
                (todo,) = await shop.works((await shop.place(line(sku, 3))).id)
                if place is own:
                    await shop.ship(todo.id)
                else:
                    await answered(desk, shop, todo, number)
    spread(database)


async def answered(desk: Desk, shop: Shop, todo: FulfillmentOrderRow, number: int) -> None:
    """Let a supplier reject, accept in part, be silent, accept, or still be asked."""
    asked, (part,) = await desk.asked(todo.order_id), await shop.work_lines(todo.id)
    match number % 6:
        case 0:
            await desk.reject(asked.id, reason="NO_CAPACITY")
        case 1:
            await desk.accept(asked.id, (part.id, 1), reason="NOT_FOUND")
            await desk.ship(asked.id)
        case 2:
            await desk.sweep(at=datetime.now(UTC) + timedelta(hours=2))
        case 3 | 4:
            await desk.accept(asked.id)
            if number % 2 or number > 6:
                await desk.ask_to_cancel(asked.id)
                await (desk.go_on if number % 2 else desk.stop)(asked.id)
            if number % 2 or number < 6:
                await desk.ship(asked.id)


def spread(database: Database) -> None:
    """Let all of it have happened within some weeks, and some parcels be lost."""
    random = Random(11)
    with psycopg.connect(database.admin_url) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute(ASLEEP.encode())
        for (key,) in connection.execute("SELECT id FROM fulfillment_request ORDER BY id").fetchall():
            at = moment(random)
            given = at, at + timedelta(seconds=random.randrange(5_000)), moment(random), key
            connection.execute(ANSWERED, given)
        for (key,) in connection.execute("SELECT id FROM fulfillment_rejection ORDER BY id").fetchall():
            connection.execute("UPDATE fulfillment_rejection SET rejected_at = %s WHERE id = %s", (moment(random), key))
        for key, todo in connection.execute("SELECT id, fulfillment_order_id FROM shipment ORDER BY id").fetchall():
            at, late = moment(random), timedelta(hours=random.randrange(-20, 20))
            connection.execute("UPDATE shipment SET shipped_at = %s WHERE id = %s", (at, key))
            due = random.choice([at + late, at + late, None])
            connection.execute("UPDATE fulfillment_order SET leave_by = %s WHERE id = %s", (due, todo))
            status = random.choice(["SHIPPED", "SHIPPED", "LOST"])
            connection.execute("UPDATE package SET status = %s WHERE shipment_id = %s", (status, key))
        connection.execute(AWAKE.encode())


def moment(random: Random) -> datetime:
    return datetime(2026, 3, 1, tzinfo=UTC) + timedelta(minutes=random.randrange(16 * 24 * 60))


def counted(database: Database, of: CardOf) -> dict[Any, dict[str, Any]]:
    """Count by hand."""
    name = "location_id" if of is CardOf.LOCATION else "of"
    with psycopg.connect(database.admin_url, row_factory=dict_row) as connection:
        asked, refused, sent = (connection.execute(text.encode()).fetchall() for text in (ASKED, REFUSED, SENT))

    def mine(rows: Sequence[Mapping[str, Any]], at: str, key: object) -> list[Mapping[str, Any]]:
        days = [row for row in rows if row[name] == key and row[at] is not None]
        return [row for row in days if START <= row[at].astimezone(ZoneInfo(row["time_zone"])).date() < BEFORE]

    keys = {row[name] for rows in (asked, refused, sent) for row in rows if row[name] is not None}
    cards = {}
    for key in keys:
        requests, acts = mine(asked, "submitted_at", key), mine(refused, "rejected_at", key)
        left = [row for row in mine(sent, "shipped_at", key) if row["status"] != "CANCELED"]
        stopped = [row["cancellation_accepted"] for row in mine(asked, "cancellation_answered_at", key)]
        answers = [(row["answered_at"] - row["submitted_at"]).total_seconds() for row in requests if row["answered_at"]]
        packages = [status for row in left for status in row["packages"]]
        ends = [(row["status"] == "REJECTED", row["answered_at"] is not None) for row in requests]
        cards[key] = {
            "key": key,
            "requests": len(requests),
            "accepted": ends.count((False, True)),
            "rejected": ends.count((True, True)),
            "unanswered": ends.count((True, False)),
            "median_answer_s": round(median(answers)) if answers else None,
            "cancellations_accepted": stopped.count(True),
            "cancellations_rejected": stopped.count(False),
            "rejected_units": sum(row["quantity"] for row in acts),
            "missing_units": sum(row["quantity"] for row in acts if row["effect"] in {"SHORT", "COUNT"}),
            "shipments": len(left),
            "late": sum(row["leave_by"] is not None and row["shipped_at"] > row["leave_by"] for row in left),
            "packages": len(packages),
            "lost": packages.count("LOST"),
        }
    return {key: card for key, card in cards.items() if any(value for name, value in card.items() if name != "key")}


async def told(work: UnitOfWork, of: CardOf, principal: Principal = SYSTEM) -> dict[Any, dict[str, Any]]:
    async with work.reads(principal) as read:
        cards, more = await scorecards(read, of, START, BEFORE)
    assert not more
    return {card.key: asdict(card) for card in cards}


@pytest.fixture(scope="module")
async def done(work: UnitOfWork, database: Database) -> None:
    await worked(work, database)


@pytest.mark.usefixtures("done")
@pytest.mark.parametrize("of", [*CardOf])
async def test_cards_are_what_a_count_by_hand_gives(work: UnitOfWork, database: Database, of: CardOf) -> None:
    by_hand = counted(database, of)
    assert len(by_hand) == (4 if of is CardOf.LOCATION else 2)
    for name in ("requests", "accepted", "rejected", "unanswered", "cancellations_accepted", "missing_units", "late", "lost"):
        assert any(card[name] for card in by_hand.values()), name
    assert await told(work, of) == by_hand


@pytest.mark.usefixtures("done")
async def test_a_limited_key_sees_its_own_cards_only(work: UnitOfWork, database: Database) -> None:
    suppliers, places = counted(database, CardOf.SUPPLIER), counted(database, CardOf.LOCATION)
    for key, card in suppliers.items():
        limited = replace(SYSTEM, suppliers=frozenset({key}))
        assert await told(work, CardOf.SUPPLIER, limited) == {key: card}
        assert len(await told(work, CardOf.LOCATION, limited)) == 1
    for key, card in places.items():
        assert await told(work, CardOf.LOCATION, replace(SYSTEM, locations=frozenset({key}))) == {key: card}
    assert await told(work, CardOf.LOCATION, replace(SYSTEM, channels=frozenset())) == {}


@pytest.mark.parametrize(("start", "before"), [(START, START), (BEFORE, START), (date(2024, 1, 1), date(2026, 1, 1))])
async def test_a_range_that_makes_no_sense_is_refused(work: UnitOfWork, start: date, before: date) -> None:
    async with work.reads(SYSTEM) as read:
        with pytest.raises(InvalidValue) as caught:
            await scorecards(read, CardOf.LOCATION, start, before)
    assert caught.value.field == ("range",)


async def of_now(work: UnitOfWork, of: CardOf, key: object, principal: Principal = SYSTEM) -> Card | None:
    """Return what somebody did around today."""
    today = datetime.now(UTC).date()
    async with work.reads(principal) as read:
        cards, _ = await scorecards(read, of, today - timedelta(days=3), today + timedelta(days=3))
    return next((card for card in cards if card.key == key), None)


async def test_what_a_supplier_was_asked_for_stays_its_own_and_what_was_withdrawn_is_no_rejection(work: UnitOfWork) -> None:
    desk, other = await Desk.open(work), (await Buyer.open(work)).supplier
    shop = Shop(work, await Given(work).channel(locations=(desk.location,)), (desk.location,))
    sku = await shop.stocked(9)
    asked = [await desk.asked((await shop.place(line(sku, 2))).id) for _ in range(2)]
    await desk.accept(asked[0].id)
    await desk.ship(asked[0].id)
    await desk.ask_to_cancel(asked[1].id, source_elsewhere=True)
    await desk.change(supplier_id=other.id)
    card = await of_now(work, CardOf.SUPPLIER, desk.supplier.id)
    assert card is not None
    assert (card.requests, card.accepted, card.shipments, card.rejected_units) == (2, 1, 1, 0)
    async with work.reads(SYSTEM) as read:
        shown = await requests_shown.of_one(read, asked[1].id)
    assert shown is not None
    assert shown.rejected == 0
    assert await of_now(work, CardOf.SUPPLIER, other.id) is None
    limited = replace(SYSTEM, suppliers=frozenset({other.id}))
    assert await of_now(work, CardOf.LOCATION, desk.location.id, limited) is None


async def test_goods_that_were_ready_in_time_are_not_late_whenever_they_are_fetched(
    work: UnitOfWork, database: Database
) -> None:
    store = await Store.open(work)
    sku = await store.shop.stocked(9)
    for due in ("1 day", "3 days"):
        pickup = await store.waiting(line(sku))
        with psycopg.connect(database.admin_url) as connection:
            connection.execute("UPDATE pickup SET ready_at = ready_at - interval '2 days' WHERE id = %s", (pickup.id,))
            ready_in_time = "UPDATE fulfillment_order SET leave_by = now() - %s::interval WHERE id = %s"
            connection.execute(ready_in_time, (due, pickup.fulfillment_order_id))
        await store.hand_over(pickup.id, pickup.code or "")
    card = await of_now(work, CardOf.LOCATION, store.shop.locations[0].id)
    assert card is not None
    assert (card.shipments, card.late) == (2, 1)
