"""Making a channel: rules for all channels are in force in it from its first order on."""

from oms_api.db.session import Tx
from oms_api.domain.channels.commands.change_channel import CreateChannel, create_channel
from oms_api.domain.channels.tables import ChannelRow
from oms_api.domain.rules.books import in_turn, keep_books


async def open_channel(tx: Tx, command: CreateChannel) -> ChannelRow:
    """Make a channel, with its rulebook. Raises: as `create_channel`."""
    await in_turn(tx)
    channel = await create_channel(tx, command)
    await keep_books(tx)
    return channel
