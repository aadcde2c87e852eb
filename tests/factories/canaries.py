"""Whoever asks for all that a key may see, and a shop in which everything that it may not see sings."""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import Any

import psycopg
from graphql import (
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    is_composite_type,
    is_required_argument,
)

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.channels.commands.change_location import UpdateLocation, update_location
from oms_api.domain.fulfillment.requests.tables import FulfillmentRequestRow
from oms_api.domain.orders.given import Amount, DiscountGiven, ShippingGiven, TaxGiven
from oms_api.domain.orders.tables import OrderRow
from oms_api.domain.purchasing.commands.upsert_supplier import UpsertSupplier, upsert_supplier
from oms_api.graphql import nodes
from oms_api.graphql.permissions import open_without_key, required_scope
from oms_api.kernel.access import Scope
from oms_api.kernel.address import Address, Contact
from oms_api.kernel.ids import IdKind, text_id
from oms_api.workflows.add_order_note import AddNote, add_note
from tests.factories.database import Database
from tests.factories.feed import relay_all
from tests.factories.given import SYSTEM, Given
from tests.factories.questions import Question, Questions
from tests.factories.requesting import Desk
from tests.factories.trading import Shop, line
from tests.factories.words import Known

OF_MERCHANT, OF_OTHER = "MerchantCanary", "OtherCanary"
"""What a supplier may not see of its own work, and of anybody else's."""
PRICES = ("1313.37", "131337", "717.17", "71717", "2030.54", "203054", "41.41", "4141")
TRIES = 2


def texts_of(mark: str) -> dict[str, Any]:
    """Return what customers and clerks write on an order, with *mark* in each text and prices that nothing else has."""
    address = Address(name=f"{mark} Street", line1=f"1 {mark} Road", city=f"{mark}ton", postal_code="N1 1AA", country="GB")
    return {
        "billing_address": address,
        "contact": Contact(name="Ada Lovelace", email=f"{mark.lower()}@example.com", phone="+44 20 7946 0000"),
        "tags": (mark,),
        "external_ref": f"{mark}-reference",
        "discounts": (DiscountGiven(amount=Amount(value=Decimal("41.41")), label=f"{mark} sale", code=mark),),
    }


@dataclass(frozen=True)
class Partner:
    """A supplier with its own channel, one order that it shipped, and one that waits for its answer."""

    desk: Desk
    shop: Shop
    shipped: tuple[OrderRow, FulfillmentRequestRow]
    asked: tuple[OrderRow, FulfillmentRequestRow]

    @classmethod
    async def open(cls, work: UnitOfWork, *, marks: bool) -> "Partner":
        """Make a partner; where it *marks* what is its own, each of its names and texts has the mark of others."""
        mark, given = OF_OTHER if marks else OF_MERCHANT, Given(work)
        desk = await Desk.open(work)
        own = f"{OF_OTHER} " if marks else ""
        await work.execute(SYSTEM, upsert_supplier, UpsertSupplier(code=desk.supplier.code, changes={"name": f"{own}Supplier"}))
        await work.execute(
            SYSTEM, update_location, UpdateLocation(location_id=desk.location.id, changes={"name": f"{own}Shelf"})
        )
        channel = await given.channel(code=Given.code(f"{own}channel"), locations=(desk.location,))
        shop = Shop(work, channel, (desk.location,))
        goods = await shop.stocked(50)
        await desk.buyer.supply(goods, code=f"{own}article")
        placed = [await _placed(shop, goods.code, mark, own, number) for number in range(2)]
        shipped, asked = [(order, await desk.asked(order.id)) for order in placed]
        await desk.accept(shipped[1].id, supplier_ref=f"{own}reference")
        await desk.ship(shipped[1].id, carrier="royal_mail", tracking_number=f"{own}1Z".replace(" ", ""))
        return cls(desk, shop, shipped, asked)


async def _placed(shop: Shop, sku: str, mark: str, own: str, number: int) -> OrderRow:
    tax = TaxGiven(title=f"{mark} tax", amount=Amount(value=Decimal("1.01")), rate=Decimal("0.2"))
    address = Address(name=f"{own}Customer", line1="7 Long Lane", city=f"{own}City", postal_code="N1 1AA", country="GB")
    given = texts_of(mark) | {"external_ref": f"{mark}-{number}-{shop.channel.code}"}
    order = await shop.place(
        line(sku, 1, unit_price=Amount(value=Decimal("1313.37")), taxes=(tax,)),
        shipping_address=address,
        note=f"{own}Ring twice.",
        shipping=(ShippingGiven(title=f"{own}Post", price=Amount(value=Decimal("717.17")), code="POST"),),
        **given,
    )
    note = AddNote(idempotency_key="", order_id=order.id, text=f"{mark} of the staff")
    await shop.work.execute(SYSTEM, add_note, note)
    return order


@dataclass(frozen=True)
class World:
    """Two partners of one merchant; `mine` is who asks."""

    mine: Partner
    other: Partner
    ids: Mapping[IdKind, list[str]]
    """All ids there are, by their kind."""

    @classmethod
    async def open(cls, work: UnitOfWork, database: Database) -> "World":
        """Let both partners work, and bring all that happened to the feed."""
        mine, other = await Partner.open(work, marks=False), await Partner.open(work, marks=True)
        await relay_all(database.app_url)
        return cls(mine, other, ids_in(database))


def ids_in(database: Database) -> dict[IdKind, list[str]]:
    """Return the ids of all records that have a node, up to 40 of each kind."""
    found: dict[IdKind, list[str]] = {}
    with psycopg.connect(database.admin_url) as connection:
        for kind, entity in nodes.ENTITIES.items():
            table = entity.show.__orig_bases__[-1].__args__[0].__tablename__
            rows = connection.execute(f"SELECT id FROM {table} ORDER BY id LIMIT 40".encode()).fetchall()
            found[kind] = [text_id(kind, key) for (key,) in rows]
    return found


class Walker:
    """Writes documents that ask for every field that a key with these scopes may ask for; new fields are asked for, too."""

    def __init__(self, schema: GraphQLSchema, scopes: AbstractSet[Scope], known: Known) -> None:
        self.schema, self.scopes, self.asks = schema, scopes, Questions(schema, known)

    def allowed(self, declared: Any) -> bool:
        """Tell whether a field needs no scope that is missing, and no argument that nobody knows."""
        scope = required_scope(declared)
        return scope is None or scope in self.scopes

    def selection(self, type_: Any, depth: int) -> str:
        """Return all fields of a type, *depth* links deep."""
        parts = ["__typename"]
        if isinstance(type_, GraphQLUnionType):
            parts += [f"... on {each.name} {self.selection(each, depth)}" for each in type_.types]
        for name, known in type_.fields.items() if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType) else ():
            if not self.allowed(known) or any(map(is_required_argument, known.args.values())):
                continue
            inner, page = get_named_type(known.type), "(first: 3)" if "first" in known.args else ""
            if not is_composite_type(inner):
                parts.append(name)
            elif depth > 0:
                parts.append(f"{name}{page} {self.selection(inner, depth - (name not in {'nodes', 'edges', 'node'}))}")
        return f"{{ {' '.join(parts)} }}"

    def root_fields(self, dice: Random) -> Iterator[tuple[str, list[Question]]]:
        """Yield for each root field of queries that may be asked for several documents that ask for it, the deepest first.

        Those that need no key are left out: their arguments hold what lets one in.
        """
        root = self.schema.query_type
        assert root is not None
        for name, known in root.fields.items():
            if self.allowed(known) and not open_without_key(known) and name not in {"node", "nodes"}:
                plain = not any(map(is_required_argument, known.args.values()))
                for at in range(TRIES if known.args else 1):
                    writer = self.asks.writer(dice)
                    writer.within.append(name)
                    arguments = "" if plain and at == 0 else writer.arguments(known)
                    declared = ", ".join(f"${each}: {type_}" for each, type_ in writer.declared.items())
                    head = f"query Q({declared})" if declared else "query Q"
                    yield (
                        name,
                        [
                            Question(f"{head} {{ {name}{arguments} {self._below(known, depth)} }}", [writer.values])
                            for depth in (2, 1, 0)
                        ],
                    )

    def _below(self, known: Any, depth: int) -> str:
        inner = get_named_type(known.type)
        return self.selection(inner, depth) if is_composite_type(inner) else ""

    def records(self, ids: Mapping[IdKind, list[str]]) -> Iterator[tuple[str, list[Question]]]:
        """Yield for each kind of record documents that ask for all there are by their ids, the deepest first."""
        for kind, keys in ids.items():
            name = nodes.ENTITIES[kind].show.__strawberry_definition__.name
            type_ = self.schema.type_map[name]
            for some in (keys[at : at + 10] for at in range(0, len(keys), 10)):
                texts = [
                    f"query ($ids: [ID!]!) {{ nodes(ids: $ids) {{ id ... on {name} {self.selection(type_, depth)} }} }}"
                    for depth in (1, 0)
                ]
                yield name, [Question(text, [{"ids": some}]) for text in texts]
