"""What happens because something else happened, and may lag behind it: one line for each reaction and each kind of job."""

from collections.abc import Awaitable, Callable, Collection, Mapping

from oms_api.db.session import Tx
from oms_api.domain.analytics import rollup
from oms_api.domain.channels.events import ChannelChanged, LocationChanged
from oms_api.domain.events.checkpoints import Piece
from oms_api.domain.events.jobs import JobKind
from oms_api.domain.fulfillment.events import AllocationLost, FulfillmentOrderRejected, OrderLeavesLocation
from oms_api.domain.fulfillment.schedule import schedule_anew
from oms_api.domain.inventory.counts.events import StockCountPosted
from oms_api.domain.orders.events import OrderHoldReleased
from oms_api.domain.rules.commands.simulate import JOB
from oms_api.domain.shipping.events import ShipmentCreated
from oms_api.domain.tracking import watch
from oms_api.kernel.dataclass import dataclass
from oms_api.workflows import publish_availability, publish_levels
from oms_api.workflows.assign_supply import MOVES_PROMISES, assign_after
from oms_api.workflows.hand_over import hand_over_released
from oms_api.workflows.labels.batch import JOB as LABELS
from oms_api.workflows.labels.batch import run_purchases
from oms_api.workflows.lift_bars import lift_bars
from oms_api.workflows.plan_stock import plan_stock
from oms_api.workflows.print_documents.many import JOB as DOCUMENTS
from oms_api.workflows.print_documents.many import run_documents
from oms_api.workflows.roll_up_sales import roll_up_sales
from oms_api.workflows.rule_orders.simulate import simulate
from oms_api.workflows.simulate_sourcing import JOB as SOURCING_SIMULATION
from oms_api.workflows.simulate_sourcing import run_simulation
from oms_api.workflows.source_again import source_lost
from oms_api.workflows.source_anew import orders_leave, source_left
from oms_api.workflows.system_check import system_check
from oms_api.workflows.tracking.importing import run_import
from oms_api.workflows.tracking.left import move_scanned
from oms_api.workflows.tracking.request_import import JOB as TRACKING


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaction:
    """A workflow that events of some *types* set off.

    *run* works through one piece of the feed (`await piece.events(tx)`), at most *most* events, in the transaction that
    moves the reaction's checkpoint behind it: each event has its effect once, in order, whatever crashes. Pieces come one
    after another, the first of all events first. An error takes the piece back, and it is tried again after a pause that
    grows. Work begins *delay_s* after an event got its place, so that what comes close together is done together. *run* may
    return True to leave the rest of a large piece to another transaction: what it did is committed, and it gets the same piece
    again.
    """

    name: str
    types: frozenset[str]
    run: Callable[[Tx, Piece], Awaitable[bool | None]]
    delay_s: float = 1.0
    most: int = 1_000


class Subscribers:
    """All reactions by name, and all kinds of jobs by name."""

    def __init__(self, reactions: Collection[Reaction] = (), job_kinds: Collection[JobKind] = ()) -> None:
        self.reactions: Mapping[str, Reaction] = {reaction.name: reaction for reaction in reactions}
        self.job_kinds: Mapping[str, JobKind] = {kind.name: kind for kind in job_kinds}


SUBSCRIBERS = Subscribers(
    reactions=[
        Reaction(name=rollup.FOLLOWER, types=rollup.TYPES, run=roll_up_sales, most=500),
        Reaction(
            name="source_again",
            types=frozenset({AllocationLost.type, FulfillmentOrderRejected.type}),
            run=source_lost,
            delay_s=0.0,
            most=1,
        ),
        Reaction(name="location_off", types=frozenset({LocationChanged.type}), run=orders_leave, delay_s=0.0, most=1),
        Reaction(name="orders_leaving", types=frozenset({OrderLeavesLocation.type}), run=source_left, delay_s=0.0, most=1),
        Reaction(name="scanned_before_leaving", types=frozenset({ShipmentCreated.type}), run=move_scanned, most=100),
        Reaction(name="released", types=frozenset({OrderHoldReleased.type}), run=hand_over_released, delay_s=0.0, most=1),
        Reaction(name="counted_again", types=frozenset({StockCountPosted.type}), run=lift_bars, most=1),
        Reaction(name="channel_availability", types=publish_availability.TYPES, run=publish_availability.publish_availability),
        Reaction(name="level_changes", types=publish_levels.TYPES, run=publish_levels.publish_levels),
        Reaction(name="supply_assigned", types=MOVES_PROMISES, run=assign_after),
        Reaction(name=watch.FOLLOWER, types=watch.TYPES, run=watch.look_again),
        Reaction(name="preorder_days", types=frozenset({ChannelChanged.type}), run=schedule_anew),
    ],
    job_kinds=[
        JobKind(name="stock_plan", run=plan_stock),
        JobKind(name=LABELS, run=run_purchases),
        JobKind(name="system_check", run=system_check),
        JobKind(name=DOCUMENTS, run=run_documents),
        JobKind(name=JOB, run=simulate),
        JobKind(name=TRACKING, run=run_import),
        JobKind(name=SOURCING_SIMULATION, run=run_simulation),
    ],
)
