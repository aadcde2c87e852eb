"""A town with something of everything: orders in every state, stock, purchases, transfers, counts, money, plans and events."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.orders.given import Amount, DiscountGiven, ShippingGiven, TaxGiven
from oms_api.domain.payments.states import PaymentEventType
from oms_api.domain.planning.commands.create_plan import CreatePlan, create_plan
from oms_api.domain.planning.commands.set_bands import Band, SetBands, set_bands
from oms_api.domain.planning.states import AbcClass
from oms_api.domain.returns.states import Disposition
from oms_api.jobs.tasks import Tries, carry_out, react
from oms_api.kernel.address import Address, Contact
from oms_api.workflows.subscribers import SUBSCRIBERS
from tests.factories.database import Database
from tests.factories.feed import relay_all
from tests.factories.given import SYSTEM, Given
from tests.factories.keeping import Keeper
from tests.factories.market import Dice
from tests.factories.ports import ports_of
from tests.factories.reserving import Checkouts, wanted
from tests.factories.stockroom import Stockroom
from tests.factories.trading import Shop, fee, line

DAYS = 150
SMALL, LARGE = 40, 45
"""How many small orders there are, and how many lines a large one has: a page of either has a 37th record."""
ACTS = (
    *("place",) * 6, *("adjust",) * 4, *("ship",) * 5, "place_together", "reserve", "order_held", "extend", "release", "cancel",
    "fill", "source_again", "peg", "start", "put_back", "buy", "buy", "plan_transfer", "plan_transfer", "change_rule",
    "keep_back", "announce", "announce", "ship_transfer", "ship_transfer", "move", "set", "sync", "count", "count", "receive",
    "receive_transfer", "cancel_transfer", "take_back", "take_back", "change_expiry", "expire_holds", "set_expired_aside",
)  # fmt: skip


def money(text: str) -> Amount:
    return Amount(value=Decimal(text))


async def settle(work: UnitOfWork, database: Database, *, seed: int = 1) -> datetime:
    """Fill an empty *database*, and return the moment by which all of it has happened."""
    dice = Dice(seed)
    market = await Stockroom.open(work, dice)
    for _ in range(DAYS):
        await market.carry_out(dice.choice(ACTS), dice.randrange(2**16), lambda _told: None)
    await _trade(work)
    await _plan(work)
    await _react(work, database)
    return datetime.now(UTC)


async def _trade(work: UnitOfWork) -> None:
    """Sell to known customers, with discounts, taxes and shipping; ship, take back and refund."""
    given, shop = Given(work), await Shop.open(work, locations=2)
    skus = [await shop.stocked(900, 900) for _ in range(3)]
    for sku in skus:
        await given.listing(shop.channel, sku, price="12.50")
    for number in range(6):
        customer = await given.customer(f"customer-{number}", name="Ada Lovelace", email="ada@example.com")
        tax = TaxGiven(title="VAT", amount=money("1.00"), rate=Decimal("0.2"))
        cheaper = DiscountGiven(amount=money("0.50"), label="Spring", code="SPRING")
        order = await shop.place(
            *(line(sku, 3, discounts=(cheaper,), taxes=(tax,)) for sku in skus),
            fee(),
            customer_id=customer.id,
            external_ref=f"town-{number}",
            contact=Contact(name="Ada Lovelace", email="ada@example.com"),
            shipping_address=Address(city="London", country="GB"),
            billing_address=Address(city="Leeds", country="GB"),
            discounts=(cheaper,),
            shipping=(ShippingGiven(title="Post", price=money("4.00"), code="POST", taxes=(tax,)),),
            tags=("gift", "vip"),
            note="Ring twice.",
        )
        await _carried_through(shop, order, number)
    await Checkouts(shop).reserve(wanted(skus[0], 2), wanted(skus[1], 1))
    await Keeper(work, shop.locations[0]).move(skus[0], 2)
    await shop.place(*(line(skus[number % 3], 1) for number in range(LARGE)))
    for number in range(SMALL):
        await shop.place(line(skus[number % 3], 1 + number % 2))


async def _carried_through(shop: Shop, order: Any, number: int) -> None:
    """Take an order as far as its number says."""
    await shop.pay(order.id, "99.00", PaymentEventType.AUTHORIZED if number == 0 else PaymentEventType.CAPTURED)
    if number in {1, 2, 3, 4}:
        for todo in await shop.works(order.id):
            shipment = (await shop.ship(todo.id)).value
            if number > 1:
                await shop.deliver(shipment.id)
    lines = await shop.lines(order.id)
    if number in {2, 3, 4}:
        back = (await shop.return_(order.id, *((each.id, 2) for each in lines[:3]))).value
        await shop.take_back(back.id, (lines[0].id, 1, Disposition.RESTOCK))
        if number > 2:
            await shop.close_return(back.id)
        refund = (await shop.refund(order.id, "1.00")).value
        if number == 3:
            await shop.request_refund(refund.id)
        if number == 4:
            await shop.cancel_refund(refund.id)
            await shop.pay(order.id, "500.00", PaymentEventType.REFUNDED)
    if number == 5:
        await shop.cancel(order.id, (lines[0].id, 1))


async def _plan(work: UnitOfWork) -> None:
    """Say what is too much, and plan: twice, for the present and for the past."""
    bands = tuple(Band(abc, 7, 60) for abc in AbcClass)
    await work.execute(SYSTEM, set_bands, SetBands(bands=bands))
    for at in (datetime.now(UTC) - timedelta(days=1), None):
        plan = await work.execute(SYSTEM, create_plan, CreatePlan(at=at))
        await carry_out(work, ports_of(work), SUBSCRIBERS.job_kinds, plan.job_id, Tries(0))


async def _react(work: UnitOfWork, database: Database) -> None:
    """Bring all that happened to the feed, with what follows from it."""
    for _ in range(2):
        await relay_all(database.app_url)
        for reaction in SUBSCRIBERS.reactions.values():
            assert not await react(work, reaction)
    await relay_all(database.app_url)
