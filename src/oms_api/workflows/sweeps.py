"""What the worker looks for by the clock, because nothing happens that would tell: one line for each."""

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from oms_api.db.session import Tx
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.channels.stock_reports import find_stale
from oms_api.domain.events.sweeps import Batch
from oms_api.domain.fulfillment.departures import date_departures
from oms_api.domain.fulfillment.holds.commands.expire import release_due
from oms_api.domain.fulfillment.schedule import open_scheduled, schedule_missed
from oms_api.domain.inventory.reservations.commands.expire import expire_overdue
from oms_api.domain.planning.watch import MOST_ALERTS, watch_stock
from oms_api.domain.ports import Ports
from oms_api.domain.tracking.watch import watch_packages
from oms_api.kernel.dataclass import dataclass
from oms_api.workflows.assign_supply import renew_promises
from oms_api.workflows.date_arrivals import date_arrivals
from oms_api.workflows.fill_waiting import fill_waiting
from oms_api.workflows.labels.settle import settle_labels
from oms_api.workflows.payment_gate import cancel_unpaid, open_gates
from oms_api.workflows.pickups.overdue import expire_pickups, remind_of_pickups
from oms_api.workflows.plan_stock import plan_daily
from oms_api.workflows.purge_files import purge_files
from oms_api.workflows.read_intake import read_intakes
from oms_api.workflows.requests.overdue import silent_suppliers
from oms_api.workflows.requests.submit import ask_suppliers
from oms_api.workflows.set_aside_expired import set_aside_expired
from oms_api.workflows.tracking.follow import follow_parcels


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """Work that is looked for every so often, a bounded batch to a transaction, by one worker at a time.

    *batch* does at most *size* pieces and returns how many it did; as many as *size* mean that there may be more. A record on
    which it breaks down is passed over for a while, so that it keeps no other waiting.
    """

    name: str
    every_s: float
    size: int
    batch: Callable[[Tx, Batch], Awaitable[int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """Work that is looked for every so often and calls the world outside, so that it runs outside of transactions.

    Several workers may be on one errand at a time, and one may end anywhere: what an errand takes up it claims in a
    transaction, and what came of it it writes in another. *run* returns when nothing is left for now.
    """

    name: str
    every_s: float
    run: Callable[[UnitOfWork, Ports], Coroutine[Any, Any, None]]


def whole(batch: Callable[[Tx, int], Awaitable[int]]) -> Callable[[Tx, Batch], Awaitable[int]]:
    """Return a batch that knows nothing of records: it is done as a whole."""

    async def at_once(tx: Tx, of: Batch) -> int:
        return await batch(tx, of.size)

    return at_once


SWEEPS = (
    Sweep(name="reservation_expiry", every_s=5.0, size=200, batch=expire_overdue),
    Sweep(name="lot_expiry", every_s=10.0, size=20, batch=set_aside_expired),
    Sweep(name="fill_waiting", every_s=1.0, size=1, batch=fill_waiting),
    Sweep(name="read_intakes", every_s=1.0, size=1, batch=read_intakes),
    Sweep(name="open_scheduled", every_s=10.0, size=200, batch=whole(open_scheduled)),
    Sweep(name="ask_suppliers", every_s=1.0, size=200, batch=whole(ask_suppliers)),
    Sweep(name="silent_suppliers", every_s=5.0, size=1, batch=silent_suppliers),
    Sweep(name="departures", every_s=1.0, size=500, batch=whole(date_departures)),
    Sweep(name="arrivals", every_s=1.0, size=500, batch=whole(date_arrivals)),
    Sweep(name="missed_preorder_days", every_s=3_600.0, size=200, batch=whole(schedule_missed)),
    Sweep(name="open_gates", every_s=5.0, size=1, batch=open_gates),
    Sweep(name="cancel_unpaid", every_s=30.0, size=1, batch=cancel_unpaid),
    Sweep(name="holds_to_release", every_s=5.0, size=200, batch=release_due),
    Sweep(name="broken_promises", every_s=600.0, size=200, batch=whole(renew_promises)),
    Sweep(name="pickup_reminders", every_s=60.0, size=1, batch=remind_of_pickups),
    Sweep(name="pickups_overdue", every_s=60.0, size=1, batch=expire_pickups),
    Sweep(name="stale_stock", every_s=10.0, size=100, batch=whole(find_stale)),
    Sweep(name="package_watch", every_s=5.0, size=500, batch=whole(watch_packages)),
    Sweep(name="stock_watch", every_s=60.0, size=MOST_ALERTS, batch=whole(watch_stock)),
    Sweep(name="daily_stock_plan", every_s=600.0, size=1, batch=whole(plan_daily)),
)
ERRANDS = (
    Errand(name="expired_files", every_s=600.0, run=purge_files),
    Errand(name="parcels_to_follow", every_s=60.0, run=follow_parcels),
    Errand(name="labels_to_settle", every_s=10.0, run=settle_labels),
)
