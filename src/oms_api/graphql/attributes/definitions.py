"""Defining attributes, and listing their definitions."""

from datetime import datetime
from typing import Annotated

from oms_api.domain.attributes.commands.upsert_definition import UpsertDefinition, upsert_definition
from oms_api.domain.attributes.queries import all_definitions, definitions_by_id
from oms_api.domain.attributes.states import AttributeOwner, AttributeType
from oms_api.domain.attributes.tables import AttributeDefinitionRow
from oms_api.graphql.context import Info
from oms_api.graphql.declared.inputs import Input
from oms_api.graphql.declared.mutations import carries_out
from oms_api.graphql.declared.records import Record, entity
from oms_api.graphql.described import argument, enum, input_type, output
from oms_api.graphql.nodes import Node
from oms_api.graphql.payloads import Payload
from oms_api.graphql.permissions import query
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import AttributeDefinitionId

enum(AttributeOwner)


@entity(definitions_by_id, Scope.CHANNELS_READ)
class AttributeDefinition(Node, Record[AttributeDefinitionRow]):
    """An attribute that records of one kind may have."""

    id: AttributeDefinitionId
    owner: AttributeOwner
    """The kind of records that have the attribute."""
    code: str
    """The code of the attribute: unique among the attributes with the same `owner`."""
    name: str
    """The name shown to people."""
    type: AttributeType
    """The type of its values."""
    choices: list[str]
    """The values of a CHOICE, in the order in which they are offered; empty for other types."""
    version: int
    """Increases with every change."""
    created_at: datetime
    """When it was defined."""
    updated_at: datetime
    """When it was last changed."""


@input_type
class AttributeDefinitionUpsertInput(Input[UpsertDefinition]):
    """An attribute, identified by its code. If it exists, fields left out or null stay as they are."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the same definition."""
    owner: AttributeOwner
    """The kind of records that have the attribute."""
    code: str
    """Its code, unique within its kind of records; no blanks around it."""
    name: str | None = None
    """The name shown to people; required for a new attribute."""
    type: AttributeType | None = None
    """The type of its values; required for a new attribute. It cannot change while records have values."""
    choices: list[str] | None = None
    """All values of a CHOICE, 1 to 250. A choice that records use cannot be left out."""
    expected_version: int | None = None
    """The version that the change is based on; any other is refused."""


@output
class AttributeDefinitionUpsertPayload(Payload):
    """The definition as it is now."""

    attribute_definition: AttributeDefinition | None = None
    """The definition."""


@output
class AttributeQueries:
    """Asking for the definitions of attributes."""

    @query(Scope.CHANNELS_READ, description="The attributes that records may have, by kind of record and code.")
    async def attribute_definitions(
        self,
        info: Info,
        owner: Annotated[
            AttributeOwner | None, argument("Only attributes of this kind of records; by default of all kinds.")
        ] = None,
    ) -> list[AttributeDefinition]:
        return AttributeDefinition.of_all(await info.context.read.all(all_definitions(owner)))


@output
class AttributeMutations:
    """Defining attributes."""

    attribute_definition_upsert = carries_out(
        upsert_definition,
        AttributeDefinitionUpsertInput,
        AttributeDefinitionUpsertPayload,
        Scope.CHANNELS_WRITE,
        describes="The attribute.",
    )
    """Define an attribute of orders, lines, SKUs, customers or locations, or change its definition. Fails with
    DEFINITION_IN_USE where records have values that would no longer fit."""
