"""The service desk at 100,000 orders: one order placed, edited, looked at and explained, request after request."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from uuid import uuid4

from benchmarks.client import Caller, Load, UnexpectedAnswerError, callers, document
from benchmarks.place import close
from benchmarks.shop import Purchase
from benchmarks.stage import Running, Stage

ORDERS, WARM_ORDERS = 120, 40
TIMELINE = "order's timeline"
REQUIRED_MS = 15.0

PLACE = """mutation ($input: OrderPlaceInput!) { orderPlace(input: $input) {
  order { id lines { nodes { id ordered } } } userErrors { code } } }"""
EDIT = """mutation ($input: OrderEditInput!) { orderEdit(input: $input) {
  order { id due { amount } } change { id } userErrors { code } } }"""
PREVIEW = """query ($id: ID!, $changes: [OrderChangeInput!]!) { orderEditPreview(orderId: $id, changes: $changes) {
  due { amount } lines { promised waiting } } }"""
TOLD = """query ($id: ID!) { order(by: {id: $id}) { timeline(first: 50) { nodes { text actor reason note occurredAt } } } }"""
WHY = "query ($id: ID!) { order(by: {id: $id}) { statusExplanation { summary causes { code text } } } }"


@dataclass
class Desk:
    """How long each request took."""

    loads: dict[str, Load] = field(default_factory=dict)

    def result(self) -> dict[str, object]:
        """Return the figures."""
        return {name: {"p50_ms": load.latency_ms(0.5), "p95_ms": load.latency_ms(0.95)} for name, load in self.loads.items()}


async def work_at_desk(stage: Stage, server: Running) -> Desk:
    """Place orders one after another, and do with each what a service desk does."""
    (caller,) = await callers(server.address, stage.key, 1)
    found = Desk()
    try:
        for turn, purchase in enumerate(islice(stage.shop.purchases("desk"), WARM_ORDERS + ORDERS)):
            await serve(caller, found if turn >= WARM_ORDERS else Desk(), purchase)
    finally:
        close([caller])
    return found


async def serve(caller: Caller, found: Desk, purchase: Purchase) -> None:
    """Place one order and work on it; each request is timed under its name. Raises: UnexpectedAnswerError."""
    placed = await caller.call(document(PLACE, input=purchase.variables()))
    found.loads.setdefault("order placed", Load()).answers.append(placed)
    order = placed.data["orderPlace"]["order"]
    line = order["lines"]["nodes"][0]
    for name, body in requests(order["id"], line["id"], line["ordered"]):
        answer = await caller.call(body)
        if answer.data.get("orderEdit", {}).get("userErrors") or not answer.data:
            raise UnexpectedAnswerError(repr(answer.body[:500]))
        found.loads.setdefault(name, Load()).answers.append(answer)


def requests(order: str, line: str, ordered: int) -> Iterator[tuple[str, bytes]]:
    """Yield what is done with an order."""
    more = [{"setQuantity": {"lineId": line, "quantity": ordered + 1}}]
    cheaper = [{"setPrice": {"lineId": line, "unitPrice": {"amount": "1.23"}}}]
    yield "edit of one line previewed", document(PREVIEW, id=order, changes=more)
    yield "edit of one line", document(EDIT, input={"idempotencyKey": uuid4().hex, "orderId": order, "changes": more})
    yield "edit of one price", document(EDIT, input={"idempotencyKey": uuid4().hex, "orderId": order, "changes": cheaper})
    yield TIMELINE, document(TOLD, id=order)
    yield "order explained", document(WHY, id=order)
