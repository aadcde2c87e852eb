"""Doing something with one document, or with many at once: each row of a batch has its own key and its own result."""

from collections.abc import Callable, Mapping
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID

from oms_api.db.documents import changing, changing_each
from oms_api.db.idempotency import claim
from oms_api.db.session import Tx
from oms_api.domain.catalog.batches import claimed
from oms_api.kernel.checks import check_length
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import IdempotencyKeyReused, OmsError
from oms_api.kernel.ids import text_id
from oms_api.kernel.verbs import Verb

MOST_ROWS = 250


class Row(Protocol):
    """One row of a batch: an action on one document."""

    @property
    def idempotency_key(self) -> str: ...  # noqa: D102
    @property
    def expected_version(self) -> int | None: ...  # noqa: D102
    @property
    def subject(self) -> UUID: ...  # noqa: D102


R = TypeVar("R", bound=Row)


@dataclass(frozen=True, slots=True)
class HoldBatch(Generic[R]):
    """Rows that are carried out in one transaction, each or none of it."""

    rows: tuple[R, ...]


@dataclass(frozen=True, slots=True)
class Acted:
    """The result of one row: its record, the id of the record of an earlier call, or the refusal."""

    id: UUID | None = None
    record: Any = None
    replayed: bool = False
    error: OmsError | None = None


@dataclass(frozen=True, slots=True)
class HoldAct(Generic[R]):
    """An action on documents of one *kind* by the mutation of that name.

    *do* changes a document, or raises before it writes anything, and returns the record it makes, or None where that is the
    document itself.
    """

    mutation: str
    kind: Any
    verb: Verb[Any, Any]
    do: Callable[[Tx, Any, R], Any]

    async def one(self, tx: Tx, row: R) -> Any:  # noqa: ANN401 - a row of whichever table
        """Do it with one document. Raises: as `changing`, and what *do* raises."""
        await self.kind.ready(tx, [row.subject])
        async with changing(tx, self.kind, self.verb, row.subject, row.expected_version) as document:
            made = self.do(tx, document, row)
        return made or document.row

    async def each(self, tx: Tx, batch: HoldBatch[R], wrong: Mapping[int, OmsError], name: str) -> list[Acted]:
        """Do it with the documents of all rows but those that are *wrong*; *name* is the path of the rows.

        Raises: InvalidValue, TooManyItems.
        """
        check_length(batch.rows, name, MOST_ROWS)
        claims, errors = claimed(tx, self.mutation, batch.rows, self._about)
        errors |= wrong
        fine = [place for place in range(len(batch.rows)) if place not in errors]
        earlier, _ = await claim(tx, [claims[place] for place in fine]) if fine else ([], [])
        done = {
            place: Acted(found, replayed=True) for place, found in zip(fine, earlier, strict=True) if isinstance(found, UUID)
        }
        errors |= {place: found for place, found in zip(fine, earlier, strict=True) if isinstance(found, IdempotencyKeyReused)}
        todo = {batch.rows[place].subject: place for place in fine if place not in done and place not in errors}
        wanted = {key: batch.rows[place].expected_version for key, place in todo.items()}
        if not wanted:
            return [done.get(place) or Acted(error=errors[place]) for place in range(len(batch.rows))]
        await self.kind.ready(tx, sorted(wanted))
        made: dict[UUID, Any] = {}
        async with changing_each(tx, self.kind, self.verb, wanted) as (documents, refused):
            for key, document in list(documents.items()):
                try:
                    made[key] = self.do(tx, document, batch.rows[todo[key]])
                except OmsError as error:
                    refused[key] = error
                    del documents[key]
        errors |= {todo[key]: error for key, error in refused.items()}
        for key, document in documents.items():
            record = made[key] or document.row
            done[todo[key]] = Acted(record.id, record)
            tx.results.append((claims[todo[key]], record.id))
        return [done.get(place) or Acted(error=errors[place]) for place in range(len(batch.rows))]

    def _about(self, row: R) -> tuple[UUID, str, str]:
        return row.subject, text_id(self.kind.kinds["id"], row.subject), self.kind.life.argument
