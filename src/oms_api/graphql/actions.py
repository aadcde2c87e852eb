"""What can be done with a record now, told beside it, so that a frontend draws its buttons without knowing the rules."""

from collections.abc import Iterable
from typing import Any, cast

from oms_api.domain.lives import LIVES
from oms_api.graphql.described import joined, output
from oms_api.graphql.errors import UserError, user_errors
from oms_api.kernel.actions import Action
from oms_api.kernel.dataclass import dataclass

NAMES = dict.fromkeys(type(verb.name) for life in LIVES.values() for verb in life.verbs if verb.name is not None)
"""The enums of what can be done with each kind of document."""
ActionName: Any = joined("ActionName", "An action on a record, by a person or a program.", *NAMES)
SHOWN: dict[str, Any] = {name.value: name for name in ActionName}


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
    def of(cls, actions: Iterable[Action]) -> "list[AvailableAction]":
        """Describe *actions*."""
        return cast("list[AvailableAction]", [Described(action) for action in actions])


@dataclass(slots=True)
class Described:
    """An action, read as `AvailableAction`: why it is not allowed is put into words only if that is asked for."""

    described: Action

    @property
    def action(self) -> Any:
        """Its name among those of all areas."""
        return SHOWN[self.described.name]

    @property
    def allowed(self) -> bool:
        """Whether it can be done now."""
        return self.described.allowed

    @property
    def blocked_by(self) -> UserError | None:
        """The error that the mutation would answer with."""
        return user_errors(self.described.blocked_by)[0] if self.described.blocked_by else None
