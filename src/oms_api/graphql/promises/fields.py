"""Asking what could be promised, listing backorders, and setting oversell rules."""

from datetime import date
from typing import Annotated

import strawberry

from oms_api.domain.channels.commands.clear_oversell import ClearOversell, clear_oversell
from oms_api.domain.channels.commands.set_oversell import SetOversell, set_oversell
from oms_api.domain.channels.states import Oversell
from oms_api.domain.fulfillment.backorders.queries import BackorderFilter, page_of_backorders
from oms_api.graphql.catalog.inputs import SkuByInput
from oms_api.graphql.connections import After, Before, Connection, First, Last
from oms_api.graphql.context import Info
from oms_api.graphql.described import argument, input_type, output
from oms_api.graphql.filters import Match, id_at, matched, matched_ids
from oms_api.graphql.payloads import Payload
from oms_api.graphql.permissions import mutation, query
from oms_api.graphql.promises.types import AvailabilityPromise, Backorder, OversellRule
from oms_api.graphql.rows import each_row
from oms_api.graphql.scalars import CountryCode
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import IdKind
from oms_api.kernel.paging import PageRequest
from oms_api.workflows.promise_availability import LineWanted, PromiseAvailability, promise_availability


@input_type
class AvailabilityLineInput:
    """Units of one SKU that a customer thinks of ordering."""

    sku: SkuByInput
    """The goods, or a bundle."""
    quantity: int = 1
    """How many units, at least 1; of a bundle whole sets."""

    def to_line(self, *path: str | int) -> LineWanted:
        """Return the line as the domain takes it. Raises: InvalidId."""
        return LineWanted(self.sku.to_reference(), self.quantity)


@input_type
class BackorderFilterInput:
    """Which backorders. All that is given must hold."""

    waiting: bool = True
    """Only those of which units still wait."""
    promised: bool | None = None
    """Those with a promised day (true) or without one (false)."""
    sku_id: Match[strawberry.ID] | None = None
    """By the goods."""
    order_id: Match[strawberry.ID] | None = None
    """By the order."""
    channel_id: Match[strawberry.ID] | None = None
    """By the channel."""
    location_id: Match[strawberry.ID] | None = None
    """By where the goods are expected."""
    policy: Match[Oversell] | None = None
    """By the rule under which the order was taken."""

    def to_filter(self) -> BackorderFilter:
        """Return the filter as the domain takes it. Raises: InvalidId, TooManyItems."""
        return BackorderFilter(
            waiting=self.waiting,
            promised=self.promised,
            sku_ids=matched_ids(IdKind.SKU, self.sku_id, "where", "skuId"),
            order_ids=matched_ids(IdKind.ORDER, self.order_id, "where", "orderId"),
            channel_ids=matched_ids(IdKind.CHANNEL, self.channel_id, "where", "channelId"),
            location_ids=matched_ids(IdKind.LOCATION, self.location_id, "where", "locationId"),
            policies=matched(self.policy, "where", "policy"),
        )


@input_type
class OversellPolicySetInput:
    """Whether a channel sells more than there is."""

    channel_id: strawberry.ID
    """The channel."""
    sku: SkuByInput | None = None
    """The goods; without them the rule is for all that have none of their own. Bundles wait by their components' rules."""
    policy: Oversell
    """What happens when more is asked for than can be promised."""
    limit: int | None = None
    """How many units of each SKU may wait at once, null for any number; not for DENY."""
    promise_days: int | None = None
    """What has no supply with a known day is promised to ship so many days after the order; for BACKORDER only."""
    ships_on: date | None = None
    """The day on which a preorder ships, today at the earliest; for PREORDER only."""

    def to_command(self) -> SetOversell:
        """Return the command. Raises: InvalidId."""
        return SetOversell(
            channel_id=id_at(IdKind.CHANNEL, self.channel_id, "channelId"),
            sku=None if self.sku is None else self.sku.to_reference(),
            policy=self.policy,
            limit_units=self.limit,
            promise_days=self.promise_days,
            ships_on=self.ships_on,
        )


@output
class OversellPolicySetPayload(Payload):
    """The rule as it is now."""

    oversell_rule: OversellRule | None = None
    """The rule."""


@input_type
class OversellPolicyClearInput:
    """Which rule goes away."""

    channel_id: strawberry.ID
    """The channel."""
    sku: SkuByInput | None = None
    """The SKU, for which the channel's rule for all holds then; without one that rule goes away."""

    def to_command(self) -> ClearOversell:
        """Return the command. Raises: InvalidId."""
        return ClearOversell(
            channel_id=id_at(IdKind.CHANNEL, self.channel_id, "channelId"),
            sku=None if self.sku is None else self.sku.to_reference(),
        )


@output
class OversellPolicyClearPayload(Payload):
    """The rule that holds now."""

    oversell_rule: OversellRule | None = None
    """The channel's rule for all SKUs that have none of their own; null where it has none: then they are refused as by DENY."""


@output
class PromiseQueries:
    """Asking what could be promised, and what waits."""

    @query(
        Scope.INVENTORY_READ,
        description="When lines could leave and arrive if they were ordered now: from stock, or from what is on its way after "
        "those who wait longer; by the calendars of the channel's locations. A bundle is promised by its components. Nothing "
        "is reserved.",
    )
    async def availability_promise(
        self,
        info: Info,
        channel_id: Annotated[strawberry.ID, argument("The channel.")],
        lines: Annotated[list[AvailabilityLineInput], argument("What a customer thinks of ordering; 1 to 250 lines.")],
        country: Annotated[CountryCode | None, argument("Where it would go; without it no day of arrival is promised.")] = None,
    ) -> list[AvailabilityPromise]:
        wanted = each_row("lines", lines, AvailabilityLineInput.to_line)
        channel = id_at(IdKind.CHANNEL, channel_id, "channelId")
        command = PromiseAvailability(channel_id=channel, lines=wanted, country=country)
        found = await info.context.execute(promise_availability, command)
        return [AvailabilityPromise.of(promised) for promised in found]

    @query(Scope.ORDERS_READ, description="What order lines wait for, the orders placed first first.")
    async def backorders(
        self,
        info: Info,
        where: Annotated[BackorderFilterInput | None, argument("Which backorders; those that wait unless told.")] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Backorder]:
        page, wanted = PageRequest.of(first, after, last, before), (where or BackorderFilterInput()).to_filter()
        async with info.context.reads() as read:
            return Connection.of(await page_of_backorders(read, wanted, page), Backorder.of)


@output
class PromiseMutations:
    """Setting and clearing oversell rules."""

    @mutation(
        Scope.CHANNELS_WRITE,
        description="Say whether a channel sells more than there is, of one SKU or of all that have no rule of their own. "
        "Fails with NOT_GOODS for a SKU that cannot wait, and with INVALID_VALUE for what the policy would ignore.",
    )
    async def oversell_policy_set(
        self, info: Info, input: Annotated[OversellPolicySetInput, argument("The rule.")]
    ) -> OversellPolicySetPayload:
        rule = await info.context.execute(set_oversell, input.to_command())
        return OversellPolicySetPayload(oversell_rule=OversellRule.of(rule))

    @mutation(
        Scope.CHANNELS_WRITE,
        description="Take an oversell rule away: a SKU's own, so that the channel's holds for it, or the channel's, so that "
        "only SKUs with a rule of their own are sold beyond what there is. What waits already goes on waiting.",
    )
    async def oversell_policy_clear(
        self, info: Info, input: Annotated[OversellPolicyClearInput, argument("Which rule.")]
    ) -> OversellPolicyClearPayload:
        rule = await info.context.execute(clear_oversell, input.to_command())
        return OversellPolicyClearPayload(oversell_rule=OversellRule.of(rule) if rule else None)
