"""The types of facts, and what they changed, wherever facts are shown."""

from typing import Any

import oms_api.domain.facts  # noqa: F401 - so that every type is known
from oms_api.graphql.described import class_doc, listed, output
from oms_api.kernel.events import event_types

_types = {
    name: class_doc(event)
    for name, event in sorted(event_types.items())
    if event.__module__.startswith("oms_api.")  # tests have events of their own
}
EventType: Any = listed("EventType", "The type of an event.", [(name, name) for name in _types], _types)


@output
class FieldChange:
    """A changed field of an event's subject."""

    field: str
    """The path of the changed field, such as `status`, or `lines.poline_01h....accepted` for one line. It starts at the event's
    subject. Only in events of returns, refunds, shipments and fulfillment orders, it starts at the order. In these events, the
    type of the record is put before a field of the return, refund, shipment or fulfillment order itself: `return.status`."""
    before: str | None
    """The value before, as text; null where there was none, or where it is personal."""
    after: str | None
    """The value after, as text; null where there is none, or where it is personal."""


def field_changes(changes: dict[str, Any] | None) -> list[FieldChange]:
    """Return the changes of an event, field by field."""
    return [FieldChange(field=name, before=_text(b), after=_text(a)) for name, (b, a) in (changes or {}).items()]


def _text(value: object) -> str | None:
    return None if value is None else str(value)
