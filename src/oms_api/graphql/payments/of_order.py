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
    """The authorized amount that can still be captured: the authorized amount, minus the captured amount, minus the voided
    amount."""
    captured: Money = of_balance(lambda balance, _: balance.captured)
    """The captured amount, before refunds and chargebacks."""
    refunded: Money = of_balance(lambda balance, _: balance.refunded)
    """The amount that providers reported as refunded, without chargebacks."""
    due: Money = money(OrderRow.due_minor, OrderRow.currency)
    """The amount to be paid: the amount for units that are neither canceled nor returned, minus concessions, plus the fees that
    are not waived. A refund for GOODWILL, DAMAGED or LOST is a concession."""
    outstanding: Money = of_balance(lambda balance, due: balance.outstanding(due))
    """The amount due that is not paid yet: the amount due, minus the captured amount, plus the amounts that were refunded or
    charged back."""
    overpaid: Money = of_balance(lambda balance, due: balance.overpaid(due))
    """The amount paid beyond the amount due, and not yet granted as a refund. It may be zero while `paymentStatus` is OVERPAID:
    the status changes only when the refund is paid out."""
    refundable: Money = of_balance(lambda balance, _: balance.refundable)
    """The amount that can still be granted: the captured amount, minus the amounts that were refunded, charged back, or are
    owed by open refunds."""
    disputed: Money = of_balance(lambda balance, _: balance.disputed)
    """The amount in open disputes."""
    fees: list[Fee] = many(fees_by_order, Fee, scope=Scope.PAYMENTS_READ)
    """Its fees, waived ones too, oldest first, at most 250."""
    payments: list[PaymentTransaction] = many(transactions_by_order, PaymentTransaction, scope=Scope.PAYMENTS_READ)
    """The transactions that pay for the order, by gateway and reference, at most 250."""
    refunds: list[Refund] = many(refunds_by_order, Refund, scope=Scope.PAYMENTS_READ)
    """Its refunds, oldest first, at most 250."""
