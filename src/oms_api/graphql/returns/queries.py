"""Asking for returns, and what units are worth before they come back."""

from enum import Enum
from typing import Annotated, Self

from oms_api.domain.channels.queries import at_locations
from oms_api.domain.orders.quantities import LineMoney
from oms_api.domain.orders.tables import OrderRow
from oms_api.domain.returns.policies import UnitsWanted
from oms_api.domain.returns.queries import NEWEST_FIRST, OLDEST_FIRST, preview_of_return
from oms_api.domain.returns.tables import ReturnLineRow, ReturnReceiptRow, ReturnRow
from oms_api.graphql.context import Info
from oms_api.graphql.declared.filters import By, Where, key, on
from oms_api.graphql.declared.lists import Listing, found, listed
from oms_api.graphql.declared.through import Sought
from oms_api.graphql.described import argument, enum, input_type, one_of, output
from oms_api.graphql.permissions import query
from oms_api.graphql.returns.inputs import ReturnPreviewInput
from oms_api.graphql.returns.types import Return
from oms_api.graphql.returns.value import ReturnValue
from oms_api.kernel.access import Scope
from oms_api.kernel.errors import OmsError
from oms_api.kernel.ids import LineId

LINES = Sought(ReturnRow.id, ReturnLineRow.return_id)
RECEIPTS = Sought(ReturnRow.id, ReturnReceiptRow.return_id, seen=at_locations(ReturnReceiptRow.location_id))


@enum
class ReturnOrder(Enum):
    """The sort order of a list of returns."""

    CREATED_AT_DESC = NEWEST_FIRST
    """The newest first."""
    CREATED_AT_ASC = OLDEST_FIRST
    """The oldest first."""


@input_type
class ReturnFilterInput(Where):
    """Conditions on returns; all must be true."""

    order_id = on(ReturnRow.order_id)
    channel_id = on(ReturnRow.channel_id, gauged=True)
    """By the channel of the order."""
    status = on(ReturnRow.status, gauged=True)
    number = on(ReturnRow.number, gauged=True)
    external_ref = on(ReturnRow.external_ref, searched=True, gauged=True)
    """By the platform's id."""
    reason = on(ReturnLineRow.reason, through=LINES, gauged=True)
    """By the reason of a line."""
    location_id = on(ReturnReceiptRow.location_id, through=RECEIPTS, gauged=True)
    """By a location where goods of the return arrived."""
    created_at = on(ReturnRow.created_at, gauged=True)
    """When the returns were announced."""


@input_type
class ReturnExternalRefInput(By, together=True):
    """A reference that is unique within a channel."""

    channel_id = key(ReturnRow.channel_id)
    """The channel."""
    ref = key(ReturnRow.external_ref)
    """The return's id in the platform."""


@one_of
class ReturnByInput(By):
    """Identifies a return: give exactly one field."""

    id = key(ReturnRow.id)
    number = key(ReturnRow.number)
    external_ref = ReturnExternalRefInput
    """Its id in the platform it came from."""


RETURNS = Listing(show=Return, where=ReturnFilterInput, order=ReturnOrder, by=ReturnByInput)


@output
class ReturnPreviewLine:
    """The value of units of one line."""

    line_id: LineId
    """The line of the order, as given in the input."""
    quantity: int
    """Units."""
    value: ReturnValue
    """The amount the customer paid for the units."""

    @classmethod
    def of(cls, given: UnitsWanted, value: LineMoney, order: OrderRow) -> Self:
        """Describe what *given* units are worth."""
        return cls(line_id=given.line_id, quantity=given.quantity, value=ReturnValue.of(value, order))


@output
class ReturnPreview(ReturnValue):
    """The amounts by which the amount due falls if these units are received now, before any other units come back."""

    lines: list[ReturnPreviewLine]
    """The same amounts by line, in the order given."""


@output
class ReturnQueries:
    """Asking for returns."""

    returns = listed(RETURNS)
    """A list of returns, the newest first by default."""
    return_ = found(RETURNS, "The id of the record, or another unique key.")
    """One return; null where there is none that the API key may see."""

    @query(
        Scope.RETURNS_READ,
        description="The value of units of an order, before their return is announced. Fails where `returnCreate` would fail.",
    )
    async def return_preview(
        self, info: Info, input: Annotated[ReturnPreviewInput, argument("The units that might come back.")]
    ) -> ReturnPreview:
        wanted = [line.to_command() for line in input.lines]
        try:
            preview = await preview_of_return(info.context.read, input.order_id, wanted)
        except OmsError as error:
            raise error.at("input") from None
        whole = ReturnValue.of(preview.value, preview.order)
        lines = [ReturnPreviewLine.of(given, value, preview.order) for given, value in zip(wanted, preview.rows, strict=True)]
        return ReturnPreview(**vars(whole), lines=lines)
