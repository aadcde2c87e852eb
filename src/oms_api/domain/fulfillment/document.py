"""An order with everything its units touch, locked, changed in memory and written by one statement.

Every command that moves units of an accepted order takes the lock of its header first, so what was read under it holds until
commit, and new values can be written as they are. Only stock is shared with other orders: see `inventory.settle`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from oms_api.db.pipeline import Statement
from oms_api.db.records import changed, revised
from oms_api.db.session import Tx
from oms_api.domain.channels.states import ReleaseWhen
from oms_api.domain.fulfillment.errors import AwaitsPickup, UnitsPacked
from oms_api.domain.fulfillment.requests.following import follow
from oms_api.domain.fulfillment.saving import saved
from oms_api.domain.fulfillment.states import FulfillmentOrderStatus
from oms_api.domain.fulfillment.units import Promise, Work
from oms_api.domain.fulfillment.ways import BALANCE, BY_ORDER, ORDERS, READ, Way, line_of, work_of
from oms_api.domain.orders.differences import header_changes
from oms_api.domain.orders.dues import NOTHING, Dues, Place, Share, dues_of
from oms_api.domain.orders.events import OrderCompleted, OrderReopened
from oms_api.domain.orders.gate import opens, pay_by
from oms_api.domain.orders.holds.placing import end_holds
from oms_api.domain.orders.quantities import (
    LineUnits,
    deallocate,
    hand_over,
    keep_back,
    put_out,
    settled,
    ship,
    unship,
    whole_sets,
)
from oms_api.domain.orders.states import CancelReason, OrderStatus
from oms_api.domain.orders.statuses import fulfillment_status, payment_status, return_status
from oms_api.domain.orders.tables import OrderRow
from oms_api.domain.orders.verbs import LIFE
from oms_api.domain.payments.balance import Balance
from oms_api.domain.payments.states import RefundPartKind
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.events import Event
from oms_api.kernel.ids import AllocationId, FulfillmentOrderId, LevelId, LineId, LocationId, OrderId

Changes = Mapping[str, tuple[object, object]]


@dataclass(slots=True)
class OrderDocument:
    """An order, its lines, promises and fulfillment orders, and how its money stands; a move replaces what it changes.

    Whoever opens or ends a refund or a return counts it in `open_refunds`, `open_returns` and `requested_returns`. `conceded`
    is what refunds concede, `took_off` what that took off when it was read; `fees_ever` counts waived `fees` too. `edited`
    says that something beside it is another: its version is raised whatever differs here. While it
    `awaits_payment` its channel says in `release_when` until when; `sufficed` says whether its payment did when it was read.
    Works are `answered` whose request is written by itself.
    """

    order: OrderRow
    lines: dict[LineId, LineUnits]
    promises: dict[AllocationId, Promise]
    works: dict[FulfillmentOrderId, Work]
    balance: Balance
    conceded: dict[Place, Share] = field(default_factory=dict)
    fees: Share = NOTHING
    fees_ever: Share = NOTHING
    took_off: Mapping[Place, Share] = field(default_factory=dict)
    open_refunds: int = 0
    open_returns: int = 0
    requested_returns: int = 0
    reopened: bool = False
    edited: bool = False
    awaits_payment: bool = False
    release_when: ReleaseWhen | None = None
    pay_within_minutes: int | None = None
    sufficed: bool = True
    touched_lines: set[LineId] = field(default_factory=set)
    touched_promises: set[AllocationId] = field(default_factory=set)
    closed: list[FulfillmentOrderId] = field(default_factory=list)
    answered: set[FulfillmentOrderId] = field(default_factory=set)
    readdressed: bool = False
    saved: OrderRow = field(init=False)
    """The header as `save` gave it."""
    _parts: dict[LineId, list[LineId]] = field(init=False, default_factory=dict)
    _promised: dict[LineId, list[AllocationId]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Note what belongs to which line: an order may have thousands of them."""
        for line in self.lines.values():
            if line.parent_id is not None:
                self._parts.setdefault(line.parent_id, []).append(line.id)
        for promise in self.promises.values():
            self._promised.setdefault(promise.line_id, []).append(promise.id)

    @property
    def incomplete(self) -> bool:
        """Whether it ships complete, and goods of it have no source yet."""
        waits = (line.kind.ships and line.unsourced + line.backordered for line in self.lines.values())
        return self.order.ship_complete and any(waits)

    @property
    def location_ids(self) -> tuple[LocationId, ...]:
        """The locations that work on the order, for events about it."""
        return tuple(sorted({work.location_id for work in self.works.values()}))

    def components(self, bundle: LineId) -> list[LineUnits]:
        """Return the lines of which the bundle's line consists."""
        return [self.lines[part] for part in self._parts.get(bundle, ())]

    def promises_of(self, line_id: LineId) -> list[Promise]:
        """Return the line's promises, in the order in which they were made."""
        return [self.promises[promise] for promise in self._promised.get(line_id, ())]

    def in_hand(self, *, short: bool = False) -> dict[LineId, int]:
        """Return, by line, the units that somebody is picking; of a *short* pick only those that a supplier sees to."""
        units: dict[LineId, int] = {}
        for promise in self.promises.values():
            if self.agreed(promise) or (self.began(promise) and not short):
                units[promise.line_id] = units.get(promise.line_id, 0) + promise.in_fulfillment
        return units

    def set_line(self, line: LineUnits) -> None:
        """Put the line in the place of what it was."""
        self.lines[line.id] = line
        self.touched_lines.add(line.id)

    def add_line(self, line: LineUnits) -> None:
        """Put a new line beside the others."""
        self.set_line(line)
        if line.parent_id is not None:
            self._parts.setdefault(line.parent_id, []).append(line.id)

    def began(self, promise: Promise) -> bool:
        """Tell whether somebody is picking what was promised."""
        return promise.work_id is not None and self.works[promise.work_id].status is FulfillmentOrderStatus.IN_PROGRESS

    def end_pickup(self, key: FulfillmentOrderId) -> None:
        """Let a fulfillment order no longer wait for a customer: its units can be taken."""
        self.works[key] = replace(self.works[key], awaits_pickup=False)

    def agreed(self, promise: Promise) -> bool:
        """Tell whether a supplier accepted the work on what was promised."""
        return promise.work_id is not None and self.works[promise.work_id].agreed

    def release(
        self, line_id: LineId, *, allocated: int, in_fulfillment: int, short: bool = False, of: FulfillmentOrderId | None = None
    ) -> list[tuple[LevelId, int]]:
        """Release units of a line, the promise made last first, and return how many at which level.

        What somebody is picking stays; where the pick is *short*, it is released first. What a supplier accepted stays. Those
        *of* one fulfillment order are released of that alone.
        """
        freed: dict[LevelId, int] = {}
        promises = [each for each in self.promises_of(line_id)[::-1] if of is None or each.work_id == of]
        for promise in sorted(promises, key=self.began, reverse=True) if short else promises:
            stays = of is None and (self.agreed(promise) or (self.began(promise) and not short))
            waiting, working = min(allocated, promise.allocated), 0 if stays else min(in_fulfillment, promise.in_fulfillment)
            if waiting + working:
                allocated, in_fulfillment = allocated - waiting, in_fulfillment - working
                freed[promise.level_id] = freed.get(promise.level_id, 0) + waiting + working
                self._set_promise(promise.given_up(waiting, working))
        return list(freed.items())

    def lose(self, promise: Promise, quantity: int) -> None:
        """Take units of a promise back, those on no fulfillment order first; their line is to be sourced again."""
        waiting = min(quantity, promise.allocated)
        working = quantity - waiting
        self._set_promise(promise.given_up(waiting, working))
        self.set_line(deallocate(self.lines[promise.line_id], allocated=waiting, in_fulfillment=working))

    def ship(self, promise: Promise, quantity: int, *, packed: bool = False) -> None:
        """Let units of a promise leave; those that were *packed* are in no package that waits any more."""
        self._set_promise(promise.kept(quantity, packed=packed))
        self.set_line(ship(self.lines[promise.line_id], quantity))

    def come_back(self, promise: Promise, quantity: int) -> None:
        """Let units that had left be worked on again; a completed order is open again."""
        self._set_promise(promise.come_back(quantity))
        self.set_line(unship(self.lines[promise.line_id], quantity))
        self.reopened = True

    def pack(self, promise: Promise, quantity: int) -> None:
        """Count units of a promise as packed. Negative, they were unpacked."""
        self._set_promise(promise.packed(quantity))

    def put_out(self, promise: Promise, work_id: FulfillmentOrderId) -> None:
        """Let units of a promise that were held back be worked on."""
        self._set_promise(promise.put_out(work_id))
        self.set_line(put_out(self.lines[promise.line_id], promise.allocated))

    def keep_back(self, promise: Promise) -> None:
        """Let units of a promise that nobody began to work on wait for work again."""
        self._set_promise(promise.kept_back())
        self.set_line(keep_back(self.lines[promise.line_id], promise.in_fulfillment))

    def hand_over(self) -> None:
        """Hand over what waits for a payment, and nobody has to send; nothing of it while the order is on hold."""
        for line in () if self.order.on_hold else list(self.lines.values()):
            if line.unsourced and line.waits_for_payment:
                self.set_line(hand_over(line))

    def _set_promise(self, promise: Promise) -> None:
        self.promises[promise.id] = promise
        self.touched_promises.add(promise.id)

    def settle(self) -> None:
        """Let bundles show the whole sets of their components, and close fulfillment orders with nothing left.

        Raises: UnitsPacked, where units were taken that are in packages; AwaitsPickup, where a customer is to fetch them.
        """
        bundles = {parent for line in self.touched_lines if (parent := self.lines[line].parent_id) is not None}
        for bundle in bundles:
            self.set_line(whole_sets(self.lines[bundle], self.components(bundle)))
        packed = sum(p.work_packed for key in self.touched_promises if (p := self.promises[key]).work_packed > p.in_fulfillment)
        if packed:
            raise UnitsPacked(packed=packed)
        touched = {self.promises[key].work_id for key in self.touched_promises}
        if any(self.works[key].awaits_pickup for key in touched if key is not None):
            raise AwaitsPickup
        busy = {promise.work_id for promise in self.promises.values() if promise.in_fulfillment}
        emptied = {p.work_id for key in self.touched_promises if (p := self.promises[key]).work_id} - busy
        for work_id in sorted(filter(None, emptied)):
            if self.works[work_id].status is not FulfillmentOrderStatus.CLOSED:
                self.works[work_id] = replace(self.works[work_id], status=FulfillmentOrderStatus.CLOSED)
                self.closed.append(work_id)

    @property
    def dues(self) -> Dues:
        """What is due now."""
        lines, taxed = self.lines.values(), self.order.prices_include_tax
        return dues_of(lines, prices_include_tax=taxed, conceded=self.conceded, fees=self.fees.amount)

    def header(self, at: datetime) -> OrderRow:
        """Return the header with the statuses that the lines now mean; *at* is when it got there.

        What waits for payment is handed over, where nothing is outstanding any more and the order is not held back for it.
        """
        if not self.awaits_payment and self.balance.outstanding(self.dues.due) == 0:
            self.hand_over()
        began = any(work.status is FulfillmentOrderStatus.IN_PROGRESS for work in self.works.values())
        lines, was, due = self.lines.values(), self.order, self.dues.due
        open_work = self.open_refunds > 0 or self.open_returns > 0
        status = settled(lines, was=was.status, open_work=open_work, reopened=self.reopened)
        return changed(
            was,
            status=status,
            fulfillment_status=fulfillment_status(lines, work_has_begun=began),
            payment_status=payment_status(self.balance, due=due),
            return_status=return_status(lines, requested=self.requested_returns > 0),
            due_minor=due,
            awaits_payment=self.awaits_payment and status is OrderStatus.OPEN,
            completed_at=(was.completed_at or at) if status is OrderStatus.COMPLETED else None,
            canceled_at=(was.canceled_at or at) if status is OrderStatus.CANCELED else None,
        )

    def save(
        self, tx: Tx, at: datetime, cancel_reason: CancelReason | None = None, *, free_reference: bool = False
    ) -> OrderRow:
        """Hand what differs to *tx*, for its last flush, and return the header as it is then: *at* is when it got there.

        The version is raised where anything differs. Where the order is canceled now, *cancel_reason* is kept, and its external
        reference given up if *free_reference*.
        """
        self.settle()
        order = self.header(at)
        if order.status is not self.order.status:
            LIFE.table.check(self.order.status, order.status)
            reason = cancel_reason if order.status is OrderStatus.CANCELED else self.order.cancel_reason
            order = changed(order, cancel_reason=reason)
            if free_reference and order.status is OrderStatus.CANCELED and order.external_ref is not None:
                order = changed(order, external_ref=None, freed_external_ref=order.external_ref)
        over = order.status is not OrderStatus.OPEN
        order = changed(order, on_hold=order.on_hold and not over)
        if order.awaits_payment and not self.order.awaits_payment:
            order = changed(order, pay_by=pay_by(self.pay_within_minutes, tx.now))
        if self.edited or self.touched_lines or self.touched_promises or order != self.order:
            order = revised(order, tx.now)
            lines = [self.lines[key] for key in sorted(self.touched_lines)]
            promises = [self.promises[key] for key in sorted(self.touched_promises)]
            tx.closing.append(saved(order, lines, promises, self.closed, at))
            self._end_holds(tx, whole=self.order.on_hold and over)
        moved = {p.work_id for p in map(self.promises.__getitem__, self.touched_promises) if p.work_id is not None}
        moved |= {key for key, work in self.works.items() if self.readdressed and work.sending}
        follow(tx, order, self.works, self.promises.values(), {*moved, *self.closed, *self.answered}, self.answered, at)
        self.saved = order
        return order

    def _end_holds(self, tx: Tx, *, whole: bool) -> None:
        """End the holds of what is closed: of the *whole* order, or of fulfillment orders."""
        held = [key for key in self.closed if self.works[key].on_hold]
        if held or whole:
            end_holds(tx, self.order.id, held, whole=whole)

    def emit(
        self,
        tx: Tx,
        kind: type[Event],
        changes: Changes,
        at: datetime,
        *,
        subject_id: UUID | None = None,
        location_ids: tuple[LocationId, ...] | None = None,
        cause_id: UUID | None = None,
        statuses: bool = True,
    ) -> None:
        """Emit *kind* with *changes* and the *statuses* of the order that differ, once it was saved.

        Without a *subject_id* the event is about the order; without *location_ids*, for all that work on it.
        """
        subject, places = subject_id or self.order.id, self.location_ids if location_ids is None else location_ids
        all_changes = {**changes, **(header_changes(self.order, self.saved) if statuses else {})}
        tx.emit(self._event(kind, subject, places, all_changes, at, cause_id))

    def emit_status(self, tx: Tx, at: datetime) -> None:
        """Emit that the order was completed by what was saved, or is worked on again."""
        kind = {OrderStatus.COMPLETED: OrderCompleted, OrderStatus.OPEN: OrderReopened}.get(self.saved.status)
        if kind is not None and self.saved.status is not self.order.status:
            moved = {"status": (self.order.status, self.saved.status)}
            tx.emit(self._event(kind, self.order.id, self.location_ids, moved, at))

    def _event(
        self,
        kind: type[Event],
        subject_id: UUID,
        location_ids: tuple[LocationId, ...],
        changes: Changes,
        at: datetime,
        cause_id: UUID | None = None,
    ) -> Event:
        return kind(
            subject_id=subject_id,
            order_id=self.order.id,
            channel_id=self.order.channel_id,
            location_ids=location_ids,
            changes=changes,
            occurred_at=at,
            cause_id=cause_id,
        )


async def locked_document(
    tx: Tx, way: Way, key: UUID, *alongside: Statement
) -> tuple[OrderDocument | None, list[list[tuple[Any, ...]]]]:
    """Lock an order and read it with all its units, and *alongside*, in one round trip; None where there is none."""
    answers = await tx.flush([*way.statements(key), *alongside])
    document, others = _document(answers[:READ]), answers[READ:]
    if document is None or not tx.principal.sees_channel(document.order.channel_id):
        return None, others
    return document, others


async def locked_documents(tx: Tx, orders: Iterable[OrderId]) -> dict[OrderId, OrderDocument]:
    """Lock *orders* one after another by id, and read each, in one round trip; whoever may see them.

    It is for what happens to orders because of something that has to do with none of them.
    """
    keys = sorted(set(orders))
    answers = await tx.flush([statement for key in keys for statement in BY_ORDER.statements(key)]) if keys else []
    read = (_document(answers[at : at + READ]) for at in range(0, len(answers), READ))
    return {document.order.id: document for document in read if document is not None}


def _document(answers: list[list[tuple[Any, ...]]]) -> OrderDocument | None:
    """Return the document in the *answers* to the statements of a way."""
    (
        header,
        lines,
        promises,
        works,
        conceded,
        ((*balance, refunds, returns, requested, kept, taxed, ever, taxed_ever, gate, minutes),),
    ) = answers
    if not header:
        return None
    order, when = ORDERS.record(header[0]), None if gate is None else ReleaseWhen(gate)
    held = Balance(**{name: amount or 0 for name, amount in zip(BALANCE, balance, strict=True)})
    document = OrderDocument(
        order=order,
        lines={row[0]: line_of(row) for row in lines},
        promises={row[0]: Promise(*row) for row in promises},
        works={row[0]: work_of(row) for row in works},
        balance=held,
        open_refunds=refunds,
        open_returns=returns,
        requested_returns=requested,
        conceded={RefundPartKind(kind) if line is None else line: Share(*amounts) for kind, line, *amounts in conceded},
        fees=Share(kept or 0, 0, taxed or 0),
        fees_ever=Share(ever or 0, 0, taxed_ever or 0),
        awaits_payment=order.awaits_payment,
        release_when=when,
        pay_within_minutes=minutes,
        sufficed=when is None or opens(when, held, order.due_minor),
    )
    document.took_off = document.dues.conceded
    return document
