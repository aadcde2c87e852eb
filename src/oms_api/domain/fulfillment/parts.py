"""Documents that belong to an order: locked through it, changed by their verbs, and saved together with it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, ClassVar, TypeVar
from uuid import UUID

from oms_api.db.documents import Concerned, Document, Line, Row, changing_held, not_found, read_together
from oms_api.db.pipeline import Statement
from oms_api.db.session import Tx
from oms_api.domain.fulfillment.document import OrderDocument, locked_document
from oms_api.domain.fulfillment.ways import Way
from oms_api.domain.orders.differences import header_changes
from oms_api.kernel.ids import LocationId
from oms_api.kernel.verbs import Verb


class OrderPart(Document[Row, Line]):
    """A document of an order, under the order's lock. A subclass declares the *way* from its id to the order."""

    way: ClassVar[Way]
    lock = ""
    order: OrderDocument

    @property
    def location_ids(self) -> tuple[LocationId, ...]:
        """The locations that its events concern: all that work on the order."""
        return self.order.location_ids

    def concerned(self) -> Concerned:
        """Return its order, with the channel and the locations."""
        order = self.order.order
        return {"order_id": order.id, "channel_id": order.channel_id, "location_ids": self.location_ids}


P = TypeVar("P", bound=OrderPart[Any, Any])


@asynccontextmanager
async def changing_part(
    tx: Tx, kind: type[P], verb: Verb[Any, Any], key: UUID, version: int | None, *alongside: Statement
) -> AsyncIterator[P]:
    """Lock the order of one of its documents and read both, and *alongside*, in one round trip, to do *verb* with that one.

    Where the block ends both are saved, and one event tells what differs of either. Raises: as `changing`.
    """
    found = await part_held(tx, kind, verb, key, *alongside)
    order = found.order
    with changing_held(tx, found, version) as part:
        yield part
        at = part.at or tx.now
        for name, (was, now) in header_changes(order.order, order.save(tx, at)).items():
            part.also(name, was, now)
    order.emit_status(tx, at)


async def part_held(tx: Tx, kind: type[P], verb: Verb[Any, Any], key: UUID, *alongside: Statement) -> P:
    """Lock the order of one of its documents and read both, and *alongside*, in one round trip: for `changing_held`.

    Raises: NotFound.
    """
    reads = kind.asks([key])
    order, answers = await locked_document(tx, kind.way, key, *reads, *alongside)
    found = read_together(kind, verb, answers[: len(reads)]).get(key)
    if order is None or found is None:
        raise not_found(kind, key)
    found.order, found.asked = order, answers[len(reads) :]
    return found
