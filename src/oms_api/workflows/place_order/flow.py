"""The flow of placing orders: claim and read, decide, write."""

from collections.abc import Mapping, Sequence
from functools import partial
from uuid import UUID

from oms_api.db.idempotency import claim_of
from oms_api.db.session import Claim, LookAgain, Tx
from oms_api.domain.inventory.errors import InsufficientStock
from oms_api.domain.orders.errors import BatchTooLarge, RejectedWithBatch
from oms_api.domain.orders.given import MOST_LINES, MOST_ORDERS, Cart, OnFailure, PlaceOrder
from oms_api.domain.orders.tables import OrderRow
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import IdempotencyKeyReused, InvalidValue, OmsError
from oms_api.kernel.ids import OrderId, new_uuid
from oms_api.workflows.assign_supply import emit_promises
from oms_api.workflows.place_order.decide import Decision
from oms_api.workflows.place_order.many import among_others
from oms_api.workflows.place_order.plan import OrderPlan
from oms_api.workflows.place_order.ruled import judge_carts
from oms_api.workflows.place_order.snapshot import claim_and_read
from oms_api.workflows.place_order.waiting_days import promise_waiting
from oms_api.workflows.place_order.write import OrderBatch

MUTATION = "orderPlace"
REFERENCE_TAKEN = "uq_orders_channel_id_external_ref"


@dataclass(frozen=True, slots=True)
class PlaceOrders:
    """A batch of orders."""

    orders: tuple[PlaceOrder, ...]
    on_failure: OnFailure = OnFailure.REJECT_FAILED


@dataclass(slots=True)
class Placed:
    """What became of one order of a batch: placed, now or before (`replayed`), or refused.

    `order` is what was placed now. The database gives its number with the answer to COMMIT: where that got lost the order is
    there and is read by its id.
    """

    id: OrderId | None = None
    order: OrderRow | None = None
    replayed: bool = False
    error: OmsError | None = None


async def place_order(tx: Tx, given: PlaceOrder) -> Placed:
    """Place one order: its stock committed over the channel's locations, a fulfillment order for each location.

    Raises: Refused with all that is wrong, InsufficientStock, IdempotencyKeyReused, NotFound, ChannelInactive.
    """
    claimed = await among_others([given], lambda: claim_of(tx.principal, MUTATION, given.idempotency_key, given))
    (placed,) = await place(tx, [claimed], PlaceOrders((given,)))
    if placed.error is not None:
        raise placed.error
    return placed


async def place_under_claim(tx: Tx, cart: Cart) -> Placed:
    """Place one order within a command that claimed its own key. Raises: as `place_order`."""
    (placed,) = await place(tx, [None], PlaceOrders((cart.ordered(""),)))
    if placed.error is not None:
        raise placed.error
    return placed


async def place_orders(tx: Tx, batch: PlaceOrders) -> list[Placed]:
    """Place a batch of orders, stock locked once in key order; each order's key replays by itself.

    Raises: BatchTooLarge, InvalidValue for a key that is none or stands in the batch twice.
    """
    check_size(batch)
    claims = await among_others(batch.orders, lambda: [claim_in_batch(tx, at, given) for at, given in enumerate(batch.orders)])
    return await place(tx, claims, batch)


def claim_in_batch(tx: Tx, index: int, given: PlaceOrder) -> Claim:
    """Return the claim of the order at *index*. Raises: InvalidValue, for a key that is none."""
    try:
        return claim_of(tx.principal, MUTATION, given.idempotency_key, given)
    except OmsError as error:
        raise error.at("orders", index) from None


async def place(tx: Tx, claims: Sequence[Claim | None], batch: PlaceOrders) -> list[Placed]:
    """Place the orders of *batch* under their *claims*, None where another one holds; see `place_orders`."""
    earlier, snapshot = await claim_and_read(tx, claims, batch.orders)
    judge = await judge_carts(tx, snapshot, batch.orders)
    decision = Decision(snapshot, tx.principal, new_uuid, tx.now, judge)
    decided = await among_others(
        batch.orders, lambda: [decide(tx, decision, given, found) for given, found in zip(batch.orders, earlier, strict=True)]
    )
    if not tx.pessimistic and (snapshot.contested or any(isinstance(outcome, InsufficientStock) for outcome in decided)):
        raise LookAgain  # what those who wait leave is known under locks only
    refused = any(isinstance(outcome, OmsError) for outcome in decided)
    if refused and batch.on_failure is OnFailure.REJECT_ALL and len(batch.orders) > 1:
        decided = [RejectedWithBatch() if isinstance(outcome, OrderPlan) else outcome for outcome in decided]
    promises = await promise_waiting(tx, decision, [outcome for outcome in decided if isinstance(outcome, OrderPlan)])
    rows = OrderBatch(snapshot, promises)
    placed = await among_others(batch.orders, lambda: write(tx, rows, claims, decided))
    emit_promises(tx, promises.values())
    return placed


def write(
    tx: Tx, rows: OrderBatch, claims: Sequence[Claim | None], decided: Sequence[OrderPlan | UUID | OmsError]
) -> list[Placed]:
    """Hand what was *decided* to *tx*, to be written in its last flush."""
    placed: list[Placed] = []
    for claimed, outcome in zip(claims, decided, strict=True):
        match outcome:
            case OrderPlan():
                rows.add(tx, outcome)
                placed.append(Placed(outcome.id))
                if claimed is not None:
                    tx.results.append((claimed, outcome.id))
            case OmsError():
                placed.append(Placed(error=outcome))
            case UUID():
                placed.append(Placed(OrderId(outcome), replayed=True))
    if any(isinstance(outcome, OrderPlan) for outcome in decided):
        tx.races = frozenset({REFERENCE_TAKEN})
        rows.close(tx, rows.snapshot.overdue, partial(remember, placed))
    return placed


def remember(placed: Sequence[Placed], orders: Mapping[OrderId, OrderRow]) -> None:
    """Note the *orders* as they were written."""
    for each in placed:
        if each.id is not None:
            each.order = orders.get(each.id)


def decide(
    tx: Tx, decision: Decision, given: PlaceOrder, earlier: UUID | IdempotencyKeyReused | None
) -> OrderPlan | UUID | OmsError:
    """Return the plan for one order, the id it has from an earlier call, or why it is refused."""
    if earlier is not None:
        return earlier
    try:
        tx.business_time(given.occurred_at)
        return decision.order(given)
    except OmsError as error:
        return error


def check_size(batch: PlaceOrders) -> None:
    """Raises: BatchTooLarge, InvalidValue for an empty batch or a key that stands in it twice."""
    lines = sum(len(given.lines) for given in batch.orders)
    if len(batch.orders) > MOST_ORDERS or (len(batch.orders) > 1 and lines > MOST_LINES):
        raise BatchTooLarge(field=("orders",))
    if not batch.orders:
        raise InvalidValue(problem="A batch needs at least one order.", field=("orders",))
    keys: set[str] = set()
    for index, given in enumerate(batch.orders):
        if given.idempotency_key in keys:
            problem = "Each order of a batch needs an idempotency key of its own."
            raise InvalidValue(problem=problem, field=("orders", str(index), "idempotencyKey"))
        keys.add(given.idempotency_key)
