"""Our executor answers as graphql-core's own, to the byte, whatever is asked, done or watched in a town, and whatever fails.

One module, so that the town is built once.
"""

import gc
from collections.abc import AsyncIterator, Iterator
from random import Random
from typing import Any

import pytest
from graphql import GraphQLInputObjectType, get_named_type
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from oms_api.db.connections import Pool
from oms_api.db.unit_of_work import UnitOfWork
from tests.factories.asking import SECRETS
from tests.factories.database import Database
from tests.factories.failing import Faults, failing
from tests.factories.judging import Differs, Judge, Verdict, asking, has_errors
from tests.factories.past import Past
from tests.factories.questions import Question, Questions
from tests.factories.sensible import Sensible
from tests.factories.town import settle

SOAK = settings().max_examples > 1_000
QUERIES, EVENTS, MUTATIONS, FAILURES = (2_500, 1_000, 1_000, 2_500) if SOAK else (50, 10, 10, 15)
MOST_ROUNDS = 4
pytestmark = [  # graphql-core leaves coroutines where a list fails, and Python cannot warn of all of them
    pytest.mark.filterwarnings("ignore:coroutine .* was never awaited"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


def at_random(examples: int) -> settings:
    return settings(
        max_examples=examples,
        phases=[Phase.explicit, Phase.reuse, Phase.generate],  # the judge makes the document smaller itself
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )


@pytest.fixture(scope="module")
async def judge(database: Database) -> AsyncIterator[Judge]:
    """Give a judge of what a town has; its clock stands still, so that nothing differs because time passes."""
    pool = Pool(database.app_url)
    end = await settle(UnitOfWork(pool), database)
    yield Judge(asking(UnitOfWork(pool, lambda: end)))
    await pool.close()
    gc.collect()  # whatever was left is gone before other modules begin


@pytest.fixture(scope="module")
async def questions(judge: Judge) -> Questions:
    """Give one who asks for anything, and has read all that is there, each list and each kind of record, both ways."""
    asks = Questions(judge.whole._schema)
    for question in asks.all_lists():
        asks.known.learn((await judge.agree(question))["data"])
    for question in asks.all_records():
        asks.known.learn((await judge.agree(question))["data"])
    return asks


@pytest.fixture(scope="module")
async def watching(judge: Judge, questions: Questions, database: Database) -> Judge:
    """Give a judge of what has happened in the town."""
    work = judge.context().work
    feed = Past(database.app_url, work, SECRETS)
    cursors = [cursor async for cursor in feed.cursors()]
    root = questions.schema.subscription_type
    assert root is not None
    questions.known.cursors.update(dict.fromkeys(root.fields, cursors))
    return Judge(asking(work, feed=feed))


@pytest.fixture(scope="module")
def faults(judge: Judge) -> Iterator[Faults]:
    with failing(judge.whole._schema) as behind:
        yield behind


async def test_all_lists_and_records(judge: Judge, questions: Questions) -> None:
    assert len(questions.known.types) > 40
    assert set(judge.verdicts) == {Verdict.SAME}


@given(dice=st.randoms(use_true_random=True))
@at_random(QUERIES)
async def test_any_query(judge: Judge, questions: Questions, dice: Random) -> None:
    await judge.agree(questions.query(dice))


@given(dice=st.randoms(use_true_random=True))
@at_random(EVENTS)
async def test_any_subscription(watching: Judge, questions: Questions, dice: Random) -> None:
    await watching.agree(questions.subscription(dice))


def repeatable(questions: Questions) -> list[str]:
    """Return the mutations that are done once for each key, so that both ways can tell of what one of them did."""
    root = questions.schema.mutation_type
    assert root is not None
    inputs = {name: get_named_type(known.args["input"].type) for name, known in root.fields.items()}
    return [
        name for name, each in inputs.items() if isinstance(each, GraphQLInputObjectType) and "idempotencyKey" in each.fields
    ]


async def agree(judge: Judge, question: Question) -> Any:
    """Demand that both ways tell alike what was done, once nothing more comes of it. Raises: Differs."""
    for variables in question.variables:
        first = await judge.answer(judge.plain, question.document, variables)
        for _ in range(MOST_ROUNDS):  # what was refused at first may be taken after what follows it
            ours = await judge.answer(judge.whole, question.document, variables)
            plain = await judge.answer(judge.plain, question.document, variables)
            if ours == plain:
                break
        else:
            raise Differs(question.document, variables, Verdict.DIFFERENT, ours, plain)
        judge.verdicts[Verdict.SAME] += 1
        judge.with_errors += has_errors(first)


@pytest.mark.parametrize("sensibly", [True, False])
@given(dice=st.randoms(use_true_random=True))
@at_random(MUTATIONS)
async def test_what_was_done_is_told_alike(judge: Judge, questions: Questions, dice: Random, *, sensibly: bool) -> None:
    inputs = Sensible(questions, dice).all() if sensibly else {}
    await agree(judge, questions.mutation(dice, [*inputs] or repeatable(questions), inputs))


async def test_enough_was_asked_to_know(judge: Judge, watching: Judge) -> None:
    assert judge.with_errors > QUERIES // 20
    assert judge.by_level > judge.verdicts[Verdict.SAME] / 2
    assert watching.by_level > EVENTS / 4
    assert (judge.anew_without_errors, watching.anew_without_errors) == (0, 0)


@given(dice=st.randoms(use_true_random=True))
@at_random(FAILURES)
async def test_any_failure(judge: Judge, questions: Questions, faults: Faults, dice: Random) -> None:
    with faults.falling(dice.getrandbits(32), dice.choice((0.02, 0.08, 0.25))):
        await judge.agree(questions.query(dice))


async def test_enough_failed_to_know(faults: Faults) -> None:
    assert faults.struck > FAILURES / 8
