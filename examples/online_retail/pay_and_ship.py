"""What follows the placing of an order: it is paid at once, leaves a day later, arrives two days after.

Whatever comes back sooner has left and arrived by then. Each step names its own time; what is done is seen in the API.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from examples.online_retail.orders import keyed, money_of
from examples.online_retail.outcome import PAYMENT, SHIPMENT, Outcome
from examples.online_retail.platform import Platform, errors_in
from examples.online_retail.sales import Sale
from examples.online_retail.shop import CODE, chunks

AT_ONCE = 50
SHIPS_AFTER, ARRIVES_AFTER = timedelta(days=1), timedelta(days=2)
PAYING = ("AUTHORIZED", "CAPTURED")

TO_SHIP = """
query ($first: Int!, $after: Cursor, $orders: [ID!]!) {
  fulfillmentOrders(where: { orderId: { in: $orders }, status: { in: [OPEN] } }, first: $first, after: $after) {
    nodes { id order { id } } pageInfo { hasNextPage endCursor }
  }
}"""
ON_THE_WAY = """
query ($first: Int!, $after: Cursor, $orders: [ID!]!) {
  shipments(where: { orderId: { in: $orders }, status: { in: [SHIPPED] } }, first: $first, after: $after) {
    nodes { id shippedAt order { id } } pageInfo { hasNextPage endCursor }
  }
}"""


@dataclass(frozen=True, slots=True)
class Placed:
    """An order of which something is left to do."""

    id: str
    sale: Sale
    paid: bool = False
    arrived: bool = False


class PayAndShip:
    """Pays, ships and delivers orders; *first_back* says when the first unit of an order comes back, by invoice."""

    def __init__(self, platform: Platform, outcome: Outcome, first_back: Mapping[str, datetime]) -> None:
        self.platform = platform
        self.outcome = outcome
        self.first_back = first_back

    async def carry_out(self, orders: Sequence[Placed]) -> None:
        """Do what is left to do of each order."""
        await self.pay([order for order in orders if not order.paid])
        moving = {order.id: order.sale for order in orders if not order.arrived}
        if moving:
            await self.ship(moving)
            await self.deliver(moving)

    async def pay(self, orders: Sequence[Placed]) -> None:
        """Report that each order was authorized and captured when it was placed."""
        events = [
            event(order.id, order.sale.invoice, kind, amount=str(total), at=order.sale.placed_at)
            for order in orders
            if (total := money_of(order.sale).total) > 0
            for kind in PAYING
        ]
        reported = await self.move("paymentEventReport", "PaymentEventReportInput", PAYMENT, "orderId", events)
        self.outcome.payments += reported  # not `+= await`: another follower counts meanwhile

    async def ship(self, sales: Mapping[str, Sale]) -> None:
        """Ship what is open, before anything of it comes back."""
        leaving = [
            {"fulfillmentOrderId": work["id"], "occurredAt": self.ships_at(sales[work["order"]["id"]]).isoformat()}
            async for page in self.platform.pages(TO_SHIP, "fulfillmentOrders", orders=list(sales))
            for work in page
        ]
        left = await self.move("shipmentCreate", "ShipmentCreateInput", SHIPMENT, "fulfillmentOrderId", leaving)
        self.outcome.shipped += left

    async def deliver(self, sales: Mapping[str, Sale]) -> None:
        """Deliver what is on its way, before anything of it comes back."""
        arriving = [
            {"shipmentId": one["id"], "occurredAt": self.arrives_at(sales[one["order"]["id"]], one["shippedAt"]).isoformat()}
            async for page in self.platform.pages(ON_THE_WAY, "shipments", orders=list(sales))
            for one in page
        ]
        arrived = await self.move("shipmentMarkDelivered", "ShipmentMarkDeliveredInput", SHIPMENT, "shipmentId", arriving)
        self.outcome.delivered += arrived

    def ships_at(self, sale: Sale) -> datetime:
        """Return when an order leaves."""
        later = sale.placed_at + SHIPS_AFTER
        return min(later, self.first_back.get(sale.invoice, later))

    def arrives_at(self, sale: Sale, shipped_at: str) -> datetime:
        """Return when what left at *shipped_at* arrives."""
        left = datetime.fromisoformat(shipped_at)
        later = left + ARRIVES_AFTER
        return max(left, min(later, self.first_back.get(sale.invoice, later)))

    async def move(self, field: str, input_type: str, what: str, subject: str, given: Sequence[dict[str, Any]]) -> int:
        """Carry out one step for each of *given*; return how many the API took, and note what it refused."""
        moved = 0
        for _, some in chunks(given, AT_ONCE):
            inputs = [{"idempotencyKey": keyed(field, one[subject], one), **one} for one in some]
            for one, payload in zip(some, await self.platform.each(field, input_type, "", inputs), strict=True):
                if errors := list(errors_in(payload)):
                    self.outcome.refuse(what, one[subject], errors)
                else:
                    moved += 1
        return moved


def event(order_id: str, ref: str, kind: str, *, amount: str, at: datetime, **more: str) -> dict[str, Any]:
    """Return what the shop's own till reports of an order's money, as `paymentEventReport` takes it."""
    return {
        "orderId": order_id,
        "gateway": CODE,
        "eventReference": f"{ref} {kind}",
        "transactionReference": ref,
        "type": kind,
        "amount": {"amount": amount},
        "occurredAt": at.isoformat(),
        **more,
    }
