"""Beginning the feed anew, a step of every restore."""

from typing import Any
from uuid import UUID

from sqlalchemy import update

from oms_api.db.outbox import FeedHead
from oms_api.db.session import Tx
from oms_api.db.statements import Select, statement
from oms_api.kernel.ids import new_uuid


@statement
def begun(epoch: UUID) -> Select[Any]:
    """The head of the feed, once it is of *epoch*."""
    return update(FeedHead).values(epoch=epoch).returning(FeedHead)


async def begin_epoch(tx: Tx) -> UUID:
    """Begin a new epoch and return it: every cursor given before is then refused, and live readers are closed."""
    epoch: UUID = (await tx.one(begun(new_uuid()))).epoch
    return epoch
