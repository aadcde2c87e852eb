"""Asking what could be promised, listing backorders, and setting oversell rules."""

from datetime import date
from typing import Annotated

from sqlalchemy import true

from oms_api.domain.channels.commands.clear_oversell import ClearOversell, clear_oversell
from oms_api.domain.channels.commands.set_oversell import SetOversell, set_oversell
from oms_api.domain.channels.states import Oversell
from oms_api.domain.fulfillment.backorders.queries import OLDEST_FIRST
from oms_api.domain.fulfillment.backorders.tables import BackorderRow
from oms_api.graphql.catalog.inputs import SkuByInput
from oms_api.graphql.context import Info
from oms_api.graphql.declared.asking import asks
from oms_api.graphql.declared.filters import Where, on
from oms_api.graphql.declared.inputs import Input, becomes
from oms_api.graphql.declared.lists import Listing, listed
from oms_api.graphql.described import argument, input_type, output
from oms_api.graphql.payloads import Payload
from oms_api.graphql.permissions import mutation, query
from oms_api.graphql.promises.rules import OversellRule
from oms_api.graphql.promises.types import AvailabilityPromise, Backorder
from oms_api.graphql.scalars import CountryCode
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import ChannelId
from oms_api.workflows.promise_availability import LineWanted, PromiseAvailability, promise_availability


@input_type
class AvailabilityLineInput(Input[LineWanted]):
    """Units of one SKU that a customer considers ordering."""

    sku: SkuByInput = becomes(by=SkuByInput.to_reference)
    """The SKU: goods, or a bundle."""
    quantity: int = 1
    """Units, at least 1. For a bundle: the number of complete bundles."""


@input_type
class BackorderFilterInput(Where):
    """Conditions on backorders; all must be true."""

    waiting = asks(bool, lambda only: BackorderRow.waiting > 0 if only else true(), default=True)
    """True: only backorders with waiting units. False or null: all backorders. Where the field is left out, it is true. This
    holds for each condition within AND, OR and NOT as well."""
    promised = asks(bool, lambda day: BackorderRow.ships_on.is_not(None) if day else BackorderRow.ships_on.is_(None))
    """True: only backorders with a promised day. False: only those without one."""
    sku_id = on(BackorderRow.sku_id)
    """By SKU."""
    order_id = on(BackorderRow.order_id)
    """By the order."""
    channel_id = on(BackorderRow.channel_id)
    """By the channel."""
    location_id = on(BackorderRow.location_id)
    """By the location where the goods are expected."""
    policy = on(BackorderRow.policy)
    """By the rule under which the order was accepted."""


BACKORDERS = Listing(
    show=Backorder,
    where=BackorderFilterInput,
    order=OLDEST_FIRST,
    which="Conditions on backorders; by default all with waiting units.",
)


@input_type
class OversellPolicySetInput(Input[SetOversell]):
    """A rule on overselling by a channel."""

    channel_id: ChannelId
    """The channel."""
    sku: SkuByInput | None = becomes(by=SkuByInput.to_reference, default=None)
    """The SKU; by default all SKUs without a rule of their own. Bundles follow the rules of their components."""
    policy: Oversell
    """The treatment of an order for more units than can be promised."""
    limit: int | None = becomes("limit_units", default=None)
    """The highest number of units of each SKU that may wait at the same time; null for any number. Not allowed for DENY."""
    promise_days: int | None = None
    """Where the supply of a unit has no date: the days from the order to the day on which the unit is promised to ship. For
    BACKORDER only."""
    ships_on: date | None = None
    """The day when a preorder ships, today at the earliest; for PREORDER only."""
    expected_version: int | None = None
    """The version of the rule that the change is based on, 0 for no rule. The change is refused if the rule has another
    version."""


@output
class OversellPolicySetPayload(Payload):
    """The rule as it is now."""

    oversell_rule: OversellRule | None = None
    """The rule."""


@input_type
class OversellPolicyClearInput(Input[ClearOversell]):
    """The rule to remove."""

    channel_id: ChannelId
    """The channel."""
    sku: SkuByInput | None = becomes(by=SkuByInput.to_reference, default=None)
    """The SKU that loses its own rule; the channel's rule for all SKUs then applies to it. If no SKU is given, the channel's
    rule for all SKUs is removed."""
    expected_version: int | None = None
    """The version of the rule that the change is based on, 0 for no rule. The change is refused if the rule has another
    version."""


@output
class OversellPolicyClearPayload(Payload):
    """The rule that applies now."""

    oversell_rule: OversellRule | None = None
    """The channel's rule for all SKUs without a rule of their own. If it is null, overselling of these SKUs is refused, as
    under DENY."""


@output
class PromiseQueries:
    """Asking what could be promised, and what waits."""

    @query(
        Scope.INVENTORY_READ,
        description=(
            "The days when the units of lines would leave and arrive if they were ordered now. The units come from "
            "stock, or from incoming supply that earlier backorders do not need. Days follow the calendars of the "
            "channel's locations. The days of a bundle follow from its components. Nothing is reserved."
        ),
    )
    async def availability_promise(
        self,
        info: Info,
        channel_id: Annotated[ChannelId, argument("The channel.")],
        lines: Annotated[list[AvailabilityLineInput], argument("The lines a customer considers ordering; 1 to 250.")],
        country: Annotated[
            CountryCode | None, argument("The country of delivery; without it no delivery day is promised.")
        ] = None,
    ) -> list[AvailabilityPromise]:
        wanted = tuple(line.to_command() for line in lines)
        command = PromiseAvailability(channel_id=channel_id, lines=wanted, country=country)
        found = await info.context.execute(promise_availability, command)
        return [AvailabilityPromise.of(promised) for promised in found]

    backorders = listed(BACKORDERS)
    """The backorders of order lines, the oldest order first."""


@output
class PromiseMutations:
    """Setting and clearing oversell rules."""

    @mutation(
        Scope.CHANNELS_WRITE,
        description=(
            "Set whether a channel oversells, for one SKU or for all SKUs without a rule of their own. Fails with NOT_GOODS "
            "for a SKU that cannot be backordered, and with INVALID_VALUE for a field that the policy would ignore."
        ),
    )
    async def oversell_policy_set(
        self, info: Info, input: Annotated[OversellPolicySetInput, argument("The rule.")]
    ) -> OversellPolicySetPayload:
        rule = await info.context.execute(set_oversell, input.to_command())
        return OversellPolicySetPayload(oversell_rule=OversellRule.of(rule))

    @mutation(
        Scope.CHANNELS_WRITE,
        description=(
            "Remove an oversell rule. Without its own rule, a SKU follows the channel's rule; without the channel's "
            "rule, only SKUs with a rule of their own are oversold. Existing backorders go on."
        ),
    )
    async def oversell_policy_clear(
        self, info: Info, input: Annotated[OversellPolicyClearInput, argument("The rule.")]
    ) -> OversellPolicyClearPayload:
        rule = await info.context.execute(clear_oversell, input.to_command())
        return OversellPolicyClearPayload(oversell_rule=OversellRule.of(rule) if rule else None)
