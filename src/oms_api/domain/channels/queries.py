"""Reads of channels, listings and locations, within the limits of the principal."""

from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import InstrumentedAttribute

from oms_api.db.keyset import Ordering
from oms_api.db.relations import Conditions, Keys, One, Pages, all_for, by, one_for, pages_of
from oms_api.db.sets import among
from oms_api.domain.channels.tables import ChannelLocationRow, ChannelRow, ListingRow, LocationRow, OversellRuleRow
from oms_api.kernel.access import Sight
from oms_api.kernel.ids import ChannelId, ListingId, LocationId, SkuId

CHANNELS_BY_CODE = Ordering("code", (ChannelRow.code,))
LOCATIONS_BY_CODE = Ordering("code", (LocationRow.code,))
LISTINGS_BY_CODE = Ordering("code", (ListingRow.code, ListingRow.id))
LISTINGS_BY_CHANNEL = Ordering("channel", (ListingRow.channel_id, ListingRow.code))
RULES_BY_ID = Ordering("id", (OversellRuleRow.id,))


def visible_channels(sight: Sight, column: InstrumentedAttribute[Any]) -> list[ColumnElement[bool]]:
    """Return the limit of channels as conditions on *column*."""
    return [] if sight.channels is None else [among(column, sight.channels)]


def visible_locations(sight: Sight, column: InstrumentedAttribute[Any]) -> list[ColumnElement[bool]]:
    """Return the limit of locations as conditions on *column*."""
    return [] if sight.locations is None else [among(column, sight.locations)]


def in_channels(column: InstrumentedAttribute[Any]) -> Conditions:
    """Return the condition of declared reads that *column* is a channel within the caller's limit."""
    return partial(visible_channels, column=column)


def at_locations(column: InstrumentedAttribute[Any]) -> Conditions:
    """Return the condition of declared reads that *column* is a location within the caller's limit."""
    return partial(visible_locations, column=column)


channels_visible_to = in_channels(ChannelRow.id)
locations_visible_to = at_locations(LocationRow.id)
listings_visible_to = in_channels(ListingRow.channel_id)


def _of_single_skus(_sight: Sight) -> list[ColumnElement[bool]]:
    return [OversellRuleRow.sku_id.is_not(None)]


channels_by_id: One[ChannelId, ChannelRow] = by(ChannelRow.id, visible=channels_visible_to)
"""The channels that exist and can be seen."""
channels_by_code: One[str, ChannelRow] = by(ChannelRow.code, visible=channels_visible_to)
"""The same by their codes."""
locations_by_id: One[LocationId, LocationRow] = by(LocationRow.id, visible=locations_visible_to)
"""The locations that exist and can be seen."""
locations_by_code: One[str, LocationRow] = by(LocationRow.code, visible=locations_visible_to)
"""The same by their codes."""
listings_by_id: One[ListingId, ListingRow] = by(ListingRow.id, visible=listings_visible_to)
"""The listings that exist and can be seen."""
pages_of_listings: Pages[ChannelId, ListingRow] = pages_of(ListingRow.channel_id, order=LISTINGS_BY_CODE)
"""A page of each channel's listings, by code."""
pages_of_rules: Pages[ChannelId, OversellRuleRow] = pages_of(
    OversellRuleRow.channel_id, order=RULES_BY_ID, visible=_of_single_skus
)
"""A page of each channel's rules for single SKUs, in the order they were made."""
pages_of_rules_of_skus: Pages[SkuId | None, OversellRuleRow] = pages_of(
    OversellRuleRow.sku_id, order=RULES_BY_ID, visible=in_channels(OversellRuleRow.channel_id)
)
"""A page of the rules that channels have for each SKU, in the order they were made."""


@all_for("channel_id")
def locations_by_channel(channels: Keys, sight: Sight) -> Select[LocationRow, ChannelId]:
    """Relate channels to the locations that serve them and can be seen, the one asked first first."""
    return (
        select(LocationRow, ChannelLocationRow.channel_id)
        .join(ChannelLocationRow, ChannelLocationRow.location_id == LocationRow.id)
        .where(among(ChannelLocationRow.channel_id, channels), *locations_visible_to(sight))
        .order_by(ChannelLocationRow.channel_id, ChannelLocationRow.priority)
    )


@one_for("channel_id")
def oversell_defaults(channels: Keys, _sight: Sight) -> Select[OversellRuleRow]:
    """Relate channels, which were seen before, to their rule for all SKUs."""
    return select(OversellRuleRow).where(among(OversellRuleRow.channel_id, channels), OversellRuleRow.sku_id.is_(None))
