"""Whether every order of a database says why it stands where it stands."""

from typing import Any

from sqlalchemy import select

from oms_api.db.relations import Relation
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.orders.states import OrderStatus
from oms_api.domain.orders.tables import OrderRow
from oms_api.kernel.clock import system_clock
from oms_api.workflows.explain_order import CauseCode, explain, facts_of
from oms_api.workflows.explain_order.queries import RELATIONS
from tests.factories.given import SYSTEM
from tests.factories.raw import raw


async def unexplained(work: UnitOfWork) -> list[tuple[int, str]]:
    """Return the number of each order with no cause, or with none but that nothing is left while it is open."""
    async with work.reads(SYSTEM) as read:
        orders = await read.all(raw(select(OrderRow)))
        keys = [order.id for order in orders]
        known = {relation: await relation(read, keys) for relation in RELATIONS}

        async def load(relation: Relation[Any, Any], key: Any) -> Any:
            return known[relation].get(key, relation.missing())

        found = []
        for order in orders:
            facts = await facts_of(load, SYSTEM, order, system_clock())
            explanation = explain(facts)
            codes = {cause.code for cause in explanation.causes}
            idle = order.status is OrderStatus.OPEN and codes <= {CauseCode.NOTHING_LEFT}
            if idle or not explanation.summary or "None" in explanation.summary:
                found.append((order.number, explanation.summary))
        return found
