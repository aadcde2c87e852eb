"""Payments, as clients read them."""

from datetime import datetime
from typing import Annotated

import strawberry

from oms_api.domain.payments.discrepancies import DiscrepancyRow
from oms_api.domain.payments.queries import events_by_id, events_by_transaction, refunds_by_event, transactions_by_id
from oms_api.domain.payments.states import DiscrepancyKind, PaymentEventType
from oms_api.domain.payments.tables import PaymentEventRow, PaymentTransactionRow
from oms_api.graphql.declared.links import leads_to, many
from oms_api.graphql.declared.records import Record, entity, made, money
from oms_api.graphql.described import enum, output
from oms_api.graphql.fulfillment.types import OrderType
from oms_api.graphql.money import Money
from oms_api.graphql.nodes import Node
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import IdKind, PaymentEventId, PaymentTransactionId

RefundType = Annotated["Refund", strawberry.lazy("oms_api.graphql.refunds.types")]  # type: ignore[name-defined]  # noqa: F821
enum(PaymentEventType)
enum(DiscrepancyKind, name="PaymentDiscrepancyKind")


def _charged_back(taken: int, came_again: int, currency: str) -> Money:
    return Money.of(max(taken - came_again, 0), currency)


def _known(moment: datetime) -> datetime:
    return moment


@entity(events_by_id, Scope.PAYMENTS_READ)
class PaymentEvent(Node, Record[PaymentEventRow]):
    """A payment provider's report, as received. It never changes; a later report may differ."""

    id: PaymentEventId
    type: PaymentEventType
    """The type of the report."""
    amount: Money = money(PaymentEventRow.amount_minor, PaymentEventRow.currency)
    """The reported amount; always more than zero."""
    gateway: str
    """The provider."""
    event_reference: str
    """The provider's reference of the report, unique together with gateway and type."""
    capture_before: datetime | None
    """When the authorization lapses; null where the provider gave no time, and for events that are not AUTHORIZED."""
    note: str | None
    """The remark on it."""
    actor: str
    """The person or program that reported the event."""
    occurred_at: datetime
    """When it happened; it may have been recorded later."""
    recorded_at: datetime
    """When it was recorded in this system."""
    transaction: "PaymentTransaction" = leads_to(PaymentEventRow.transaction_id)
    """The transaction that the report belongs to, with the sums of all reports on it."""
    refund: RefundType | None = leads_to(PaymentEventRow.id, refunds_by_event, IdKind.REFUND)
    """The refund that the report belongs to, named by the report or found by the provider's reference; null for none."""
    order: OrderType = leads_to(PaymentEventRow.order_id)
    """The order whose payments are reported."""


@entity(transactions_by_id, Scope.PAYMENTS_READ)
class PaymentTransaction(Node, Record[PaymentTransactionRow]):
    """One transaction of a payment provider: the sums of all its reports, in whatever sequence they came."""

    id: PaymentTransactionId
    gateway: str
    """The provider."""
    reference: str
    """The provider's reference of the transaction."""
    authorized: Money = money(PaymentTransactionRow.authorized_minor, PaymentTransactionRow.currency)
    """The authorized amount."""
    captured: Money = money(PaymentTransactionRow.captured_minor, PaymentTransactionRow.currency)
    """The captured amount."""
    voided: Money = money(PaymentTransactionRow.voided_minor, PaymentTransactionRow.currency)
    """The authorized amount that was given up."""
    refunded: Money = money(PaymentTransactionRow.refunded_minor, PaymentTransactionRow.currency)
    """The amount paid back to the customer."""
    charged_back: Money = made(
        _charged_back,
        PaymentTransactionRow.charged_back_minor,
        PaymentTransactionRow.charged_back_reversed_minor,
        PaymentTransactionRow.currency,
    )
    """The amount charged back, minus reversals."""
    open_authorization: Money = money(PaymentTransactionRow.open_authorization_minor, PaymentTransactionRow.currency)
    """The amount that can still be captured: the authorized amount, minus the captured amount, minus the voided amount; at
    least zero."""
    capture_before: datetime | None
    """When the authorized amount lapses: the latest time that its authorizations name; null where they name none."""
    order: OrderType = leads_to(PaymentTransactionRow.order_id)
    """The order that the transaction pays for."""
    events: list[PaymentEvent] = many(events_by_transaction, PaymentEvent)
    """The provider's reports, oldest first, at most 250."""


@output
class PaymentAlert(Record[PaymentTransactionRow]):
    """An authorization that lapses soon or has lapsed. Its order is open, and its amount is not fully captured yet."""

    capture_before: datetime = made(_known, PaymentTransactionRow.capture_before)
    """When the authorization lapses."""
    amount: Money = money(PaymentTransactionRow.open_authorization_minor, PaymentTransactionRow.currency)
    """The amount that can still be captured; always more than zero."""
    transaction: PaymentTransaction = leads_to(PaymentTransactionRow.id)
    """The transaction of the authorization."""
    order: OrderType = leads_to(PaymentTransactionRow.order_id)
    """The order that the transaction pays for."""


@output
class PaymentDiscrepancy(Record[DiscrepancyRow]):
    """An amount by which a provider's reports exceed the allowed amount.

    The reports are recorded nevertheless. The discrepancy ends once a later report explains the amount.
    """

    kind: DiscrepancyKind
    """The kind of discrepancy."""
    amount: Money = money(DiscrepancyRow.amount_minor, DiscrepancyRow.currency)
    """The excess amount; always more than zero."""
    order: OrderType = leads_to(DiscrepancyRow.order_id)
    """The order whose payments are reported."""
    transaction: PaymentTransaction | None = leads_to(DiscrepancyRow.transaction_id)
    """The transaction that the discrepancy concerns; null where it concerns the whole order."""
