"""Work on many lines, which is done in a thread, so that everybody else has turns of the event loop meanwhile."""

import asyncio
from collections.abc import Callable, Sequence
from typing import TypeVar

from oms_api.domain.orders.given import Cart

Result = TypeVar("Result")
MANY_LINES = 500


async def among_others(orders: Sequence[Cart], work: Callable[[], Result]) -> Result:
    """Do *work* on *orders*, in a thread where their many lines would keep everybody else waiting."""
    lines = sum([len(given.lines) for given in orders])
    return await asyncio.to_thread(work) if lines > MANY_LINES else work()
