"""Turns of those that follow the feed: by keys, none too fast, and never without a pause for all others."""

import asyncio
from dataclasses import replace

from oms_api.domain.events.turns import Turns
from oms_api.kernel.access import Principal, system_principal
from oms_api.kernel.ids import ApiKeyId, new_uuid
from tests.factories.loop_turns import LoopTurns

GREEDY, MODEST = (replace(system_principal(name), key_id=ApiKeyId(new_uuid())) for name in ("greedy", "modest"))


async def test_keys_take_turns_whatever_each_of_them_follows() -> None:
    turns, gone = Turns(), list[str]()

    async def one(principal: Principal) -> None:
        await turns.take(principal)
        gone.append(principal.name)

    await asyncio.gather(*(one(GREEDY) for _ in range(500)), *(one(MODEST) for _ in range(5)))
    assert gone.count(GREEDY.name) == 500
    assert gone[:10].count(MODEST.name) == 5


async def test_everything_else_gets_its_turn_in_between() -> None:
    turns, counted = Turns(), LoopTurns()

    async def one() -> None:
        await turns.take(GREEDY)
        counted.note()

    await asyncio.gather(counted.until(500), *(one() for _ in range(500)))
    assert counted.different >= 499


async def test_a_key_above_its_pace_waits_and_others_do_not() -> None:
    turns = Turns(most_per_s=1)
    greedy = [asyncio.create_task(turns.take(GREEDY)) for _ in range(50)]
    await turns.take(MODEST)
    assert sum(task.done() for task in greedy) < 10
    greedy[-1].cancel()
    turns.end()
    assert [*await asyncio.gather(*greedy[:-1])] == [None] * 49


async def test_who_leaves_uses_no_turn_up() -> None:
    turns = Turns(most_per_s=2)
    leaving = [asyncio.create_task(turns.take(GREEDY)) for _ in range(50)]
    await asyncio.sleep(0)
    for task in leaving:
        task.cancel()
    await turns.take(GREEDY)
    await turns.take(GREEDY)
