"""Mutations that carry out one command and answer with its record."""

from collections.abc import Awaitable, Callable
from inspect import Parameter
from typing import Annotated, Any, TypeVar

from strawberry.types.base import get_object_definition

from oms_api.db.session import Tx
from oms_api.graphql.context import Info
from oms_api.graphql.declared.agreement import optional
from oms_api.graphql.declared.inputs import Input
from oms_api.graphql.declared.methods import as_method
from oms_api.graphql.described import argument
from oms_api.graphql.nodes import entity_of
from oms_api.graphql.payloads import Payload, once
from oms_api.graphql.permissions import mutation
from oms_api.kernel.access import Scope

KEY = "idempotency_key"
Command = TypeVar("Command")
Row = TypeVar("Row", bound=Any)


def carries_out(
    command: Callable[[Tx, Command], Awaitable[Row]],
    input: type[Input[Command]],
    payload: type[Payload],
    scope: Scope,
    *,
    describes: str,
) -> Any:
    """Declare a mutation that carries out *command*, with an idempotency key in *input* once; *describes* tells of its input.

    It answers with the entity that *payload* shows, a replay with the same one as it is by then.
    """
    ((name, shown),) = payload.__annotations__.items()
    record = optional(shown)[0]

    async def keyed(_self: Any, info: Info, input: Any) -> Any:
        done = await once(info, input, command, again=entity_of(record).one)
        return payload(**{name: record.of(done.value), "replayed": done.replayed})

    async def unkeyed(_self: Any, info: Info, input: Any) -> Any:
        return payload(**{name: record.of(await info.context.execute(command, input.to_command()))})

    resolve = keyed if any(each.python_name == KEY for each in get_object_definition(input, strict=True).fields) else unkeyed
    taken = {"input": (Annotated[input, argument(describes)], Parameter.empty)}
    return mutation(scope, description="")(as_method(resolve, taken, payload))
