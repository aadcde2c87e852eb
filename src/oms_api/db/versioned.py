"""Records with a version: locked, and changed only where something differs."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from sqlalchemy import Select, select

from oms_api.db.columns import Base
from oms_api.db.relations import Conditions, everything
from oms_api.db.session import Tx
from oms_api.db.statements import statement
from oms_api.kernel.access import Sight

Record = TypeVar("Record", bound=Base)
Moved = dict[str, tuple[object, object]]


def locking(table: type[Record], *, visible: Conditions = everything) -> Callable[[Tx, UUID], Awaitable[Record | None]]:
    """Declare how to lock a record of *table* by its id: until the transaction ends, and others may still refer to it."""

    @statement
    def found(key: UUID, sight: Sight) -> Select[Any]:
        held = select(table).where(cast("Any", table).id == key, *visible(sight))
        return held.with_for_update(key_share=True)

    async def lock(tx: Tx, key: UUID) -> Record | None:
        return await tx.one_or_none(found(key, tx.sight))

    return lock


async def change(
    tx: Tx, table: type[Record], before: Record, columns: Mapping[str, Any], *, also: bool = False
) -> tuple[Record, Moved]:
    """Write *columns* over the locked record *before* and raise its version, if any differs (or *also* something else does).

    Returns the record as it is now, and what was and is now of each column that moved.
    """
    moved: Moved = {name: (getattr(before, name), value) for name, value in columns.items() if getattr(before, name) != value}
    if not moved and not also:
        return before, moved
    was = cast("Any", before)
    written = {name: columns[name] for name in moved}
    after = await tx.updated(table, {"id": was.id, **written, "version": was.version + 1, "updated_at": tx.now})
    return after, moved
