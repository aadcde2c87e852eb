"""Reading documents that are to become orders: each in a transaction of its own, so that none keeps the others waiting."""

import asyncio
from collections.abc import Sequence
from typing import Any

import structlog

from oms_api.db.documents import changing
from oms_api.db.rows import inserts
from oms_api.db.session import Tx
from oms_api.db.sets import text_array
from oms_api.db.sql import Sql
from oms_api.domain.events.sweeps import Batch
from oms_api.domain.intake.connectors import CONNECTORS
from oms_api.domain.intake.document import IntakeDocument
from oms_api.domain.intake.errors import NoConnector, Unreadable
from oms_api.domain.intake.queries import intake_by_id
from oms_api.domain.intake.states import OrderIntakeStatus
from oms_api.domain.intake.tables import OrderIntakeAttemptRow, OrderIntakeRow
from oms_api.domain.intake.verbs import READ, RESOLVE
from oms_api.domain.orders.given import Cart, PlaceOrder
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import OmsError, Refused
from oms_api.kernel.ids import OrderIntakeAttemptId, OrderIntakeId
from oms_api.workflows.place_order import Placed, place_under_claim

ATTEMPTS = inserts(OrderIntakeAttemptRow)
MOST_ERRORS = 100
NEXT = Sql("""
SELECT id FROM order_intake
WHERE status = 'RECEIVED' AND source = ANY (:sources::text[]) AND id <> ALL (:passed::uuid[])
ORDER BY received_at, id LIMIT 1
""")
log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryIntake:
    """Read a document again."""

    order_intake_id: OrderIntakeId
    expected_version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolveIntake:
    """Say which order a document means."""

    order_intake_id: OrderIntakeId
    order: PlaceOrder
    expected_version: int | None = None


async def read_intakes(tx: Tx, batch: Batch) -> int:
    """Read one of the documents that wait for it, and return 1; 0 where there is none: a sweep."""
    found = await tx.fetch(NEXT(sources=text_array(sorted(CONNECTORS)), passed=batch.passed))
    batch.take(key for (key,) in found)
    for key in batch.tries:
        await retry_intake(tx, RetryIntake(order_intake_id=OrderIntakeId(key)))
    return len(found)


async def retry_intake(tx: Tx, command: RetryIntake) -> OrderIntakeRow:
    """Read a document, place what it means, and return it with its verdict: a refusal is no error here.

    Raises: NotFound, VersionConflict, OrderIntakePlaced, OrderIntakeDiscarded; NoConnector, where nothing reads its source.
    """
    was = await intake_by_id(tx, command.order_intake_id)
    if was.source not in CONNECTORS:
        raise NoConnector(source=was.source, field=("orderIntakeId",))
    async with changing(tx, IntakeDocument, READ, command.order_intake_id, command.expected_version) as intake:
        status, errors = OrderIntakeStatus.UNREADABLE, list[OmsError]()
        try:
            cart = await asyncio.to_thread(normalised, was.source, intake.was.document)
            status = OrderIntakeStatus.REFUSED
            _became(intake, await place_under_claim(tx, cart), cart)
            status = OrderIntakeStatus.PLACED
        except OmsError as error:
            errors = [*error.errors] if isinstance(error, Refused) else [error]
        _attempted(tx, intake, status, errors)
    return intake.row


async def resolve_intake(tx: Tx, command: ResolveIntake) -> OrderIntakeRow:
    """Place the order that a document means, as a connector outside read it, once; and return the document.

    Raises: NotFound, VersionConflict, OrderIntakePlaced, OrderIntakeDiscarded; what is wrong with the order, at `order`.
    """
    async with changing(tx, IntakeDocument, RESOLVE, command.order_intake_id, command.expected_version) as intake:
        try:
            placed = await place_under_claim(tx, command.order)
        except OmsError as error:
            raise error.at("order") from None
        _became(intake, placed, command.order)
        _attempted(tx, intake, OrderIntakeStatus.PLACED, ())
    return intake.row


def normalised(source: str, document: object) -> Cart:
    """Return the order that *document* means. Raises: OmsError; Unreadable, where its connector broke down."""
    try:
        return CONNECTORS[source].normalise(document)
    except OmsError:
        raise
    except Exception as error:
        log.exception("connector_broke_down", source=source)
        raise Unreadable(problem=f"its connector broke down ({type(error).__name__})") from None


def _became(intake: IntakeDocument, placed: Placed, cart: Cart) -> None:
    intake.row.order_id, intake.row.channel_id = placed.id, cart.channel_id


def _attempted(tx: Tx, intake: IntakeDocument, status: OrderIntakeStatus, errors: Sequence[OmsError]) -> None:
    number = intake.was.attempts + 1
    intake.row.attempts = number
    intake.move(status)
    tx.put(
        ATTEMPTS,
        id=tx.new_id(OrderIntakeAttemptId),
        intake_id=intake.was.id,
        number=number,
        status=status,
        errors=[_stored(error) for error in errors[:MOST_ERRORS]],
        actor=tx.actor,
        attempted_at=tx.now,
    )


def _stored(error: OmsError) -> dict[str, Any]:
    return {"code": error.code, "message": error.message, "field": [*(error.field or ())]}
