"""What rules know of the past: of the customer of an order, of its address, and the attributes of records.

Each is read only where a condition mentions it, for any number of orders in one round trip.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import md5
from string import ascii_lowercase, ascii_uppercase
from typing import Any
from uuid import UUID

from oms_api.db.pipeline import Rows, Statement
from oms_api.db.records import DIALECT
from oms_api.db.rows import Given
from oms_api.db.session import Tx
from oms_api.db.sets import array
from oms_api.db.sql import Sql
from oms_api.domain.attributes.given import AttributeGiven, Definition, Definitions, Typed, typed
from oms_api.domain.attributes.states import AttributeOwner, AttributeType
from oms_api.domain.catalog.weights import GRAMS
from oms_api.domain.orders.tables import PARTY_PLACE, PLACE_PARTS
from oms_api.kernel.address import Address
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import OmsError
from oms_api.kernel.ids import AttributeDefinitionId, ChannelId, CustomerId, OrderId, SkuId, least_uuid

DAY = timedelta(hours=24)
FOLDED = str.maketrans(ascii_uppercase, ascii_lowercase, " ")
ASKED = Given(
    "asked",
    n="int",
    channel_id="uuid",
    customer_id="uuid",
    currency="text",
    before="timestamptz",
    place="text",
    order_id="uuid",
    least_id="uuid",
)
PLACE = str(PARTY_PLACE.compile(dialect=DIALECT))
ORDERS = Sql(f"""
SELECT asked.n, found.* FROM {ASKED} CROSS JOIN LATERAL (
    SELECT count(*), min(placed_at) FROM orders WHERE customer_id = asked.customer_id AND placed_at < asked.before
) AS found WHERE asked.customer_id IS NOT NULL
""")  # noqa: S608 - made of constants
SPENT = Sql(f"""
SELECT asked.n, (SELECT coalesce(sum(total_minor), 0)::bigint FROM orders
                 WHERE customer_id = asked.customer_id AND placed_at < asked.before AND currency = asked.currency)
FROM {ASKED} WHERE asked.customer_id IS NOT NULL
""")  # noqa: S608 - as above
RETURNS = Sql(f"""
SELECT asked.n, (SELECT count(*) FROM orders JOIN returns ON returns.order_id = orders.id
                 WHERE orders.customer_id = asked.customer_id AND returns.created_at < asked.before)
FROM {ASKED} WHERE asked.customer_id IS NOT NULL
""")  # noqa: S608 - as above
SAME_PLACE = Sql(f"""
SELECT asked.n, (SELECT count(DISTINCT order_party.order_id) FROM order_party
                 WHERE {PLACE} = asked.place AND order_party.shipping_address IS NOT NULL
                   AND order_party.order_id >= asked.least_id AND order_party.order_id IS DISTINCT FROM asked.order_id
                   AND (SELECT channel_id = asked.channel_id AND placed_at < asked.before
                               AND placed_at >= asked.before - interval '24 hours'
                        FROM orders WHERE orders.id = order_party.order_id))
FROM {ASKED} WHERE asked.place IS NOT NULL
""")  # noqa: S608 - as above
"""Looks at each order of the place by itself: in a join the planner would read all that the channel sold in the day.

An order gets its id when it is recorded, which is never before it is placed: so older ids need no look.
"""
DEFINED = Sql("SELECT id, owner, code, type, choices FROM attribute_definition WHERE owner IN ('ORDER', 'LINE', 'CUSTOMER')")
VALUES = Sql("""
SELECT value.owner_id, definition.code, value.text, value.number, value.boolean, value.day
FROM attribute_value value JOIN attribute_definition definition ON definition.id = value.definition_id
WHERE value.owner_id = ANY (:owners::uuid[])
""")
READS = {
    "orders": ORDERS,
    "daysSinceFirstOrder": ORDERS,
    "spent": SPENT,
    "returns": RETURNS,
    "sameAddressOrders24h": SAME_PLACE,
}
"""What is read for each need."""
ZEROS: Mapping[AttributeType, object] = {AttributeType.NUMBER: 0.0, AttributeType.BOOLEAN: False}
Values = dict[UUID, dict[str, object]]


@dataclass(frozen=True, slots=True)
class PastQuestion:
    """A question about the past: of a customer and a place, *before* an order (`order_id`, if it is there already)."""

    channel_id: ChannelId
    customer_id: CustomerId | None
    currency: str
    before: datetime
    place: str | None
    order_id: OrderId | None = None

    @property
    def least_id(self) -> UUID:
        """The least id of an order that was placed in the day before."""
        return least_uuid(self.before - DAY)


@dataclass(frozen=True, slots=True)
class Past:
    """The past before an order, as far as it was asked for; `spent` in minor units."""

    orders: int = 0
    first_at: datetime | None = None
    spent: int = 0
    returns: int = 0
    same_place: int = 0

    def days(self, before: datetime) -> int:
        """Return whole days since the first order."""
        return 0 if self.first_at is None else (before - self.first_at).days


@dataclass(slots=True)
class RuleFacts:
    """The facts read for rules: the past of orders, definitions of attributes, values by record, and grams by SKU."""

    past: dict[PastQuestion, Past] = field(default_factory=dict)
    definitions: Definitions = field(default_factory=dict)
    values: Values = field(default_factory=dict)
    grams: Mapping[SkuId, int] = field(default_factory=dict)

    def weight_kg(self, goods: Iterable[tuple[SkuId, int]]) -> float:
        """Return what units of SKUs weigh, as far as that is known."""
        return sum(self.grams.get(sku, 0) * units for sku, units in goods) / 1000

    def attributes(self, owner: AttributeOwner, given: Sequence[AttributeGiven], kept: UUID | None = None) -> dict[str, object]:
        """Return every attribute of a record of *owner*: as *given*, else as *kept* of a record, else its type's zero."""
        zeros = {code: ZEROS.get(each.type, "") for (of, code), each in self.definitions.items() if of is owner}
        stored = {} if kept is None else self.values.get(kept, {})
        return zeros | stored | dict(self._said(owner, given))

    def _said(self, owner: AttributeOwner, given: Sequence[AttributeGiven]) -> Iterator[tuple[str, object]]:
        for each in given:
            definition = self.definitions.get((owner, each.code))
            if definition is not None and each.value is not None:
                try:
                    yield each.code, value_of(typed(definition, each.value))
                except OmsError:  # it is refused where it is checked
                    continue


@dataclass(frozen=True, slots=True)
class Questions:
    """The questions of *needs* about *asked*, the attributes of *owners* and the weights of *skus*.

    They are statements, for who reads them on the way.
    """

    needs: Collection[str]
    asked: Sequence[PastQuestion]
    owners: Collection[UUID] = ()
    skus: Collection[SkuId] = ()

    @property
    def reads(self) -> list[Sql]:
        """The parts of the past that are read."""
        return list(dict.fromkeys(read for need, read in READS.items() if need in self.needs))

    @property
    def statements(self) -> list[Statement]:
        """The statements for the database; often none."""
        rows = ASKED(_rows(self.asked)) if self.reads else ""
        attributes = [DEFINED(), VALUES(owners=array(self.owners))] if "attributes" in self.needs else []
        weights = [GRAMS(skus=array(self.skus))] if "weightKg" in self.needs else []
        return [*(read(asked=rows) for read in self.reads), *attributes, *weights]

    def known(self, answers: Sequence[Rows]) -> RuleFacts:
        """Return what the statements found."""
        known = RuleFacts()
        if "weightKg" in self.needs:
            *answers, weights = answers
            known.grams = dict(weights)
        if "attributes" in self.needs:
            *answers, defined, values = answers
            known.definitions, known.values = _definitions(defined), _values(values)
        past = [Past()] * len(self.asked)
        for read, found in zip(self.reads, answers, strict=True):
            for n, *row in found:
                past[n] = _with(past[n], read, row)
        known.past = dict(zip(self.asked, past, strict=True))
        return known


async def known_of(tx: Tx, questions: Questions) -> RuleFacts:
    """Return the answers to *questions*, in one round trip or in none."""
    statements = questions.statements
    return questions.known(await tx.flush(statements) if statements else [])


def _rows(asked: Sequence[PastQuestion]) -> list[dict[str, object]]:
    return [{"n": n, **{name: getattr(each, name) for name in ASKED.columns if name != "n"}} for n, each in enumerate(asked)]


def _with(past: Past, read: Sql, row: Sequence[Any]) -> Past:
    if read is ORDERS:
        return replace(past, orders=row[0], first_at=row[1])
    name = {SPENT: "spent", RETURNS: "returns", SAME_PLACE: "same_place"}[read]
    return replace(past, **{name: row[0]})


def _definitions(rows: Rows) -> Definitions:
    read = (
        Definition(AttributeDefinitionId(key), AttributeOwner(owner), code, AttributeType(type_), choices)
        for key, owner, code, type_, choices in rows
    )
    return {(each.owner, each.code): each for each in read}


def _values(rows: Rows) -> Values:
    found: Values = {}
    for owner, code, *columns in rows:
        found.setdefault(owner, {})[code] = value_of(Typed(*columns))
    return found


def value_of(value: Typed) -> object:
    """Return the value of an attribute as conditions read it."""
    if value.number is not None:
        return float(value.number)
    return value.boolean if value.boolean is not None else value.written


def place_of(address: Address | None) -> str | None:
    """Return the digest of an address that `PARTY_PLACE` makes in SQL."""
    if address is None:
        return None
    return _digest(address)


@lru_cache(maxsize=4_096)
def _digest(address: Address) -> str:
    text = ",".join(getattr(address, part) or "" for part in PLACE_PARTS).translate(FOLDED)
    return md5(text.encode(), usedforsecurity=False).hexdigest()
