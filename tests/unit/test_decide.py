"""Deciding on orders over a snapshot, without a database."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from oms_api.domain.catalog.states import SkuKind
from oms_api.domain.inventory.sellable import LevelSnapshot
from oms_api.domain.inventory.sourcing import LevelKey
from oms_api.domain.orders.given import Amount, LineGiven, PlaceOrder
from oms_api.domain.orders.states import LineKind
from oms_api.domain.promising.snapshot import ChannelSnapshot, SkuSnapshot
from oms_api.kernel.access import system_principal
from oms_api.kernel.errors import OmsError
from oms_api.kernel.ids import ChannelId, LevelId, LocationId, SkuId, new_uuid
from oms_api.workflows.place_order.decide import Decision
from oms_api.workflows.place_order.plan import OrderPlan
from oms_api.workflows.place_order.snapshot import PlacingSnapshot

FIRST, SECOND, SHOP = LocationId(UUID(int=1)), LocationId(UUID(int=2)), ChannelId(UUID(int=3))
CHANNEL = ChannelSnapshot(SHOP, True, "GBP", True, False, (FIRST, SECOND))  # noqa: FBT003
SHIRT = SkuSnapshot(SkuId(UUID(int=10)), "SHIRT", "Shirt", SkuKind.GOODS, True)  # noqa: FBT003
MUG = SkuSnapshot(SkuId(UUID(int=11)), "MUG", "Mug", SkuKind.GOODS, True)  # noqa: FBT003
SET = SkuSnapshot(SkuId(UUID(int=12)), "SET", "Set", SkuKind.BUNDLE, True, ((SHIRT.id, 1, 3), (MUG.id, 2, 1)))  # noqa: FBT003


def decision(stock: dict[LevelKey, tuple[int, int]] | None = None, **changes: Any) -> Decision:
    """Return a decision over levels of (available, free) units."""
    levels = {
        key: LevelSnapshot(LevelId(new_uuid()), *units)
        for key, units in (stock or {(SHIRT.id, FIRST): (9, 9), (MUG.id, FIRST): (9, 9)}).items()
    }
    skus = (SHIRT, MUG, SET)
    snapshot = PlacingSnapshot(
        channels={SHOP: replace(CHANNEL, **changes)},
        skus={sku.id: sku for sku in skus},
        sku_ids={sku.code: sku.id for sku in skus},
        levels=levels,
    )
    return Decision(snapshot, system_principal("tests"), new_uuid, datetime.now(UTC))


def order(*lines: tuple[str, int], **changes: Any) -> PlaceOrder:
    given = tuple(LineGiven(quantity=q, sku=sku, unit_price=Amount(value=Decimal("9.99"))) for sku, q in lines)
    return PlaceOrder(idempotency_key="k", channel_id=SHOP, lines=given, **changes)


def refused(decide: Decision, given: PlaceOrder) -> list[tuple[str, str]]:
    with pytest.raises(OmsError) as caught:
        decide.order(given)
    return [(error.code, ".".join(error.field)) for error in caught.value.causes]


def taken(plan: OrderPlan) -> list[tuple[SkuId, LocationId, int]]:
    return [(one.sku_id, one.location_id, one.quantity) for one in plan.sources]


def test_a_bundle_is_served_and_priced_by_its_components() -> None:
    plan = decision().order(order(("SET", 3)))
    parent, shirts, mugs = plan.lines
    assert [one.kind for one in plan.lines] == [LineKind.BUNDLE, LineKind.GOODS, LineKind.GOODS]
    assert (shirts.quantity, mugs.quantity, shirts.parent, mugs.parent) == (3, 6, parent.id, parent.id)
    assert (shirts.price.goods, mugs.price.goods) == (2248, 749)
    assert shirts.price.goods + mugs.price.goods == parent.price.goods == plan.price.goods
    assert taken(plan) == [(SHIRT.id, FIRST, 3), (MUG.id, FIRST, 6)]


def test_orders_of_a_batch_share_what_is_there() -> None:
    decide = decision({(SHIRT.id, FIRST): (1, 1), (SHIRT.id, SECOND): (1, 1)})
    assert [taken(decide.order(order(("SHIRT", 1))))[0][1] for n in (1, 2)] == [FIRST, SECOND]
    assert refused(decide, order(("SHIRT", 1))) == [("INSUFFICIENT_STOCK", "lines")]


def test_what_is_refused_takes_nothing() -> None:
    decide = decision({(SHIRT.id, FIRST): (2, 2), (MUG.id, FIRST): (0, 0)})
    assert refused(decide, order(("SHIRT", 2), ("MUG", 1), external_ref="r")) == [("INSUFFICIENT_STOCK", "lines")]
    assert taken(decide.order(order(("SHIRT", 2), external_ref="r"))) == [(SHIRT.id, FIRST, 2)]
    assert refused(decide, order(("MUG", 1), external_ref="r")) == [("DUPLICATE_EXTERNAL_REF", "externalRef")]


def test_safety_stock_is_for_channels_that_sell_it() -> None:
    stock = {(SHIRT.id, FIRST): (2, 5)}
    assert refused(decision(stock), order(("SHIRT", 3))) == [("INSUFFICIENT_STOCK", "lines")]
    decide = decision(stock, sells_safety_stock=True)
    assert taken(decide.order(order(("SHIRT", 4)))) == [(SHIRT.id, FIRST, 4)]
    assert decide.stock.available[SHIRT.id, FIRST] == 0


def test_a_limited_caller_cannot_tell_a_foreign_channel_from_none() -> None:
    decide = decision()
    limited = Decision(
        decide.snapshot, replace(decide.principal, channels=frozenset({ChannelId(UUID(int=99))})), new_uuid, decide.now
    )
    foreign, missing = (
        refused(limited, order(("SHIRT", 1))),
        refused(decide, replace(order(("SHIRT", 1)), channel_id=ChannelId(UUID(int=98)))),
    )
    assert foreign == missing == [("NOT_FOUND", "channelId")]


def test_an_inactive_channel_takes_nothing() -> None:
    assert refused(decision(active=False), order(("SHIRT", 1))) == [("CHANNEL_INACTIVE", "channelId")]
