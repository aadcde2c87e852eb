"""What becomes of a refund: by our own moves, and by what providers report. Pure.

Reports may come in any order, so that the last word of two is the same whichever comes first: what was paid in full stays so,
and a failure of the rest outlives a part that was paid.
"""

from collections.abc import Collection, Iterable
from datetime import datetime

from oms_api.db.records import changed
from oms_api.domain.payments.states import PaymentEventType, RefundStatus
from oms_api.domain.payments.tables import RefundRow
from oms_api.domain.payments.verbs import CANCEL, LIFE, REQUEST

S = RefundStatus
ABOUT_REFUNDS = frozenset({PaymentEventType.REFUNDED, PaymentEventType.FAILED})
"""Types of event that can belong to a refund."""


def request(refund: RefundRow, gateway: str, provider_reference: str | None, at: datetime) -> RefundRow:
    """Return *refund* after a provider was told to pay it. Raises: IllegalMove."""
    if (refusal := LIFE.why_not(REQUEST, refund.status, None)) is not None:
        raise refusal
    return changed(refund, status=S.REQUESTED, gateway=gateway, provider_reference=provider_reference, requested_at=at)


def cancel(refund: RefundRow, note: str | None, at: datetime) -> RefundRow:
    """Return *refund* after we called off what we still owed of it. Raises: IllegalMove."""
    if (refusal := LIFE.why_not(CANCEL, refund.status, None)) is not None:
        raise refusal
    less = _counted(refund, called_off=refund.called_off_minor + refund.owed_minor)
    return changed(less, status=S.CANCELED, cancel_note=note, canceled_at=at)


def report(refund: RefundRow, kind: PaymentEventType, amount: int, at: datetime) -> RefundRow:
    """Return *refund* after an event about it. What is reported of a refund that is not open is counted, and moves nothing."""
    now = _counted(refund, refunded=refund.refunded_minor + amount) if kind is PaymentEventType.REFUNDED else refund
    status = _reported(now, kind)
    if status is now.status:
        return now
    requested_at = now.requested_at or at
    match status:
        case S.SUCCEEDED:
            return changed(now, status=status, requested_at=requested_at, succeeded_at=at)
        case S.FAILED:
            return changed(now, status=status, requested_at=requested_at, failed_at=at)
        case _:
            return changed(now, status=status, requested_at=requested_at)


def _reported(refund: RefundRow, kind: PaymentEventType) -> RefundStatus:
    if not refund.status.open:
        return refund.status
    if refund.owed_minor == 0:
        return S.SUCCEEDED
    if kind is PaymentEventType.FAILED:
        return S.FAILED
    return S.REQUESTED if refund.status is S.GRANTED else refund.status


def refund_meant(
    refunds: Iterable[RefundRow], gateway: str, references: Collection[str], kind: PaymentEventType, amount: int
) -> RefundRow | None:
    """Return the open refund that an event means which names none: the one with the provider's reference.

    Of several with the same reference it is one that still owes exactly *amount*, else the one granted first.
    """
    if kind not in ABOUT_REFUNDS:
        return None
    meant = [r for r in refunds if r.status.open and r.gateway == gateway and r.provider_reference in references]
    return min(meant, key=lambda refund: (refund.owed_minor != amount, refund.granted_at, refund.id), default=None)


def _counted(refund: RefundRow, *, refunded: int | None = None, called_off: int | None = None) -> RefundRow:
    paid = refund.refunded_minor if refunded is None else refunded
    off = refund.called_off_minor if called_off is None else called_off
    left = refund.amount_minor - off
    return changed(
        refund, refunded_minor=paid, called_off_minor=off, owed_minor=max(left - paid, 0), settled_minor=min(paid, left)
    )
