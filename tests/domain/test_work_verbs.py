"""Work is moved, split, joined and rejected in the statuses that its life says, and refused in others."""

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

import pytest

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.catalog.references import SkuRef
from oms_api.domain.channels.commands.set_oversell import SetOversell, set_oversell
from oms_api.domain.channels.states import Oversell
from oms_api.domain.fulfillment.queries import fulfillment_order_by_id
from oms_api.domain.fulfillment.states import FulfillmentOrderStatus
from oms_api.domain.fulfillment.verbs import LIFE, MERGE, MOVE, REJECT, SPLIT, WorkFacts
from oms_api.kernel.errors import OmsError, Refused
from oms_api.kernel.ids import FulfillmentOrderId
from oms_api.kernel.verbs import Verb
from tests.factories.given import SYSTEM
from tests.factories.rearranging import Floor
from tests.factories.trading import Shop, findings, line

S = FulfillmentOrderStatus
FREE = WorkFacts(order_on_hold=False, on_hold=False)
Act = Callable[[Floor, Shop, FulfillmentOrderId, FulfillmentOrderId, Any], Awaitable[Any]]
ACTS: list[tuple[Verb[S, WorkFacts], Act]] = [
    (MOVE, lambda floor, shop, key, _other, _line: floor.move(key, shop.locations[1])),
    (SPLIT, lambda floor, _shop, key, _other, line: floor.split(key, (line, 1))),
    (MERGE, lambda floor, _shop, key, other, _line: floor.merge(key, other)),
    (MERGE, lambda floor, _shop, key, other, _line: floor.merge(other, key)),
    (REJECT, lambda floor, _shop, key, _other, line: floor.reject(key, (line, 1))),
    (REJECT, lambda floor, _shop, key, _other, _line: floor.reject(key)),
]


async def brought(shop: Shop, status: S) -> tuple[FulfillmentOrderId, FulfillmentOrderId, Any]:
    """Return work of two units in *status*, other work of one unit that waits, and their line."""
    sku = await shop.stocked(90, 90)
    if status is S.SCHEDULED:
        rule = SetOversell(
            channel_id=shop.channel.id, sku=SkuRef(id=sku.id), policy=Oversell.PREORDER, ships_on=date(2099, 1, 1)
        )
        await shop.work.execute(SYSTEM, set_oversell, rule)
    order = await shop.place(line(sku, 3))
    (todo,), (only,) = await shop.works(order.id), await shop.lines(order.id)
    other = await Floor(shop.work).split(todo.id, (only.id, 1))
    if status is S.IN_PROGRESS:
        await shop.start(todo.id)
    if status is S.CLOSED:
        await shop.ship(todo.id)
    return todo.id, other.id, only.id


@pytest.mark.parametrize("status", [S.SCHEDULED, S.OPEN, S.IN_PROGRESS, S.CLOSED])
async def test_work_is_rearranged_where_its_life_says(work: UnitOfWork, status: S) -> None:
    shop = await Shop.open(work, locations=2)
    led: dict[Verb[S, WorkFacts], set[S]] = {}
    for verb, act in ACTS:
        key, other, units = await brought(shop, status)
        async with work.reads(SYSTEM) as read:
            assert (await fulfillment_order_by_id(read, key)).status is status
        refused = LIFE.why_not(verb, status, FREE)
        if refused is not None:
            with pytest.raises(OmsError) as raised:
                await act(Floor(work), shop, key, other, units)
            error = raised.value
            assert refused.code in {each.code for each in (error.errors if isinstance(error, Refused) else [error])}
            continue
        await act(Floor(work), shop, key, other, units)
        async with work.reads(SYSTEM) as read:
            led.setdefault(verb, set()).add((await fulfillment_order_by_id(read, key)).status)
    assert led == {verb: set(verb.moves[status]) for verb in (MOVE, SPLIT, MERGE, REJECT) if status in verb.moves}
    assert await findings(work) == []
