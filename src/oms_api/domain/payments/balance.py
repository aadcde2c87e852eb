"""How an order's money stands. Pure: a fold of what providers reported, and what follows from it."""

from oms_api.kernel.dataclass import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """Amounts of one order in minor units.

    `authorized` can still be captured, `voided` was given up of what could, `charged_back` is less what came again, `disputed`
    is what open disputes are about, and `granted` what open refunds still owe.
    """

    authorized: int = 0
    voided: int = 0
    captured: int = 0
    refunded: int = 0
    charged_back: int = 0
    disputed: int = 0
    granted: int = 0

    @property
    def moved(self) -> bool:
        """Whether money came, or went back."""
        return self.captured > 0 or self.refunded > 0 or self.charged_back > 0

    @property
    def net(self) -> int:
        """What stayed with us; negative where more went back than had come."""
        return self.captured - self.refunded - self.charged_back

    @property
    def refundable(self) -> int:
        """What can still be granted."""
        return max(self.net - self.granted, 0)

    def outstanding(self, due: int) -> int:
        """Return what is still to come of *due*."""
        return max(due - self.net, 0)

    def overpaid(self, due: int) -> int:
        """Return what came beyond *due* and is not granted yet: never more than is refundable."""
        return max(self.net - due - self.granted, 0)
