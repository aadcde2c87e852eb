"""What clients send to announce, receive and end returns."""

from datetime import datetime

from oms_api.domain.returns.policies import UnitsWanted
from oms_api.domain.returns.receiving import LineToReceive
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
    """The order's line; of a bundle its own line for whole sets, or a component's."""
    quantity: int
    """How many units (of a bundle: sets), at least 1, at most what left and is not coming back already."""
    reason: ReturnReason
    """Why they come back."""
    note: str | None = None
    """What the customer has to say about it."""


@input_type
class ReturnCreateInput(Input[CreateReturn]):
    """What comes back of an order."""

    idempotency_key: str
    """Makes a retry safe: the same key answers with the return made first; kept 72 hours."""
    order_id: OrderId
    """The order."""
    lines: list[ReturnCreateLineInput]
    """1 to 5,000 lines; each line once."""
    external_ref: str | None = None
    """The return's id in the platform, unique in the channel."""
    note: str | None = None
    """A remark for whoever handles it."""
    expected_version: int | None = None
    """Create it only while the order has this version."""
    occurred_at: datetime | None = None
    """When it was announced, if not now; needs the scope `orders:import`, never in the future or before the order."""


@input_type
class ReturnReceiveLineInput(Input[LineToReceive]):
    """Units of one line that came, the line named by one of the two ids."""

    return_line_id: ReturnLineId | None = None
    """The line of the return."""
    line_id: LineId | None = None
    """The order's line; of a bundle its own line for whole sets, or a component's."""
    quantity: int
    """How many units (of a bundle: sets), at least 1, at most what is expected."""
    disposition: Disposition | None = None
    """What becomes of them, if not what the input says for all. A line may come in parts that are treated differently or are of
    several lots."""
    lot: LotInput | None = None
    """The lot that they are of, where lots are told apart; not with a bundle's own line."""


@input_type
class ReturnReceiveInput(Input[ReceiveReturn]):
    """What came of a return, where, and what becomes of it."""

    idempotency_key: str
    """Makes a retry safe: the same key answers with the return; kept 72 hours."""
    return_id: ReturnId
    """The return."""
    location_id: LocationId
    """Where the goods came to: any location, also one that did not send them."""
    lines: list[ReturnReceiveLineInput] | None = None
    """Quantities of its lines; without it everything that is expected."""
    disposition: Disposition = Disposition.RESTOCK
    """What becomes of lines that do not say it themselves."""
    note: str | None = None
    """A remark on the receipt."""
    expected_version: int | None = None
    """Receive only while the return has this version."""
    occurred_at: datetime | None = None
    """When it came, if not now; needs the scope `orders:import`, never in the future or before it was announced."""


@input_type
class ReturnCloseInput(Input[EndReturn]):
    """Which return is over."""

    idempotency_key: str
    """Makes a retry safe: the same key answers with the return; kept 72 hours."""
    return_id: ReturnId
    """The return."""
    note: str | None = None
    """A remark on its end."""
    expected_version: int | None = None
    """Close it only while it has this version."""
    occurred_at: datetime | None = None
    """When it was closed, if not now; needs the scope `orders:import`, never in the future or before its last receipt."""


@input_type
class ReturnCancelInput(Input[EndReturn]):
    """Which return is called off."""

    idempotency_key: str
    """Makes a retry safe: the same key answers with the return; kept 72 hours."""
    return_id: ReturnId
    """The return; nothing of it may have come yet."""
    note: str | None = None
    """A remark on its end."""
    expected_version: int | None = None
    """Cancel it only while it has this version."""
    occurred_at: datetime | None = None
    """When it was called off, if not now; needs the scope `orders:import`, never in the future or before it was announced."""


@input_type
class ReturnPreviewLineInput(Input[UnitsWanted]):
    """Units of one line that might come back."""

    line_id: LineId
    """The order's line; of a bundle its own line for whole sets, or a component's."""
    quantity: int
    """How many units (of a bundle: sets)."""


@input_type
class ReturnPreviewInput:
    """What might come back of an order."""

    order_id: OrderId
    """The order."""
    lines: list[ReturnPreviewLineInput]
    """1 to 5,000 lines; each line once."""
