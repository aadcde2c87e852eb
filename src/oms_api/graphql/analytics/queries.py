"""Asking for reports."""

from datetime import date
from typing import Annotated

import strawberry

from oms_api.domain.analytics.periods import Grain
from oms_api.domain.analytics.queries import sales_report
from oms_api.domain.analytics.sales import SalesKey, SalesQuestion
from oms_api.graphql.analytics.types import SalesReport
from oms_api.graphql.connections import After, Before, First, Last
from oms_api.graphql.context import Info
from oms_api.graphql.described import argument, enum, input_type, output
from oms_api.graphql.permissions import query
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import ChannelId
from oms_api.kernel.paging import PageRequest

A_REPORT = 5_000
"""What a report costs beside its rows: on an empty shop it takes 21 ms of processor time, here and in the database."""
enum(Grain, name="ReportGrain")
enum(SalesKey)


@input_type
class DateRange:
    """A span of days."""

    from_: date = strawberry.field(name="from", description="The first day.")
    before: date
    """The first day after the range; later than `from`."""


@output
class AnalyticsQueries:
    """Asking for reports."""

    @query(
        Scope.REPORTS_READ,
        description=(
            "Sales by day, week or month, and on request by channel, SKU and country. Days are in the time zone of each "
            "channel. An API key that is limited to certain channels sees the sales of its channels only."
        ),
        price=A_REPORT,
    )
    async def sales_report(
        self,
        info: Info,
        range: Annotated[DateRange, argument("The days, ten years at most.")],
        grain: Annotated[
            Grain, argument("The length of the periods. The first and the last period are cut off at the ends of the range.")
        ],
        channel_id: Annotated[
            ChannelId | None, argument("Only sales of this channel; by default of all channels that the API key may see.")
        ] = None,
        by: Annotated[
            list[SalesKey] | None, argument("The keys of the rows in addition to period and currency, each at most once.")
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> SalesReport:
        page = PageRequest.of(first, after, last, before)
        question = SalesQuestion(
            start=range.from_,
            before=range.before,
            grain=grain,
            by=tuple(by or ()),
            channel_id=channel_id,
        )
        return SalesReport.of(await sales_report(info.context.read, question, page))
