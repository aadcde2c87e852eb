"""Orders that are put on hold through the domain's own commands."""

import asyncio
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.fulfillment.holds.commands.place import (
    HoldFulfillmentOrder,
    HoldOrder,
    hold_fulfillment_order,
    hold_order,
)
from oms_api.domain.fulfillment.holds.commands.release import ReleaseOrder, release_order
from oms_api.domain.orders.holds.tables import OrderHoldRow
from oms_api.domain.orders.tables import OrderRow
from oms_api.jobs.sweeping import run_sweep
from oms_api.kernel.access import Principal, Scope
from oms_api.kernel.ids import FulfillmentOrderId, IntegrationId, OrderId
from oms_api.workflows.sweeps import SWEEPS
from tests.factories.given import SYSTEM

CLERK = replace(SYSTEM, client_id=IntegrationId(UUID(int=7)), name="clerk", scopes=SYSTEM.scopes - {Scope.ORDERS_APPROVE})
"""A client of its own, which may approve nothing."""


async def hold(work: UnitOfWork, order: OrderId, *, by: Principal = SYSTEM, **more: Any) -> OrderHoldRow:
    """Put an order on hold."""
    command = HoldOrder(**{"idempotency_key": uuid4().hex, "order_id": order, "reason": "OTHER", **more})
    return await work.execute(by, hold_order, command)


async def hold_work(work: UnitOfWork, key: FulfillmentOrderId, *, by: Principal = SYSTEM, **more: Any) -> OrderHoldRow:
    """Put a fulfillment order on hold."""
    command = HoldFulfillmentOrder(**{"idempotency_key": uuid4().hex, "fulfillment_order_id": key, "reason": "OTHER", **more})
    return await work.execute(by, hold_fulfillment_order, command)


async def release(work: UnitOfWork, order: OrderId, *, by: Principal = SYSTEM, **more: Any) -> OrderRow:
    """Release holds of an order."""
    command = ReleaseOrder(**{"idempotency_key": uuid4().hex, "order_id": order, **more})
    return await work.execute(by, release_order, command)


async def sweep(work: UnitOfWork, name: str) -> int:
    """Run the sweep *name* until nothing is left."""
    (found,) = [each for each in SWEEPS if each.name == name]
    return await run_sweep(work, found, asyncio.Event())
