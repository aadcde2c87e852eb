"""Documents that are led through every status that their commands reach, to see which verb is accepted where."""

from collections.abc import AsyncIterator, Awaitable, Callable, Hashable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import select

from oms_api.db.session import Reader, Tx
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.kernel.errors import IllegalMove, OmsError
from oms_api.kernel.verbs import Life, Verb
from tests.factories.given import SYSTEM
from tests.factories.raw import raw

Act = Callable[[Any, Any], Awaitable[Any]]
"""An action by a bench (a maker of commands on a unit of work) on the document of an id."""
Start = Callable[[Any], Awaitable[UUID]]
Moves = dict[Verb[Any, Any], dict[StrEnum, set[StrEnum]]]


Place = tuple[StrEnum, Hashable]
"""The status of a document, and what sets it apart from others of that status."""


class Undone(Exception):
    """A command brought its document to *place*, and is undone."""

    def __init__(self, place: Place) -> None:
        self.place = place


class Undoing(UnitOfWork):
    """A unit of work in which every command is undone where it would be committed, once one had a `look` at what it did."""

    look: Callable[[], Awaitable[Place]]
    tx: Tx | None = None

    @asynccontextmanager
    async def reads(self, principal: Any) -> AsyncIterator[Reader]:
        """Open a reader, which sees what the command did."""
        if self.tx is None:
            async with super().reads(principal) as read:
                yield read
        else:
            yield Reader(self.tx, principal)

    async def execute(self, principal: Any, command: Any, arguments: Any) -> Any:
        """Carry out *command* and undo it. Raises: Undone."""

        async def undone(tx: Tx, arguments: Any) -> Any:
            await command(tx, arguments)
            await tx.flush(tx.closing)
            self.tx = tx
            try:
                raise Undone(await self.look())
            finally:
                self.tx = None

        return await super().execute(principal, undone, arguments)


@dataclass(frozen=True)
class Walk:
    """How documents of one kind, kept in *table*, are led: *bench* on a unit of work, *starts* that make documents, *tries* of
    verbs, and the fields that set one document *apart* from another of the same status.

    Some verbs are refused in a status *by rows* only. *steps* are commands of other documents that this one follows by verbs
    without a try. *facts* are those by which a status refuses a verb with other errors.
    """

    life: Life[Any, Any]
    table: Any
    bench: Callable[[UnitOfWork], Any]
    starts: Sequence[Start]
    tries: Sequence[tuple[Verb[Any, Any], Act]]
    apart: Callable[[Any, Any], Awaitable[Hashable]] | None = None
    by_rows: Mapping[Verb[Any, Any], StrEnum] = field(default_factory=dict)
    steps: Sequence[Act] = ()
    facts: Sequence[Any] = (None,)

    @property
    def said(self) -> Moves:
        """The moves of each verb, without those that stay where the document only follows, or that rows refuse."""
        tried = {verb for verb, _ in self.tries}
        return {
            verb: {
                state: ends
                for state, targets in verb.moves.items()
                if state is not self.by_rows.get(verb) and (ends := set(targets) - (set() if verb in tried else {state}))
            }
            for verb in self.life.verbs
        }

    async def led(self, work: UnitOfWork) -> tuple[Moves, set[str]]:
        """Return what each verb led to from each status in which it was accepted, and what went otherwise than by verbs."""
        undoing = Undoing(work.pool, work.clock)
        bench, tried = self.bench(work), self.bench(undoing)
        moves: Moves = {verb: {} for verb in self.life.verbs}
        wrong: set[str] = set()
        seen: set[Place] = set()
        paths: list[tuple[Start, tuple[Act, ...]]] = [(start, ()) for start in self.starts]
        for start, path in paths:
            key = await start(bench)
            for act in path:
                await act(bench, key)
            here = await self.place(bench, work, key)
            seen.add(here)
            undoing.look = partial(self.place, tried, undoing, key)
            for verb, act in (*self.tries, *((None, step) for step in self.steps)):
                try:
                    await act(tried, key)
                except Undone as undone:
                    if undone.place not in seen:
                        seen.add(undone.place)
                        paths.append((start, (*path, act)))
                    self.note(moves, wrong, verb, here[0], undone.place[0])
                except OmsError as error:
                    codes = {each.code for each in error.causes}
                    if verb and self.by_status(verb, here[0], codes) and not codes & self.refusals(verb, here[0]):
                        wrong.add(f"{verb.shown} of {here[0]}: {error}")
        return moves, wrong

    async def place(self, bench: Any, work: UnitOfWork, key: UUID) -> Place:
        """Return where a document is, as *bench* and *work* see it."""
        async with work.reads(SYSTEM) as read:
            row = await read.one(raw(select(self.table).where(self.table.id == key)))
        return row.status, self.apart and await self.apart(bench, key)

    def note(self, moves: Moves, wrong: set[str], verb: Verb[Any, Any] | None, status: StrEnum, target: StrEnum) -> None:
        """Note that *verb*, or a step of another document, led from *status* to *target*."""
        tried = {verb for verb, _ in self.tries}
        followed = (each for each in self.life.verbs if each not in tried and target in each.moves.get(status, ()))
        by = verb or (None if target is status else next(followed, None))
        if by is not None:
            moves[by].setdefault(status, set()).add(target)
        elif target is not status:
            wrong.add(f"{status} became {target} by no verb")

    @staticmethod
    def by_status(verb: Verb[Any, Any], status: StrEnum, codes: set[str]) -> bool:
        """Tell whether it is the status that refuses a verb, or an error says so."""
        return status not in verb.moves or IllegalMove.code in codes

    def refusals(self, verb: Verb[Any, Any], status: StrEnum) -> set[str]:
        """Return the codes with which *verb* is refused in a status."""
        return {error.code for facts in self.facts if (error := self.life.why_not(verb, status, facts)) is not None}
