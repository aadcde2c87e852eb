"""The payment gate of a channel: when an order that waits for its payment may be worked on. Pure, and once more as SQL."""

from datetime import datetime, timedelta

from oms_api.db.sets import listed
from oms_api.domain.channels.states import ReleaseWhen
from oms_api.domain.orders.states import PaymentStatus
from oms_api.domain.payments.balance import Balance

OPEN = """
CASE channel.release_when WHEN 'PLACED' THEN true ELSE orders.due_minor <= coalesce(
    balance.captured_minor - balance.refunded_minor - balance.charged_back_minor
    + CASE channel.release_when WHEN 'AUTHORIZED' THEN balance.authorized_minor ELSE 0 END, 0) END
"""
"""Whether the gate of `orders` in `channel` with its `payment_balance` as `balance`, if it has one, is open."""

S = PaymentStatus
PAID, PROMISED = [S.PAID, S.OVERPAID, S.PARTIALLY_REFUNDED], [S.AUTHORIZED, S.PARTIALLY_PAID, S.REFUNDED]
MET = "orders.payment_status IN ({}) AND orders.due_minor > 0"
NOTHING_DUE = f"orders.payment_status IN ({listed(S)}) AND orders.due_minor <= 0"
SUFFICIENT = (
    (ReleaseWhen.PLACED, "true"),
    (ReleaseWhen.AUTHORIZED, MET.format(listed(PAID + PROMISED))),
    (ReleaseWhen.AUTHORIZED, NOTHING_DUE),
    (ReleaseWhen.PAID, MET.format(listed(PAID))),
    (ReleaseWhen.PAID, NOTHING_DUE),
)
"""Of `orders` in channels with a policy, what must hold for their gate to be open: an index finds these."""


def pay_by(within_minutes: int | None, now: datetime) -> datetime | None:
    """Return until when an order is to be paid that waits for it from *now* on, which is when that is recorded."""
    return None if within_minutes is None else now + timedelta(minutes=within_minutes)


def opens(release_when: ReleaseWhen, balance: Balance, due: int) -> bool:
    """Tell whether an order with that balance, of which *due* is to be paid, may be worked on."""
    if release_when is ReleaseWhen.PLACED:
        return True
    promised = balance.authorized if release_when is ReleaseWhen.AUTHORIZED else 0
    return max(balance.net + promised, 0) >= due
