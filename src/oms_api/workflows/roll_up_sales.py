"""Keeping the sums of sales: a reaction to what was placed, canceled and returned, and to a channel's new time zone."""

from oms_api.db.session import Tx
from oms_api.db.sql import Sql
from oms_api.domain.analytics.rollup import MOVED_ZONES, ROLL_UP, ROLL_UP_ANEW, TAKE_OUT, TAKE_ZONE, TAKE_ZONES
from oms_api.domain.events.checkpoints import Piece

LONG = Sql("SET LOCAL statement_timeout = '30min'")
"""All that a channel ever sold is counted anew when its days begin at another hour."""


async def roll_up_sales(tx: Tx, piece: Piece) -> None:
    """Add what the events of *piece* tell of to the sums.

    A channel whose time zone was changed has its days elsewhere from then on, and all its days before: its sums are taken out
    and made anew. Reports show the sums as they were until that is done.
    """
    adding = [statement(after=piece.after, through=piece.through) for statement in (TAKE_ZONES, ROLL_UP)]
    *_, moved = await tx.flush([*adding, MOVED_ZONES()])
    for (channel,) in moved:
        taking = [statement(channel=channel) for statement in (TAKE_ZONE, *TAKE_OUT)]
        await tx.flush([LONG(), *taking, ROLL_UP_ANEW(channel=channel, through=piece.through)])
