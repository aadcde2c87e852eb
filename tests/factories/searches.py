"""Every filter of the large lists, with values that many, few and no records have, in every order."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import Any
from uuid import UUID

import psycopg
from strawberry.utils.str_converters import to_camel_case

from oms_api.graphql.catalog.queries import SKUS
from oms_api.graphql.customers.queries import CUSTOMERS
from oms_api.graphql.declared.lists import Listing
from oms_api.graphql.fulfillment.queries import FULFILLMENT_ORDERS
from oms_api.graphql.inventory.queries import LEVELS
from oms_api.graphql.orders.queries import ORDERS
from oms_api.graphql.purchasing.queries import PURCHASE_ORDERS
from oms_api.graphql.refunds.queries import REFUNDS
from oms_api.graphql.returns.queries import RETURNS
from oms_api.kernel.ids import IdKind, text_id

Values = Mapping[str, Sequence[Any]]
Request = tuple[str, str, dict[str, Any]]
"""The name, document and variables of a request."""
NOBODY = UUID(int=9)
SKU_TEXTS: Values = {"text": ["article", "0077", "nothing"]}
LISTINGS: Mapping[str, Listing] = {
    "orders": ORDERS,
    "fulfillmentOrders": FULFILLMENT_ORDERS,
    "skus": SKUS,
    "customers": CUSTOMERS,
    "inventoryLevels": LEVELS,
    "purchaseOrders": PURCHASE_ORDERS,
    "returns": RETURNS,
    "refunds": REFUNDS,
}


def equal(*values: Any) -> list[Any]:
    """Return the filters by each of *values*."""
    return [{"eq": value} for value in values]


def begins(*texts: str) -> list[Any]:
    """Return the filters by the beginning of each text, and by all of it."""
    return [{operator: text} for text in texts for operator in ("startsWith", "eq")]


def times() -> list[Any]:
    """Return the filters that all, some, few and no times are within, from both ends."""
    now = datetime.now(UTC)
    bounds = [(now - timedelta(minutes=minutes)).isoformat() for minutes in (200_000, 99_900, 50_000, 100, -200_000)]
    return [{operator: bound} for bound in bounds for operator in ("gte", "lt")] + [{"gte": bounds[2], "lt": bounds[3]}]


def ids(kind: IdKind, *found: UUID) -> list[Any]:
    """Return the filters by ids that were *found*, by one of nothing, and by all of them."""
    texts = [text_id(kind, one) for one in (*found, NOBODY)]
    return [*equal(*texts), {"in": texts}, {"in": texts[-2:]}, {"ne": texts[0]}]


def numbers(*values: int) -> list[Any]:
    """Return the filters by numbers from and up to each of *values*, and by itself."""
    return [{operator: value} for value in values for operator in ("gte", "lt", "eq")]


def amounts(*values: str) -> list[Any]:
    """Return the filters by amounts from and up to each of *values*, of currencies that most, few and no orders have."""
    codes, operators = ("GBP", "EUR", "JPY"), ("gte", "lt")
    return [{"currencyCode": c, operator: value} for c in codes for value in values for operator in operators]


def codes(*values: str) -> list[Any]:
    """Return the filters by each of *values*, by two and by all others."""
    return [*equal(*values), {"in": list(values[-2:])}, {"ne": values[0]}, {"notIn": list(values[:2])}]


def values(connection: psycopg.Connection[Any]) -> Mapping[str, Values]:
    """Return what each list is asked for, by the names of its filters: first what many records have."""

    def column(text: str) -> list[Any]:
        return [value for (value,) in connection.execute(text.encode()).fetchall()]

    channels = ids(IdKind.CHANNEL, *column("SELECT id FROM channel ORDER BY code"))
    places = ids(IdKind.LOCATION, *column("SELECT id FROM location ORDER BY code LIMIT 3"))
    buyers = ids(IdKind.CUSTOMER, *column("SELECT customer_id FROM orders LIMIT 1"))
    bought = ids(IdKind.ORDER, *column("SELECT order_id FROM refund ORDER BY id LIMIT 1"))
    skus = column("SELECT id FROM sku ORDER BY code LIMIT 2")
    paid = codes("PAID", "PENDING", "PARTIALLY_PAID", "OVERPAID")
    tags: list[Any] = ["gift", "vip", "nobody"]
    sold = [*equal("SKU-0000", "SKU-0007", "NOTHING"), {"in": ["SKU-0000", "SKU-0007"]}]
    sent = equal("POST", "COURIER", "NOTHING")
    countries = codes("GB", "DE", "IS", "AQ")
    priorities = [*numbers(0, 3, 9), {"ne": 0}]
    return {
        "orders": {
            "id": bought,
            "number": numbers(1, 1500, 90_000, 10**9),
            "channel_id": channels,
            "customer_id": [*buyers, {"isNull": True}],
            "external_ref": [*begins("bulk-", "bulk-777", "nothing"), {"isNull": True}],
            "freed_external_ref": [*begins("bulk-"), {"isNull": True}, {"isNull": False}],
            "text": ["1500", "bulk-777", "SKU-0007", "nothing"],
            "email": begins("c81e728d", "nothing"),
            "name": begins("c81e72", "nothing"),
            "phone": begins("+442000077", "nothing"),
            "tag": tags,
            "attribute": [],
            "line_attribute": [],
            "priority": priorities,
            "country": [*countries, {"isNull": True}],
            "total": amounts("0", "500", "1005", "1009.90", "9999"),
            "currency_code": codes("GBP", "EUR", "JPY"),
            "location_id": places,
            "shipping_code": sent,
            "tracking_number": begins("RM777", "nothing"),
            "sku": sold,
            "status": codes("COMPLETED", "OPEN", "CANCELED"),
            "fulfillment_status": codes("SHIPPED", "ALLOCATED", "UNALLOCATED", "BACKORDERED"),
            "payment_status": paid,
            "return_status": codes("NONE", "RETURNED", "REQUESTED"),
            "on_hold": [True, False],
            "awaits_payment": [True, False],
            "hold_reason": equal("OTHER", "FRAUD", "NOTHING"),
            "placed_at": times(),
            "updated_at": times(),
        },
        "fulfillmentOrders": {
            "status": codes("CLOSED", "OPEN", "SCHEDULED"),
            "location_id": places,
            "channel_id": channels,
            "order_id": bought,
            "held": [True, False],
            "created_at": times(),
            "sku": sold,
            "payment_status": paid,
            "country": countries,
            "priority": priorities,
            "shipping_code": sent,
            "tag": tags,
        },
        "skus": {
            "code": [*begins("SKU-", "SKU-0077", "NOTHING"), {"contains": "0077"}],
            "name": [*begins("article", "article sku-0077", "nothing"), {"contains": "0077"}],
            "barcode": [*begins("50"), {"isNull": True}],
            "text": SKU_TEXTS["text"],
            "attribute": [],
            "kind": codes("GOODS", "BUNDLE"),
            "status": codes("ACTIVE", "INACTIVE"),
            "updated_at": times(),
        },
        "customers": {
            "external_ref": equal("customer-77", "nobody"),
            "email": [*begins("customer-", "customer-77", "nobody"), {"contains": "omer-77"}],
            "name": [*begins("buyer", "buyer customer-77", "nobody"), {"contains": "omer-77"}],
            "phone": [*begins("+44"), {"contains": "777"}],
            "text": ["buyer", "omer-77", "nobody"],
            "attribute": [],
            "updated_at": times(),
        },
        "inventoryLevels": {
            "skus": [[{"code": "SKU-0007"}], [{"id": text_id(IdKind.SKU, id_)} for id_ in skus], [{"code": "NOTHING"}]],
            "sku_text": SKU_TEXTS["text"],
            "location_id": places,
            "available": [],
            "on_hand": [],
            "incoming": [],
        },
        "purchaseOrders": {
            "status": codes("RECEIVED", "ORDERED", "DRAFT", "CANCELED"),
            "supplier_id": ids(IdKind.SUPPLIER, UUID(int=1), UUID(int=2)),
            "location_id": places,
            "number": numbers(1, 5_000_077, 10**9),
            "external_ref": begins("po-", "po-777", "nothing"),
            "supplier_ref": begins("S", "S77", "nothing"),
            "sku_id": ids(IdKind.SKU, *skus),
            "created_at": times(),
            "expected_at": times(),
        },
        "returns": {
            "order_id": bought,
            "channel_id": channels,
            "status": codes("RECEIVED", "REQUESTED", "CANCELED"),
            "number": numbers(1, 5_000_077, 10**9),
            "external_ref": begins("back-", "back-777", "nothing"),
            "reason": codes("UNWANTED", "OTHER", "LATE"),
            "location_id": places,
            "created_at": times(),
        },
        "refunds": {
            "order_id": bought,
            "status": codes("SUCCEEDED", "FAILED", "REQUESTED"),
            "channel_id": channels,
            "reason": codes("RETURN", "FRAUD", "LOST"),
            "provider_reference": begins("RF", "RF50000", "nothing"),
            "return_id": ids(IdKind.RETURN, *column("SELECT id FROM returns LIMIT 1")),
            "granted_at": times(),
            "location_id": places,
        },
    }


def searches(connection: psycopg.Connection[Any], *, pairs: bool = False) -> Iterator[Request]:
    """Yield the requests for each list by each value of each filter in each order, or of each pair of filters."""
    known = values(connection)
    for name, listing in LISTINGS.items():
        filters: Any = listing.where
        assert filters.filters.keys() == known[name].keys(), name
        asked = [{to_camel_case(filter_): value} for filter_, each in known[name].items() for value in each]
        if pairs:
            asked = [one | other for one, other in combinations(asked, 2) if one.keys() != other.keys()]
        yield from (_request(name, filters, where, order) for where in asked for order in _orders(listing, where))


def _orders(listing: Listing, where: Mapping[str, Any]) -> list[str]:
    """Return the orders that can be asked for under *where*; "" where there is only one."""
    if not isinstance(listing.order, type):
        return [""]
    within = listing.within
    part = within is None or any(to_camel_case(name) in where for name in within.of)
    if within is not None and "status" in within.values:
        asked = where.get("status", {})
        named = asked.get("in", [asked["eq"]] if "eq" in asked else ())
        part = bool(named) and set(named) <= set(within.values["status"])
    return [each.name for each in listing.order if within is None or part or each.value not in within.orders]


def _request(name: str, filters: type, where: Mapping[str, Any], order: str) -> Request:
    typed, by = f"$where: {filters.__name__}", f", orderBy: {order}" if order else ""
    return (
        f"{name} {where} {order}",
        f"query ({typed}) {{ {name}(where: $where{by}, first: 50) {{ nodes {{ id }} }} }}",
        {"where": where},
    )
