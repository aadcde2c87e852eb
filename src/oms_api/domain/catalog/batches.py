"""Batches whose rows are done or refused each by itself, each under an idempotency key of its own."""

from collections.abc import Callable, Hashable, Sequence
from typing import Any, Protocol, TypeVar

from oms_api.db.idempotency import claim_of
from oms_api.db.session import Claim, Tx
from oms_api.domain.catalog.errors import DuplicateInBatch
from oms_api.kernel.errors import OmsError


class KeyedRow(Protocol):
    """A row of a batch."""

    @property
    def idempotency_key(self) -> str: ...  # noqa: D102


Row = TypeVar("Row", bound=KeyedRow)


def claimed(
    tx: Tx,
    mutation: str,
    rows: Sequence[Row],
    about: Callable[[Row], tuple[Hashable, str, str]],
    said: Callable[[Row], Any] = lambda row: row,
) -> tuple[dict[int, Claim], dict[int, OmsError]]:
    """Return the claim of each row to do once what it *said*, and what is wrong with keys, both by the row's index.

    A batch does nothing twice with one thing: *about* gives that, the text that names it and the path of the text.
    """
    claims: dict[int, Claim] = {}
    errors: dict[int, OmsError] = {}
    keys, things = set[str](), set[Hashable]()
    for index, row in enumerate(rows):
        try:
            wanted = claim_of(tx.principal, mutation, row.idempotency_key, said(row))
            thing, given, path = about(row)
            if thing in things:
                raise DuplicateInBatch(given=given, field=(path,))
            if row.idempotency_key in keys:
                raise DuplicateInBatch(given=row.idempotency_key, field=("idempotencyKey",))
        except OmsError as error:
            errors[index] = error
        else:
            claims[index] = wanted
            keys.add(row.idempotency_key)
            things.add(thing)
    return claims, errors
