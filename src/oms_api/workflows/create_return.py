"""Announcing that units of an order come back; a completed order is worked on again."""

from datetime import datetime

from oms_api.db.rows import Row, inserts
from oms_api.db.session import Tx
from oms_api.db.sql import Sql
from oms_api.domain.fulfillment.document import OrderDocument, locked_document
from oms_api.domain.fulfillment.ways import BY_ORDER
from oms_api.domain.orders.quantities import announce_return
from oms_api.domain.returns.errors import DuplicateReturnRef
from oms_api.domain.returns.events import ReturnCreated
from oms_api.domain.returns.policies import UnitsWanted, decide_return
from oms_api.domain.returns.states import ReturnOrderStatus, ReturnReason
from oms_api.domain.returns.tables import ReturnLineRow, ReturnRow
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import NotFound, OmsError, Refused
from oms_api.kernel.ids import IdKind, LineId, OrderId, ReturnId, ReturnLineId, text_id
from oms_api.kernel.naming import check_code, check_note, check_version
from oms_api.kernel.occurrence import occurred

NUMBER = Sql("""
SELECT nextval('return_number'), (
    SELECT back.id FROM returns back
    WHERE back.channel_id = (SELECT channel_id FROM orders WHERE orders.id = :order::uuid)
      AND back.external_ref = :reference::text)
""")
REFERENCE_TAKEN = "uq_returns_channel_id_external_ref"
HEADERS, LINES = inserts(ReturnRow), inserts(ReturnLineRow)


@dataclass(frozen=True, slots=True, kw_only=True)
class LineToReturn:
    """Units of one line that shall come back, and why; of a bundle whole sets."""

    line_id: LineId
    quantity: int
    reason: ReturnReason
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateReturn:
    """Let units of *lines* come back; `expected_version` is the order's."""

    idempotency_key: str
    order_id: OrderId
    lines: tuple[LineToReturn, ...]
    external_ref: str | None = None
    note: str | None = None
    expected_version: int | None = None
    occurred_at: datetime | None = None


async def create_return(tx: Tx, command: CreateReturn) -> ReturnRow:
    """Announce that shipped units come back, and return the return: it is APPROVED.

    Raises: NotFound, VersionConflict, OccurredTooEarly; Refused with all that is wrong with the lines, the texts and the
    external reference.
    """
    at = tx.business_time(command.occurred_at)
    check_texts(command)
    numbered = NUMBER(order=command.order_id, reference=command.external_ref)
    document, (((number, taken),),) = await locked_document(tx, BY_ORDER, command.order_id, numbered)
    if document is None:
        raise NotFound(what="order", given=text_id(IdKind.ORDER, command.order_id), field=("orderId",))
    was = document.order
    check_version(command.expected_version, was.version)
    at = occurred(at, command.occurred_at, not_before=was.placed_at, what="the order's placing")
    units = decide(document, command, taken)
    before = {key: document.lines[key] for row in units for key, _ in row}
    for key, quantity in (part for row in units for part in row):
        document.set_line(announce_return(document.lines[key], quantity))
    document.open_returns += 1
    document.reopened = True
    order = document.save(tx, at)
    row = tx.put(
        HEADERS,
        id=tx.new_id(ReturnId),
        number=number,
        order_id=order.id,
        channel_id=order.channel_id,
        external_ref=command.external_ref,
        status=ReturnOrderStatus.APPROVED,
        note=command.note,
        version=1,
        actor=tx.actor,
        created_at=at,
        recorded_at=tx.now,
        updated_at=tx.now,
    )
    tx.races = frozenset({REFERENCE_TAKEN})
    tx.write(LINES, line_rows(tx, row.id, command, units))
    announced = {
        f"lines.{text_id(IdKind.LINE, key)}.inReturn": (line.in_return, document.lines[key].in_return)
        for key, line in before.items()
    }
    document.emit(tx, ReturnCreated, {"return.status": (None, row.status), **announced}, at, subject_id=row.id)
    document.emit_status(tx, at)
    return row


def check_texts(command: CreateReturn) -> None:
    """Raises: Refused, for texts that are too long or cannot be stored, and an external reference that is none."""
    errors: list[OmsError] = []
    texts = [((), command.note), *((("lines", index), line.note) for index, line in enumerate(command.lines))]
    for path, text in texts:
        try:
            check_note(text, "note")
        except OmsError as error:
            errors.append(error.at(*path))
    try:
        if command.external_ref is not None:
            check_code(command.external_ref, "externalRef")
    except OmsError as error:
        errors.append(error)
    if errors:
        raise Refused(errors=errors)


def decide(document: OrderDocument, command: CreateReturn, taken: ReturnId | None) -> list[list[tuple[LineId, int]]]:
    """Return the units of each row of *command*; *taken* is the return that has its reference. Raises: Refused."""
    errors: list[OmsError] = []
    if taken is not None and command.external_ref is not None:
        errors.append(DuplicateReturnRef(external_ref=command.external_ref, return_id=taken, field=("externalRef",)))
    try:
        units = decide_return(document.lines, [UnitsWanted(line.line_id, line.quantity) for line in command.lines])
    except OmsError as error:
        errors.append(error)
    if errors:
        raise Refused(errors=errors)
    return units


def line_rows(tx: Tx, return_id: ReturnId, command: CreateReturn, units: list[list[tuple[LineId, int]]]) -> list[Row]:
    """Return the rows of the return's lines; the components of a bundle have its row's reason and note."""
    parts = [(given, part) for given, row in zip(command.lines, units, strict=True) for part in row]
    return [
        {
            "id": tx.new_id(ReturnLineId),
            "return_id": return_id,
            "position": position,
            "line_id": key,
            "reason": given.reason,
            "note": given.note,
            "quantity": units,
        }
        for position, (given, (key, units)) in enumerate(parts)
    ]
