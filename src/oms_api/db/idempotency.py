"""Doing a request once: claiming its key, and what a key did before."""

from collections.abc import Sequence
from dataclasses import field, fields, is_dataclass
from hashlib import blake2b
from typing import Any
from uuid import UUID

from sqlalchemy.orm import InstrumentedAttribute

from oms_api.db.json_text import dump_json
from oms_api.db.pipeline import Statement
from oms_api.db.session import Claim, Tx
from oms_api.db.sets import array, text_array
from oms_api.db.sql import Sql
from oms_api.kernel.access import Principal
from oms_api.kernel.errors import IdempotencyKeyReused, InvalidValue

LONGEST_KEY = 255
KEPT_HOURS = 72
GAINED = "gained"

RESULTS: dict[str, InstrumentedAttribute[Any]] = {}
"""Every mutation that is done once under a key, with the column that holds the id of what it came to."""


CLAIM = Sql(r"""
SELECT pg_try_advisory_xact_lock(hashtextextended(concat_ws(E'\x1f', claim.client_id, claim.mutation, claim.key), 0)),
       record.arguments, record.result_id, pg_current_xact_id()::text
FROM (SELECT * FROM unnest(:clients::uuid[], :mutations::text[], :keys::text[]) WITH ORDINALITY
      AS claim (client_id, mutation, key, position) ORDER BY client_id, mutation, key) AS claim
LEFT JOIN idempotency record USING (client_id, mutation, key)
ORDER BY claim.position
""")


def results_in(column: InstrumentedAttribute[Any], *mutations: str) -> None:
    """Declare that what each of *mutations* comes to is found by its id in *column*. Raises: ValueError."""
    for mutation in mutations:
        if RESULTS.setdefault(mutation, column) is not column:
            raise ValueError(f"{mutation} comes to {RESULTS[mutation]} already")


class KeyBusy(Exception):
    """Another transaction holds the key at this moment."""


def claim_of(principal: Principal, mutation: str, key: str, command: object) -> Claim:
    """Return the claim of *principal* to carry out *command* once under *key*.

    Raises: InvalidValue, for a blank key or one of more than 255 characters.
    """
    if not (key.strip() and len(key) <= LONGEST_KEY) or "\0" in key:
        problem = f"An idempotency key has 1 to {LONGEST_KEY} characters that are not all blanks."
        raise InvalidValue(problem=problem, field=("idempotencyKey",))
    return Claim(principal.client_id, mutation, key, digest(command))


def gained() -> Any:  # noqa: ANN401 - what `field` gives
    """Return the default None of a field that a command gained: servers of the version before know the command without it.

    Where nothing is given there, a call is the same for both, so that one that a rollout interrupted can be repeated.
    """
    return field(default=None, metadata={GAINED: True})


def digest(command: object) -> bytes:
    """Return a hash of the arguments in *command*, without the key itself and fields that it `gained` and has no value in."""
    if not is_dataclass(command):
        raise TypeError("a command is a dataclass")
    given = {f.name: getattr(command, f.name) for f in fields(command) if f.name != "idempotency_key"}
    absent = {f.name for f in fields(command) if GAINED in f.metadata and given[f.name] is None}
    arguments = {name: value for name, value in given.items() if name not in absent} if absent else given
    return blake2b(dump_json(arguments), digest_size=16).digest()


async def claim(
    tx: Tx, claims: Sequence[Claim], *alongside: Statement
) -> tuple[list[UUID | IdempotencyKeyReused | None], list[list[tuple[Any, ...]]]]:
    """Claim every key, and read *alongside* in the same round trip.

    Returns, for each claim, None where it is new, the id of its result where it was carried out before, or the error
    where that was with other arguments; and the rows of each statement alongside.
    Raises: KeyBusy, while another transaction holds one of the keys.
    """
    if not claims:
        return [], await tx.flush(alongside)
    wanted = CLAIM(
        clients=array(claim.client_id for claim in claims),
        mutations=text_array(claim.mutation for claim in claims),
        keys=text_array(claim.key for claim in claims),
    )
    rows, *others = await tx.flush([wanted, *alongside])
    if not all(row[0] for row in rows):
        raise KeyBusy
    tx.xid = rows[0][3]
    return [earlier(claim, row[1], row[2]) for claim, row in zip(claims, rows, strict=True)], others


def earlier(claim: Claim, arguments: bytes | None, result_id: UUID | None) -> UUID | IdempotencyKeyReused | None:
    """Return what the record of a key means for *claim*."""
    if arguments is None:
        return None
    return result_id if arguments == claim.arguments else IdempotencyKeyReused(field=("idempotencyKey",))
