"""What can be done with a kind of document, declared once.

The guard of commands, `availableActions` with their reasons, the error of an illegal move and the state diagram come from it.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from enum import StrEnum
from typing import Generic, TypeVar

from oms_api.kernel.actions import Action
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import IllegalMove, OmsError
from oms_api.kernel.events import Event
from oms_api.kernel.states import Transitions

State = TypeVar("State", bound=StrEnum)
Facts = TypeVar("Facts")


@dataclass(frozen=True, kw_only=True, eq=False)
class Verb(Generic[State, Facts]):
    """One thing that is done with a document, and the *event* that publishes what it changed, if not another document's.

    *moves* holds the statuses in which it is done, each with those that the document may have afterwards; a status that may
    stay leads to itself, and a verb may be carried out there again. In any other status it is refused with *otherwise*, or as a
    move to *aim* that is illegal; else with the first of *refusals* that gives an error. Without a *name* it is not offered
    among the available actions.
    """

    event: type[Event] | None
    moves: Mapping[State, Collection[State]]
    name: StrEnum | None = None
    aim: State | None = None
    otherwise: Callable[[State, Facts], OmsError] | None = None
    refusals: Sequence[Callable[[Facts], OmsError | None]] = ()
    label: str = ""

    @property
    def shown(self) -> str:
        """How diagrams name it: by its label, its name, or the type of its event."""
        return self.label or self.name or ("" if self.event is None else self.event.type)

    def sources(self, target: State) -> list[State]:
        """Return the other statuses from which it leads to *target*."""
        return [state for state, targets in self.moves.items() if target in targets and target is not state]


class Life(Generic[State, Facts]):
    """All verbs of one kind of document: together they are its transition table.

    *noun* is the kind of document as errors name it, *argument* the path of its id in inputs.
    """

    def __init__(self, noun: str, argument: str, states: type[State], *verbs: Verb[State, Facts]) -> None:
        self.noun, self.argument, self.verbs = noun, argument, verbs
        moves: dict[State, set[State]] = {state: set() for state in states}
        for verb in verbs:
            for state, targets in verb.moves.items():
                moves[state] |= {*targets} - {state}
        self.table = Transitions(noun, moves)

    def why_not(self, verb: Verb[State, Facts], status: State, facts: Facts) -> OmsError | None:
        """Return why *verb* cannot be carried out now, or None."""
        if status not in verb.moves:
            return verb.otherwise(status, facts).at(self.argument) if verb.otherwise else self.illegal(status, verb.aim)
        found = next(filter(None, (refusal(facts) for refusal in verb.refusals)), None)
        return None if found is None else found.at(self.argument)

    def check(self, verb: Verb[State, Facts], status: State, target: State) -> None:
        """Raises: IllegalMove, where *verb* does not lead from *status* to *target*."""
        if target not in verb.moves[status]:
            raise self.illegal(status, target)

    def illegal(self, status: State, target: State | None) -> OmsError:
        """Return the error of a move that no verb makes."""
        to = "" if target is None else target.value
        return IllegalMove(what=self.noun, current=status.value, target=to, field=(self.argument,))

    def actions(self, status: State, facts: Facts) -> list[Action]:
        """Return every action, and why it is not allowed now."""
        return [Action(verb.name, self.why_not(verb, status, facts)) for verb in self.verbs if verb.name is not None]

    def mermaid(self) -> str:
        """Return the moves as a Mermaid state diagram, each with the verbs that make it."""
        arrows = [
            f"    {state} --> {target}: {', '.join(dict.fromkeys(verb.shown for verb in self._making(state, target)))}"
            for state, targets in self.table.moves.items()
            for target in sorted(targets)
        ]
        return "\n".join(["stateDiagram-v2", *arrows])

    def _making(self, state: State, target: State) -> list[Verb[State, Facts]]:
        return [verb for verb in self.verbs if target in verb.moves.get(state, ())]


def stays(*states: State) -> dict[State, set[State]]:
    """Return the moves of a verb that is done in *states* and changes none of them."""
    return {state: {state} for state in states}
