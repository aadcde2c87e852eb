"""What happens because something else happened, and may lag behind it: one line for each reaction and each kind of job."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from oms_api.db.outbox import FeedEvent
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.events.jobs import JobKind
from oms_api.workflows.plan_stock import plan_stock
from oms_api.workflows.system_check import system_check


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaction:
    """A workflow that events of some *types* set off.

    *run* is given the events of one batch of the relay, in order of position; batches come one after another. After a crash
    or an error it is given the same batch again, so it does its work under keys made of the events' ids
    (`UnitOfWork.once`) or is harmless when repeated.
    """

    name: str
    types: frozenset[str]
    run: Callable[[UnitOfWork, Sequence[FeedEvent]], Awaitable[None]]


class Subscribers:
    """All reactions by name, and all kinds of jobs by name."""

    def __init__(self, reactions: Collection[Reaction] = (), job_kinds: Collection[JobKind] = ()) -> None:
        self.reactions: Mapping[str, Reaction] = {reaction.name: reaction for reaction in reactions}
        self.job_kinds: Mapping[str, JobKind] = {kind.name: kind for kind in job_kinds}


SUBSCRIBERS = Subscribers(
    reactions=[],
    job_kinds=[JobKind(name="stock_plan", run=plan_stock), JobKind(name="system_check", run=system_check)],
)
