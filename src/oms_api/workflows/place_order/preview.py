"""What placing an order would come to: by the very decision that places it, over a snapshot that locks and claims nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from oms_api.db.session import Tx
from oms_api.domain.attributes.queries import definitions_in, naming
from oms_api.domain.inventory.errors import InsufficientStock
from oms_api.domain.inventory.sourcing import Source
from oms_api.domain.orders.given import Cart
from oms_api.domain.promising.assigning import Assignment
from oms_api.domain.promising.snapshot import ChannelSnapshot
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import OmsError, wrong_in
from oms_api.kernel.ids import LineId, new_uuid
from oms_api.workflows.place_order.decide import Decision
from oms_api.workflows.place_order.many import among_others
from oms_api.workflows.place_order.plan import OrderPlan, PlannedLine, Priced, Sourcing
from oms_api.workflows.place_order.ruled import Ruled, judge_carts
from oms_api.workflows.place_order.snapshot import PlacingSnapshot, looking
from oms_api.workflows.place_order.waiting_days import promise_waiting


@dataclass(frozen=True, slots=True)
class Availability:
    """Where units of a line would come from: from stock at once, from goods that are awaited, from nowhere.

    `ships_on` and `arrives_on` are what would be promised for those that wait, None where no day is known.
    """

    available: int
    waiting: int = 0
    missing: int = 0
    ships_on: date | None = None
    arrives_on: date | None = None


@dataclass(frozen=True, slots=True)
class LinePreview:
    """A line as it would be placed; of a bundle the whole sets."""

    line: PlannedLine
    availability: Availability


@dataclass(frozen=True, slots=True)
class CartPreview:
    """What placing an order would come to: its money as far as that is known, and why it would be refused."""

    currency: str | None = None
    priced: Priced | None = None
    lines: tuple[LinePreview, ...] = ()
    errors: tuple[OmsError, ...] = ()


@dataclass(slots=True)
class DecidedOrder:
    """How far deciding came, and the errors that placing would give."""

    errors: Sequence[OmsError]
    channel: ChannelSnapshot | None = None
    priced: Priced | None = None
    availability: Mapping[int, Availability] | None = None
    plan: OrderPlan | None = None


async def preview_cart(tx: Tx, cart: Cart) -> CartPreview:
    """Return what placing *cart* now would come to; nothing is written, and nothing is raised for what is wrong with it."""
    snapshot = await snapshot_to_preview(tx, cart)
    judge = await judge_carts(tx, snapshot, [cart])
    decision = Decision(snapshot, tx.principal, new_uuid, tx.now, judge)
    decided = await among_others([cart], lambda: _decide(tx, decision, cart))
    plans = [] if decided.plan is None or decided.errors else [decided.plan]
    promises = await promise_waiting(tx, decision, plans)
    days = {line: assignment for line, (_, assignment) in promises.items()}
    return CartPreview(
        currency=decided.channel.currency if decided.channel else None,
        priced=decided.priced,
        lines=tuple(_lines(decided, days)),
        errors=tuple(cause for error in decided.errors for cause in error.causes),
    )


async def snapshot_to_preview(tx: Tx, cart: Cart) -> PlacingSnapshot:
    """Return what a second look at *cart* would read, in one round trip and without its locks."""
    definitions = [naming(cart.attributes_named, hold=False)] if cart.attributes_named else []
    answers = await tx.flush([*definitions, *looking(tx, [cart], lock=False)])
    snapshot = PlacingSnapshot(attributes=definitions_in(answers[0]) if definitions else {})
    snapshot.take_lookups(snapshot.take_second(answers[len(definitions) :], tx.now, locked=False))
    return snapshot


def _decide(tx: Tx, decision: Decision, cart: Cart) -> DecidedOrder:
    """Decide on *cart* as far as that goes; the errors are those of the first step that fails, as when it is placed."""
    errors: Sequence[OmsError] = wrong_in(lambda: tx.business_time(cart.occurred_at))
    try:
        channel = decision.channel(cart)
    except OmsError as error:
        return DecidedOrder(errors or [error])
    items, wrong = decision.checked(cart, channel)
    errors = errors or wrong
    if not items or len(items) < len(cart.lines):
        return DecidedOrder(errors, channel)
    try:
        priced = decision.priced(cart, channel, items)
    except OmsError as error:
        return DecidedOrder(errors or [error], channel)
    asked = cart if not wrong else replace(cart, reservation_id=None)
    try:
        ruled = decision.ruled(asked, channel, priced)
    except OmsError as error:
        errors, ruled = errors or [error], Ruled(asked, priced)
    try:
        ruled, sourcing = decision.sourced(ruled, channel)
    except InsufficientStock as error:
        return DecidedOrder(errors or [error], channel, priced, _partly(decision, asked, channel, priced.lines))
    priced = ruled.priced
    found = _available(priced.lines, _served(sourcing), {at: each.units for at, each in sourcing.waiting.items()})
    return DecidedOrder(errors, channel, priced, found, decision.plan(ruled, channel, sourcing))


def _partly(decision: Decision, cart: Cart, channel: ChannelSnapshot, lines: Sequence[PlannedLine]) -> dict[int, Availability]:
    """Return what there is of the lines of an order that as a whole is short."""
    asked = decision.demanded(cart, channel, list(lines))
    strategy = decision.strategy(cart, channel, lines, asked.conversion)
    sources, missing = decision.stock.source(channel, asked.wanted, priority=cart.priority, partly=True, strategy=strategy)
    served = _served(Sourcing(list(sources), asked.conversion))
    waits = {sku_id for sku_id, units in missing.items() if decision.may_wait(channel, sku_id, units) == units}
    waiting = {demand.line: demand.quantity - served.get(demand.line, 0) for demand in asked.demands if demand.sku_id in waits}
    return _available(lines, served, waiting)


def _served(sourcing: Sourcing) -> dict[int, int]:
    """Return how many units of each line lie somewhere."""
    held: Sequence[Source] = () if sourcing.conversion is None else sourcing.conversion.taken
    served: dict[int, int] = {}
    for taken in (*held, *sourcing.sources):
        served[taken.line] = served.get(taken.line, 0) + taken.quantity
    return served


def _available(lines: Sequence[PlannedLine], served: Mapping[int, int], waiting: Mapping[int, int]) -> dict[int, Availability]:
    """Return by line how many units are served, and how many wait; lines that do not ship are there at once."""
    found: dict[int, Availability] = {}
    for at, line in enumerate(lines):
        there, later = (served.get(at, 0), waiting.get(at, 0)) if line.kind.ships else (line.quantity, 0)
        found[at] = Availability(there, later, line.quantity - there - later)
    return found


def _lines(decided: DecidedOrder, days: Mapping[LineId, Assignment]) -> list[LinePreview]:
    """Return the lines as they were given, a bundle with the sets that its components make."""
    if decided.priced is None or decided.availability is None:
        return []
    parts: dict[LineId | None, list[tuple[PlannedLine, Availability]]] = {}
    for at, line in enumerate(decided.priced.lines):
        found = decided.availability[at]
        if found.waiting and (assigned := days.get(line.id)) is not None:
            found = replace(found, ships_on=assigned.ships_on, arrives_on=assigned.arrives_on)
        parts.setdefault(line.parent, []).append((line, found))
    return [LinePreview(line, _sets(line, parts[line.id]) if line.id in parts else found) for line, found in parts[None]]


def _sets(bundle: PlannedLine, parts: Sequence[tuple[PlannedLine, Availability]]) -> Availability:
    """Return how many whole sets of *bundle* its *parts* make, now and later."""
    each = [(found, part.quantity // bundle.quantity) for part, found in parts]
    now = min(found.available // units for found, units in each)
    ever = min((found.available + found.waiting) // units for found, units in each)
    late = [found for found, _ in each if found.waiting]
    ships = [found.ships_on for found in late if found.ships_on is not None]
    arrives = [found.arrives_on for found in late if found.arrives_on is not None]
    return Availability(
        available=now,
        waiting=ever - now,
        missing=bundle.quantity - ever,
        ships_on=max(ships) if ships and len(ships) == len(late) else None,
        arrives_on=max(arrives) if arrives and len(arrives) == len(late) else None,
    )
