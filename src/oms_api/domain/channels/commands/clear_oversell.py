"""Taking an oversell rule away."""

from oms_api.db.session import Tx
from oms_api.domain.catalog.references import SkuRef, sku_named
from oms_api.domain.channels.oversell import emit_rule, lock_channel, rule_for, taking_away, version_of
from oms_api.domain.channels.tables import OversellRuleRow
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import ChannelId
from oms_api.kernel.naming import check_version


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearOversell:
    """Let a channel have no rule of its own for a SKU, or without one none for all others."""

    channel_id: ChannelId
    sku: SkuRef | None = None
    expected_version: int | None = None


async def clear_oversell(tx: Tx, command: ClearOversell) -> OversellRuleRow | None:
    """Take a rule away, if there is one, and return the one that holds now: without any, more than there is is refused.

    Raises: NotFound, UnknownSku, VersionConflict.
    """
    channel = await lock_channel(tx, command.channel_id)
    sku_id = None if command.sku is None else (await sku_named(tx, command.sku, "sku")).id
    gone = await tx.one_or_none(taking_away(channel.id, sku_id))
    check_version(command.expected_version, version_of(gone))
    emit_rule(tx, channel.id, sku_id, gone, None)
    return None if sku_id is None else await rule_for(tx, channel.id, None)
