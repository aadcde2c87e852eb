"""Beginning the feed anew, a step of every restore."""

from uuid import UUID

from sqlalchemy import update

from oms_api.db.outbox import FeedHead
from oms_api.db.session import Tx


async def begin_epoch(tx: Tx) -> UUID:
    """Begin a new epoch and return it: every cursor given before is then refused, and live readers are closed."""
    return (await tx.one(update(FeedHead).values(epoch=tx.new_id()).returning(FeedHead))).epoch
