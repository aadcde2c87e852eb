"""The short way for plain attributes answers exactly as graphql-core's executor does."""

from typing import Any

import pytest
import strawberry

from oms_api.graphql.execution import LevelExecutor, read_plainly


@strawberry.type
class Money:
    amount: str
    currency: str


@strawberry.interface
class Node:
    id: strawberry.ID


@strawberry.type
class Thing(Node):
    name: str
    nickname: str | None
    price: Money
    discount: Money | None
    tags: list[str]

    @strawberry.field
    async def twin(self) -> "Thing":
        return self

    @strawberry.field
    def loud(self) -> str:
        return self.name.upper()


def thing(**other: Any) -> Thing:
    plain: dict[str, Any] = {"nickname": None, "price": Money(amount="1.00", currency="GBP"), "discount": None, "tags": ["a"]}
    return Thing(**{"id": strawberry.ID("1"), "name": "box", **plain, **other})


THINGS = {
    "whole": thing(),
    "discounted": thing(nickname="b", discount=Money(amount="0.10", currency="GBP")),
    "nameless": thing(name=None),
    "penniless": thing(price=None),
    "half priced": thing(price=Money(amount="1.00", currency=None)),  # type: ignore[arg-type]
    "half discounted": thing(discount=Money(amount="1.00", currency=None)),  # type: ignore[arg-type]
}


@strawberry.type
class Query:
    @strawberry.field
    def thing(self, key: str) -> Thing | None:
        return THINGS[key]

    @strawberry.field
    def node(self, key: str) -> Node | None:
        return THINGS[key]


DOCUMENTS = [
    "query Q($key: String!) { thing(key: $key) { id name nickname price { amount currency } discount { currency } tags } }",
    "query Q($key: String!) { thing(key: $key) { loud a: name twin { name b: price { amount } } c: name id __typename } }",
    "query Q($key: String!) { node(key: $key) { id __typename ... on Thing { name price { currency } twin { loud } } } }",
    "query Q($key: String!) { thing(key: $key) { name @skip(if: true) ...F } } fragment F on Thing { id @include(if: true) }",
]


def schema(*, plainly: bool) -> strawberry.Schema:
    built = strawberry.Schema(Query, types=[Thing], execution_context_class=LevelExecutor if plainly else None)
    if plainly:
        read_plainly(built._schema)
    return built


@pytest.mark.parametrize("document", DOCUMENTS)
@pytest.mark.parametrize("key", THINGS)
async def test_both_ways_give_the_same_answer(document: str, key: str) -> None:
    short, ordinary = [await schema(plainly=p).execute(document, variable_values={"key": key}) for p in (True, False)]
    assert short.data == ordinary.data
    assert list(short.data or {}) == list(ordinary.data or {})
    assert [error.formatted for error in short.errors or []] == [error.formatted for error in ordinary.errors or []]


async def test_fields_keep_the_order_in_which_they_were_asked_for() -> None:
    result = await schema(plainly=True).execute(DOCUMENTS[1], variable_values={"key": "whole"})
    assert result.data is not None
    assert list(result.data["thing"]) == ["loud", "a", "twin", "c", "id", "__typename"]
