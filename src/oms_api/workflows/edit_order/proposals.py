"""Changes that a customer or an agent proposes: kept until staff applies or declines them."""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from oms_api.db.documents import changing, not_found
from oms_api.db.rows import inserts
from oms_api.db.session import Tx
from oms_api.domain.orders.changes.document import OrderChangeDocument
from oms_api.domain.orders.changes.errors import ChangeOutdated
from oms_api.domain.orders.changes.events import OrderChangeRequested
from oms_api.domain.orders.changes.queries import changes_by_id
from oms_api.domain.orders.changes.record import Difference
from oms_api.domain.orders.changes.states import OrderChangeKind, OrderChangeStatus
from oms_api.domain.orders.changes.stored import changes_in, stored
from oms_api.domain.orders.changes.tables import OrderChangeRow
from oms_api.domain.orders.changes.verbs import APPLY, DECLINE
from oms_api.domain.orders.changes.wanted import Change
from oms_api.kernel.checks import refuse_if
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import IdKind, OrderChangeId, OrderId, text_id
from oms_api.kernel.naming import check_note
from oms_api.workflows.cancel_order import RefundWithCancel
from oms_api.workflows.edit_order.commands import Edited, EditOrder
from oms_api.workflows.edit_order.flow import decide_edit, write_edit

CHANGES = inserts(OrderChangeRow)
LINE = re.compile(rf"^lines\.({IdKind.LINE}_\w+)\.")


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestChange:
    """Propose changes of an order."""

    idempotency_key: str
    order_id: OrderId
    changes: tuple[Change, ...]
    reason: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyChange:
    """Make a proposed change, and grant the refund asked for."""

    idempotency_key: str
    order_change_id: OrderChangeId
    note: str | None = None
    refund: RefundWithCancel | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclineChange:
    """Turn a proposed change down."""

    idempotency_key: str
    order_change_id: OrderChangeId
    note: str | None = None


async def request_change(tx: Tx, command: RequestChange) -> OrderChangeRow:
    """Keep changes of an order as proposed, with what they would come to now, and return their record.

    The order stays as it is. Raises: as `edit_order`, for what could not be done now.
    """
    wanted = EditOrder(order_id=command.order_id, changes=command.changes, reason=command.reason, note=command.note)
    decided = await decide_edit(tx, wanted)
    order, version = decided.document.order, decided.document.order.version
    change = tx.put(
        CHANGES,
        id=tx.new_id(OrderChangeId),
        order_id=order.id,
        channel_id=order.channel_id,
        kind=OrderChangeKind.EDIT,
        status=OrderChangeStatus.REQUESTED,
        reason=command.reason,
        note=command.note,
        actor=tx.actor,
        wanted=stored(command.changes),
        differences=list(map(asdict, decided.found)),
        personal_differences=list(map(asdict, decided.personal)),
        order_version=version,
        version=1,
        occurred_at=tx.now,
        recorded_at=tx.now,
    )
    tx.emit(
        OrderChangeRequested(
            subject_id=change.id,
            order_id=order.id,
            channel_id=order.channel_id,
            location_ids=decided.document.location_ids,
            changes={"status": (None, change.status)},
        )
    )
    return change


async def apply_change(tx: Tx, command: ApplyChange) -> Edited:
    """Make a proposed change, where it still comes to what was proposed, and return the order with the record.

    Raises: NotFound, ChangeDecided, ChangeOutdated, and as `edit_order`.
    """
    check_note(command.note, "note")
    proposed = await changes_by_id.of_one(tx, command.order_change_id)
    if proposed is None:
        raise not_found(OrderChangeDocument, command.order_change_id)
    refuse_if(OrderChangeDocument.life.why_not(APPLY, proposed.status, None))
    changes = changes_in(proposed.wanted or {"changes": []})
    wanted = EditOrder(
        order_id=proposed.order_id, changes=changes, reason=proposed.reason, note=command.note, refund=command.refund
    )
    decided = await decide_edit(tx, wanted)
    if not same(proposed, [*decided.found, *decided.personal], [line.id for line in decided.agreed.lines]):
        raise ChangeOutdated(field=("orderChangeId",))
    edited = write_edit(tx, decided, proposed.id, kept=True)
    async with changing(tx, OrderChangeDocument, APPLY, proposed.id, None) as change:
        change.row.differences = list(map(asdict, decided.found))
        change.row.personal_differences = list(map(asdict, decided.personal))
        change.row.order_version = edited.order.version
        _decide(tx, change, command.note)
    return Edited(edited.id, edited.order, change.row, edited.lines, edited.balance, edited.refund)


async def decline_change(tx: Tx, command: DeclineChange) -> OrderChangeRow:
    """Turn a proposed change down, and return its record. Raises: NotFound, ChangeDecided."""
    check_note(command.note, "note")
    async with changing(tx, OrderChangeDocument, DECLINE, command.order_change_id, None) as change:
        _decide(tx, change, command.note)
    return change.row


def same(proposed: OrderChangeRow, found: Sequence[Difference], lines: Iterable[Any]) -> bool:
    """Tell whether a change comes to the same as was proposed; new lines have new ids each time."""
    known = {text_id(IdKind.LINE, line) for line in lines}
    then = [*proposed.differences, *proposed.personal_differences]
    return _comparable(then, known) == _comparable(map(asdict, found), known)


def _comparable(differences: Iterable[Any], known: set[str]) -> list[tuple[str, str]]:
    compared = []
    for each in differences:
        line = LINE.match(each["path"])
        path = each["path"] if line is None or line[1] in known else f"lines.new.{each['path'].rpartition('.')[2]}"
        compared.append((path, json.dumps([each["before"], each["after"]], sort_keys=True)))
    return sorted(compared)


def _decide(tx: Tx, change: OrderChangeDocument, note: str | None) -> None:
    change.row.decided_by, change.row.decided_at, change.row.decision_note = tx.actor, tx.now, note
    change.move()
