"""Whether channels sell more than there is, as clients read it."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from oms_api.domain.channels.states import Oversell
from oms_api.domain.channels.tables import OversellRuleRow
from oms_api.graphql.declared.links import leads_to
from oms_api.graphql.declared.records import Record, column
from oms_api.graphql.described import enum, output

if TYPE_CHECKING:
    from oms_api.graphql.catalog.types import Sku
    from oms_api.graphql.channels.types import Channel

enum(Oversell, name="OversellPolicy")


@output
class OversellRule(Record[OversellRuleRow]):
    """A rule on overselling by a channel: for one SKU, or for all SKUs without a rule of their own."""

    policy: Oversell
    """The treatment of an order for more units than can be promised."""
    limit: int | None = column(OversellRuleRow.limit_units)
    """The highest number of units of each SKU that may wait at the same time; null for any number."""
    promise_days: int | None
    """Where the supply of a unit has no date: the days from the order to the day on which the unit is promised to ship. Null
    where no days are given."""
    ships_on: date | None
    """The day when a preorder ships, in the location's time zone; null where the rule is not PREORDER."""
    version: int
    """Increases each time the rule is set. A rule that is set again after its removal begins with 1."""
    updated_at: datetime
    """When the rule was set."""
    sku: Annotated["Sku", strawberry.lazy("oms_api.graphql.catalog.types")] | None = leads_to(OversellRuleRow.sku_id)
    """The SKU; null for the rule of all SKUs without a rule of their own."""
    channel: Annotated["Channel", strawberry.lazy("oms_api.graphql.channels.types")] | None = leads_to(
        OversellRuleRow.channel_id
    )
    """The channel."""
