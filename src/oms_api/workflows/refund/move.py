"""Requesting a refund of a provider, and canceling one that is not owed any more."""

from datetime import datetime
from itertools import pairwise
from typing import Any

from oms_api.db.idempotency import gained
from oms_api.db.pipeline import Statement
from oms_api.db.session import Tx
from oms_api.db.sql import Sql
from oms_api.domain.fulfillment.concessions import write_concessions
from oms_api.domain.fulfillment.document import OrderDocument, locked_document
from oms_api.domain.fulfillment.ways import Way
from oms_api.domain.orders.amounts import why_not_paid
from oms_api.domain.orders.dues import Share
from oms_api.domain.payments.ledger import write_move
from oms_api.domain.payments.policies import cancel, report, request
from oms_api.domain.payments.shapes import REFUNDS
from oms_api.domain.payments.states import PaymentEventType, RefundPartKind, RefundStatus
from oms_api.domain.payments.tables import RefundRow
from oms_api.domain.payments.verbs import LIFE, REQUEST
from oms_api.kernel.checks import refuse_if
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import NotFound, OmsError, Refused
from oms_api.kernel.ids import IdKind, PaymentEventId, RefundId, text_id
from oms_api.kernel.naming import check_code, check_note, check_version
from oms_api.kernel.occurrence import occurred
from oms_api.workflows.refund.effects import count_refund, emit_refund
from oms_api.workflows.refund.parts import Part, called_off, concede, write_parts

BY_REFUND = Way("(SELECT owed.order_id FROM refund owed WHERE owed.id = :key::uuid)")
REFUND = Sql(f"SELECT {REFUNDS.columns} FROM refund WHERE id = :refund::uuid")  # noqa: S608 - our own columns
REPORTED_BEFORE = Sql("""
SELECT event.id, event.type, event.amount_minor
FROM refund JOIN payment_event event ON event.order_id = refund.order_id
JOIN payment_transaction payment ON payment.id = event.transaction_id
WHERE refund.id = :refund::uuid AND event.gateway = :gateway::text AND event.type IN ('REFUNDED', 'FAILED')
  AND (event.event_reference = :reference::text
       OR payment.reference = :reference::text AND event.recorded_at >= refund.recorded_at)
  AND NOT EXISTS (SELECT FROM refund_event known WHERE known.event_id = event.id)
ORDER BY event.occurred_at, event.id
""")
"""What a provider told of a refund before we knew its reference. An event named by it is meant, however old; one of a whole
transaction only since the refund was granted, for an earlier one paid something else."""

ASKED_FOR = Sql("""
SELECT coalesce(sum(other.owed_minor), 0)::bigint FROM refund JOIN refund other ON other.order_id = refund.order_id
WHERE refund.id = :refund::uuid AND other.id <> refund.id AND other.status = 'REQUESTED'
""")
"""What providers were told to pay beside a refund and have not paid yet."""
PARTS = Sql("""
SELECT kind, line_id, concedes, amount_minor, shipping_minor, tax_minor FROM refund_part WHERE refund_id = :refund::uuid
ORDER BY id
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRefund:
    """A provider was told to pay a refund; it reports by *provider_reference*, where it gave one, or names the refund."""

    idempotency_key: str
    refund_id: RefundId
    gateway: str
    provider_reference: str | None = None
    expected_version: int | None = gained()
    occurred_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelRefund:
    """Do not owe any more what was not paid of a refund."""

    idempotency_key: str
    refund_id: RefundId
    note: str | None = None
    expected_version: int | None = gained()
    occurred_at: datetime | None = None


async def request_refund(tx: Tx, command: RequestRefund) -> RefundRow:
    """Record that a provider was told to pay, with what it has reported since, and return the refund.

    Raises: NotFound, VersionConflict, OccurredTooEarly, MissingScope, InvalidValue, IllegalMove, ExceedsRefundable;
    Refused with all that is wrong with the texts.
    """
    at = tx.business_time(command.occurred_at)
    check_texts(command)
    before = REPORTED_BEFORE(refund=command.refund_id, gateway=command.gateway, reference=command.provider_reference)
    asked_for = ASKED_FOR(refund=command.refund_id)
    document, was, (events, ((others,),)) = await locked_refund(tx, command, before, asked_for)
    asked = now = request(was, command.gateway, command.provider_reference, at)
    reports = []
    for key, kind, amount in events:
        if now.status.open:
            now = report(now, PaymentEventType(kind), amount, at)
            reports.append(key)
    if now.status is RefundStatus.REQUESTED:
        refuse_if(LIFE.why_not(REQUEST, was.status, why_not_paid(document.balance, now.owed_minor, others, now.currency)))
    return finish(tx, document, [was, asked, now], at, reports)


async def cancel_refund(tx: Tx, command: CancelRefund) -> RefundRow:
    """Call a refund off that no provider is paying, and return it.

    Raises: NotFound, VersionConflict, OccurredTooEarly, MissingScope, InvalidValue, IllegalMove.
    """
    at = tx.business_time(command.occurred_at)
    check_note(command.note, "note")
    document, was, (kept,) = await locked_refund(tx, command, PARTS(refund=command.refund_id))
    now = cancel(was, command.note, at)
    parts = [Part(RefundPartKind(kind) if line is None else line, Share(*s), concedes) for kind, line, concedes, *s in kept]
    less = called_off(parts, now.called_off_minor - was.called_off_minor)
    concede(document, less)
    refund = finish(tx, document, [was, now], at)
    write_parts(tx, now, less, at)
    write_concessions(tx, document, now.id, at, called_off=True)
    return refund


def check_texts(command: RequestRefund) -> None:
    """Raises: Refused, for references that are none."""
    errors: list[OmsError] = []
    for text, name in ((command.gateway, "gateway"), (command.provider_reference, "providerReference")):
        try:
            if text is not None:
                check_code(text, name)
        except OmsError as error:
            errors.append(error)
    if errors:
        raise Refused(errors=errors)


async def locked_refund(
    tx: Tx, command: RequestRefund | CancelRefund, *alongside: Statement
) -> tuple[OrderDocument, RefundRow, list[list[tuple[Any, ...]]]]:
    """Lock the order of a refund and return both, and the rows of what was asked *alongside*.

    Raises: NotFound; VersionConflict; OccurredTooEarly, before the refund was granted.
    """
    key = command.refund_id
    document, (rows, *others) = await locked_document(tx, BY_REFUND, key, REFUND(refund=key), *alongside)
    if document is None:
        raise NotFound(what="refund", given=text_id(IdKind.REFUND, key), field=("refundId",))
    refund = REFUNDS.record(rows[0])
    check_version(command.expected_version, refund.version)
    occurred(tx.now, command.occurred_at, not_before=refund.granted_at, what="the refund's grant")
    return document, refund, others


def finish(
    tx: Tx, document: OrderDocument, steps: list[RefundRow], at: datetime, events: list[PaymentEventId] | None = None
) -> RefundRow:
    """Write and emit where a refund got to by *steps*, its first state to its last, and return it."""
    was, now = steps[0], steps[-1]
    count_refund(document, was, now)
    order = document.save(tx, at)
    kept = write_move(tx, now, events or ())
    for number, (before, after) in enumerate(pairwise(steps)):
        emit_refund(tx, document, before, after, at, order=order if number == 0 else None)
    document.emit_status(tx, at)
    return kept
