"""Whether channels sell more than there is, as clients read it."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from oms_api.domain.channels.states import Oversell
from oms_api.domain.channels.tables import OversellRule as RuleRow
from oms_api.graphql.declared.links import leads_to
from oms_api.graphql.declared.records import Record, column
from oms_api.graphql.described import enum, output

if TYPE_CHECKING:
    from oms_api.graphql.catalog.types import Sku
    from oms_api.graphql.channels.types import Channel

enum(Oversell, name="OversellPolicy")


@output
class OversellRule(Record[RuleRow]):
    """Whether a channel sells more than there is: of one SKU, or of all that have no rule of their own."""

    policy: Oversell
    """What happens when more is asked for than can be promised."""
    limit: int | None = column(RuleRow.limit_units)
    """How many units of each SKU may wait at once; null for any number."""
    promise_days: int | None
    """What has no supply with a known day is promised to ship so many days after the order."""
    ships_on: date | None
    """The day on which a preorder ships, by the location's clock."""
    updated_at: datetime
    """When it was set."""
    sku: Annotated["Sku", strawberry.lazy("oms_api.graphql.catalog.types")] | None = leads_to(RuleRow.sku_id)
    """The SKU; null for the rule of all that have none of their own."""
    channel: Annotated["Channel", strawberry.lazy("oms_api.graphql.channels.types")] | None = leads_to(RuleRow.channel_id)
    """The channel whose rule it is."""
