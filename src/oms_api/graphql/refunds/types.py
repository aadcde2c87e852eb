"""Refunds, as clients read them."""

from asyncio import gather
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Self

import strawberry

from oms_api.domain.orders.amounts import why_not_paid
from oms_api.domain.payments.queries import (
    balances_by_order,
    events_by_refund,
    parts_by_refund,
    refunds_by_id,
    refunds_by_order,
)
from oms_api.domain.payments.states import RefundPartKind, RefundReason, RefundStatus
from oms_api.domain.payments.tables import RefundPartRow, RefundRow
from oms_api.domain.payments.verbs import LIFE
from oms_api.graphql.actions import AvailableAction
from oms_api.graphql.context import Info
from oms_api.graphql.declared.links import leads_to, loaded, many
from oms_api.graphql.declared.records import Record, entity, money
from oms_api.graphql.described import enum, output
from oms_api.graphql.fulfillment.types import OrderLineType, OrderType
from oms_api.graphql.money import Money
from oms_api.graphql.nodes import Node
from oms_api.graphql.payments.types import PaymentEvent
from oms_api.graphql.permissions import field
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import RefundId
from oms_api.workflows.refund import PreviewedRefund

ReturnType = Annotated["Return", strawberry.lazy("oms_api.graphql.returns.types")]  # type: ignore[name-defined]  # noqa: F821
enum(RefundStatus)
enum(RefundReason)
enum(RefundPartKind)


@output
class RefundPart(Record[RefundPartRow], along="currency"):
    """A part of a refund's amount, and the charge that it is for.

    Where some of the refund was canceled, a part with negative amounts shows that.
    """

    kind: RefundPartKind
    """The kind of charge that the part is for."""
    concedes: bool
    """Whether the part is a concession: it lowers the amount due of the order. Any other part leaves the amount due
    unchanged."""
    amount: Money = money(RefundPartRow.amount_minor, "currency")
    """The amount of the part."""
    shipping: Money = money(RefundPartRow.shipping_minor, "currency")
    """The shipping charges in the part."""
    tax: Money = money(RefundPartRow.tax_minor, "currency")
    """The taxes in the part."""
    line: OrderLineType | None = leads_to(RefundPartRow.line_id)
    """The order line that the part refunds; null where the part is for no line."""


def _tax(parts: Sequence[RefundPartRow], currency: str) -> Money | None:
    return Money.of(sum(part.tax_minor for part in parts), currency) if parts else None


@entity(refunds_by_id, Scope.PAYMENTS_READ)
class Refund(Node, Record[RefundRow]):
    """An amount of an order that the shop owes back. A refund succeeds only when a provider reports that it was paid."""

    id: RefundId
    status: RefundStatus
    """The status."""
    version: int
    """Increases with every change."""
    reason: RefundReason
    """The reason for the refund."""
    amount: Money = money(RefundRow.amount_minor, RefundRow.currency)
    """The granted amount."""
    refunded: Money = money(RefundRow.refunded_minor, RefundRow.currency)
    """The amount that providers reported as paid."""
    owed: Money = money(RefundRow.owed_minor, RefundRow.currency)
    """The amount that the shop still owes: zero once the refund succeeded or was canceled."""
    note: str | None
    """A remark for the people who handle it."""
    cancel_note: str | None
    """The remark on the cancellation; null for none."""
    gateway: str | None
    """The provider that was told to pay; null before that."""
    provider_reference: str | None
    """The provider's reference for the refund; null where none is known."""
    actor: str
    """The author."""
    granted_at: datetime
    """When it was granted; it may have been recorded later."""
    requested_at: datetime | None
    """When a provider was last told to pay the refund; null before that."""
    succeeded_at: datetime | None
    """When all of the refund was paid; null until then."""
    failed_at: datetime | None
    """When the last attempt to pay the refund failed; null if none did."""
    canceled_at: datetime | None
    """When the refund was canceled; null where it was not."""
    recorded_at: datetime
    """When it was recorded in this system."""
    order: OrderType = leads_to(RefundRow.order_id)
    """The order whose money is paid back."""
    return_: ReturnType | None = leads_to(RefundRow.return_id)
    """The return it is for; null for none."""
    parts: list[RefundPart] = many(parts_by_refund, RefundPart, along=RefundRow.currency)
    """The parts of the refund. They add up to the granted amount minus the part of it that was canceled. Empty where the parts
    are not known, as for an overpayment."""
    tax: Money | None = loaded(parts_by_refund, _tax, along=RefundRow.currency)
    """The taxes in the refund, summed from its parts; null where it has no parts."""
    events: list[PaymentEvent] = many(events_by_refund, PaymentEvent)
    """The providers' reports on the refund, oldest first."""

    @field(description="The actions on it, and whether each is allowed now.")
    async def available_actions(self, info: Info) -> list[AvailableAction]:
        asked = info.context.load(balances_by_order, self.row.order_id), info.context.load(refunds_by_order, self.row.order_id)
        balance, refunds = await gather(*asked)
        others = (each for each in refunds if each.id != self.row.id and each.status is RefundStatus.REQUESTED)
        asked_for = sum(each.owed_minor for each in others)
        blocked = why_not_paid(balance, self.row.owed_minor, asked_for, self.row.currency)
        return AvailableAction.of(LIFE.actions(self.row.status, blocked))


@output
class RefundPreview:
    """The state of an order's money, and the amount that can be refunded."""

    due: Money
    """The amount to be paid: the amount for units that are neither canceled nor returned, minus concessions, plus the fees that
    are not waived. A refund for GOODWILL, DAMAGED or LOST is a concession."""
    captured: Money
    """The captured amount."""
    refunded: Money
    """The amount paid back."""
    granted: Money
    """The amount of open refunds that is not paid back yet."""
    refundable: Money
    """The amount that can still be granted: the captured amount minus the amounts refunded, charged back and granted."""
    overpaid: Money
    """The amount paid beyond the amount due, and not yet granted as a refund. It may be zero while `paymentStatus` is OVERPAID:
    the status changes only when the refund is paid out."""
    suggested: Money
    """The amount that `refundCreate` grants by default: the amount overpaid. For a return it is at most the value of the
    received units, minus the return's fees, minus the refunds granted for the return."""

    @classmethod
    def of(cls, preview: PreviewedRefund) -> Self:
        """Describe *preview*."""
        balance, currency = preview.balance, preview.order.currency
        return cls(
            due=Money.of(preview.order.due_minor, currency),
            captured=Money.of(balance.captured, currency),
            refunded=Money.of(balance.refunded, currency),
            granted=Money.of(balance.granted, currency),
            refundable=Money.of(balance.refundable, currency),
            overpaid=Money.of(balance.overpaid(preview.order.due_minor), currency),
            suggested=Money.of(preview.suggested, currency),
        )
