"""Documents that are led through every status that their commands reach, to see which verb is accepted where."""

from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from uuid import UUID

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.kernel.errors import OmsError
from oms_api.kernel.verbs import Life, Verb

Act = Callable[[Any, Any], Awaitable[Any]]
"""What is done by a bench (what makes commands on a unit of work) with the document of an id."""


class Undone(Exception):
    """A command came to *row*, and is undone."""

    def __init__(self, row: Any) -> None:
        self.row = row


class Undoing(UnitOfWork):
    """A unit of work in which every command is undone where it would be committed."""

    async def once(self, principal: Any, command: Any, arguments: Any, **more: Any) -> Any:
        """Carry out *command* and undo it. Raises: Undone."""

        async def undone(tx: Any, arguments: Any) -> Any:
            row = await command(tx, arguments)
            await tx.flush(tx.closing)
            raise Undone(row)

        return await super().once(principal, undone, arguments, **more)


@dataclass(frozen=True)
class Walk:
    """How documents of one kind are led: *bench* on a unit of work, what makes documents, verbs by what is tried of them, and
    what sets one document apart from another of the same status. Some verbs are refused in a status *by rows* only."""

    life: Life[Any, Any]
    bench: Callable[[UnitOfWork], Any]
    starts: Sequence[Callable[[Any], Awaitable[UUID]]]
    tries: Sequence[tuple[Verb[Any, Any], Act]]
    place: Callable[[Any, UUID], Awaitable[tuple[StrEnum, Hashable]]]
    by_rows: Mapping[Verb[Any, Any], StrEnum] = field(default_factory=dict)

    async def led(self, work: UnitOfWork) -> tuple[dict[Verb[Any, Any], dict[StrEnum, set[StrEnum]]], set[str]]:
        """Return what each verb led to from each status in which it was accepted, and where a status alone refused it."""
        bench, undoing = self.bench(work), self.bench(Undoing(work.pool, work.clock))
        moves: dict[Verb[Any, Any], dict[StrEnum, set[StrEnum]]] = {verb: {} for verb in self.life.verbs}
        wrong: set[str] = set()
        seen: set[Hashable] = set()
        paths: list[tuple[Callable[[Any], Awaitable[UUID]], tuple[Act, ...]]] = [(start, ()) for start in self.starts]
        for start, path in paths:
            key = await start(bench)
            for act in path:
                await act(bench, key)
            place = await self.place(bench, key)
            if place in seen:
                continue
            seen.add(place)
            for verb, act in self.tries:
                try:
                    await act(undoing, key)
                except Undone as came_to:
                    moves[verb].setdefault(place[0], set()).add(came_to.row.status)
                    paths.append((start, (*path, act)))
                except OmsError as error:
                    refused = self.life.why_not(verb, place[0], None) if place[0] not in verb.moves else None
                    if refused is not None and (error.code, error.field) != (refused.code, refused.field):
                        wrong.add(f"{verb.name} of {place[0]}: {error}")
        return moves, wrong
