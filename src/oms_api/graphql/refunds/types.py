"""Refunds, as clients read them."""

from datetime import datetime
from typing import Annotated, Self

import strawberry

from oms_api.domain.payments.policies import available_actions
from oms_api.domain.payments.queries import events_by_refund, refunds_by_id
from oms_api.domain.payments.states import RefundReason, RefundStatus
from oms_api.domain.payments.tables import RefundRow
from oms_api.graphql.actions import AvailableAction
from oms_api.graphql.context import Info
from oms_api.graphql.described import enum, output
from oms_api.graphql.fulfillment.types import OrderType, order_of
from oms_api.graphql.money import Money
from oms_api.graphql.nodes import Node, fetch, fetches
from oms_api.graphql.payments.types import PaymentEvent
from oms_api.graphql.permissions import field
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import IdKind, RefundId, text_id
from oms_api.workflows.refund import RefundPreview as Preview

ReturnType = Annotated["Return", strawberry.lazy("oms_api.graphql.returns.types")]  # type: ignore[name-defined]  # noqa: F821
enum(RefundStatus)
enum(RefundReason)


@output
class Refund(Node):
    """Money of an order that we owe back. Only a provider's report of having paid makes it succeed."""

    row: strawberry.Private[RefundRow]
    status: RefundStatus
    """How far it is."""
    reason: RefundReason
    """Why money goes back."""
    amount: Money
    """How much was granted."""
    refunded: Money
    """How much of it a provider reported as paid."""
    owed: Money
    """How much of it we still owe: zero once it succeeded or was canceled."""
    note: str | None
    """A remark for whoever handles it."""
    cancel_note: str | None
    """What was remarked when it was canceled."""
    gateway: str | None
    """The provider that was told to pay."""
    provider_reference: str | None
    """What the provider calls it."""
    actor: str
    """Who granted it."""
    granted_at: datetime
    """When it was granted, by the business's clock."""
    requested_at: datetime | None
    """When a provider was last told to pay."""
    succeeded_at: datetime | None
    """When all of it had been paid."""
    failed_at: datetime | None
    """When the last attempt to pay it failed."""
    canceled_at: datetime | None
    """When it was canceled."""
    recorded_at: datetime
    """When it was recorded here."""

    @classmethod
    def of(cls, row: RefundRow) -> Self:
        """Describe a stored refund."""
        return cls(
            id=strawberry.ID(text_id(IdKind.REFUND, row.id)),
            row=row,
            status=row.status,
            reason=row.reason,
            amount=Money.of(row.amount_minor, row.currency),
            refunded=Money.of(row.refunded_minor, row.currency),
            owed=Money.of(row.owed_minor, row.currency),
            note=row.note,
            cancel_note=row.cancel_note,
            gateway=row.gateway,
            provider_reference=row.provider_reference,
            actor=row.actor,
            granted_at=row.granted_at,
            requested_at=row.requested_at,
            succeeded_at=row.succeeded_at,
            failed_at=row.failed_at,
            canceled_at=row.canceled_at,
            recorded_at=row.recorded_at,
        )

    @field(description="The order whose money it is.")
    async def order(self, info: Info) -> OrderType:
        return await order_of(info, self.row.order_id)

    @field(description="The return it is for; null for one that is not for a return.")
    async def return_(self, info: Info) -> ReturnType | None:
        return None if self.row.return_id is None else await fetch(info, IdKind.RETURN, self.row.return_id)

    @field(description="What providers reported of it, oldest first.")
    async def events(self, info: Info) -> list[PaymentEvent]:
        return [PaymentEvent.of(row) for row in await info.context.load(events_by_refund, self.row.id)]

    @field(description="What can be done with it now, and what stands in the way.")
    async def available_actions(self, info: Info) -> list[AvailableAction]:
        return AvailableAction.of(available_actions(self.row.status))


@output
class RefundPreview:
    """How an order's money stands, and how much could be refunded."""

    due: Money
    """What is to be paid for units that are neither canceled nor returned."""
    captured: Money
    """What came."""
    refunded: Money
    """What went back."""
    granted: Money
    """What open refunds still owe."""
    refundable: Money
    """What can still be granted: captured less refunded, charged back and granted."""
    suggested: Money
    """What `refundCreate` without an amount would grant: what is overpaid and not granted yet, for a return at most what the
    customer paid for the units that came back with it, less what is granted for it."""

    @classmethod
    def of(cls, preview: Preview) -> Self:
        """Describe *preview*."""
        balance, currency = preview.balance, preview.order.currency
        return cls(
            due=Money.of(preview.order.due_minor, currency),
            captured=Money.of(balance.captured, currency),
            refunded=Money.of(balance.refunded, currency),
            granted=Money.of(balance.granted, currency),
            refundable=Money.of(balance.refundable, currency),
            suggested=Money.of(preview.suggested, currency),
        )


@fetches(IdKind.REFUND, Scope.PAYMENTS_READ)
async def fetch_refund(info: Info, key: RefundId) -> Refund | None:
    """Return a refund, if the caller may see it."""
    row = await info.context.load(refunds_by_id, key)
    return Refund.of(row) if row else None
