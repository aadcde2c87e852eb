"""Changing details of an order, at any time: also when all of it has shipped, or nothing ever will."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from typing import Any, Self
from uuid import UUID

from oms_api.db.columns import Json
from oms_api.db.documents import changing
from oms_api.db.pipeline import Statement
from oms_api.db.rows import inserts
from oms_api.db.session import Tx
from oms_api.db.sets import array
from oms_api.db.sql import Sql
from oms_api.domain.attributes.given import AttributeGiven, Wanted
from oms_api.domain.attributes.states import AttributeOwner
from oms_api.domain.attributes.values import PRESENT, Giving, Values, different, values_in, wanted_each, write_values
from oms_api.domain.customers.queries import customers_by_id
from oms_api.domain.fulfillment.header import OrderHeader
from oms_api.domain.orders.changes.record import Difference, differences_of, keep_change
from oms_api.domain.orders.changes.states import OrderChangeKind
from oms_api.domain.orders.errors import RecipientMissing
from oms_api.domain.orders.tables import OrderPartyRow, OrderRow, sold_to
from oms_api.domain.orders.texts import MOST_TAGS
from oms_api.domain.orders.updates import UpdateOrder, check_update
from oms_api.domain.orders.verbs import UPDATE
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import NotFound, Refused, TooManyItems
from oms_api.kernel.ids import IdKind, OrderChangeId, OrderId, text_id

PEOPLE = Sql("""
SELECT coalesce(party.version, 0), party.contact, party.shipping_address, party.billing_address, party.delivery_point,
       channel.needs_recipient AND EXISTS (
           SELECT FROM order_line line WHERE line.order_id = orders.id AND line.kind IN ('GOODS', 'BUNDLE'))
FROM orders JOIN channel ON channel.id = orders.channel_id
LEFT JOIN LATERAL (SELECT * FROM order_party WHERE order_id = orders.id ORDER BY version DESC LIMIT 1) AS party ON true
WHERE orders.id = :order::uuid
""")
LINES = Sql("SELECT id FROM order_line WHERE order_id = :order::uuid AND id = ANY (:lines::uuid[])")
PARTIES = inserts(OrderPartyRow)
REPRIORITIZE = Sql("""
WITH waiting AS (
    SELECT id FROM backorder WHERE order_id = :order::uuid AND waiting > 0
    ORDER BY sku_id, priority DESC, placed_at, id FOR NO KEY UPDATE
)
UPDATE backorder SET priority = :priority::int FROM waiting WHERE backorder.id = waiting.id
""")
PERSONAL = {"contact": "contact", "billing_address": "billingAddress"}
SHOWN = {"note": "note", "tags": "tags", "priority": "priority", "customer_id": "customer.id", "country": "country"}


@dataclass(frozen=True, slots=True)
class People:
    """The latest version of the people on an order; version 0 where none are known."""

    version: int
    contact: Json | None
    shipping_address: Json | None
    billing_address: Json | None
    delivery_point: Json | None
    needed: bool

    @property
    def country(self) -> str | None:
        """Where the order goes, as far as it was told."""
        address = self.shipping_address or self.billing_address
        return address["country"] if address else None

    @property
    def known(self) -> bool:
        """Whether anybody is named."""
        return any((self.contact, self.shipping_address, self.billing_address))

    def after(self, command: UpdateOrder) -> "People":
        """Return the next version of them. Raises: RecipientMissing, where nobody would be left who gets the goods."""
        contact, address = command.contact(self.contact), command.billing_address(self.billing_address)
        after = People(self.version + 1, contact, self.shipping_address, address, self.delivery_point, self.needed)
        if self.needed and self.known and not after.known:
            raise RecipientMissing(field=("contact",))
        return after

    def differences(self, after: "People") -> dict[str, list[Difference]]:
        """Return what differs of them, by what it is a part of."""
        found = {path: differences_of(path, getattr(self, name), getattr(after, name)) for name, path in PERSONAL.items()}
        return {path: parts for path, parts in found.items() if parts}


@dataclass(slots=True)
class Attributes:
    """The values that an update wants, of the order and of lines; what is different of them, once compared."""

    order_id: OrderId
    given: dict[UUID, tuple[AttributeGiven, ...]]
    values: dict[UUID, Wanted]
    had: Mapping[UUID, Values] = field(default_factory=dict)
    moved: dict[UUID, Wanted] = field(default_factory=dict)

    @classmethod
    async def wanted(cls, tx: Tx, command: UpdateOrder) -> Self:
        """Return what *command* wants. Raises: Refused, for what does not fit its definition."""
        of_order = Giving(AttributeOwner.ORDER, command.attributes)
        of_lines = [Giving(AttributeOwner.LINE, line.attributes, ("lines", at)) for at, line in enumerate(command.lines)]
        keys: list[UUID] = [command.order_id, *(line.line_id for line in command.lines)]
        givings = [of_order, *of_lines]
        values = dict(zip(keys, await wanted_each(tx, givings), strict=True))
        return cls(command.order_id, {key: tuple(each.given) for key, each in zip(keys, givings, strict=True)}, values)

    @property
    def lines(self) -> list[UUID]:
        """The lines that are to be changed."""
        return [key for key in self.values if key != self.order_id]

    def asked(self) -> list[Statement]:
        """Return what reads the values there are, and which of the lines are of the order; nothing where none are wanted."""
        if not any(self.values.values()) and not self.lines:
            return []
        return [PRESENT(owners=array(self.values)), LINES(order=self.order_id, lines=array(self.lines))]

    def compare(self, present: Sequence[Any] = (), lines: Sequence[Any] = ()) -> None:
        """Find what is different from what is *present*. Raises: Refused, for lines that are not among the order's *lines*."""
        of_order = {line for (line,) in lines}
        foreign = [
            NotFound(what="line", given=text_id(IdKind.LINE, line), field=("lines", str(at), "lineId"))
            for at, line in enumerate(self.lines)
            if line not in of_order
        ]
        if foreign:
            raise Refused(errors=foreign)
        self.had = values_in(list(present))
        moved = {key: different(self.had.get(key, {}), wanted) for key, wanted in self.values.items()}
        self.moved = {key: values for key, values in moved.items() if values}

    def paths(self) -> list[str]:
        """Return where something is different."""
        return [f"{self._path(key)}attributes" for key in self.moved]

    def differences(self) -> Iterator[Difference]:
        """Yield each value that is different, as it was and as it is."""
        for key, values in self.moved.items():
            codes = dict(zip(self.values[key], (each.code for each in self.given[key]), strict=True))
            for definition, value in values.items():
                before = self.had.get(key, {}).get(definition)
                path = f"{self._path(key)}attributes.{codes[definition]}"
                yield Difference(path, before and before.written, value and value.written)

    def _path(self, key: UUID) -> str:
        return "" if key == self.order_id else f"lines.{text_id(IdKind.LINE, key)}."


async def update_order(tx: Tx, command: UpdateOrder) -> OrderRow:
    """Change details of an order, keep a record of it, and return the order. Its waiting units get its priority.

    Raises: NotFound, also for a customer; VersionConflict, RecipientMissing, Refused.
    """
    check_update(command)
    await _check_customer(tx, command)
    attributes = await Attributes.wanted(tx, command)
    change_id = tx.new_id(OrderChangeId)
    asked = PEOPLE(order=command.order_id), *attributes.asked()
    async with changing(tx, OrderHeader, UPDATE, command.order_id, command.expected_version, *asked) as order:
        (row,), *present = order.asked
        people = People(*row)
        attributes.compare(*present)
        for path in attributes.paths():
            order.also(path, None, None)
        after = people.after(command)
        personal = people.differences(after)
        _set(order, command)
        if personal:
            order.row.sales_country = sold_to(order.was, after.country)
            order.row.country = after.country
            for path in personal:
                order.also(path, None, None)
        order.cause_id = change_id
    if order.row.version != order.was.version:
        personal_changes = [each for parts in personal.values() for each in parts]
        shown = [*_differences(order), *attributes.differences()]
        keep_change(tx, change_id, order.row, OrderChangeKind.UPDATE, shown, personal_changes, reason=command.reason)
        write_values(tx, attributes.moved)
    if personal:
        _write_people(tx, order.row, after)
    if "priority" in order.header:
        tx.closing.append(REPRIORITIZE(order=order.row.id, priority=order.row.priority))
    return order.row


async def _check_customer(tx: Tx, command: UpdateOrder) -> None:
    customer = command.changes.get("customer_id")
    if customer is not None and await customers_by_id.of_one(tx, customer) is None:
        raise NotFound(what="customer", given=text_id(IdKind.CUSTOMER, customer), field=("customerId",))


def _set(order: OrderHeader, command: UpdateOrder) -> None:
    changes = command.changes
    order.row.tags = command.tags(order.was.tags)
    if len(order.row.tags) > max(MOST_TAGS, len(order.was.tags)):
        raise TooManyItems(limit=MOST_TAGS, given=len(order.row.tags), field=("addTags",))
    if "priority" in changes:
        order.row.priority = changes["priority"]
    if "customer_id" in changes:
        order.row.customer_id = changes["customer_id"]
    if "note" in changes:
        order.row.note = changes["note"]
        if changes["note"] != order.was.note:
            order.also("note", None, None)


def _differences(order: OrderHeader) -> Iterator[Difference]:
    for name, path in SHOWN.items():
        if name in order.header:
            before, after = order.header[name]
            if name == "customer_id":
                before, after = (each and text_id(IdKind.CUSTOMER, each) for each in (before, after))
            yield Difference(path, before, after)


def _write_people(tx: Tx, order: OrderRow, people: People) -> None:
    tx.put(
        PARTIES,
        order_id=order.id,
        version=people.version,
        contact=people.contact,
        shipping_address=people.shipping_address,
        billing_address=people.billing_address,
        delivery_point=people.delivery_point,
    )
