"""Work that cannot be moved, split, joined or rejected as somebody wants: each mistake with its code and its path."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.fulfillment.tables import FulfillmentOrderRow
from oms_api.kernel.ids import FulfillmentOrderId, IdKind, LineId, LocationId, text_id
from tests.factories.asking import Ask, refusals
from tests.factories.given import SYSTEM, Given
from tests.factories.trading import Shop, findings, line

SENT = {
    verb: f"""mutation ($input: FulfillmentOrder{verb}Input!) {{
        fulfillmentOrder{verb}(input: $input) {{ fulfillmentOrder {{ id status }} userErrors {{ code field }} }} }}"""
    for verb in ("Move", "Split", "Merge", "Reject")
}


@dataclass
class Desk:
    """Whoever rearranges the work of a shop through the API."""

    shop: Shop
    ask: Ask

    async def work(self, *quantities: int) -> FulfillmentOrderRow:
        """Place an order of a line for each of *quantities*, and return its work."""
        skus = [await self.shop.stocked(9, 9) for _ in quantities]
        order = await self.shop.place(*(line(sku, units) for sku, units in zip(skus, quantities, strict=True)))
        (work,) = await self.shop.works(order.id)
        return work

    async def line(self, work: FulfillmentOrderRow) -> LineId:
        """Return the first line of the order."""
        return (await self.shop.lines(work.order_id))[0].id

    async def refused(self, verb: str, **given: Any) -> Sequence[object]:
        """Return why it is not done."""
        payload = (await self.ask(SENT[verb], input={"idempotencyKey": uuid4().hex, **given}))[f"fulfillmentOrder{verb}"]
        assert payload["fulfillmentOrder"] is None
        return refusals(payload)


def work_id(key: FulfillmentOrderId) -> str:
    return text_id(IdKind.FULFILLMENT_ORDER, key)


def place_id(key: LocationId) -> str:
    return text_id(IdKind.LOCATION, key)


@pytest.fixture
async def desk(work: UnitOfWork) -> Desk:
    return Desk(await Shop.open(work, locations=2), Ask(work, SYSTEM))


async def test_a_move_to_where_it_cannot_go(desk: Desk, work: UnitOfWork) -> None:
    todo = await desk.work(2)
    here, stranger = todo.location_id, (await Given(work).location()).id
    of = {"fulfillmentOrderId": work_id(todo.id)}
    assert await desk.refused("Move", **of, locationId=place_id(here)) == [("ALREADY_AT_LOCATION", ["locationId"])]
    assert await desk.refused("Move", **of, locationId=place_id(stranger)) == [("LOCATION_NOT_IN_CHANNEL", ["locationId"])]
    assert await desk.refused("Move", **of, locationId="location_x") == [("INVALID_ID", ["locationId"])]
    other = {"fulfillmentOrderId": work_id(FulfillmentOrderId(uuid4())), "locationId": place_id(here)}
    assert await desk.refused("Move", **other) == [("NOT_FOUND", ["fulfillmentOrderId"])]
    large = await desk.work(8)
    await desk.shop.place(line((await desk.shop.stocked(0, 5)), 1))
    (top,) = await desk.shop.lines(large.order_id)
    assert top.sku_id is not None
    await Given(work).adjust(top.sku_id, desk.shop.locations[1].id, -5)
    to = {"fulfillmentOrderId": work_id(large.id), "locationId": place_id(desk.shop.locations[1].id)}
    assert await desk.refused("Move", **to) == [("INSUFFICIENT_STOCK", ["locationId"])]
    assert [each.status for each in await desk.shop.works(todo.order_id)] == ["OPEN"]
    assert not await findings(work)


async def test_a_split_of_what_is_not_there(desk: Desk, work: UnitOfWork) -> None:
    todo, other = await desk.work(2, 1), await desk.work(1)
    of, top = {"fulfillmentOrderId": work_id(todo.id)}, text_id(IdKind.LINE, await desk.line(todo))
    path = ["lines", "0", "quantity"]
    assert await desk.refused("Split", **of, lines=[{"lineId": top, "quantity": 3}]) == [("EXCEEDS_REMAINING", path)]
    assert await desk.refused("Split", **of, lines=[{"lineId": top, "quantity": 0}]) == [("INVALID_QUANTITY", path)]
    assert await desk.refused("Split", **of, lines=[]) == [("INVALID_VALUE", ["lines"])]
    foreign = text_id(IdKind.LINE, await desk.line(other))
    assert await desk.refused("Split", **of, lines=[{"lineId": foreign, "quantity": 1}]) == [
        ("NOT_FOUND", ["lines", "0", "lineId"])
    ]
    whole = {"fulfillmentOrderId": work_id(other.id), "lines": [{"lineId": foreign, "quantity": 1}]}
    assert await desk.refused("Split", **whole) == [("SPLITS_ALL", ["lines"])]
    assert [each.status for each in await desk.shop.works(todo.order_id)] == ["OPEN"]
    assert not await findings(work)


async def test_a_merge_of_what_does_not_belong_together(desk: Desk, work: UnitOfWork) -> None:
    one, other = await desk.work(2), await desk.work(1)
    keys = [work_id(one.id), work_id(other.id)]
    assert await desk.refused("Merge", fulfillmentOrderIds=keys) == [("NOT_MERGEABLE", ["fulfillmentOrderIds", "1"])]
    assert await desk.refused("Merge", fulfillmentOrderIds=keys[:1]) == [("INVALID_VALUE", ["fulfillmentOrderIds"])]
    twice = [("INVALID_VALUE", ["fulfillmentOrderIds", "1"])]
    assert await desk.refused("Merge", fulfillmentOrderIds=[keys[0], keys[0]]) == twice
    units = [{"lineId": text_id(IdKind.LINE, await desk.line(one)), "quantity": 1}]
    split = {"idempotencyKey": uuid4().hex, "fulfillmentOrderId": keys[0], "lines": units}
    part = (await desk.ask(SENT["Split"], input=split))["fulfillmentOrderSplit"]["fulfillmentOrder"]["id"]
    moved = {"idempotencyKey": uuid4().hex, "fulfillmentOrderId": part, "locationId": place_id(desk.shop.locations[1].id)}
    there = (await desk.ask(SENT["Move"], input=moved))["fulfillmentOrderMove"]["fulfillmentOrder"]["id"]
    assert await desk.refused("Merge", fulfillmentOrderIds=[keys[0], there]) == [
        ("NOT_MERGEABLE", ["fulfillmentOrderIds", "1"])
    ]
    assert not await findings(work)


async def test_a_reject_of_what_has_shipped(desk: Desk, work: UnitOfWork) -> None:
    todo = await desk.work(2)
    of = {"fulfillmentOrderId": work_id(todo.id)}
    assert await desk.refused("Reject", **of, reasonCode="NO_SUCH") == [("UNKNOWN_ORDER_REASON", ["reasonCode"])]
    lines = [{"lineId": text_id(IdKind.LINE, await desk.line(todo)), "quantity": 3}]
    path = ["lines", "0", "quantity"]
    assert await desk.refused("Reject", **of, reasonCode="NO_CAPACITY", lines=lines) == [("EXCEEDS_REMAINING", path)]
    await desk.shop.ship(todo.id)
    shipped = [("FULFILLMENT_ORDER_NOT_REJECTABLE", ["fulfillmentOrderId"])]
    assert await desk.refused("Reject", **of, reasonCode="NO_CAPACITY") == shipped
    (now,) = await desk.shop.works(todo.order_id)
    assert (now.status, await findings(work)) == ("CLOSED", [])
