"""Whatever a resolver gives or does, at once or later, our executor answers as graphql-core's own does."""

import gc
from collections.abc import Callable, Iterator
from random import Random

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.factories.asking import schema
from tests.factories.judging import Judge
from tests.factories.oddities import World, odd_schema
from tests.factories.questions import Question, Questions

LIMITS = settings(
    max_examples=10_000 if settings().max_examples > 1_000 else 8,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # the judge makes the document smaller itself
)
WHOLE = odd_schema(schema().execution_context_class)
QUESTIONS = Questions(WHOLE._schema)


@pytest.fixture(autouse=True)
def left_over() -> Iterator[None]:
    """Let what graphql-core leaves be gone before other tests begin."""
    yield
    gc.collect()


def judge(dice: Random, share: float) -> Judge:
    seed = dice.getrandbits(32)
    return Judge(lambda: World(seed, share), WHOLE)


@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited")  # graphql-core leaves some where a list fails
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("ask", [QUESTIONS.query, QUESTIONS.mutation, QUESTIONS.subscription])
@given(dice=st.randoms(use_true_random=True))
@LIMITS
async def test_an_odd_world(ask: Callable[[Random], Question], dice: Random) -> None:
    question = ask(dice)
    await judge(dice, dice.choice((0.0, 0.02, 0.1, 0.3))).agree(question)
