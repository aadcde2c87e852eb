"""Promising a day for what an order has to wait for, as it is placed."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence

from oms_api.db.session import Tx
from oms_api.db.sets import array
from oms_api.domain.promising.assigning import COMING_FOR, SERVED, Assignment, Queued, supplies_of
from oms_api.kernel.ids import BackorderId, LineId
from oms_api.workflows.place_order.decide import Decision
from oms_api.workflows.place_order.plan import OrderPlan
from oms_api.workflows.place_order.snapshot import PlacingSnapshot

Promises = Mapping[LineId, tuple[Queued, Assignment]]
"""The backorder of each line that waits, by the line's id, and what it is assigned to."""


async def promise_waiting(tx: Tx, decision: Decision, plans: Sequence[OrderPlan]) -> Promises:
    """Return what the lines of *plans* wait for, after all who wait already; one round trip, none where no line waits.

    Those who wait already have what the orders decided on leave of the stock, and then take what comes.
    Whoever began to wait at the same moment is not seen: the reaction that assigns the whole queue anew puts that right.
    """
    new = {line: queued for plan in plans for line, queued in _queued(tx, decision.snapshot, plan)}
    if not new:
        return {}
    channels = {queued.channel_id for queued in new.values()}
    skus = array({queued.sku_id for queued in new.values()})
    coming, served = await tx.flush([COMING_FOR(skus=skus), SERVED(channels=array(channels))])
    supplies = supplies_of(coming, served, channels, tx.now)
    _, still = decision.stock.after_waiting(min(queued.priority for queued in new.values()))
    ahead = deque(still)
    promises: dict[LineId, tuple[Queued, Assignment]] = {}
    for line, queued in sorted(new.items(), key=lambda item: item[1].turn):
        while ahead and ahead[0].priority >= queued.priority:
            supplies.give(ahead.popleft())
        promises[line] = queued, supplies.assign(queued, queued.units)
    return promises


def _queued(tx: Tx, snapshot: PlacingSnapshot, plan: OrderPlan) -> Iterator[tuple[LineId, Queued]]:
    for position, waiting in plan.waiting.items():
        line = plan.lines[position]
        assert line.sku is not None  # noqa: S101 - only goods wait
        yield (
            line.id,
            Queued(
                id=tx.new_id(BackorderId),
                sku_id=line.sku.id,
                units=waiting.units,
                order_id=plan.id,
                line_id=line.id,
                channel_id=plan.channel.id,
                sells_safety_stock=plan.channel.sells_safety_stock,
                country=plan.country,
                priority=plan.given.priority,
                placed_at=tx.business_time(plan.given.occurred_at),
                rule=snapshot.oversell[plan.channel.id, line.sku.id],
                pinned_to=line.pinned_to,
                barred=line.barred,
            ),
        )
