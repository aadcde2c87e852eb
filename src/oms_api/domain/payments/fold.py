"""The fold of payment events: sums by transaction, and the balance of an order from them. Pure, whatever the order of arrival.

Sums only grow. Each figure is a function of sums over all events, so that an authorization that arrives after its capture, or a
reversal before its chargeback, ends in the same place.
"""

from collections.abc import Collection
from dataclasses import replace

from oms_api.domain.payments.balance import Balance
from oms_api.domain.payments.states import PaymentEventType
from oms_api.kernel.dataclass import dataclass

SUM_OF = {
    PaymentEventType.AUTHORIZED: "authorized",
    PaymentEventType.CAPTURED: "captured",
    PaymentEventType.VOIDED: "voided",
    PaymentEventType.REFUNDED: "refunded",
    PaymentEventType.CHARGEBACK: "charged_back",
    PaymentEventType.CHARGEBACK_REVERSED: "charged_back_reversed",
    PaymentEventType.DISPUTE_OPENED: "disputed",
    PaymentEventType.DISPUTE_CLOSED: "dispute_closed",
}
"""The sum that each type of event adds to; a failure moves no money."""


@dataclass(frozen=True, slots=True)
class Sums:
    """What the events of one transaction add up to, and its largest capture, in minor units; in the order of its columns."""

    authorized: int = 0
    captured: int = 0
    voided: int = 0
    refunded: int = 0
    charged_back: int = 0
    charged_back_reversed: int = 0
    disputed: int = 0
    dispute_closed: int = 0
    largest_capture: int = 0

    def plus(self, kind: PaymentEventType, amount: int) -> "Sums":
        """Return the sums with one event more."""
        name = SUM_OF.get(kind)
        largest = max(self.largest_capture, amount) if kind is PaymentEventType.CAPTURED else self.largest_capture
        return self if name is None else replace(self, **{name: getattr(self, name) + amount}, largest_capture=largest)

    @property
    def open_authorization(self) -> int:
        """What was promised and is neither captured nor given up."""
        return max(self.authorized - self.captured - self.voided, 0)


def balance_of(transactions: Collection[Sums], *, granted: int = 0) -> Balance:
    """Return how the money of an order with these *transactions* stands; *granted* is what open refunds still owe.

    A promise belongs to its transaction. Chargebacks and disputes are set off over the whole order, for a provider may report
    their end under a reference of its own.
    """

    def sum_of(name: str) -> int:
        return sum(getattr(sums, name) for sums in transactions)

    return Balance(
        authorized=sum_of("open_authorization"),
        voided=sum_of("voided"),
        captured=sum_of("captured"),
        refunded=sum_of("refunded"),
        charged_back=max(sum_of("charged_back") - sum_of("charged_back_reversed"), 0),
        disputed=max(sum_of("disputed") - sum_of("dispute_closed"), 0),
        granted=granted,
    )
