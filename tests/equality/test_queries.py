"""Our executor answers as graphql-core's own does, to the byte, whatever is asked."""

from random import Random

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.factories.judging import Judge, Verdict
from tests.factories.questions import Questions

QUICK, LONG = 150, 2_500
LIMITS = settings(
    max_examples=LONG if settings().max_examples > 1_000 else QUICK,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # the judge makes the document smaller itself
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


async def test_all_lists_and_records(judge: Judge, questions: Questions) -> None:
    assert len(questions.known.types) > 40
    assert set(judge.verdicts) == {Verdict.SAME}


@given(dice=st.randoms(use_true_random=True))
@LIMITS
async def test_any_query(judge: Judge, questions: Questions, dice: Random) -> None:
    await judge.agree(questions.query(dice))


async def test_enough_of_that_went_wrong_to_know(judge: Judge) -> None:
    assert judge.with_errors > QUICK // 20
    assert judge.verdicts[Verdict.SAME] > QUICK
