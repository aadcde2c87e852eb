"""The rules by which a channel sells more of a SKU than there is: that of the SKU, else that for all."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from oms_api.domain.channels.serving import rule_of
from oms_api.domain.channels.states import Oversell
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import ChannelId, SkuId

RULES = f"""
SELECT jsonb_agg(jsonb_build_array(rule.channel_id, wanted.id, rule.policy, rule.limit_units - (
    SELECT coalesce(sum(queued.waiting), 0) FROM (
        SELECT waiting FROM backorder WHERE sku_id = wanted.id AND waiting > 0 AND channel_id = rule.channel_id
        ORDER BY priority DESC, placed_at, id OFFSET 0
    ) AS queued),
    rule.promise_days, rule.ships_on))
FROM {{skus}} AS wanted (id) CROSS JOIN unnest({{channels}}) AS seller (id)
CROSS JOIN LATERAL ({rule_of("seller.id", "wanted.id")}) AS rule
"""  # noqa: S608 - made of constants
"""The value in SQL for `rules_in`: the rules of `{channels}` for `{skus}`, each with the units more that may wait."""


@dataclass(frozen=True, slots=True)
class WaitingRule:
    """Whether units that are missing may wait, how many more of them (None: any number), and what is promised for them."""

    policy: Oversell
    capacity: int | None = None
    promise_days: int | None = None
    ships_on: date | None = None

    def takes(self, units: int, queued: int = 0) -> bool:
        """Tell whether so many more *units* may wait, beside those *queued* since the rule was read."""
        return self.capacity_for(units, queued) == units

    def capacity_for(self, units: int, queued: int = 0) -> int | None:
        """Return how many of *units* may wait, beside those *queued* since the rule was read; None where none ever may."""
        if self.policy is Oversell.DENY:
            return None
        return units if self.capacity is None else max(min(units, self.capacity - queued), 0)

    def ready(self, since: datetime, zone: ZoneInfo) -> datetime | None:
        """Return when units that wait *since* a moment are promised to be there although nothing brings them, if that is."""
        if self.ships_on is not None:
            return datetime.combine(self.ships_on, time(), zone)
        return None if self.promise_days is None else since.astimezone(zone) + timedelta(days=self.promise_days)


def rules_in(items: Iterable[Sequence[Any]]) -> dict[tuple[ChannelId, SkuId], WaitingRule]:
    """Return the rules in the items of RULES, by channel and SKU."""
    return {
        (ChannelId(UUID(channel)), SkuId(UUID(sku))): WaitingRule(
            policy=Oversell(policy),
            capacity=None if capacity is None else max(capacity, 0),
            promise_days=days,
            ships_on=None if ships_on is None else date.fromisoformat(ships_on),
        )
        for channel, sku, policy, capacity, days, ships_on in items
    }
