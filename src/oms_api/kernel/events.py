"""Facts: what happened, as the feed tells it. They carry ids, never people's data."""

from collections.abc import Mapping
from datetime import datetime
from types import ModuleType
from typing import ClassVar
from uuid import UUID

from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import ChannelId, IdKind, LocationId, OrderId, SkuId, SupplierId

event_types: dict[str, type["Event"]] = {}


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happened to one record.

    `changes` maps the path of each field that moved to its value before and after; personal fields are named without values. A
    path begins at the subject, or where something else moves an order at that (`status`, `lines.line_01h....returned`), and the
    subject's own fields come behind its type (`return.status`). Names may be those of columns: they are told as
    `naming.shown` makes them.

    `occurred_at` is business time; without it the fact happened when it was recorded. `cause_id` is the document that holds
    what was done, where it is not the subject itself: a cancellation, a receipt. `sku_id` is the SKU it is about, where it is
    about one and that is not the subject itself.
    """

    type: ClassVar[str]
    subject: ClassVar[IdKind]

    subject_id: UUID
    order_id: OrderId | None = None
    channel_id: ChannelId | None = None
    location_ids: tuple[LocationId, ...] = ()
    supplier_ids: tuple[SupplierId, ...] = ()
    sku_id: SkuId | None = None
    changes: Mapping[str, tuple[object, object]] | None = None
    occurred_at: datetime | None = None
    cause_id: UUID | None = None

    def __init_subclass__(cls, **options: object) -> None:
        super().__init_subclass__(**options)
        event_types[cls.type] = cls


def types_of(*modules: ModuleType) -> frozenset[str]:
    """Return the types of all events that *modules* declare."""
    declared = {module.__name__ for module in modules}
    return frozenset(name for name, event in event_types.items() if event.__module__ in declared)
