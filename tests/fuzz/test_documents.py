"""Whatever a client thinks of: an answer or a refusal, never a failure of ours."""

from collections.abc import AsyncIterator
from time import monotonic
from typing import Any

import orjson
import pytest
from graphql import print_schema
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis_graphql import mutations, queries
from hypothesis_graphql import nodes as made

from tests.factories.asking import schema
from tests.factories.database import Database
from tests.factories.shop import PLACE, Shop, line, opened

SCHEMA = print_schema(schema()._schema)
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
SCALARS = {
    "Decimal": st.decimals(-1_000, 1_000, places=2).map(lambda d: made.String(str(d))),
    "DateTime": st.datetimes().map(lambda d: made.String(d.isoformat() + "Z")),
    "Date": st.dates().map(lambda d: made.String(d.isoformat())),
    "Time": st.times().map(lambda t: made.String(t.isoformat())),
    "Int64": st.integers(-(2**53) + 1, 2**53 - 1).map(made.Int),
    "CurrencyCode": st.sampled_from(["GBP", "JPY", "nothing", ""]).map(made.String),
    "CountryCode": st.sampled_from(["GB", "XX", ""]).map(made.String),
    "TimeZone": st.sampled_from(["Europe/London", "Mars", ""]).map(made.String),
    "Cursor": TEXT.map(made.String),
}
WORDS: dict[str, Any] = {"allow_null": True, "custom_scalars": SCALARS}
LIMITS = settings(
    max_examples=settings().max_examples // 2,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.filter_too_much,
        HealthCheck.data_too_large,
    ],
)
QUICK_S, DEEP_S = 8.0, 600.0


@pytest.fixture(scope="module")
async def shop(database: Database) -> AsyncIterator[Shop]:
    async with opened(database) as running:
        yield running


@pytest.fixture(scope="module")
def until(request: pytest.FixtureRequest) -> dict[str, float]:
    """Give each test its time; a shared machine may be slow."""
    return {"seconds": DEEP_S if request.config.getoption("soak") else QUICK_S}


async def sound(shop: Shop, document: str, variables: dict[str, Any] | None = None) -> Any:
    """Send a document and check that what comes back is no failure of ours."""
    body = orjson.dumps({"query": document, "variables": variables or {}})
    answer = await shop.client.post("/graphql", content=body, headers={"content-type": "application/json"})
    assert answer.status_code < 500, (document, answer.text)
    told = answer.json()
    for error in told.get("errors", ()):
        assert error["extensions"]["code"] != "INTERNAL", (document, variables, told)
    return told


STARTED: dict[str, float] = {}


def in_time(name: str, until: dict[str, float]) -> bool:
    """Tell whether the test *name* has time left."""
    return monotonic() - STARTED.setdefault(name, monotonic()) < until["seconds"]


@given(document=queries(SCHEMA, **WORDS))
@LIMITS
async def test_any_query_is_answered(shop: Shop, until: dict[str, float], document: str) -> None:
    if in_time("queries", until):
        await sound(shop, document)


@given(document=mutations(SCHEMA, **WORDS))
@LIMITS
async def test_any_mutation_is_answered(shop: Shop, until: dict[str, float], document: str) -> None:
    if in_time("mutations", until):
        await sound(shop, document)


AMOUNTS = st.builds(
    lambda units, scale, currency: {"amount": f"{units}.{'0' * scale}1" if scale else str(units), **currency},
    st.one_of(st.integers(-2, 20), st.integers(0, 10**18 - 1)),
    st.integers(0, 7),
    st.sampled_from([{}, {"currencyCode": "GBP"}, {"currencyCode": "EUR"}]),
)
EXTRAS = st.lists(st.builds(lambda amount, label: {"amount": amount, "label": label}, AMOUNTS, TEXT), max_size=2)
TAXES = st.lists(
    st.builds(
        lambda amount, title, rate: {"amount": amount, "title": title, "rate": str(rate)},
        AMOUNTS,
        TEXT,
        st.decimals(-1, 10**6, places=7),
    ),
    max_size=2,
)
QUANTITIES = st.one_of(st.integers(-1, 3), st.integers(-(2**31), 2**31 - 1))


@given(data=st.data())
@LIMITS
async def test_any_order_is_placed_or_refused(shop: Shop, until: dict[str, float], data: st.DataObject) -> None:
    if not in_time("orders", until):
        return
    code = data.draw(st.sampled_from(["FUZZ", "nothing", None, ""]))
    lines = data.draw(
        st.lists(
            st.fixed_dictionaries(
                {"quantity": QUANTITIES},
                optional={
                    "sku": st.just(code),
                    "listing": TEXT,
                    "kind": st.sampled_from(["FEE", "SERVICE", "GOODS", "BUNDLE", None]),
                    "name": TEXT,
                    "unitPrice": AMOUNTS,
                    "discounts": EXTRAS,
                    "taxes": TAXES,
                    "total": AMOUNTS,
                    "locationId": TEXT,
                },
            ),
            max_size=3,
        )
    )
    changes = data.draw(
        st.fixed_dictionaries(
            {},
            optional={
                "externalRef": TEXT,
                "note": TEXT,
                "tags": st.lists(TEXT, max_size=3),
                "discounts": EXTRAS,
                "shipping": st.lists(
                    st.builds(lambda p, t: {"title": "Post", "price": p, "taxes": t}, AMOUNTS, TAXES), max_size=2
                ),
                "total": AMOUNTS,
                "pricesIncludeTax": st.booleans(),
                "occurredAt": st.datetimes().map(lambda d: d.isoformat() + "Z"),
                "contact": st.fixed_dictionaries({}, optional={"email": TEXT, "name": TEXT}),
            },
        )
    )
    await sound(shop, PLACE, {"input": shop.order(*lines, **changes)})


async def test_the_shop_is_sound_after_all_that(shop: Shop) -> None:
    sku = await shop.goods(first=1)
    order = await shop.placed(line(sku))
    assert order["status"] == "OPEN"
