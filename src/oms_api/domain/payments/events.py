"""Events of an order's money."""

from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.events import Event
from oms_api.kernel.ids import IdKind


@dataclass(frozen=True, kw_only=True)
class PaymentReported(Event):
    """A provider reported a payment, a refund, a failure or a dispute."""

    type = "PAYMENT_REPORTED"
    subject = IdKind.PAYMENT_EVENT


@dataclass(frozen=True, kw_only=True)
class FeeCharged(Event):
    """A fee was charged to an order: the amount due rose by it."""

    type = "FEE_CHARGED"
    subject = IdKind.FEE


@dataclass(frozen=True, kw_only=True)
class FeeWaived(Event):
    """A fee was waived."""

    type = "FEE_WAIVED"
    subject = IdKind.FEE


@dataclass(frozen=True, kw_only=True)
class RefundGranted(Event):
    """A refund was granted: the shop owes the amount to the customer."""

    type = "REFUND_GRANTED"
    subject = IdKind.REFUND


@dataclass(frozen=True, kw_only=True)
class RefundRequested(Event):
    """A provider was told to pay a refund."""

    type = "REFUND_REQUESTED"
    subject = IdKind.REFUND


@dataclass(frozen=True, kw_only=True)
class RefundSucceeded(Event):
    """A provider reported that a refund was paid in full."""

    type = "REFUND_SUCCEEDED"
    subject = IdKind.REFUND


@dataclass(frozen=True, kw_only=True)
class RefundFailed(Event):
    """A provider reported that a refund could not be paid."""

    type = "REFUND_FAILED"
    subject = IdKind.REFUND


@dataclass(frozen=True, kw_only=True)
class RefundCanceled(Event):
    """A refund was canceled: it is no longer owed."""

    type = "REFUND_CANCELED"
    subject = IdKind.REFUND
