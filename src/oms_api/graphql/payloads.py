"""How a mutation is carried out once, and what every one answers beside its entity; refusals are caught in `permissions`."""

from collections.abc import Awaitable, Callable
from typing import Any, Protocol, TypeVar

import strawberry

from oms_api.db.session import Reader, Tx
from oms_api.db.unit_of_work import Done, Identified
from oms_api.graphql.context import Info
from oms_api.graphql.described import interface
from oms_api.graphql.errors import UserError

Command = TypeVar("Command")
Command_co = TypeVar("Command_co", covariant=True)
Record = TypeVar("Record", bound=Identified)


class Keyed(Protocol[Command_co]):
    """The input of a mutation that is carried out once."""

    @property
    def idempotency_key(self) -> str:
        """What a second call is known by."""

    def to_command(self) -> Command_co:
        """Return what is asked for."""


async def once(
    info: Info,
    input: Keyed[Command],
    carry_out: Callable[[Tx, Command], Awaitable[Record]],
    *,
    again: Callable[[Reader, Any], Awaitable[Record]],
) -> Done[Record]:
    """Carry out what *input* asks for, once under its key and the mutation's name; a second call is answered by *again*."""
    return await info.context.once(info.field_name, carry_out, input.to_command(), key=input.idempotency_key, again=again)


@interface
class Payload:
    """The answer of a mutation: the result, or `userErrors` that explain why nothing was done."""

    user_errors: list[UserError] = strawberry.field(default_factory=list)
    """Why nothing was done; empty on success."""
    replayed: bool = False
    """Whether this is the answer of an earlier call with the same idempotency key."""
