"""Asking for what providers reported beyond what is allowed, and for what lapses."""

from typing import Any

from sqlalchemy import func, literal_column, or_

from oms_api.domain.channels.queries import in_channels
from oms_api.domain.orders.lapsing import LAPSING_FIRST, lapsing
from oms_api.domain.payments.discrepancies import NEWEST_ORDERS_FIRST, DiscrepancyRow, first_of_each_kind
from oms_api.domain.payments.tables import PaymentTransactionRow
from oms_api.graphql.declared.asking import asks
from oms_api.graphql.declared.filters import Where, on
from oms_api.graphql.declared.lists import Listing, listed
from oms_api.graphql.declared.through import Through
from oms_api.graphql.described import input_type, output
from oms_api.graphql.payments.types import PaymentAlert, PaymentDiscrepancy
from oms_api.kernel.access import Scope

HOUR: Any = literal_column("interval '1 hour'")
A_FEW_DAYS = 72
ALL_OF_ORDER = DiscrepancyRow.transaction_id.is_(None)
TRANSACTIONS = Through(
    (PaymentTransactionRow.order_id == DiscrepancyRow.order_id)
    & or_(ALL_OF_ORDER, PaymentTransactionRow.id == DiscrepancyRow.transaction_id)
)


@input_type
class PaymentDiscrepancyFilterInput(Where):
    """Conditions on discrepancies; all must be true."""

    order_id = on(DiscrepancyRow.order_id)
    kind = on(DiscrepancyRow.kind)
    """By kind of discrepancy."""
    gateway = on(PaymentTransactionRow.gateway, through=TRANSACTIONS)
    """By the payment provider of the transaction. A discrepancy of the whole order matches if any transaction of the order is
    with the provider."""
    channel_id = on(DiscrepancyRow.channel_id)
    """By the channel of the order."""


DISCREPANCIES = Listing(
    show=PaymentDiscrepancy,
    where=PaymentDiscrepancyFilterInput,
    order=NEWEST_ORDERS_FIRST,
    visible=in_channels(DiscrepancyRow.channel_id),
    scope=Scope.PAYMENTS_READ,
    first=first_of_each_kind,
)


@input_type
class PaymentAlertFilterInput(Where):
    """Conditions on authorizations that lapse; all must be true."""

    within_hours = asks(
        int,
        lambda hours: PaymentTransactionRow.capture_before <= func.now() + func.greatest(hours, 0) * HOUR,
        default=A_FEW_DAYS,
    )
    """Only authorizations that lapse within this number of hours, or have lapsed; 72 by default, null for any time."""
    channel_id = on(PaymentTransactionRow.channel_id)
    """By the channel of the order."""
    order_id = on(PaymentTransactionRow.order_id)
    gateway = on(PaymentTransactionRow.gateway)
    """By the provider."""


ALERTS = Listing(
    show=PaymentAlert, where=PaymentAlertFilterInput, order=LAPSING_FIRST, visible=lapsing, scope=Scope.PAYMENTS_READ
)


@output
class PaymentQueries:
    """Asking for authorizations that lapse, and for what providers reported beyond what is allowed."""

    payment_alerts = listed(ALERTS)
    """Authorizations of open orders that still have an amount to capture, and that lapse soon or have lapsed. Those that lapse
    earliest come first."""

    payment_discrepancies = listed(DISCREPANCIES)
    """How far providers' reports now exceed what is allowed. Discrepancies of the newest orders come first. Either more was
    captured or voided than was authorized, or a capture was reported again under another reference, or more was refunded than
    was captured, or than was granted."""
