"""A supplier with a location of its own, asked for work that it answers, ships and tells of by the domain's own commands."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar, cast
from uuid import uuid4

from sqlalchemy import select

from oms_api.db.session import Tx
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.channels.commands.change_location import CreateLocation, UpdateLocation, create_location, update_location
from oms_api.domain.channels.policies import LocationChanges
from oms_api.domain.channels.states import LocationKind
from oms_api.domain.channels.tables import LocationRow
from oms_api.domain.events.sweeps import Batch
from oms_api.domain.fulfillment.requests.tables import FulfillmentRequestRow
from oms_api.domain.purchasing.tables import PurchaseOrderRow, SupplierRow
from oms_api.domain.shipping.tables import ShipmentRow
from oms_api.kernel.access import Principal, Scope
from oms_api.kernel.ids import FulfillmentOrderLineId, FulfillmentRequestId, IntegrationId, OrderId
from oms_api.workflows.requests.accept import AcceptRequest, LineToReject, accept_request
from oms_api.workflows.requests.cancel import (
    AnswerCancellation,
    AskToCancel,
    accept_cancellation,
    ask_to_cancel,
    reject_cancellation,
)
from oms_api.workflows.requests.overdue import silent_suppliers
from oms_api.workflows.requests.reject import LineOfRequest, RejectRequest, reject_request
from oms_api.workflows.requests.ship import ShipRequest, ship_request
from oms_api.workflows.requests.submit import SubmitRequest, ask_suppliers, submit_request
from tests.factories.given import SYSTEM, Given
from tests.factories.purchasing import Buyer
from tests.factories.raw import raw

Command = TypeVar("Command")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Desk:
    """The desk of a supplier, and of those who ask it. `buyer` says how it sells its goods."""

    work: UnitOfWork
    buyer: Buyer
    location: LocationRow
    principal: Principal

    @classmethod
    async def open(
        cls, work: UnitOfWork, *, kind: LocationKind = LocationKind.SUPPLIER, minutes: int | None = None, submits: bool = True
    ) -> "Desk":
        """Make a supplier and its location, and let its key see no other."""
        buyer = await Buyer.open(work)
        command = CreateLocation(
            code=Given(work).code("DROP"),
            name="Shelf of a supplier",
            kind=kind,
            time_zone="Europe/London",
            supplier_id=buyer.supplier.id,
            answer_within_minutes=minutes,
            submits_requests=submits,
        )
        place = await work.execute(SYSTEM, create_location, command)
        key = Principal(
            client_id=IntegrationId(uuid4()),
            name="supplier",
            scopes=frozenset({Scope.REQUESTS_READ, Scope.REQUESTS_ANSWER}),
            locations=frozenset({place.id}),
            suppliers=frozenset({buyer.supplier.id}),
        )
        return cls(work, replace(buyer, location=place), place, key)

    @property
    def supplier(self) -> SupplierRow:
        """The supplier."""
        return self.buyer.supplier

    async def change(self, **changes: Any) -> None:
        """Change the location."""
        said = cast("LocationChanges", changes)
        await self.work.execute(SYSTEM, update_location, UpdateLocation(location_id=self.location.id, changes=said))

    async def sweep(self, at: datetime | None = None) -> None:
        """Ask for what nobody is asked for, and give up waiting for who is silent at that moment."""
        work = self.work if at is None else UnitOfWork(self.work.pool, lambda: at)
        await work.execute(SYSTEM, _asked, None)
        while await work.execute(SYSTEM, _given_up, None):
            pass

    async def requests(self, order: OrderId) -> list[FulfillmentRequestRow]:
        """Return the requests of an order, oldest first."""
        table = FulfillmentRequestRow
        async with self.work.reads(SYSTEM) as read:
            return list(await read.all(raw(select(table).where(table.order_id == order).order_by(table.id))))

    async def request(self, order: OrderId) -> FulfillmentRequestRow:
        """Return the only request of an order."""
        (found,) = await self.requests(order)
        return found

    async def bought(self, request: FulfillmentRequestId) -> PurchaseOrderRow:
        """Return the purchase order of a request as it is now."""
        table = FulfillmentRequestRow
        async with self.work.reads(SYSTEM) as read:
            row = await read.one(raw(select(table).where(table.id == request)))
        assert row.purchase_order_id is not None, "nothing is bought by the request"
        return await self.buyer.now(row.purchase_order_id)

    async def asked(self, order: OrderId) -> FulfillmentRequestRow:
        """Ask for an order's work, and return its only request."""
        await self.sweep()
        return await self.request(order)

    async def accept(
        self,
        request: FulfillmentRequestId,
        *rejected: tuple[FulfillmentOrderLineId, int],
        reason: str = "NOT_FOUND",
        **more: Any,
    ) -> FulfillmentRequestRow:
        """Accept a request, apart from units of lines."""
        lines = tuple(LineToReject(line_id=key, quantity=units, reason_code=reason) for key, units in rejected)
        return await self._do(accept_request, AcceptRequest(idempotency_key="", request_id=request, rejected=lines, **more))

    async def reject(
        self,
        request: FulfillmentRequestId,
        *lines: tuple[FulfillmentOrderLineId, int],
        reason: str = "NO_CAPACITY",
        **more: Any,
    ) -> FulfillmentRequestRow:
        """Reject units of a request, or all."""
        some = tuple(LineOfRequest(line_id=key, quantity=units) for key, units in lines) or None
        command = RejectRequest(idempotency_key="", request_id=request, reason_code=reason, lines=some, **more)
        return await self._do(reject_request, command)

    async def ship(self, request: FulfillmentRequestId, *lines: tuple[FulfillmentOrderLineId, int], **more: Any) -> ShipmentRow:
        """Ship units of a request, or all that is left."""
        some = tuple(LineOfRequest(line_id=key, quantity=units) for key, units in lines) or None
        return await self._do(ship_request, ShipRequest(idempotency_key=uuid4().hex, request_id=request, lines=some, **more))

    async def stop(self, request: FulfillmentRequestId, **more: Any) -> FulfillmentRequestRow:
        """Answer that the work stops."""
        return await self._do(accept_cancellation, AnswerCancellation(idempotency_key="", request_id=request, **more))

    async def go_on(self, request: FulfillmentRequestId, **more: Any) -> FulfillmentRequestRow:
        """Answer that the work goes on."""
        return await self._do(reject_cancellation, AnswerCancellation(idempotency_key="", request_id=request, **more))

    async def ask_to_cancel(self, request: FulfillmentRequestId, **more: Any) -> FulfillmentRequestRow:
        """Take a request back, as the merchant."""
        command = AskToCancel(idempotency_key="", request_id=request, **more)
        return await self.work.execute(SYSTEM, ask_to_cancel, command)

    async def submit(self, request: FulfillmentRequestId, **more: Any) -> FulfillmentRequestRow:
        """Ask the supplier, as the merchant."""
        command = SubmitRequest(idempotency_key="", request_id=request, **more)
        return await self.work.execute(SYSTEM, submit_request, command)

    async def _do(self, command: Callable[[Tx, Command], Awaitable[Result]], given: Command) -> Result:
        return await self.work.execute(self.principal, command, given)


async def _asked(tx: Tx, _none: None) -> int:
    return await ask_suppliers(tx, 200)


async def _given_up(tx: Tx, _none: None) -> int:
    return await silent_suppliers(tx, Batch())
