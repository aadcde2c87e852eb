"""Asking for documents that are to become orders."""

from enum import Enum

from oms_api.domain.intake.queries import NEWEST_FIRST, OLDEST_FIRST
from oms_api.domain.intake.tables import OrderIntakeRow
from oms_api.graphql.declared.filters import By, Where, key, on
from oms_api.graphql.declared.lists import Listing, found, listed
from oms_api.graphql.described import enum, input_type, one_of, output
from oms_api.graphql.intake.types import OrderIntake


@enum
class OrderIntakeOrder(Enum):
    """The sort order of a list of documents that are to become orders."""

    RECEIVED_AT_DESC = NEWEST_FIRST
    """The newest first."""
    RECEIVED_AT_ASC = OLDEST_FIRST
    """The oldest first: the sequence in which connectors process the documents."""


@input_type
class OrderIntakeFilterInput(Where):
    """Conditions on documents that are to become orders; all must be true."""

    source = on(OrderIntakeRow.source)
    """By the system that the documents come from."""
    status = on(OrderIntakeRow.status)
    external_ref = on(OrderIntakeRow.external_ref)
    """By the reference of the source."""
    received_at = on(OrderIntakeRow.received_at)
    """When the documents were received."""


@one_of
class OrderIntakeByInput(By):
    """Identifies a document: give exactly one field."""

    id = key(OrderIntakeRow.id)
    order_id = key(OrderIntakeRow.order_id)
    """The order that the document became."""


INTAKES = Listing(show=OrderIntake, where=OrderIntakeFilterInput, order=OrderIntakeOrder, by=OrderIntakeByInput)


@output
class OrderIntakeQueries:
    """Asking for documents that are to become orders."""

    order_intakes = listed(INTAKES)
    """A list of documents that are to become orders, the newest first by default."""
    order_intake = found(INTAKES, "The id of the document, or the id of the order that it became.")
    """One document; null where there is none that the API key may see."""
