"""In any state of an order an edit comes to what its preview told, and moves stock by the difference of units alone."""

from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from oms_api.domain.channels.commands.change_channel import UpdateChannel, update_channel
from oms_api.domain.channels.commands.set_oversell import SetOversell, set_oversell
from oms_api.domain.channels.states import Oversell, ReleaseWhen
from oms_api.domain.fulfillment.states import FulfillmentOrderStatus
from oms_api.domain.inventory.tables import StockMovementRow
from oms_api.domain.orders.changes.wanted import Change, SendAgain
from oms_api.domain.payments.states import PaymentEventType, RefundReason
from oms_api.domain.shipping.states import PackageStatus
from oms_api.kernel.errors import OmsError
from oms_api.kernel.ids import OrderId
from oms_api.workflows.edit_order import Edited
from tests.factories.database import Database
from tests.factories.given import SYSTEM, Given
from tests.factories.holding import hold, release, sweep
from tests.factories.raw import raw
from tests.factories.stories import Story, Town, opened
from tests.factories.trading import Shop, findings

KINDS = ("quantity", "price", "off", "discount", "shipping", "swap", "add", "address")
WITHOUT_STOCK = {"price", "off", "discount", "shipping", "address"}


def acts_of(dice: Random) -> list[tuple[Any, ...]]:
    """Return three orders placed, and 15 things done with them, most of them edits."""

    def placed() -> tuple[Any, ...]:
        lines = [(dice.randint(0, 4), dice.randint(1, 4), dice.randint(1, 2_000), dice.randint(0, 300)) for _ in range(3)]
        extras = dice.randint(0, 500), dice.randint(0, 900)
        return "place", dice.randint(0, 2), dice.randint(0, 9_999), lines, extras, dice.choice([None, "GB", "DE"])

    def done() -> tuple[Any, ...]:
        which = dice.randint(0, 2)
        thirds = [dice.randint(0, 2) for _ in range(3)]
        return dice.choice(
            [
                *[("edit", which, dice.choice(KINDS), dice.randint(0, 6), dice.randint(0, 1_900))] * 8,
                ("cancel", which, thirds),
                ("send", which, dice.randint(0, 50)),
                ("back", which, thirds, 60),
                ("give", which, dice.randint(1, 900), RefundReason.GOODWILL, True),
                ("hold", which),
                ("pick", which),
                ("gate", which, dice.choice(list(ReleaseWhen))),
                ("oversell", which, dice.choice(list(Oversell)[:2])),
                ("pay", which),
                ("report", which, PaymentEventType.AUTHORIZED),
                ("report", which, PaymentEventType.VOIDED),
                ("resend", which),
            ]
        )

    return [placed() for _ in range(3)] + [done() for _ in range(15)]


@pytest.fixture(scope="module")
def town(database: Database) -> Iterator[Town]:
    with opened(database) as built:
        scarce, place = built.goods[0][1], built.shops[0].locations[0]
        built.run(Given(built.work).adjust(scarce.id, place.id, -99_970))
        yield built


class Edits(Story):
    """A story in which each edit is looked at before it is made."""

    async def edit(self, sold: tuple[Shop, OrderId], what: str, units: int, minor: int) -> None:
        """Preview an edit and make it: both tell the same, or refuse the same."""
        shop, order = sold
        await self.look_and_edit(sold, await self.change(shop, order, what, units, minor), what)

    async def look_and_edit(self, sold: tuple[Shop, OrderId], change: Change, what: str) -> None:
        """Preview a change and make it."""
        shop, order = sold
        before = await self.moved()
        try:
            preview = await shop.preview(order, change)
        except OmsError as error:
            with pytest.raises(type(error)):
                await shop.edit(order, change)
            return
        assert await self.moved() == before
        edited = await shop.edit(order, change)
        assert told(edited) == told(preview)
        assert (await shop.order(order)).due_minor == preview.order.due_minor
        moved = await self.moved()
        taken = sum(line.promised for line in edited.lines)
        freed = moved[1] - before[1] - taken
        assert moved == before if what in WITHOUT_STOCK else 0 <= freed <= units_gone(edited)

    async def moved(self) -> tuple[int, int]:
        """Return how many movements there are, and of how many units."""
        counted = select(func.count(), func.coalesce(func.sum(StockMovementRow.quantity), 0)).select_from(StockMovementRow)
        async with self.town.work.reads(SYSTEM) as read:
            ((movements, units),) = await read.all(raw(counted))
        return movements, units

    async def hold(self, sold: tuple[Shop, OrderId]) -> None:
        """Put the order on hold, or release it."""
        shop, order = sold
        await (release if (await shop.order(order)).on_hold else hold)(self.town.work, order)

    async def gate(self, at: int, when: ReleaseWhen) -> None:
        """Let the shop release its next orders as they are placed, authorized or paid, and those that may be released now."""
        changes = UpdateChannel(channel_id=self.town.shops[at].channel.id, changes={"release_when": when})
        await self.town.work.execute(SYSTEM, update_channel, changes)
        await sweep(self.town.work, "open_gates")

    async def oversell(self, at: int, policy: Oversell) -> None:
        """Let the shop sell what it has not, or not."""
        rule = SetOversell(channel_id=self.town.shops[at].channel.id, policy=policy, promise_days=5)
        await self.town.work.execute(SYSTEM, set_oversell, rule)

    async def pay(self, sold: tuple[Shop, OrderId]) -> None:
        """Pay the order."""
        shop, order = sold
        await shop.pay(order)

    async def report(self, sold: tuple[Shop, OrderId], kind: PaymentEventType) -> None:
        """Authorize more than any order costs, or give that up."""
        shop, order = sold
        await shop.pay(order, "900000", kind, transaction_reference=f"pi {order}")

    async def resend(self, sold: tuple[Shop, OrderId]) -> None:
        """Ship what there is to ship, lose one of the parcels, and send a unit of each of its lines again."""
        shop, order = sold
        for work in await shop.works(order):
            if work.status is FulfillmentOrderStatus.OPEN:
                await shop.ship(work.id)
        parcels = [each for each in await shop.packages(order) if each.status is PackageStatus.SHIPPED]
        if parcels:
            await shop.mark_lost(parcels[0].id)
            for line in [line for line in await shop.lines(order) if line.kind.ships and line.lost]:
                await self.look_and_edit(sold, SendAgain(line_id=line.id, quantity=1), "again")

    async def pick(self, sold: tuple[Shop, OrderId]) -> None:
        """Begin to pick the first fulfillment order."""
        shop, order = sold
        todo = [work for work in await shop.works(order) if work.status is FulfillmentOrderStatus.OPEN]
        if todo:
            await shop.start(todo[0].id)


def told(edited: Edited) -> list[Any]:
    """Return what an edit tells, apart from the ids that are new each time."""
    order = edited.order
    lines = [
        (line.sku_code, line.before, line.after.ordered, line.after.canceled, line.promised, line.waiting, line.ships_on)
        for line in edited.lines
    ]
    return [order.total_minor, order.due_minor, order.tax_minor, order.status, order.payment_status, edited.balance, *lines]


def units_gone(edited: Edited) -> int:
    """Return how many units an edit canceled."""
    return sum(line.after.canceled - (line.before.canceled if line.before else 0) for line in edited.lines)


@settings(max_examples=settings().max_examples // 6)
@given(seed=st.integers(0, 2**32))
def test_an_edit_comes_to_what_its_preview_told(town: Town, seed: int) -> None:
    story = Edits(town)
    for act in acts_of(Random(seed)):
        town.run(story.carry_out(act))
    assert town.run(findings(town.work)) == []
