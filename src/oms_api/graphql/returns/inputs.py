"""What clients send to announce, receive and end returns."""

from datetime import datetime

from oms_api.domain.returns.policies import UnitsWanted
from oms_api.domain.returns.receiving import ReturnLineToReceive
from oms_api.domain.returns.states import Disposition, ReturnReason
from oms_api.graphql.declared.inputs import Input
from oms_api.graphql.described import enum, input_type
from oms_api.graphql.lots.inputs import LotInput
from oms_api.kernel.ids import LineId, LocationId, OrderId, ReturnId, ReturnLineId
from oms_api.workflows.close_return import EndReturn
from oms_api.workflows.create_return import CreateReturn, LineToReturn
from oms_api.workflows.receive_return import ReceiveReturn

enum(ReturnReason)
enum(Disposition)


@input_type
class ReturnCreateLineInput(Input[LineToReturn]):
    """Units of one line that come back."""

    line_id: LineId
    """The line of the order. For complete bundles give the bundle's line, for single components their own lines."""
    quantity: int
    """Units, at least 1, at most the units that have left and are not already coming back. For a bundle: the number of complete
    bundles."""
    reason: ReturnReason
    """The reason."""
    note: str | None = None
    """The customer's remark."""


@input_type
class ReturnCreateInput(Input[CreateReturn]):
    """The units of an order that come back."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the return that the first call made."""
    order_id: OrderId
    """The order."""
    lines: list[ReturnCreateLineInput]
    """1 to 5,000 lines; each line once."""
    external_ref: str | None = None
    """The return's id in the platform, unique in the channel."""
    note: str | None = None
    """A remark for the people who handle it."""
    expected_version: int | None = None
    """The version of the order that the change is based on; any other is refused."""
    occurred_at: datetime | None = None
    """When the return was announced; by default now. Never in the future, never before the order was placed. Needs the scope
    `orders:import`."""


@input_type
class ReturnReceiveLineInput(Input[ReturnLineToReceive]):
    """Received units of one line. Give one of the two ids."""

    return_line_id: ReturnLineId | None = None
    """The line of the return."""
    line_id: LineId | None = None
    """The line of the order. For complete bundles give the bundle's line, for single components their own lines."""
    quantity: int
    """Units, at least 1, at most the expected units. For a bundle: the number of complete bundles."""
    disposition: Disposition | None = None
    """The treatment of the units; by default the treatment given for the whole receipt. Several rows may name the same line if
    the line's units are treated differently or are of several lots."""
    lot: LotInput | None = None
    """The lot of the units, where lots are tracked. Not allowed for a bundle's own line."""


@input_type
class ReturnReceiveInput(Input[ReceiveReturn]):
    """The received units of a return, the location, and the treatment of the units."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the return."""
    return_id: ReturnId
    """The return."""
    location_id: LocationId
    """The location that received the goods. It may be any location, not only the one that sent them."""
    lines: list[ReturnReceiveLineInput] | None = None
    """The received units by line; by default all expected units."""
    disposition: Disposition = Disposition.RESTOCK
    """The treatment of units whose line names no treatment."""
    note: str | None = None
    """A remark on the receipt."""
    expected_version: int | None = None
    """The version of the return that the change is based on; any other is refused."""
    occurred_at: datetime | None = None
    """When the goods were received; by default now. Never in the future, never before the return was announced. Needs the scope
    `orders:import`."""


@input_type
class ReturnCloseInput(Input[EndReturn]):
    """The return to close."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the return."""
    return_id: ReturnId
    """The return."""
    note: str | None = None
    """A remark on the reason."""
    expected_version: int | None = None
    """The version of the return that the change is based on; any other is refused."""
    occurred_at: datetime | None = None
    """When the return was closed; by default now. Never in the future, never before its last receipt. Needs the scope
    `orders:import`."""


@input_type
class ReturnCancelInput(Input[EndReturn]):
    """The return to cancel."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the return."""
    return_id: ReturnId
    """The return. None of its units may have been received."""
    note: str | None = None
    """A remark on the reason."""
    expected_version: int | None = None
    """The version of the return that the change is based on; any other is refused."""
    occurred_at: datetime | None = None
    """When the return was canceled; by default now. Never in the future, never before it was announced. Needs the scope
    `orders:import`."""


@input_type
class ReturnPreviewLineInput(Input[UnitsWanted]):
    """Units of one line that might come back."""

    line_id: LineId
    """The line of the order. For complete bundles give the bundle's line, for single components their own lines."""
    quantity: int
    """Units. For a bundle: the number of complete bundles."""


@input_type
class ReturnPreviewInput:
    """The units of an order that might come back."""

    order_id: OrderId
    """The order."""
    lines: list[ReturnPreviewLineInput]
    """1 to 5,000 lines; each line once."""
