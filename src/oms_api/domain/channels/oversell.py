"""The oversell rules of a channel as commands look at them, and how a change of one is told."""

from collections.abc import Mapping

from sqlalchemy import ColumnElement, delete, select

from oms_api.db.session import Reader, Tx
from oms_api.db.statements import Select, statement
from oms_api.db.versioned import locking
from oms_api.domain.catalog.references import SkuRef, sku_named
from oms_api.domain.channels.errors import NotGoods
from oms_api.domain.channels.events import ChannelChanged
from oms_api.domain.channels.queries import in_channels
from oms_api.domain.channels.tables import ChannelRow, OversellRuleRow
from oms_api.kernel.errors import NotFound
from oms_api.kernel.ids import ChannelId, IdKind, SkuId, text_id

IN_EVENTS = {"policy": "policy", "limit_units": "limit", "promise_days": "promise_days", "ships_on": "ships_on"}
"""What a rule says, as the table names it and as it is told."""
lock = locking(ChannelRow, visible=in_channels(ChannelRow.id))


async def lock_channel(tx: Tx, channel_id: ChannelId) -> ChannelRow:
    """Return the channel, locked: its rules change one after the other. Raises: NotFound."""
    channel = await lock(tx, channel_id)
    if channel is None:
        raise NotFound(what="channel", given=text_id(IdKind.CHANNEL, channel_id), field=("channelId",))
    return channel


async def goods_named(read: Reader, reference: SkuRef | None) -> SkuId | None:
    """Return the SKU that a rule is for, None for all. Raises: UnknownSku or NotFound; NotGoods, of which nothing can wait."""
    if reference is None:
        return None
    sku = await sku_named(read, reference, "sku")
    if not sku.kind.stocked:
        raise NotGoods(sku=sku.code, kind=sku.kind, field=("sku",))
    return sku.id


def of(channel_id: ChannelId, sku_id: SkuId | None) -> list[ColumnElement[bool]]:
    """Return what finds the rule of a channel for one SKU, or without one for all."""
    return [OversellRuleRow.channel_id == channel_id, OversellRuleRow.sku_id.is_not_distinct_from(sku_id)]


@statement
def the_rule(channel_id: ChannelId, sku_id: SkuId | None) -> Select[OversellRuleRow]:
    """Find the rule of a channel for one SKU, or without one for all."""
    return select(OversellRuleRow).where(*of(channel_id, sku_id))


@statement
def taking_away(channel_id: ChannelId, sku_id: SkuId | None) -> Select[OversellRuleRow]:
    """Delete the rule of a channel for one SKU, or without one for all, and return what it was."""
    return delete(OversellRuleRow).where(*of(channel_id, sku_id)).returning(OversellRuleRow)


async def rule_for(read: Reader, channel_id: ChannelId, sku_id: SkuId | None) -> OversellRuleRow | None:
    """Return the rule that a channel has for one SKU, or without one for all."""
    return await read.one_or_none(the_rule(channel_id, sku_id))


def version_of(rule: OversellRuleRow | None) -> int:
    """Return the version of a rule, 0 where there is none."""
    return 0 if rule is None else rule.version


def emit_rule(
    tx: Tx, channel_id: ChannelId, sku_id: SkuId | None, before: OversellRuleRow | None, after: OversellRuleRow | None
) -> None:
    """Tell what became different of a rule, if anything did."""
    if changes := changes_of(sku_id, before, after):
        tx.emit(ChannelChanged(subject_id=channel_id, channel_id=channel_id, sku_id=sku_id, changes=changes))


def changes_of(
    sku_id: SkuId | None, before: OversellRuleRow | None, after: OversellRuleRow | None
) -> Mapping[str, tuple[object, object]]:
    """Return what a rule said and says: `oversellRule.policy` of that for all, `oversellRules.sku_01h....policy` of a SKU's."""
    path = "oversell_rule" if sku_id is None else f"oversell_rules.{text_id(IdKind.SKU, sku_id)}"
    said = {name: (getattr(before, column, None), getattr(after, column, None)) for column, name in IN_EVENTS.items()}
    return {f"{path}.{name}": (was, now) for name, (was, now) in said.items() if was != now}
