"""The verbs of each kind of document are accepted where its life says, lead to what it says, and nowhere else."""

from collections.abc import Hashable
from enum import StrEnum
from typing import Any
from uuid import UUID

import pytest

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.inventory.transfers import verbs as transfers
from oms_api.domain.inventory.transfers.queries import transfer_by_id
from oms_api.domain.inventory.transfers.states import TransferResolution
from tests.factories.given import SYSTEM
from tests.factories.moving import Road
from tests.factories.walking import Walk

BACK = TransferResolution.RETURN_TO_SOURCE


async def transfers_of_three(work: UnitOfWork) -> Walk:
    """Lead transfers of three units, sent, received and called off one by one or all at once."""
    road = await Road.build(work)
    (cup,) = await road.goods(10_000)

    def on(work: UnitOfWork) -> Road:
        return Road(work, road.origin, road.destination)

    async def place(bench: Road, key: Any) -> tuple[StrEnum, Hashable]:
        async with bench.work.reads(SYSTEM) as read:
            status = (await transfer_by_id(read, key)).status
        (line,) = await bench.lines(key)
        return status, (line.in_transit, line.to_come)

    async def draft(bench: Road) -> UUID:
        return (await bench.plan((cup, 3), ready=False)).id

    return Walk(
        transfers.LIFE,
        on,
        [draft],
        [
            (transfers.UPDATE, lambda bench, key: bench.update(key, note="by van")),
            (transfers.PLAN, lambda bench, key: bench.update(key, [(cup, 3)])),
            (transfers.MARK_READY, lambda bench, key: bench.ready(key)),
            (transfers.SHIP, lambda bench, key: bench.ship(key)),
            (transfers.SHIP, lambda bench, key: bench.ship(key, (cup, 1))),
            (transfers.RECEIVE, lambda bench, key: bench.receive(key)),
            (transfers.RECEIVE, lambda bench, key: bench.receive(key, (cup, 1, 0, 0))),
            (transfers.CANCEL, lambda bench, key: bench.cancel(key, BACK)),
            (transfers.CANCEL, lambda bench, key: bench.cancel(key, BACK, (cup, 1))),
        ],
        place,
    )


@pytest.mark.parametrize("walk", [transfers_of_three])
async def test_verbs_lead_where_their_life_says_and_nowhere_else(work: UnitOfWork, walk: Any) -> None:
    led = await walk(work)
    moves, wrong = await led.led(work)
    assert wrong == set()
    for verb in led.life.verbs:
        assert moves[verb] == {state: set(targets) for state, targets in verb.moves.items()}, verb.name
