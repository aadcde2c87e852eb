"""What a document costs: worked out ahead as far as no variable decides it."""

from math import ceil
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from oms_api.graphql.limits import HIGHEST_COST, AskedSize, Cost

OWN = st.integers(0, 40).map(lambda halves: halves / 2)
SIZES = st.integers(0, 250) | st.builds(
    AskedSize, st.lists(st.sampled_from(["a", "b"]) | st.integers(0, 250), min_size=1).map(tuple), st.integers(0, 50)
)
COSTS = st.recursive(
    st.builds(Cost, OWN, SIZES),
    lambda inner: st.builds(Cost, OWN, SIZES, st.lists(inner, max_size=3).map(tuple)),
    max_leaves=12,
)
GIVEN = st.dictionaries(st.sampled_from("ab"), st.none() | st.integers(0, 300) | st.lists(st.none(), max_size=5))


def plainly(cost: Cost, variables: dict[str, Any]) -> float:
    size = cost.size.at_run(variables) if isinstance(cost.size, AskedSize) else cost.size
    return min(size * (cost.own + sum(plainly(child, variables) for child in cost.children)), HIGHEST_COST + 1)


@given(COSTS, GIVEN)
def test_what_is_counted_ahead_changes_no_price(cost: Cost, variables: dict[str, Any]) -> None:
    assert cost.settled({}).of(variables) == cost.of(variables) == ceil(plainly(cost, variables))


@given(COSTS)
def test_what_no_variable_decides_is_one_number(cost: Cost) -> None:
    def varies(part: Cost) -> bool:
        return isinstance(part.size, AskedSize) or any(map(varies, part.children))

    assert cost.settled({}).fixed is not varies(cost)
