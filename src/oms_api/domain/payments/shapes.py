"""Payments and refunds as fixed statements give them."""

from oms_api.db.records import Shape
from oms_api.domain.payments.tables import PaymentEventRow, PaymentTransactionRow, RefundRow

EVENTS = Shape(PaymentEventRow)
TRANSACTIONS = Shape(PaymentTransactionRow)
REFUNDS = Shape(RefundRow)
