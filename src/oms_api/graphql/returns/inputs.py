"""What clients send to announce, receive and end returns."""

from datetime import datetime
from functools import partial

import strawberry

from oms_api.domain.returns.policies import UnitsWanted
from oms_api.domain.returns.receiving import LineToReceive
from oms_api.domain.returns.states import Disposition, ReturnReason
from oms_api.graphql.described import enum, input_type
from oms_api.graphql.filters import id_at
from oms_api.graphql.lots.inputs import LotInput, lot_of
from oms_api.graphql.rows import each_row
from oms_api.kernel.ids import IdKind
from oms_api.workflows.close_return import EndReturn
from oms_api.workflows.create_return import CreateReturn, LineToReturn
from oms_api.workflows.receive_return import ReceiveReturn

enum(ReturnReason)
enum(Disposition)


@input_type
class ReturnCreateLineInput:
    """Units of one line that come back."""

    line_id: strawberry.ID
    """The order's line; of a bundle its own line for whole sets, or a component's."""
    quantity: int
    """How many units (of a bundle: sets), at least 1, at most what left and is not coming back already."""
    reason: ReturnReason
    """Why they come back."""
    note: str | None = None
    """What the customer has to say about it."""

    def to_line(self, *path: str | int) -> LineToReturn:
        """Return the line as the domain takes it. Raises: InvalidId."""
        line_id = id_at(IdKind.LINE, self.line_id, *path, "lineId")
        return LineToReturn(line_id=line_id, quantity=self.quantity, reason=self.reason, note=self.note)


@input_type
class ReturnCreateInput:
    """What comes back of an order."""

    idempotency_key: str
    """Makes a retry safe: the same key answers with the return made first; kept 72 hours."""
    order_id: strawberry.ID
    """The order."""
    lines: list[ReturnCreateLineInput]
    """1 to 1,000 lines; each line once."""
    external_ref: str | None = None
    """The return's id in the platform, unique in the channel."""
    note: str | None = None
    """A remark for whoever handles it."""
    expected_version: int | None = None
    """Create it only while the order has this version."""
    occurred_at: datetime | None = None
    """When it was announced, if not now; needs the scope `orders:import`, never in the future or before the order."""

    def to_command(self) -> CreateReturn:
        """Return the command. Raises: InvalidId."""
        return CreateReturn(
            idempotency_key=self.idempotency_key,
            order_id=id_at(IdKind.ORDER, self.order_id, "orderId"),
            lines=each_row("lines", self.lines, ReturnCreateLineInput.to_line),
            external_ref=self.external_ref,
            note=self.note,
            expected_version=self.expected_version,
            occurred_at=self.occurred_at,
        )


@input_type
class ReturnReceiveLineInput:
    """Units of one line that came, the line named by one of the two ids."""

    return_line_id: strawberry.ID | None = None
    """The line of the return."""
    line_id: strawberry.ID | None = None
    """The order's line; of a bundle its own line for whole sets, or a component's."""
    quantity: int
    """How many units (of a bundle: sets), at least 1, at most what is expected."""
    disposition: Disposition | None = None
    """What becomes of them, if not what the input says for all. A line may come in parts that are treated differently or are of
    several lots."""
    lot: LotInput | None = None
    """The lot that they are of, where lots are told apart; not with a bundle's own line."""

    def to_line(self, *path: str | int, otherwise: Disposition) -> LineToReceive:
        """Return the line as the domain takes it. Raises: InvalidId."""
        back, line = self.return_line_id, self.line_id
        return LineToReceive(
            quantity=self.quantity,
            disposition=self.disposition or otherwise,
            return_line_id=None if back is None else id_at(IdKind.RETURN_LINE, back, *path, "returnLineId"),
            line_id=None if line is None else id_at(IdKind.LINE, line, *path, "lineId"),
            lot=lot_of(self.lot),
        )


@input_type
class ReturnReceiveInput:
    """What came of a return, where, and what becomes of it."""

    idempotency_key: str
    """Makes a retry safe: the same key answers with the return; kept 72 hours."""
    return_id: strawberry.ID
    """The return."""
    location_id: strawberry.ID
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

    def to_command(self) -> ReceiveReturn:
        """Return the command. Raises: InvalidId."""
        to_line = partial(ReturnReceiveLineInput.to_line, otherwise=self.disposition)
        return ReceiveReturn(
            idempotency_key=self.idempotency_key,
            return_id=id_at(IdKind.RETURN, self.return_id, "returnId"),
            location_id=id_at(IdKind.LOCATION, self.location_id, "locationId"),
            lines=None if self.lines is None else each_row("lines", self.lines, to_line),
            disposition=self.disposition,
            note=self.note,
            expected_version=self.expected_version,
            occurred_at=self.occurred_at,
        )


@input_type
class ReturnCloseInput:
    """Which return is over."""

    idempotency_key: str
    """Makes a retry safe: the same key answers with the return; kept 72 hours."""
    return_id: strawberry.ID
    """The return."""
    note: str | None = None
    """A remark on its end."""
    expected_version: int | None = None
    """Close it only while it has this version."""
    occurred_at: datetime | None = None
    """When it was closed, if not now; needs the scope `orders:import`, never in the future or before its last receipt."""

    def to_command(self) -> EndReturn:
        """Return the command. Raises: InvalidId."""
        return EndReturn(
            idempotency_key=self.idempotency_key,
            return_id=id_at(IdKind.RETURN, self.return_id, "returnId"),
            note=self.note,
            expected_version=self.expected_version,
            occurred_at=self.occurred_at,
        )


@input_type
class ReturnCancelInput:
    """Which return is called off."""

    idempotency_key: str
    """Makes a retry safe: the same key answers with the return; kept 72 hours."""
    return_id: strawberry.ID
    """The return; nothing of it may have come yet."""
    note: str | None = None
    """A remark on its end."""
    expected_version: int | None = None
    """Cancel it only while it has this version."""
    occurred_at: datetime | None = None
    """When it was called off, if not now; needs the scope `orders:import`, never in the future or before it was announced."""

    def to_command(self) -> EndReturn:
        """Return the command. Raises: InvalidId."""
        return EndReturn(
            idempotency_key=self.idempotency_key,
            return_id=id_at(IdKind.RETURN, self.return_id, "returnId"),
            note=self.note,
            expected_version=self.expected_version,
            occurred_at=self.occurred_at,
        )


@input_type
class ReturnPreviewLineInput:
    """Units of one line that might come back."""

    line_id: strawberry.ID
    """The order's line; of a bundle its own line for whole sets, or a component's."""
    quantity: int
    """How many units (of a bundle: sets)."""

    def to_units(self, *path: str | int) -> UnitsWanted:
        """Return the units as the domain takes them. Raises: InvalidId."""
        return UnitsWanted(id_at(IdKind.LINE, self.line_id, *path, "lineId"), self.quantity)


@input_type
class ReturnPreviewInput:
    """What might come back of an order."""

    order_id: strawberry.ID
    """The order."""
    lines: list[ReturnPreviewLineInput]
    """1 to 1,000 lines; each line once."""
