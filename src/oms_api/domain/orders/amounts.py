"""Amounts of money that callers name for an order."""

from oms_api.domain.orders.given import Amount
from oms_api.domain.payments.balance import Balance
from oms_api.domain.payments.errors import ExceedsRefundable, InvalidAmount
from oms_api.kernel.errors import OmsError
from oms_api.kernel.money import MixedCurrencies, Money, to_minor


def positive_minor(given: Amount, currency: str) -> int:
    """Return *given*, more than zero of the order's *currency*, in minor units.

    Raises: MixedCurrencies, InvalidAmount, TooManyDecimals; InvalidValue, for more than can be kept. All name the path.
    """
    if given.currency is not None and given.currency != currency:
        raise MixedCurrencies(given=given.currency, expected=currency, field=("amount", "currencyCode"))
    if not given.value > 0:
        raise InvalidAmount(given=str(given.value), field=("amount", "amount"))
    try:
        return to_minor(given.value, currency)
    except OmsError as error:
        raise error.at("amount", "amount") from None


def amount_text(minor: int, currency: str) -> str:
    """Return *minor* units as people write them."""
    return f"{Money(minor, currency).amount} {currency}"


def why_not_paid(balance: Balance, owed: int, asked_for: int, currency: str) -> OmsError | None:
    """Return why a provider cannot be told to pay *owed* of a refund beside the *asked_for* of others, or None."""
    left = max(balance.net - asked_for, 0)
    if owed <= left:
        return None
    refundable, requested = amount_text(left, currency), amount_text(owed, currency)
    return ExceedsRefundable(refundable=refundable, requested=requested)
