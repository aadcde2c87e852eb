"""What a run did, counted while it goes on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

ORDER, CORRECTION, PAYMENT, SHIPMENT, RETURN = "order", "correction", "payment", "shipment", "return"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Something the API did not take."""

    what: str
    ref: str
    code: str
    message: str


@dataclass(slots=True)
class Outcome:
    """What a run did. Counts of what it found done by an earlier run stand beside."""

    placed: int = 0
    placed_before: int = 0
    payments: int = 0
    shipped: int = 0
    delivered: int = 0
    returned: int = 0
    refunded: int = 0
    corrected: set[tuple[str, str]] = field(default_factory=set)
    refusals: list[Refusal] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    asked_again: Mapping[str, int] = field(default_factory=dict)

    def refuse(self, what: str, ref: str, errors: Sequence[Mapping[str, Any]]) -> None:
        """Note why something was not taken; the first error names the reason."""
        message = "; ".join(f"{'.'.join(error['field'] or ())}: {error['message']}" for error in errors)
        self.refusals.append(Refusal(what, ref, errors[0]["code"], message))
