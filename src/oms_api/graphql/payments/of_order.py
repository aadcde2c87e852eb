"""What an order shows of its money."""

from collections.abc import Callable

from oms_api.domain.orders.tables import OrderRow
from oms_api.domain.payments.balance import Balance
from oms_api.domain.payments.queries import balances_by_order, fees_by_order, refunds_by_order, transactions_by_order
from oms_api.graphql.declared.links import loaded, many
from oms_api.graphql.declared.records import Record, money
from oms_api.graphql.described import output
from oms_api.graphql.fees.types import Fee
from oms_api.graphql.money import Money
from oms_api.graphql.payments.types import PaymentTransaction
from oms_api.graphql.refunds.types import Refund
from oms_api.kernel.access import Scope


def of_balance(minor: Callable[[Balance, int], int]) -> Money:
    """Declare a sum that the balance of an order gives, of itself and of what is due."""
    return loaded(
        balances_by_order,
        lambda balance, due, currency: Money.of(minor(balance, due), currency),
        along=(OrderRow.due_minor, OrderRow.currency),
    )


@output
class PaymentsOfOrder(Record[OrderRow]):
    """The fields of an order that tell of its money; `Order` inherits them."""

    authorized: Money = of_balance(lambda balance, _: balance.authorized)
    """What providers promised and can still be captured: authorized less captured and voided."""
    captured: Money = of_balance(lambda balance, _: balance.captured)
    """What came, before anything went back."""
    refunded: Money = of_balance(lambda balance, _: balance.refunded)
    """What providers reported as gone back; what was charged back is not in it."""
    due: Money = money(OrderRow.due_minor, OrderRow.currency)
    """What is to be paid: for its units that are neither canceled nor returned, less what refunds conceded, and the fees
    kept."""
    outstanding: Money = of_balance(lambda balance, due: balance.outstanding(due))
    """What is still to come of what is due: due less captured, with refunded and charged back added again."""
    overpaid: Money = of_balance(lambda balance, due: balance.overpaid(due))
    """What came beyond what is due and is not granted yet."""
    refundable: Money = of_balance(lambda balance, _: balance.refundable)
    """What can still be granted: captured less refunded, charged back and what open refunds owe."""
    disputed: Money = of_balance(lambda balance, _: balance.disputed)
    """What disputes that are not over are about."""
    fees: list[Fee] = many(fees_by_order, Fee, scope=Scope.PAYMENTS_READ)
    """The fees kept of its money, the waived ones too, oldest first, at most 250."""
    payments: list[PaymentTransaction] = many(transactions_by_order, PaymentTransaction, scope=Scope.PAYMENTS_READ)
    """The transactions that pay for it, by gateway and reference, at most 250."""
    refunds: list[Refund] = many(refunds_by_order, Refund, scope=Scope.PAYMENTS_READ)
    """What we owe back or paid back of it, oldest first, at most 250."""
