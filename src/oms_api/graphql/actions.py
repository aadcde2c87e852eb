"""What can be done with a record now, told beside it, so that a frontend draws its buttons without knowing the rules."""

from collections.abc import Iterable
from typing import Any, Self

from oms_api.domain.lives import LIVES
from oms_api.graphql.described import joined, output
from oms_api.graphql.errors import UserError, user_errors
from oms_api.kernel.actions import Action

NAMES = dict.fromkeys(type(verb.name) for life in LIVES.values() for verb in life.verbs if verb.name is not None)
"""The enums of what can be done with each kind of document."""
ActionName: Any = joined("ActionName", "An action on a record, by a person or a program.", *NAMES)


@output
class AvailableAction:
    """An action, and whether it is allowed now."""

    action: ActionName
    """The action."""
    allowed: bool
    """Whether the mutation would succeed now."""
    blocked_by: UserError | None
    """The error that the mutation would answer with; null where the action is allowed."""

    @classmethod
    def of(cls, actions: Iterable[Action]) -> list[Self]:
        """Describe *actions*."""
        return [
            cls(
                action=ActionName(action.name),
                allowed=action.allowed,
                blocked_by=user_errors(action.blocked_by)[0] if action.blocked_by else None,
            )
            for action in actions
        ]
