"""Where units of a correction come to or are taken from, so that the ledger adds up now and at its moment. Pure."""

from collections.abc import Iterable
from typing import Self

from oms_api.domain.inventory.levels import Level, Since
from oms_api.domain.inventory.states import ACCOUNT_OF, ASIDE, Account, Bucket, MovementKind
from oms_api.kernel.dataclass import dataclass

TAKEN_BACK = (Bucket.FREE, Bucket.RESERVED, Bucket.COMMITTED, Bucket.QUALITY_CONTROL, Bucket.DAMAGED)
"""In which order buckets give units up that are missing."""


"""Where units lie that are set aside."""


@dataclass(slots=True)
class UnitsLeft:
    """The units of a level that its corrections have not taken yet."""

    free: int
    quality_control: int
    damaged: int

    @classmethod
    def of(cls, level: Level, freed: int = 0) -> Self:
        """Return what *level* has, *freed* of it free since."""
        return cls(level.free + freed, level.quality_control, level.damaged)

    def take(self, units: int, *sources: Account) -> list[tuple[Account, int]]:
        """Take *units* from *sources*, one after another, and return how many of each: fewer, where there are not that many."""
        parts = []
        for source in sources:
            part = max(min(units, getattr(self, source.value)), 0)
            setattr(self, source.value, getattr(self, source.value) - part)
            units -= part
            parts.append((source, part))
        return parts

    def miss(self, units: int) -> list[tuple[Account, int]]:
        """Take *units* that are not there: of the free ones, then of those in quality control, the damaged ones last."""
        return self.take(units, Account.FREE, *ASIDE)


@dataclass(frozen=True, slots=True)
class CorrectingMove:
    """Units that a correction moves; *late* says that it happens when it is recorded, not at the moment corrected."""

    quantity: int
    source: Account
    target: Account
    kind: MovementKind
    late: bool = False


def found(units: int, bucket: Bucket = Bucket.FREE) -> list[CorrectingMove]:
    """Return the step by which *units* turn up in a bucket."""
    return [CorrectingMove(units, Account.ADJUSTMENT, ACCOUNT_OF[bucket], MovementKind.FOUND)]


def gone(units: int, bucket: Bucket) -> list[CorrectingMove]:
    """Return the step by which *units* of one bucket are no more: damaged ones are thrown away."""
    kind = MovementKind.SCRAP if bucket is Bucket.DAMAGED else MovementKind.NOT_FOUND
    return [CorrectingMove(units, ACCOUNT_OF[bucket], Account.ADJUSTMENT, kind)]


def missed(parts: Iterable[tuple[Account, int]], level: Level, since: Since) -> list[CorrectingMove]:
    """Return the steps by which units are missing, *parts* of them from each bucket of *level* as it is.

    What was set aside only after the moment corrected, by *since*, was free then: it is missed there, and comes back into free
    late.
    """
    taken: dict[Account, int] = dict.fromkeys((Account.FREE, *ASIDE), 0)
    for bucket, units in parts:
        taken[bucket] += units
    then = {
        Account.QUALITY_CONTROL: level.quality_control - since.quality_control,
        Account.DAMAGED: level.damaged - since.damaged,
    }
    late: list[CorrectingMove] = []
    for bucket, held in then.items():
        aside_since = taken[bucket] - min(taken[bucket], max(held, 0))
        taken[bucket] -= aside_since
        taken[Account.FREE] += aside_since
        late.append(CorrectingMove(aside_since, bucket, Account.FREE, MovementKind.MOVE, late=True))
    first = (CorrectingMove(units, bucket, Account.ADJUSTMENT, MovementKind.NOT_FOUND) for bucket, units in taken.items())
    return [step for step in (*late, *first) if step.quantity]


def consistent(buckets: dict[Bucket, int]) -> tuple[dict[Bucket, int], bool]:
    """Return what can have been in *buckets*, of which some may be below zero, and whether that is another than they say.

    What was known later contradicts what was booked before: fewer units were there than had been promised or set aside by
    then. What one bucket lacks is taken from the others.
    """
    lacking = -sum(min(units, 0) for units in buckets.values())
    result = {bucket: max(units, 0) for bucket, units in buckets.items()}
    for bucket in TAKEN_BACK:
        part = min(lacking, result[bucket])
        result[bucket] -= part
        lacking -= part
    return result, result != buckets
