"""The causes for which an order is not done, in plain sentences. Pure."""

from collections.abc import Iterator
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from oms_api.domain.fulfillment.requests.states import FulfillmentRequestStatus
from oms_api.domain.fulfillment.states import FulfillmentOrderStatus
from oms_api.domain.orders.states import LineKind, OrderStatus
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import IdKind, LineId
from oms_api.kernel.sentences import day_text, enumerated
from oms_api.workflows.explain_order.facts import (
    ExplainedOrder,
    ExplainedRequest,
    ExplainedWork,
    HoldFacts,
    LineFacts,
    ParcelFacts,
    RefundFacts,
    ReturnFacts,
    WaitFacts,
)
from oms_api.workflows.explain_order.states import CauseCode
from oms_api.workflows.explain_order.words import BACK, ENDS, OWED, WHY, are, counted, shortened, summed

MOST_SHOWN = 3
PLACE = "a location"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """One cause, since when it holds and until when it does if that is known, the lines it is about, and its records."""

    code: CauseCode
    text: str
    since: datetime | None = None
    until: datetime | None = None
    until_day: date | None = None
    line_ids: tuple[LineId, ...] = ()
    records: tuple[tuple[IdKind, UUID], ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why an order stands where it stands: all causes, and the first of them in one text."""

    causes: tuple[Cause, ...]

    @property
    def summary(self) -> str:
        """The first causes, joined in one text."""
        shown, more = self.causes[:MOST_SHOWN], len(self.causes) - MOST_SHOWN
        return " ".join([*(cause.text for cause in shown), *([f"There are {more} more causes."] if more > 0 else [])])


def explain(facts: ExplainedOrder) -> Explanation:
    """Return why an order is not done yet, or why it is no longer open: at least one cause."""
    return Explanation(tuple(Causes(facts).all()))


class Causes:
    """The causes in the facts of one order."""

    def __init__(self, facts: ExplainedOrder) -> None:
        self.facts = facts
        self.clock = ZoneInfo(facts.zone)
        self.today = facts.now.astimezone(self.clock).date()

    def all(self) -> list[Cause]:
        """Return every cause, the gravest first."""
        facts = self.facts
        if facts.status is OrderStatus.CANCELED:
            return [self.canceled()]
        if facts.status is OrderStatus.COMPLETED:
            return [self.completed()]
        found = [
            *map(self.hold, facts.holds),
            *map(self.request, facts.requests),
            *self.unpaid(),
            *self.unsourced(),
            *map(self.wait, facts.waits),
            *self.together(),
            *self.promised(),
            *map(self.work, facts.works),
            *map(self.parcel, facts.parcels),
            *map(self.back, facts.returns),
            *map(self.owed, facts.refunds),
        ]
        rank = list(CauseCode)
        return sorted(found, key=lambda cause: rank.index(cause.code)) or [
            Cause(code=CauseCode.NOTHING_LEFT, text="Nothing is left to do: the order is completed with its next change.")
        ]

    def hold(self, hold: HoldFacts) -> Cause:
        """Tell of a hold, and of what releases it."""
        what = f"The work of {hold.place or PLACE} is on hold" if hold.of_work else "On hold"
        ends = [f"until {self.moment(hold.release_at)}"] if hold.release_at else []
        ends += ["needs orders:approve to be released"] if hold.approval else []
        end = ", ".join(ends) or "until it is released"
        note = f" ({shortened(hold.note)})" if hold.note else ""
        text = f"{what} for {hold.reason}{note} since {self.moment(hold.since)} by {hold.by}, {end}."
        return Cause(
            code=CauseCode.FULFILLMENT_ON_HOLD if hold.of_work else CauseCode.ON_HOLD,
            text=text,
            since=hold.since,
            until=hold.release_at,
            records=((IdKind.HOLD, hold.id),),
        )

    def request(self, request: ExplainedRequest) -> Cause:
        """Tell of a change that somebody asked for."""
        why = f" ({shortened(request.reason)})" if request.reason else ""
        return Cause(
            code=CauseCode.CHANGE_REQUESTED,
            text=f"{request.by} asked for a change{why} {self.since(request.since)}; it waits to be applied or declined.",
            since=request.since,
            records=((IdKind.ORDER_CHANGE, request.id),),
        )

    def unpaid(self) -> Iterator[Cause]:
        """Tell what is released, or handed over, once it is paid."""
        lines = [line for line in self.counted_lines() if line.unsourced and not line.kind.ships]
        if (gate := self.facts.gate) is not None:
            end = f" until {self.moment(gate.pay_by)}" if gate.pay_by else ""
            then = "; else it is canceled" if gate.pay_by and gate.canceled_then else ""
            yield Cause(
                code=CauseCode.AWAITS_PAYMENT,
                text=f"Waits for payment: {gate.amount} is to be {'paid' if gate.paid else 'authorized'}{end}{then}.",
                until=gate.pay_by,
                line_ids=tuple(line.id for line in self.counted_lines() if line in lines or line.allocated),
            )
        elif lines:
            names = enumerated(list(dict.fromkeys(line.name for line in lines)))
            held = any(not hold.of_work for hold in self.facts.holds)
            paid = f"once {self.facts.outstanding} is paid" if self.facts.outstanding else "with the next change of the order"
            then = "once the order is released" if held else paid
            yield Cause(
                code=CauseCode.AWAITS_PAYMENT,
                text=f"{names} {'is' if len(lines) == 1 else 'are'} handed over {then}.",
                line_ids=tuple(line.id for line in lines),
            )

    def unsourced(self) -> Iterator[Cause]:
        """Tell of goods that no location has."""
        lines = [line for line in self.facts.lines if line.unsourced and line.kind.ships]
        for line in [line for line in lines if self.rejected(line.id)]:
            lines.remove(line)
            verb = "waits" if line.unsourced == 1 else "wait"
            text = f"{line.unsourced} of {line.name} {verb}: {self.rejected(line.id)}, no other location has it."
            yield Cause(code=CauseCode.UNSOURCED, text=text, line_ids=(line.id,))
        if lines:
            yield Cause(
                code=CauseCode.UNSOURCED,
                text=f"{summed((line.name, line.unsourced) for line in lines)} {are(lines, 'unsourced')} not promised from any "
                "location yet: they are looked for.",
                line_ids=tuple(line.id for line in lines),
            )

    def rejected(self, line_id: LineId) -> str:
        """Return which locations rejected a line and why, in words; nothing where none did."""
        places = [
            f"{rejected.place or PLACE} ({rejected.reason[:1].lower()}{rejected.reason[1:]})"
            for rejected in self.facts.rejections
            if rejected.line_id == line_id
        ]
        return f"rejected by {enumerated(places)}" if places else ""

    def wait(self, wait: WaitFacts) -> Cause:
        """Tell what units wait for, and when that comes."""
        verb = "waits" if wait.units.units == 1 else "wait"
        day = None if wait.expected_at is None else wait.expected_at.astimezone(self.clock).date()
        expected = f", expected {day_text(day, self.today)}" if day else ""
        promised = f"; promised for {day_text(wait.ships_on, self.today)}" if wait.ships_on else ""
        why = self.rejected(wait.units.line_id)
        rejected = f"; {why}" if why else ""
        supply = wait.supply or ("supply" if wait.document or wait.ships_on else "supply that nobody has ordered yet")
        return Cause(
            code=CauseCode.BACKORDERED,
            text=f"{counted([wait.units])} {verb} for {supply}{expected}{promised}{rejected}.",
            until=wait.expected_at,
            until_day=wait.ships_on or day,
            line_ids=(wait.units.line_id,),
            records=(wait.document,) if wait.document else (),
        )

    def together(self) -> Iterator[Cause]:
        """Tell of units that are there and leave with the rest."""
        there = [line for line in self.facts.lines if line.kind.ships and line.allocated + line.in_fulfillment]
        if self.facts.ships_complete and there and any(line.unsourced + line.backordered for line in self.counted_lines()):
            units = summed((line.name, line.allocated + line.in_fulfillment) for line in there)
            leave = "leaves" if sum(line.allocated + line.in_fulfillment for line in there) == 1 else "leave"
            yield Cause(
                code=CauseCode.AWAITS_THE_REST,
                text=f"{units} {leave} together with the units that are missing: the order ships complete.",
                line_ids=tuple(line.id for line in there),
            )

    def promised(self) -> Iterator[Cause]:
        """Tell of units that are promised and that no location works on."""
        lines = [line for line in self.facts.lines if line.allocated and line.kind.ships]
        if lines and self.facts.gate is None:
            yield Cause(
                code=CauseCode.ALLOCATED,
                text=f"{summed((line.name, line.allocated) for line in lines)} {are(lines, 'allocated')} promised from stock "
                "and not released to a location yet.",
                line_ids=tuple(line.id for line in lines),
            )

    def work(self, work: ExplainedWork) -> Cause:
        """Tell what a location has to do."""
        place, units = work.place or PLACE, counted(work.units) or "Units"
        verb = "waits" if sum(each.units for each in work.units) == 1 else "wait"
        lines = tuple(dict.fromkeys(each.line_id for each in work.units))
        match work.status:
            case FulfillmentOrderStatus.SCHEDULED if work.opens_on is not None:
                code, text = CauseCode.SCHEDULED, f"{units} {verb} in {place} until {day_text(work.opens_on, self.today)}."
            case _ if work.collect_by is not None:
                code = CauseCode.AWAITS_PICKUP
                text = f"{units} {verb} for the customer in {place} until {day_text(work.collect_by, self.today)}."
            case FulfillmentOrderStatus.IN_PROGRESS:
                code, text = CauseCode.BEING_PICKED, f"{units} {'is' if verb == 'waits' else 'are'} being picked in {place}."
            case _ if work.asked is not None:
                code = CauseCode.AWAITS_SUPPLIER
                asked = "to answer" if work.asked is FulfillmentRequestStatus.SUBMITTED else "to be asked"
                text = f"{units} {verb} for the supplier of {place} {asked}, since {self.moment(work.since)}."
            case _:
                code = CauseCode.AWAITS_PICKING
                off = ", which takes no new orders; no other location has all of them" if work.place_is_off else ""
                text = f"{units} {verb} to be picked in {place} since {self.moment(work.since)}{off}."
        return Cause(
            code=code,
            text=text,
            since=None if work.status is FulfillmentOrderStatus.IN_PROGRESS else work.since,
            until_day=work.collect_by or work.opens_on,
            line_ids=lines,
            records=((IdKind.FULFILLMENT_ORDER, work.id),),
        )

    def parcel(self, parcel: ParcelFacts) -> Cause:
        """Tell where a parcel is."""
        units = counted(parcel.units) or "Units"
        one = sum(each.units for each in parcel.units) == 1
        tracking, since = f" ({parcel.tracking})" if parcel.tracking else "", self.moment(parcel.since)
        lost = f"{'was' if one else 'were'} lost on the way, known since {since}"
        away = f"{'is' if one else 'are'} on the way since {since}"
        return Cause(
            code=CauseCode.LOST if parcel.lost else CauseCode.ON_ITS_WAY,
            text=f"{units} {lost if parcel.lost else away}{tracking}.",
            since=parcel.since,
            line_ids=tuple(dict.fromkeys(each.line_id for each in parcel.units)),
            records=((IdKind.SHIPMENT, parcel.shipment_id),),
        )

    def back(self, back: ReturnFacts) -> Cause:
        """Tell of an open return."""
        text = f"Return {back.number} is open since {self.moment(back.since)}; {BACK[back.status]}."
        return Cause(code=CauseCode.RETURN_OPEN, text=text, since=back.since, records=((IdKind.RETURN, back.id),))

    def owed(self, refund: RefundFacts) -> Cause:
        """Tell of an open refund."""
        of = f" of {refund.amount}" if refund.amount else ""
        text = f"A refund{of} is open since {self.moment(refund.since)}; {OWED[refund.status]}."
        return Cause(code=CauseCode.REFUND_OPEN, text=text, since=refund.since, records=((IdKind.REFUND, refund.id),))

    def canceled(self) -> Cause:
        """Tell why the order was canceled."""
        when, reason = self.ended(), self.facts.cancel_reason
        why = f": {WHY[reason]}" if reason else ""
        return Cause(code=CauseCode.CANCELED, text=f"Canceled{when}{why}.", since=self.facts.ended_at)

    def completed(self) -> Cause:
        """Tell what became of the units of a completed order."""
        ends = [
            f"{summed(units)} {end}"
            for name, end in ENDS.items()
            if (units := [(line.name, count) for line in self.counted_lines() if (count := getattr(line, name))])
        ]
        became = f": {', '.join(ends)}" if ends else ""
        return Cause(code=CauseCode.COMPLETED, text=f"Completed{self.ended()}{became}.", since=self.facts.ended_at)

    def counted_lines(self) -> list[LineFacts]:
        """Return the lines whose units are counted: a bundle's are those of its components."""
        return [line for line in self.facts.lines if line.kind is not LineKind.BUNDLE]

    def since(self, at: datetime) -> str:
        """Return when something happened, with its preposition."""
        return f"{'at' if at.astimezone(self.clock).date() == self.today else 'on'} {self.moment(at)}"

    def ended(self) -> str:
        """Return when the order ended, if that is known."""
        at = self.facts.ended_at
        return f" {self.since(at)}" if at else ""

    def moment(self, at: datetime) -> str:
        """Return a moment as people of the channel say it: the hour today, else the day."""
        local = at.astimezone(self.clock)
        return f"{local:%H:%M}" if local.date() == self.today else day_text(local.date(), self.today)
