"""One batch of a sweep, which knows what to pass over."""

from collections.abc import Iterable
from dataclasses import field
from uuid import UUID

from oms_api.kernel.dataclass import dataclass


@dataclass(slots=True)
class Batch:
    """At most *size* records in one transaction; those *passed* over, an array literal, broke an earlier one down.

    A sweep notes what it `tries`, so that the record is known on which its transaction breaks down.
    """

    size: int = 1
    passed: str = "{}"
    tries: list[UUID] = field(default_factory=list)

    def take(self, keys: Iterable[UUID]) -> None:
        """Note the records that are tried now, and no others."""
        self.tries = list(keys)
