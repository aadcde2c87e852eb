"""Authorizations that lapse before they are captured, of orders that are still worked on."""

from sqlalchemy import ColumnElement, exists

from oms_api.db.keyset import Ordering
from oms_api.domain.channels.queries import visible_channels
from oms_api.domain.orders.states import OrderStatus
from oms_api.domain.orders.tables import OrderRow
from oms_api.domain.payments.tables import PaymentTransactionRow
from oms_api.kernel.access import Sight

LAPSING_FIRST = Ordering("capture_before", (PaymentTransactionRow.capture_before, PaymentTransactionRow.id))


def lapsing(sight: Sight) -> list[ColumnElement[bool]]:
    """Return that a transaction can still be captured until a known moment, of an open order that is seen, as conditions."""
    row = PaymentTransactionRow
    open_order = exists().where(OrderRow.id == row.order_id, OrderRow.status == OrderStatus.OPEN)
    return [
        row.capture_before.is_not(None),
        row.open_authorization_minor > 0,
        open_order,
        *visible_channels(sight, row.channel_id),
    ]
