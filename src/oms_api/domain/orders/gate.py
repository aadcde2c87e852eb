"""The payment gate of a channel: when an order that waits for its payment may be worked on. Pure, and once more as SQL."""

from oms_api.domain.channels.states import ReleaseWhen
from oms_api.domain.payments.balance import Balance

OPEN = """
CASE channel.release_when WHEN 'PLACED' THEN true ELSE orders.due_minor <= coalesce(
    balance.captured_minor - balance.refunded_minor - balance.charged_back_minor
    + CASE channel.release_when WHEN 'AUTHORIZED' THEN balance.authorized_minor ELSE 0 END, 0) END
"""
"""Whether the gate of `orders` in `channel` with its `payment_balance` as `balance`, if it has one, is open."""


def opens(release_when: ReleaseWhen, balance: Balance, due: int) -> bool:
    """Tell whether an order with that balance, of which *due* is to be paid, may be worked on."""
    if release_when is ReleaseWhen.PLACED:
        return True
    promised = balance.authorized if release_when is ReleaseWhen.AUTHORIZED else 0
    return max(balance.net + promised, 0) >= due
