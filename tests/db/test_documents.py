"""Documents are changed in one way: under their lock, by a verb, once; the difference is written, counted and published."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, TypeVar

import pytest

from oms_api.db.documents import changing, changing_each, changing_held
from oms_api.db.session import Tx
from oms_api.db.traffic import Traffic, counted
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.inventory.transfers.document import TransferDocument
from oms_api.domain.inventory.transfers.events import TransferChanged
from oms_api.domain.inventory.transfers.queries import transfers_by_id
from oms_api.domain.inventory.transfers.states import TransferStatus
from oms_api.domain.inventory.transfers.tables import TransferRow
from oms_api.domain.inventory.transfers.verbs import MARK_READY, PLAN, SHIP, UPDATE
from oms_api.kernel.errors import IllegalMove, NotFound, OmsError, VersionConflict
from oms_api.kernel.ids import IdKind, TransferId, new_uuid, text_id
from oms_api.kernel.verbs import Verb, stays
from tests.factories.given import SYSTEM
from tests.factories.keeping import staged
from tests.factories.moving import Road

Value = TypeVar("Value")
S = TransferStatus


@pytest.fixture
async def road(work: UnitOfWork) -> Road:
    return await Road.build(work)


@pytest.fixture
async def draft(road: Road) -> TransferRow:
    cup, pot = await road.goods(5, 5)
    return await road.plan((cup, 2), (pot, 3), ready=False)


@asynccontextmanager
async def open_tx(work: UnitOfWork, principal: Any = SYSTEM) -> AsyncIterator[Tx]:
    """Give a transaction that is never committed."""
    async with work.pool.lease() as driver:
        tx = Tx(driver, principal, work.clock())
        yield tx
        await tx.undo()


async def done(work: UnitOfWork, act: Callable[[Tx], Awaitable[Value]]) -> Value:
    """Carry out *act* in a transaction."""

    async def command(tx: Tx, _nothing: None) -> Value:
        return await act(tx)

    return await work.execute(SYSTEM, command, None)


async def transfer_row(road: Road, key: TransferId) -> TransferRow:
    async with road.work.reads(SYSTEM) as read:
        return await transfers_by_id.known(read, key)


async def test_what_differs_is_written_counted_and_published_once(road: Road, draft: TransferRow) -> None:
    there = (await Road.build(road.work)).destination

    async def act(tx: Tx) -> TransferRow:
        async with changing(tx, TransferDocument, PLAN, draft.id, 1) as transfer:
            transfer.row.destination_id = there.id
            transfer.row.note, transfer.row.external_ref = "by van", None
            first = next(iter(transfer.lines))
            transfer.lines[first] = replace(transfer.lines[first], called_off=1)
        assert len(tx.closing) == 1
        return transfer.row

    traffic = Traffic()
    with counted(traffic):
        after = await done(road.work, act)
    assert (traffic.trips, after.version, after.note) == (3, 2, "by van")
    assert after == await transfer_row(road, draft.id)
    first, second = await road.lines(draft.id)
    assert (first.called_off, second.called_off) == (1, 0)
    published = (await staged(road.work, "TRANSFER_CHANGED", draft.id))[-1]
    assert published.changes == {
        "destinationId": [text_id(IdKind.LOCATION, draft.destination_id), text_id(IdKind.LOCATION, there.id)],
        "note": [None, "by van"],
        f"lines.{text_id(IdKind.TRANSFER_LINE, first.id)}.calledOff": [0, 1],
    }
    assert set(published.location_ids) == {draft.origin_id, draft.destination_id, there.id}


async def test_where_nothing_differs_nothing_happens(work: UnitOfWork, draft: TransferRow) -> None:
    async with open_tx(work) as tx:
        async with changing(tx, TransferDocument, PLAN, draft.id, None) as transfer:
            transfer.row.note = draft.note
            first = next(iter(transfer.lines))
            transfer.lines[first] = replace(transfer.lines[first])
        assert (transfer.row, tx.closing, tx.events) == (draft, [], [])


async def test_what_others_write_raises_the_version_too(work: UnitOfWork, draft: TransferRow) -> None:
    async with open_tx(work) as tx:
        async with changing(tx, TransferDocument, PLAN, draft.id, None) as transfer:
            transfer.also("totals.quantity", 5, 6)
        assert transfer.row.version == 2
        assert [event.changes for event in tx.events] == [{"totals.quantity": (5, 6)}]
        assert len(tx.closing) == 1


async def test_an_error_leaves_nothing_behind(work: UnitOfWork, draft: TransferRow) -> None:
    async def fails(tx: Tx) -> None:
        async with changing(tx, TransferDocument, MARK_READY, draft.id, None) as transfer:
            transfer.move(S.READY_TO_SHIP)
            raise ZeroDivisionError

    async with open_tx(work) as tx:
        with pytest.raises(ZeroDivisionError):
            await fails(tx)
        assert (tx.closing, tx.events) == ([], [])


async def test_a_verb_of_another_kind_is_refused_before_anything_is_locked(work: UnitOfWork, draft: TransferRow) -> None:
    other = Verb[S, Any](event=TransferChanged, moves=stays(S.DRAFT))
    async with open_tx(work) as tx:
        with pytest.raises(TypeError, match="not done with a transfer"):
            async with changing(tx, TransferDocument, other, draft.id, None):
                pass
        assert not tx.begun


@pytest.mark.parametrize("column", ["id", "status", "version", "colour", "lines"])
async def test_what_the_protocol_keeps_and_what_is_no_column_cannot_be_set(
    work: UnitOfWork, draft: TransferRow, column: str
) -> None:
    async with open_tx(work) as tx, changing(tx, TransferDocument, UPDATE, draft.id, None) as transfer:
        with pytest.raises(AttributeError, match=column):
            setattr(transfer.row, column, None)


async def test_nothing_is_changed_outside_the_block(work: UnitOfWork, draft: TransferRow) -> None:
    async with open_tx(work) as tx:
        async with changing(tx, TransferDocument, UPDATE, draft.id, None) as transfer:
            row = transfer.row
        for late in (row, transfer.row, transfer.was):
            with pytest.raises(AttributeError):
                late.note = "late"
        with pytest.raises(TypeError):
            transfer.lines[new_uuid()] = next(iter(transfer.lines.values()))
        with pytest.raises(TypeError):
            transfer.move(S.DRAFT)
        with pytest.raises(RuntimeError, match="saved already"):
            transfer.close(tx.now)


async def test_a_document_is_locked_once_and_in_the_order_of_the_ids(work: UnitOfWork, road: Road, draft: TransferRow) -> None:
    (cup,) = await road.goods(5)
    later = await road.plan((cup, 1), ready=False)
    async with open_tx(work) as tx:
        for key in (draft.id, later.id):
            async with changing(tx, TransferDocument, UPDATE, key, None):
                pass
        for key in (later.id, draft.id):
            with pytest.raises(RuntimeError, match="locks each transfer once"):
                async with changing(tx, TransferDocument, PLAN, key, None):
                    pass


async def test_who_may_not_is_told_why_in_one_order(road: Road, draft: TransferRow) -> None:
    blind = replace(SYSTEM, locations=frozenset())
    cases: list[tuple[Any, Verb[Any, Any], TransferId, int | None, type[OmsError], tuple[str, ...]]] = [
        (SYSTEM, UPDATE, TransferId(new_uuid()), None, NotFound, ("transferId",)),
        (blind, UPDATE, draft.id, 9, NotFound, ("transferId",)),
        (SYSTEM, UPDATE, draft.id, 9, VersionConflict, ("expectedVersion",)),
    ]
    for principal, verb, key, version, error, path in cases:
        async with open_tx(road.work, principal) as tx:
            with pytest.raises(error) as refused:
                async with changing(tx, TransferDocument, verb, key, version):
                    pass
            assert refused.value.field == path


async def test_a_verb_leads_only_where_it_says(work: UnitOfWork, draft: TransferRow) -> None:
    async with open_tx(work) as tx:
        with pytest.raises(IllegalMove) as refused:
            async with changing(tx, TransferDocument, SHIP, draft.id, None) as transfer:
                transfer.move(S.RECEIVED)
        assert (refused.value.current, refused.value.target, refused.value.field) == ("DRAFT", "RECEIVED", ("transferId",))


async def test_many_are_changed_by_one_statement(road: Road) -> None:
    cup, pot = await road.goods(50, 50)
    plans = [await road.plan((cup, 1), (pot, 2), ready=False) for _ in range(5)]
    ready = await road.plan((cup, 1))
    gone = TransferId(new_uuid())

    async def act(tx: Tx) -> dict[Any, str]:
        wanted: dict[Any, int | None] = {plan.id: 1 for plan in reversed(plans)}
        wanted |= {plans[0].id: 7, ready.id: None, gone: None}
        async with changing_each(tx, TransferDocument, MARK_READY, wanted) as (found, refused):
            assert list(found) == [plan.id for plan in plans[1:]]
            for number, transfer in enumerate(found.values()):
                transfer.at = transfer.row.ready_at = tx.now
                transfer.move(S.READY_TO_SHIP)
                if number:
                    transfer.row.note = str(number)
        assert len(tx.closing) == 1
        return {key: error.code for key, error in refused.items()}

    traffic = Traffic()
    with counted(traffic):
        refused = await done(road.work, act)
    assert refused == {plans[0].id: "VERSION_CONFLICT", ready.id: "ILLEGAL_MOVE", gone: "NOT_FOUND"}
    assert traffic.trips == 3
    rows = [await transfer_row(road, plan.id) for plan in plans]
    assert [(row.status, row.version, row.note) for row in rows] == [
        (S.DRAFT, 1, None),
        (S.READY_TO_SHIP, 2, None),
        (S.READY_TO_SHIP, 2, "1"),
        (S.READY_TO_SHIP, 2, "2"),
        (S.READY_TO_SHIP, 2, "3"),
    ]
    published = [(await staged(road.work, "TRANSFER_CHANGED", row.id))[-1].changes for row in rows[1:3]]
    assert published == [
        {"status": ["DRAFT", "READY_TO_SHIP"]},
        {"status": ["DRAFT", "READY_TO_SHIP"], "note": [None, "1"]},
    ]


async def test_what_was_read_under_another_lock_is_changed_the_same_way(work: UnitOfWork, draft: TransferRow) -> None:
    async with open_tx(work) as tx:
        held = TransferDocument(draft, {}, UPDATE)
        held.take([], [])
        with changing_held(tx, held, 1) as transfer:
            transfer.row.note = "by van"
        assert (transfer.row.version, len(tx.closing), len(tx.events)) == (2, 1, 1)
        with pytest.raises(RuntimeError), changing_held(tx, held, 1):
            pass
    async with open_tx(work) as tx:
        with pytest.raises(VersionConflict), changing_held(tx, TransferDocument(draft, {}, UPDATE), 4):
            pass
