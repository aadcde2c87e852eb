"""What an edit reads beside the order's document: lines as agreed, their discounts and taxes, charges and people."""

from collections.abc import Sequence
from typing import Any

from oms_api.db.pipeline import Statement
from oms_api.db.records import Shape
from oms_api.db.sql import Sql
from oms_api.domain.fulfillment.document import OrderDocument
from oms_api.domain.orders.changes.agreement import Agreement, agreement_of
from oms_api.domain.orders.tables import OrderDiscountRow, OrderLineRow, OrderPartyRow, OrderShippingRow, OrderTaxRow
from oms_api.domain.rules.books import ChannelRules
from oms_api.kernel.ids import OrderId
from oms_api.workflows.address_gate import GATE, AddressGate

LINES, DISCOUNTS, TAXES = Shape(OrderLineRow), Shape(OrderDiscountRow), Shape(OrderTaxRow)
CHARGES, PARTIES = Shape(OrderShippingRow), Shape(OrderPartyRow)
READS = tuple(
    Sql(f"SELECT {shape.columns} FROM {table} WHERE order_id = :order::uuid ORDER BY {order}")  # noqa: S608 - our own columns
    for shape, table, order in (
        (LINES, "order_line", "position"),
        (DISCOUNTS, "order_discount", "id"),
        (TAXES, "order_tax", "id"),
        (CHARGES, "order_shipping", "id"),
        (PARTIES, "order_party", "version DESC LIMIT 1"),
    )
)

RULES = Sql("""
SELECT rulebook_id, code, time_zone FROM orders JOIN channel ON channel.id = orders.channel_id
WHERE orders.id = :order::uuid AND rulebook_id IS NOT NULL
""")


class Agreed:
    """An order as it was agreed: `agreement` is its lines, `discounts` and `taxes` those of the whole order too."""

    def __init__(self, document: OrderDocument, answers: Sequence[Sequence[tuple[Any, ...]]]) -> None:
        lines, discounts, taxes, charges, parties, gate, rules = answers
        self.lines = [LINES.record(row) for row in lines]
        self.discounts = [DISCOUNTS.record(row) for row in discounts]
        self.taxes = [TAXES.record(row) for row in taxes]
        self.charges = [CHARGES.record(row) for row in charges]
        self.gate = AddressGate(gate)
        self.rules = ChannelRules(*rules[0]) if rules else None
        self.party: OrderPartyRow | None = PARTIES.record(parties[0]) if parties else None
        self.agreement: Agreement = agreement_of(
            document.order.currency, self.lines, document.lines, self.discounts, self.taxes
        )

    @property
    def billing_country(self) -> str | None:
        """Where the order goes while it has no shipping address, as far as that is known."""
        address = self.party and self.party.billing_address
        return address["country"] if address else None


def reading(order_id: OrderId) -> list[Statement]:
    """Return the statements that read it, in the order in which `Agreed` takes their rows."""
    return [read(order=order_id) for read in (*READS, GATE, RULES)]
