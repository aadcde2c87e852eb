"""Whether levels can hold what comes."""

from collections.abc import Mapping

from oms_api.db.session import Tx
from oms_api.domain.inventory.levels import lock_levels
from oms_api.domain.inventory.sourcing import LevelKey
from oms_api.kernel.quantities import LARGEST_QUANTITY


async def levels_without_capacity(tx: Tx, more: Mapping[LevelKey, int]) -> set[LevelKey]:
    """Return the levels that cannot hold so many units more: at first only those that none could, then by their locks.

    `ledger.post` makes a transaction run again, with `tx.pessimistic` set, where a level turns out to be too full.
    """
    levels = await lock_levels(tx, more) if tx.pessimistic and more else {}
    held = {key: level.on_hand for key, level in levels.items()}
    return {key for key, units in more.items() if held.get(key, 0) + units > LARGEST_QUANTITY}
