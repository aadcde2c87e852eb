"""How much could be refunded, and how much of it is proposed: asked by the query and by the command alike."""

from collections.abc import Mapping, Sequence
from typing import Any

from oms_api.db.session import Reader
from oms_api.db.sql import Sql
from oms_api.db.statements import Query
from oms_api.domain.orders.amounts import amount_text, positive_minor
from oms_api.domain.orders.dues import Share
from oms_api.domain.orders.given import Amount
from oms_api.domain.orders.queries import orders_by_id
from oms_api.domain.orders.tables import OrderRow
from oms_api.domain.payments.balance import Balance
from oms_api.domain.payments.errors import ExceedsRefundable, NothingOverpaid
from oms_api.domain.payments.queries import balances_by_order
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import NotFound
from oms_api.kernel.ids import IdKind, LineId, OrderId, ReturnId, text_id

OF_RETURN = Sql("""
SELECT (SELECT coalesce(sum(refund.amount_minor - refund.called_off_minor), 0) FROM refund
        WHERE refund.return_id = back.id)::bigint
       - (SELECT coalesce(sum(part.amount_minor), 0) FROM refund JOIN refund_part part ON part.refund_id = refund.id
          WHERE refund.return_id = back.id AND part.concedes)::bigint
       + (SELECT coalesce(sum(fee.amount_minor), 0) FROM order_fee fee
          WHERE fee.return_id = back.id AND fee.waived_at IS NULL)::bigint,
       came.line_id, came.amount, came.shipping, came.tax
FROM returns back JOIN orders ON orders.id = back.order_id LEFT JOIN LATERAL (
    SELECT line.line_id, sum(line.goods_minor - line.discount_minor + line.shipping_minor
                             + CASE WHEN orders.prices_include_tax THEN 0 ELSE line.tax_minor END)::bigint AS amount,
           sum(line.shipping_minor)::bigint AS shipping, sum(line.tax_minor)::bigint AS tax
    FROM return_receipt receipt JOIN return_receipt_line line ON line.receipt_id = receipt.id
    WHERE receipt.return_id = back.id GROUP BY line.line_id
) AS came ON true
WHERE back.id = :back::uuid AND back.order_id = :order::uuid ORDER BY came.line_id
""")
"""What came back with a return, by line as the customer paid it, each with all that is granted for the return and not conceded,
and the fees kept of it; one row without a line where nothing came, no row where the return is not the order's."""


@dataclass(frozen=True, slots=True)
class OfReturn:
    """What came back with a return by line, and what of it is still to be given: less what is granted for it, less its fees."""

    values: Mapping[LineId, Share]
    left: int


@dataclass(frozen=True, slots=True)
class PreviewedRefund:
    """How an order's money stands, and what `refundCreate` without an amount would grant."""

    order: OrderRow
    balance: Balance
    suggested: int


async def preview_of_refund(read: Reader, order_id: OrderId, return_id: ReturnId | None) -> PreviewedRefund:
    """Return what could be refunded of an order, or for one of its returns. Raises: NotFound."""
    order = await orders_by_id.of_one(read, order_id)
    if order is None:
        raise NotFound(what="order", given=text_id(IdKind.ORDER, order_id), field=("orderId",))
    balance = await balances_by_order.of_one(read, order_id)
    found: Sequence[Any] = ()
    if return_id is not None:
        found = await read.all(Query(*OF_RETURN(back=return_id, order=order_id)))
    back = of_return(return_id, found)
    return PreviewedRefund(order, balance, suggested(balance, order.due_minor, None if back is None else back.left))


def of_return(return_id: ReturnId | None, found: Sequence[Any]) -> OfReturn | None:
    """Return what is to be given for a return, from the rows of OF_RETURN; None without one. Raises: NotFound."""
    if return_id is None:
        return None
    if not found:
        raise NotFound(what="return of this order", given=text_id(IdKind.RETURN, return_id), field=("returnId",))
    values = {LineId(line): Share(*amounts) for _, line, *amounts in found if line is not None}
    return OfReturn(values, max(sum(value.amount for value in values.values()) - found[0][0], 0))


def suggested(balance: Balance, due: int, of_return: int | None) -> int:
    """Return what should be refunded: all that is overpaid, for a return at most what came back with it."""
    overpaid = balance.overpaid(due)
    return overpaid if of_return is None else min(overpaid, of_return)


def amount_to_grant(balance: Balance, order: OrderRow, given: Amount | None, of_return: int | None = None) -> int:
    """Return the amount of a new refund: as *given*, or what is suggested.

    Raises: NothingOverpaid, ExceedsRefundable, MixedCurrencies, InvalidAmount, TooManyDecimals, InvalidValue.
    """
    refundable = amount_text(balance.refundable, order.currency)
    if given is None:
        amount = suggested(balance, order.due_minor, of_return)
        if amount == 0:
            raise NothingOverpaid(refundable=refundable, field=("amount",))
        return amount
    amount = positive_minor(given, order.currency)
    if amount > balance.refundable:
        requested = amount_text(amount, order.currency)
        raise ExceedsRefundable(refundable=refundable, requested=requested, field=("amount", "amount"))
    return amount
