"""The connector that is built in: documents of the source "oms" have the shape of the input of orderPlace."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from graphql import GraphQLError
from graphql.utilities import coerce_input_value, validate_input_value

from oms_api.domain.intake.errors import Unreadable
from oms_api.domain.orders.given import Cart
from oms_api.graphql.coercion import Convert, converter
from oms_api.graphql.internals import core_schema
from oms_api.graphql.orders.inputs import OrderPlaceInput
from oms_api.graphql.schema import build_schema
from oms_api.kernel.errors import OmsError, Refused

SOURCE = "oms"
MOST_ERRORS = 100


class OmsConnector:
    """Reads a document in the shape of OrderPlaceInput, whose `idempotencyKey` it may leave out."""

    def normalise(self, document: object) -> Cart:
        """Return the order that *document* means. Raises: Refused, with all that is wrong with its shape; OmsError."""
        if not isinstance(document, dict):
            raise Unreadable(problem="it is no object", field=("document",))
        problems: list[OmsError] = []

        def note(error: GraphQLError, path: Sequence[str | int]) -> None:
            if len(problems) < MOST_ERRORS:
                problems.append(Unreadable(problem=error.message.removesuffix("."), field=("document", *map(str, path))))

        said = {"idempotencyKey": "intake", **document}
        validate_input_value(said, _input_type(), note)
        if problems:
            raise Refused(errors=problems)
        try:
            placed: OrderPlaceInput = _convert()(coerce_input_value(said, _input_type()))
            return placed.to_command()
        except OmsError as error:
            raise error.at("document") from None


@cache
def _input_type() -> Any:
    return core_schema(build_schema()).type_map["OrderPlaceInput"]


@cache
def _convert() -> Convert:
    schema = build_schema()
    definition: Any = OrderPlaceInput.__strawberry_definition__  # type: ignore[attr-defined]
    return converter(definition, schema.config, {})
