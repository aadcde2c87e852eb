"""Payments, as clients read them."""

from datetime import datetime
from typing import Annotated, Self, cast

import strawberry

from oms_api.domain.payments.discrepancies import Discrepancy
from oms_api.domain.payments.queries import events_by_id, events_by_transaction, refunds_by_event, transactions_by_id
from oms_api.domain.payments.states import DiscrepancyKind, PaymentEventType
from oms_api.domain.payments.tables import PaymentEventRow, PaymentTransactionRow
from oms_api.graphql.context import Info
from oms_api.graphql.described import enum, output
from oms_api.graphql.fulfillment.types import OrderType, order_of
from oms_api.graphql.money import Money
from oms_api.graphql.nodes import Node, fetches
from oms_api.graphql.permissions import field
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import IdKind, PaymentEventId, PaymentTransactionId, text_id

RefundType = Annotated["Refund", strawberry.lazy("oms_api.graphql.refunds.types")]  # type: ignore[name-defined]  # noqa: F821
enum(PaymentEventType)
enum(DiscrepancyKind, name="PaymentDiscrepancyKind")


@output
class PaymentTransaction(Node):
    """One transaction of a payment provider: the sums of all it reported of it, in whatever order that came."""

    row: strawberry.Private[PaymentTransactionRow]
    gateway: str
    """The provider."""
    reference: str
    """Its reference of the transaction."""
    authorized: Money
    """What the customer's bank promised."""
    captured: Money
    """What was taken from the customer."""
    voided: Money
    """What of the promise was given up."""
    refunded: Money
    """What went back to the customer."""
    charged_back: Money
    """What the customer's bank took back, less what came again."""
    open_authorization: Money
    """What can still be captured: authorized less captured and voided, not below zero."""

    @classmethod
    def of(cls, row: PaymentTransactionRow) -> Self:
        """Describe a stored transaction."""
        charged_back = max(row.charged_back_minor - row.charged_back_reversed_minor, 0)
        return cls(
            id=strawberry.ID(text_id(IdKind.PAYMENT_TRANSACTION, row.id)),
            row=row,
            gateway=row.gateway,
            reference=row.reference,
            authorized=Money.of(row.authorized_minor, row.currency),
            captured=Money.of(row.captured_minor, row.currency),
            voided=Money.of(row.voided_minor, row.currency),
            refunded=Money.of(row.refunded_minor, row.currency),
            charged_back=Money.of(charged_back, row.currency),
            open_authorization=Money.of(row.open_authorization_minor, row.currency),
        )

    @field(description="The order it pays for.")
    async def order(self, info: Info) -> OrderType:
        return await order_of(info, self.row.order_id)

    @field(description="What the provider reported of it, oldest first, at most 250.")
    async def events(self, info: Info) -> list["PaymentEvent"]:
        return [PaymentEvent.of(row) for row in await info.context.load(events_by_transaction, self.row.id)]


@output
class PaymentEvent(Node):
    """A report of a payment provider, as it came. It is never changed; a later report may say otherwise."""

    row: strawberry.Private[PaymentEventRow]
    type: PaymentEventType
    """What it reports."""
    amount: Money
    """Of how much; always more than zero."""
    gateway: str
    """The provider."""
    event_reference: str
    """The provider's reference of the report: with gateway and type it is unique."""
    note: str | None
    """What was remarked with it."""
    actor: str
    """Who handed it in."""
    occurred_at: datetime
    """When it happened, by the business's clock."""
    recorded_at: datetime
    """When it was recorded here."""

    @classmethod
    def of(cls, row: PaymentEventRow) -> Self:
        """Describe a stored event."""
        return cls(
            id=strawberry.ID(text_id(IdKind.PAYMENT_EVENT, row.id)),
            row=row,
            type=row.type,
            amount=Money.of(row.amount_minor, row.currency),
            gateway=row.gateway,
            event_reference=row.event_reference,
            note=row.note,
            actor=row.actor,
            occurred_at=row.occurred_at,
            recorded_at=row.recorded_at,
        )

    @field(description="The transaction it belongs to, with all that was reported of it.")
    async def transaction(self, info: Info) -> PaymentTransaction:
        row = await info.context.load(transactions_by_id, self.row.transaction_id)
        return PaymentTransaction.of(cast("PaymentTransactionRow", row))

    @field(description="The refund it belongs to: the one it named, or the one with the provider's reference.")
    async def refund(self, info: Info) -> RefundType | None:
        from oms_api.graphql.refunds.types import Refund  # noqa: PLC0415 - a refund names its events, and they it

        row = await info.context.load(refunds_by_event, self.row.id)
        return None if row is None else Refund.of(row)

    @field(description="The order it is about.")
    async def order(self, info: Info) -> OrderType:
        return await order_of(info, self.row.order_id)


@output
class PaymentDiscrepancy:
    """More was reported than is allowed. It is recorded all the same, and gone once a later report explains it."""

    row: strawberry.Private[Discrepancy]
    kind: DiscrepancyKind
    """What is beyond what."""
    amount: Money
    """By how much; always more than zero."""

    @classmethod
    def of(cls, row: Discrepancy) -> Self:
        """Describe a discrepancy."""
        return cls(row=row, kind=DiscrepancyKind(row.kind), amount=Money.of(row.amount_minor, row.currency))

    @field(description="The order it is about.")
    async def order(self, info: Info) -> OrderType:
        return await order_of(info, self.row.order_id)

    @field(description="The transaction it is about; null where it is about the order as a whole.")
    async def transaction(self, info: Info) -> PaymentTransaction | None:
        if self.row.transaction_id is None:
            return None
        return await fetch_transaction(info, self.row.transaction_id)


@fetches(IdKind.PAYMENT_TRANSACTION, Scope.PAYMENTS_READ)
async def fetch_transaction(info: Info, key: PaymentTransactionId) -> PaymentTransaction | None:
    """Return a transaction, if the caller may see it."""
    row = await info.context.load(transactions_by_id, key)
    return PaymentTransaction.of(row) if row else None


@fetches(IdKind.PAYMENT_EVENT, Scope.PAYMENTS_READ)
async def fetch_payment_event(info: Info, key: PaymentEventId) -> PaymentEvent | None:
    """Return a payment event, if the caller may see it."""
    row = await info.context.load(events_by_id, key)
    return PaymentEvent.of(row) if row else None
