"""Fewer units in an edit: a cancellation within it."""

from dataclasses import replace

from oms_api.domain.fulfillment.document import OrderDocument
from oms_api.domain.orders.changes.agreement import Agreement
from oms_api.kernel.errors import OmsError, Refused
from oms_api.kernel.ids import LineId
from oms_api.workflows.cancellation import LineToCancel, units_to_cancel


def copied(document: OrderDocument) -> OrderDocument:
    """Return a document to look at what would become of *document*."""
    return replace(
        document,
        lines=dict(document.lines),
        promises=dict(document.promises),
        works=dict(document.works),
        touched_lines=set(),
        touched_promises=set(),
        closed=[],
    )


def quantities_to_cancel(document: OrderDocument, agreement: Agreement) -> dict[LineId, int]:
    """Return how many units of which lines are canceled. Raises: Refused, with what is being picked or was shipped."""
    in_hand, quantities = document.in_hand(), dict[LineId, int]()
    errors: list[OmsError] = []
    for line in agreement.tops:
        if line.lowered:
            try:
                for each, units in units_to_cancel(document, LineToCancel(line.row.id, line.lowered), in_hand, quantities):
                    quantities[each.id] = units
            except OmsError as error:
                error.field = line.paths["quantity"]
                errors.append(error)
    if errors:
        raise Refused(errors=errors)
    return quantities
