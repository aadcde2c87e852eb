"""The ledger explains every unit, whatever is adjusted, by whomever at once."""

import asyncio
from collections.abc import Sequence
from uuid import uuid4

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import case, func, select

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.catalog.references import SkuRef
from oms_api.domain.inventory.adjustments import adjustment_by_id
from oms_api.domain.inventory.commands.adjust import AdjustInventory, Change, adjust_inventory
from oms_api.domain.inventory.states import AdjustmentReason
from oms_api.domain.inventory.tables import InventoryLevelRow, StockMovementRow
from oms_api.kernel.access import system_principal
from oms_api.kernel.errors import Busy, OmsError
from tests.factories.given import Given
from tests.factories.raw import raw

SYSTEM = system_principal("tests")
rows = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 1), st.integers(-6, 8)), min_size=1, max_size=8)


async def adjust(work: UnitOfWork, changes: Sequence[Change]) -> OmsError | None:
    """Adjust once under a key of its own; return why not."""
    command = AdjustInventory(changes=tuple(changes), reason=AdjustmentReason.COUNT_CORRECTION)
    try:
        await work.once(SYSTEM, adjust_inventory, command, key=uuid4().hex, name="inventoryAdjust", again=adjustment_by_id)
    except OmsError as error:
        return error
    return None


async def unexplained(work: UnitOfWork) -> list[object]:
    """Return the levels whose columns or sequence the ledger does not explain."""
    moved = [
        case((side == "free", StockMovementRow.quantity * sign), else_=0)
        for side, sign in ((StockMovementRow.target, 1), (StockMovementRow.source, -1))
    ]
    ledger = (
        select(
            StockMovementRow.level_id,
            func.sum(moved[0] + moved[1]).label("free"),
            func.count().label("movements"),
            func.max(StockMovementRow.sequence).label("last"),
        )
        .group_by(StockMovementRow.level_id)
        .subquery()
    )
    wrong = (
        select(InventoryLevelRow.id)
        .outerjoin(ledger, ledger.c.level_id == InventoryLevelRow.id)
        .where(
            (func.coalesce(ledger.c.free, 0) != InventoryLevelRow.free)
            | (func.coalesce(ledger.c.movements, 0) != InventoryLevelRow.sequence)
            | (func.coalesce(ledger.c.last, 0) != InventoryLevelRow.sequence)
        )
    )
    async with work.reads(SYSTEM) as read:
        return list(await read.values(raw(wrong)))


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=st.lists(rows, min_size=1, max_size=5))
async def test_the_ledger_equals_the_buckets(work: UnitOfWork, batches: list[list[tuple[int, int, int]]]) -> None:
    make = Given(work)
    skus, places = [await make.sku() for _ in range(3)], [await make.location() for _ in range(2)]
    expected: dict[tuple[int, int], int] = {}
    for batch in batches:
        changes = [Change(SkuRef(code=skus[sku].code), places[place].id, delta) for sku, place, delta in batch]
        error = await adjust(work, changes)
        wanted = dict(expected)
        sums: dict[tuple[int, int], int] = {}
        for sku, place, delta in batch:
            sums[sku, place] = sums.get((sku, place), 0) + delta
        for key, delta in sums.items():
            wanted[key] = wanted.get(key, 0) + delta
        allowed = all(delta for *_, delta in batch) and all(sums.values()) and min(wanted.values()) >= 0
        assert (error is None) == allowed
        expected = wanted if allowed else expected
    for (sku, place), units in expected.items():
        level = await make.level(skus[sku].id, places[place].id)
        assert (level.free, level.on_hand) == (units, units)
    assert await unexplained(work) == []


async def test_many_at_once_over_the_same_levels_in_any_order(work: UnitOfWork) -> None:
    make = Given(work)
    levels = [await make.stock(on_hand=30) for _ in range(4)]
    changes = [Change(SkuRef(id=level.sku_id), level.location_id, -2) for level in levels]
    shuffled = [changes[turn % 4 :] + changes[: turn % 4] for turn in range(20)]
    outcomes = await asyncio.gather(*(adjust(work, some) for some in shuffled))
    done = outcomes.count(None)
    assert done <= 15
    assert {type(error).__name__ for error in outcomes if error} <= {"Refused", "Busy"}
    assert done == 15 or any(isinstance(error, Busy) for error in outcomes)
    for level in levels:
        after = await make.level(level.sku_id, level.location_id)
        assert (after.on_hand, after.sequence) == (30 - 2 * done, 1 + done)
    assert await unexplained(work) == []
