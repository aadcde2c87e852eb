"""Orders of the past as rules are told of them: as they were agreed, with what was before them at that moment."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any
from uuid import UUID

from oms_api.db.session import Tx
from oms_api.db.sets import array
from oms_api.db.sql import Sql
from oms_api.domain.attributes.states import AttributeOwner
from oms_api.domain.rules.conditions import Facts
from oms_api.kernel.address import Address, Contact, DeliveryPoint
from oms_api.workflows.rule_orders.facts import people_facts, quality
from oms_api.workflows.rule_orders.history import Past, PastQuestion, Questions, RuleFacts, known_of, place_of
from oms_api.workflows.rule_orders.judging import major, moment_facts, past_facts

ORDERS = Sql("""
SELECT orders.id, orders.channel_id, orders.customer_id, orders.currency, orders.placed_at, orders.total_minor,
       orders.goods_minor, orders.discount_minor, orders.shipping_minor, orders.note, orders.tags, orders.priority,
       orders.external_ref, orders.on_account, channel.code, channel.time_zone, channel.currency, party.contact,
       party.shipping_address, party.billing_address, party.delivery_point, charge.code, lines.count, lines.units
FROM orders JOIN channel ON channel.id = orders.channel_id
LEFT JOIN LATERAL (
    SELECT * FROM order_party WHERE order_id = orders.id ORDER BY version DESC LIMIT 1
) AS party ON true
LEFT JOIN LATERAL (SELECT code FROM order_shipping WHERE order_id = orders.id ORDER BY id LIMIT 1) AS charge ON true
CROSS JOIN LATERAL (
    SELECT count(*), coalesce(sum(ordered), 0)::bigint AS units FROM order_line
    WHERE order_id = orders.id AND parent_line_id IS NULL
) AS lines
WHERE orders.id = ANY (:orders::uuid[]) ORDER BY orders.placed_at, orders.id
""")
LINES = Sql("""
SELECT order_id, id, sku_code, name, kind, ordered, unit_price, goods_minor, discount_minor FROM order_line
WHERE order_id = ANY (:orders::uuid[]) AND parent_line_id IS NULL ORDER BY order_id, position
""")
WEIGHTS = Sql("""
SELECT line.order_id, sum(line.ordered * sku.weight_g)::bigint FROM order_line line JOIN sku ON sku.id = line.sku_id
WHERE line.order_id = ANY (:orders::uuid[]) AND line.kind = 'GOODS' GROUP BY line.order_id
""")


class PastOrder:
    """An order of the past, by a row of ORDERS."""

    def __init__(self, row: Sequence[Any], lines: Sequence[Any], grams: int | None) -> None:
        self.id, self.channel_id, self.customer_id, self.currency, self.placed_at, self.total, *rest = row
        self.money, (self.note, self.tags, self.priority, self.reference, self.on_account) = rest[:3], rest[3:8]
        self.channel_code, self.time_zone, self.channel_currency = rest[8:11]
        contact, shipping, billing, point = rest[11:15]
        self.contact = Contact(**contact) if contact else Contact()
        self.shipping = Address(**shipping) if shipping else None
        self.billing = Address(**billing) if billing else None
        self.point = DeliveryPoint(**point) if point else None
        self.charge, self.line_count, self.units = rest[15:18]
        self.lines, self.grams = lines, grams or 0

    @property
    def asked(self) -> PastQuestion:
        """The question about its past."""
        return PastQuestion(self.channel_id, self.customer_id, self.currency, self.placed_at, place_of(self.shipping), self.id)

    def facts(self, needs: Collection[str], known: RuleFacts) -> Facts:
        """Return the facts of it for rules."""
        asked, currency = self.asked, self.currency
        past = known.past.get(asked, Past())
        goods, discount, shipping = (major(each, currency) for each in self.money)
        order: dict[str, Any] = {
            "currency": currency,
            "total": major(self.total, currency),
            "subtotal": goods,
            "discount": discount,
            "shipping": shipping,
            "shippingCode": self.charge or "",
            "note": self.note or "",
            "tags": self.tags,
            "priority": self.priority,
            "externalRef": self.reference or "",
            "onAccount": self.on_account,
            "lineCount": self.line_count,
            "units": self.units,
            "weightKg": self.grams / 1000,
            "sameAddressOrders24h": past.same_place,
            **people_facts(self.shipping, self.billing, self.contact.email),
            "phone": self.contact.phone or "",
            **moment_facts(self.placed_at, self.time_zone),
        }
        customer = past_facts(past, asked)
        if "addressQuality" in needs:
            order["addressQuality"] = quality(self.shipping, self.point)
        if "attributes" in needs:
            order["attributes"] = known.attributes(AttributeOwner.ORDER, (), self.id)
            customer["attributes"] = known.attributes(AttributeOwner.CUSTOMER, (), self.customer_id)
        channel = {"code": self.channel_code, "currency": self.channel_currency}
        return {"order": order, "lines": list(self._lines(known)), "customer": customer, "channel": channel}

    def _lines(self, known: RuleFacts) -> Iterator[dict[str, Any]]:
        for _, key, sku, name, kind, ordered, price, goods, discount in self.lines:
            attributes = {"attributes": known.attributes(AttributeOwner.LINE, (), key)} if known.definitions else {}
            yield {
                "sku": sku or "",
                "name": name,
                "kind": kind,
                "quantity": ordered,
                "unitPrice": float(price),
                "total": major(goods - discount, self.currency),
                "discount": major(discount, self.currency),
                **attributes,
            }


async def past_orders(tx: Tx, ids: Sequence[UUID], needs: Collection[str]) -> tuple[list[PastOrder], RuleFacts]:
    """Return orders, the oldest first, and what *needs* want to know of their past."""
    wanted = array(ids)
    more = [read for need, read in (("lines", LINES), ("weightKg", WEIGHTS)) if need in needs]
    rows, *found = await tx.flush([ORDERS(orders=wanted), *(read(orders=wanted) for read in more)])
    answers = dict(zip(more, found, strict=True))
    lines: dict[UUID, list[Any]] = {}
    for row in answers.get(LINES, ()):
        lines.setdefault(row[0], []).append(row)
    grams: dict[UUID, int | None] = dict(answers.get(WEIGHTS, ()))
    orders = [PastOrder(row, lines.get(row[0], ()), grams.get(row[0])) for row in rows]
    owners = [key for order in orders for key in (order.id, order.customer_id, *(line[1] for line in order.lines)) if key]
    return orders, await known_of(tx, Questions(needs, [order.asked for order in orders], owners))
