"""Beginning the feed anew, a step of every restore."""

from uuid import UUID

from sqlalchemy import update

from oms_api.db.outbox import FeedHead
from oms_api.db.session import Tx
from oms_api.kernel.ids import new_uuid


async def begin_epoch(tx: Tx) -> UUID:
    """Begin a new epoch and return it: every cursor given before is then refused, and live readers are closed."""
    return (await tx.one(update(FeedHead).values(epoch=new_uuid()).returning(FeedHead))).epoch
