"""Keeping a document that is to become an order, and giving one up. Whether it can be read is asked later."""

from collections.abc import Iterator
from hashlib import blake2b
from typing import Any, cast

import orjson
from sqlalchemy import Select, select

from oms_api.db.documents import changing
from oms_api.db.session import Reader, Tx
from oms_api.db.statements import statement
from oms_api.domain.intake.document import IntakeDocument
from oms_api.domain.intake.errors import IntakeRefTaken
from oms_api.domain.intake.events import OrderIntakeReceived
from oms_api.domain.intake.queries import intake_by_id
from oms_api.domain.intake.states import OrderIntakeStatus
from oms_api.domain.intake.tables import OrderIntakeRow
from oms_api.domain.intake.verbs import DISCARD
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import InvalidValue
from oms_api.kernel.ids import OrderIntakeId
from oms_api.kernel.naming import check_code, check_note, check_reference, shown

LARGEST_DOCUMENT = 1_000_000
"""Bytes of JSON."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitIntake:
    """Keep a document of a source, to be read and placed by itself."""

    idempotency_key: str
    source: str
    document: object
    external_ref: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscardIntake:
    """Give a document up."""

    order_intake_id: OrderIntakeId
    note: str | None = None
    expected_version: int | None = None


@dataclass(frozen=True, slots=True)
class KeptIntake:
    """A document that was kept, now or, where it was *known*, before."""

    intake: OrderIntakeRow
    known: bool = False

    @property
    def id(self) -> OrderIntakeId:
        """The document, by which a retry finds it."""
        return self.intake.id


async def kept_before(read: Reader, key: OrderIntakeId) -> KeptIntake:
    """Return what keeping a document came to. Raises: NotFound."""
    return KeptIntake(await intake_by_id(read, key))


@statement
def same_intake(source: str, external_ref: str | None, digest: str) -> Select[OrderIntakeRow]:
    """The document of a source with a reference, or without one the one that says the same."""
    row = OrderIntakeRow
    if external_ref is None:
        return select(row).where(row.source == source, row.external_ref.is_(None), row.digest == digest)
    return select(row).where(row.source == source, row.external_ref == external_ref)


async def submit_intake(tx: Tx, command: SubmitIntake) -> KeptIntake:
    """Keep a document, and return what is known of it: what was received before already, where the source sent it twice.

    Raises: LimitedKey, for a key that sees some channels only; InvalidValue; IntakeRefTaken.
    """
    tx.principal.check_unlimited("channels")
    check_code(command.source, "source")
    check_reference(command.external_ref, "externalRef")
    digest = checked(command.document)
    row = {
        "id": tx.new_id(OrderIntakeId),
        "source": command.source,
        "external_ref": command.external_ref,
        "digest": digest,
        "document": command.document,
        "status": OrderIntakeStatus.RECEIVED,
        "attempts": 0,
        "actor": tx.actor,
        "received_at": tx.now,
        "updated_at": tx.now,
    }
    intake = await tx.made_or_none(OrderIntakeRow, row)
    if intake is not None:
        tx.emit(OrderIntakeReceived(subject_id=intake.id, changes={"status": (None, intake.status)}))
        return KeptIntake(intake)
    known = await tx.one_or_none(same_intake(command.source, command.external_ref, digest))
    if known is None or known.digest != digest:
        raise IntakeRefTaken(given=command.external_ref or "", field=("externalRef",))
    return KeptIntake(known, known=True)


async def discard_intake(tx: Tx, command: DiscardIntake) -> OrderIntakeRow:
    """Give a document up, and return it. Raises: NotFound, VersionConflict, OrderIntakePlaced, OrderIntakeDiscarded."""
    check_note(command.note, "note")
    async with changing(tx, IntakeDocument, DISCARD, command.order_intake_id, command.expected_version) as intake:
        intake.row.note = command.note
        intake.move()
    return intake.row


def checked(document: object) -> str:
    """Return the digest of *document*, which is the same whatever the order of its keys. Raises: InvalidValue."""
    if document is None:
        raise InvalidValue(problem="A document is not null.", field=("document",))
    try:
        text = orjson.dumps(document, option=orjson.OPT_SORT_KEYS)
    except (orjson.JSONEncodeError, RecursionError):
        raise InvalidValue(
            problem="The document is nested too deeply, or holds what JSON has not.", field=("document",)
        ) from None
    if len(text) > LARGEST_DOCUMENT:
        problem = f"A document has at most {LARGEST_DOCUMENT:,} bytes, not {len(text):,}."
        raise InvalidValue(problem=problem, field=("document",))
    nul = next(_nuls(document, ("document",)), None) if b"\\u0000" in text else None
    if nul is not None:
        raise InvalidValue(problem="A text has no NUL in it.", field=nul)
    return blake2b(text, digest_size=16).hexdigest()


def _nuls(value: object, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Yield the paths of the texts with a NUL in them, which JSON in PostgreSQL cannot hold."""
    if isinstance(value, str) and "\0" in value:
        yield path
    if isinstance(value, dict):
        for key, each in cast("dict[str, Any]", value).items():
            yield from ([(*path, shown(key))] if "\0" in key else _nuls(each, (*path, key)))
    elif isinstance(value, list):
        for at, each in enumerate(value):
            yield from _nuls(each, (*path, str(at)))
