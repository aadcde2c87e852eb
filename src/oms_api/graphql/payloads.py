"""What every mutation answers beside its entity."""

import strawberry

from oms_api.graphql.described import interface
from oms_api.graphql.errors import UserError


@interface
class Payload:
    """The answer of a mutation: either it was done, or `userErrors` say why nothing was."""

    user_errors: list[UserError] = strawberry.field(default_factory=list)
    """Why nothing was done; empty when it was."""
    replayed: bool = False
    """Whether this is the answer of an earlier call with the same idempotency key."""
