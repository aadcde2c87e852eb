"""The verbs of a label, with their refusals. Pure: queries ask the same as commands."""

from oms_api.domain.carriers.errors import LabelInUse, LabelScanned
from oms_api.domain.carriers.events import LabelLost, LabelPurchased, LabelRefused, LabelVoided, LabelVoiding
from oms_api.domain.carriers.states import LabelAction, LabelStatus
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import OmsError
from oms_api.kernel.verbs import Life, Verb

S = LabelStatus


@dataclass(frozen=True, slots=True)
class LabelFacts:
    """Whether the carrier has the parcel of a label, and whether that has left without being seen by the carrier."""

    scanned: bool = False
    left: bool = False


def kept(facts: LabelFacts) -> OmsError | None:
    """Return why a label cannot be given back, or None."""
    if facts.scanned:
        return LabelScanned()
    return LabelInUse() if facts.left else None


BUY = Verb[S, LabelFacts](
    moves={state: {S.PURCHASED} for state in (S.REQUESTED, S.UNKNOWN)},
    aim=S.PURCHASED,
    event=LabelPurchased,
)
REFUSE = Verb[S, LabelFacts](
    moves={state: {S.REFUSED} for state in (S.REQUESTED, S.UNKNOWN)},
    aim=S.REFUSED,
    event=LabelRefused,
)
LOSE = Verb[S, LabelFacts](moves={state: {S.UNKNOWN} for state in (S.REQUESTED, S.UNKNOWN)}, aim=S.UNKNOWN, event=LabelLost)
RESOLVE = Verb[S, LabelFacts](
    name=LabelAction.RESOLVE_LABEL,
    moves={S.UNKNOWN: {S.PURCHASED, S.REFUSED}},
    aim=S.PURCHASED,
    event=LabelPurchased,
)
"""By hand, where the carrier cannot be asked."""
DECLINE = Verb[S, LabelFacts](
    moves={state: {S.VOIDING} for state in (S.REQUESTED, S.UNKNOWN)},
    aim=S.VOIDING,
    event=LabelVoiding,
)
"""What was bought costs more than was allowed."""
VOID = Verb[S, LabelFacts](
    name=LabelAction.VOID_LABEL, moves={S.PURCHASED: {S.VOIDING}}, aim=S.VOIDING, event=LabelVoiding, refusals=(kept,)
)
VOIDED = Verb[S, LabelFacts](moves={S.VOIDING: {S.VOIDED}}, aim=S.VOIDED, event=LabelVoided)
KEEP = Verb[S, LabelFacts](moves={S.VOIDING: {S.PURCHASED}}, aim=S.PURCHASED, event=LabelVoiding)
"""The carrier does not take it back."""

LIFE = Life[S, LabelFacts]("label", "labelId", S, VOID, RESOLVE, BUY, REFUSE, LOSE, DECLINE, VOIDED, KEEP)
"""What is done with labels."""
