"""Transition tables, as the verbs of a document make them (`verbs.Life`)."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from enum import StrEnum
from typing import Generic, TypeVar

from oms_api.kernel.errors import IllegalMove

State = TypeVar("State", bound=StrEnum)


class Transitions(Generic[State]):
    """Which state may follow which."""

    def __init__(self, what: str, moves: Mapping[State, AbstractSet[State]]) -> None:
        self.what = what
        self.moves = dict(moves)

    def sources(self, target: State) -> list[State]:
        """Return the states from which *target* can be reached in one move."""
        return [state for state, targets in self.moves.items() if target in targets]

    def allows(self, current: State, target: State) -> bool:
        """Tell whether *current* may become *target*."""
        return target in self.moves[current]

    def check(self, current: State, target: State) -> None:
        """Raises: IllegalMove, where *current* may not become *target*."""
        if not self.allows(current, target):
            raise IllegalMove(what=self.what, current=current.value, target=target.value)
