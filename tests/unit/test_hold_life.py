from types import SimpleNamespace
from typing import Any, cast

import pytest

from oms_api.domain.orders.holds.placing import release
from oms_api.domain.orders.holds.states import HoldStatus
from oms_api.domain.orders.holds.verbs import LIFE
from oms_api.kernel.errors import IllegalMove
from oms_api.kernel.verbs import Verb

ENDS = set(HoldStatus) - {HoldStatus.ACTIVE}


@pytest.mark.parametrize("verb", LIFE.verbs, ids=lambda verb: verb.label)
@pytest.mark.parametrize("status", sorted(ENDS))
def test_a_hold_that_has_ended_stays_as_it_ended(verb: Verb[HoldStatus, None], status: HoldStatus) -> None:
    with pytest.raises(IllegalMove):
        release(cast("Any", None), cast("Any", SimpleNamespace(status=status)), verb)


def test_each_end_of_a_hold_has_its_verb() -> None:
    assert {verb.aim for verb in LIFE.verbs} == ENDS
