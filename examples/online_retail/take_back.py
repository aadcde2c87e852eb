"""What a credit note takes back: announced, received into stock, granted and paid back, all at its time.

How far a return is can be seen in the API, so that another run goes on there.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from examples.online_retail.kept import KeptReturn
from examples.online_retail.matching import Return
from examples.online_retail.orders import keyed
from examples.online_retail.outcome import RETURN, Outcome
from examples.online_retail.pay_and_ship import event
from examples.online_retail.platform import Json, Platform, errors_in

LINES = """
query ($orders: [ID!]!, $count: Int!, $first: Int!) {
  orders(where: { id: { in: $orders } }, first: $count) {
    nodes { id lines(first: $first) { nodes { id position } pageInfo { hasNextPage endCursor } } }
  }
}"""
MORE_LINES = """
query ($order: ID!, $first: Int!, $after: Cursor) {
  order(by: { id: $order }) { lines(first: $first, after: $after) { nodes { id position } pageInfo { hasNextPage endCursor } } }
}"""
LINES_AT_ONCE = 250


@dataclass(slots=True)
class Going:
    """A return on its way through the API; None where it did not get to yet."""

    back: Return
    order_id: str
    id: str | None = None
    received: bool = False
    refund_id: str | None = None
    paid_back: bool = False


class TakeBack:
    """Takes goods back at one location; *known* holds the returns that are there already, by their reference."""

    def __init__(self, platform: Platform, outcome: Outcome, location_id: str, known: Mapping[str, KeptReturn]) -> None:
        self.platform = platform
        self.outcome = outcome
        self.location_id = location_id
        self.known = known

    async def carry_out(self, returns: Sequence[tuple[Return, str]]) -> None:
        """Do what is left to do of each return, given with its order's id. What the API refuses ends there, and is noted."""
        going = [self.begun(back, order_id) for back, order_id in returns]
        await self.announce([one for one in going if one.id is None])
        going = [one for one in going if one.id is not None]
        await self.receive([one for one in going if not one.received])
        owed = [one for one in going if one.received and one.back.granted > 0]
        await self.grant([one for one in owed if one.refund_id is None])
        await self.pay_back([one for one in owed if one.refund_id is not None and not one.paid_back])

    def begun(self, back: Return, order_id: str) -> Going:
        """Return *back* as far as it is."""
        known = self.known.get(back.ref)
        if known is None:
            return Going(back, order_id)
        return Going(back, order_id, known.id, known.all_received, known.refund_id, known.paid_back)

    async def announce(self, going: Sequence[Going]) -> None:
        """Tell which units come back."""
        lines = await self.lines_of({one.order_id for one in going})

        def given(one: Going) -> Json:
            units = [
                {"lineId": lines[one.order_id][place], "quantity": quantity, "reason": "OTHER"}
                for place, quantity in one.back.units.items()
            ]
            note = f"Credit note {one.back.credit_note}"
            return {"orderId": one.order_id, "externalRef": one.back.ref, "note": note, "lines": units}

        for one, payload in await self.step(going, "returnCreate", "ReturnCreateInput", "return { id }", given):
            one.id = payload["return"]["id"]

    async def receive(self, going: Sequence[Going]) -> None:
        """Let all of it lie in stock again."""

        def given(one: Going) -> Json:
            return {"returnId": one.id, "locationId": self.location_id, "disposition": "RESTOCK"}

        for one, _ in await self.step(going, "returnReceive", "ReturnReceiveInput", "", given):
            one.received = True
            self.outcome.returned += 1

    async def grant(self, going: Sequence[Going]) -> None:
        """Owe the customer what the credit note gives, as far as it was paid."""

        def given(one: Going) -> Json:
            amount = {"amount": str(one.back.granted)}
            return {"orderId": one.order_id, "returnId": one.id, "reason": "RETURN", "amount": amount}

        for one, payload in await self.step(going, "refundCreate", "RefundCreateInput", "refund { id }", given):
            one.refund_id = payload["refund"]["id"]

    async def pay_back(self, going: Sequence[Going]) -> None:
        """Report that the money went back."""

        def given(one: Going) -> Json:
            back = one.back
            told = event(
                one.order_id, back.order, "REFUNDED", amount=str(back.granted), at=back.at, refundId=str(one.refund_id)
            )
            return {**told, "eventReference": f"{back.ref} REFUNDED"}

        for one, _ in await self.step(going, "paymentEventReport", "PaymentEventReportInput", "", given):
            one.paid_back = True
            self.outcome.refunded += 1

    async def step(
        self, going: Sequence[Going], field: str, input_type: str, selection: str, given: Callable[[Going], Json]
    ) -> list[tuple[Going, Mapping[str, Any]]]:
        """Carry out one step for each return; give those that the API took with its answers, and note what it refused."""
        if not going:
            return []
        inputs = []
        for one in going:
            wanted = {"occurredAt": one.back.at.isoformat(), **given(one)}
            inputs.append({"idempotencyKey": keyed(field, one.back.ref, wanted), **wanted})
        taken: list[tuple[Going, Mapping[str, Any]]] = []
        for one, payload in zip(going, await self.platform.each(field, input_type, selection, inputs), strict=True):
            if errors := list(errors_in(payload)):
                self.outcome.refuse(RETURN, one.back.ref, errors)
            else:
                taken.append((one, payload))
        return taken

    async def lines_of(self, orders: set[str]) -> dict[str, dict[int, str]]:
        """Return the ids of the lines of each order, by their place."""
        if not orders:
            return {}
        given = {"orders": sorted(orders), "count": len(orders), "first": LINES_AT_ONCE}
        found: dict[str, dict[int, str]] = {}
        for order in (await self.platform.ask(LINES, **given))["orders"]["nodes"]:
            lines, page = found.setdefault(order["id"], {}), order["lines"]
            lines |= placed(page)
            while page["pageInfo"]["hasNextPage"]:
                after = page["pageInfo"]["endCursor"]
                answer = await self.platform.ask(MORE_LINES, order=order["id"], first=LINES_AT_ONCE, after=after)
                page = answer["order"]["lines"]
                lines |= placed(page)
        return found


def placed(page: Mapping[str, Any]) -> dict[int, str]:
    """Return the ids of a page of lines, by their place."""
    return {line["position"]: line["id"] for line in page["nodes"]}
