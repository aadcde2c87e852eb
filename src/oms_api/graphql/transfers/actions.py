"""What can be done with a transfer now, by whoever asks."""

from oms_api.domain.inventory.transfers.policies import (
    why_hidden,
    why_not_cancel,
    why_not_change,
    why_not_ready,
    why_not_receive,
    why_not_ship,
)
from oms_api.domain.inventory.transfers.queries import TransferTotals
from oms_api.domain.inventory.transfers.tables import TransferRow
from oms_api.domain.orders.actions import Action, ActionName
from oms_api.kernel.access import Principal


def available_actions(row: TransferRow, totals: TransferTotals, principal: Principal) -> list[Action]:
    """Return every action on a transfer, and why the caller cannot do it now."""
    origin = why_hidden(principal, row.origin_id, "origin")
    destination = why_hidden(principal, row.destination_id, "destination")
    return [
        Action(ActionName.UPDATE_TRANSFER, why_not_change(row) or origin),
        Action(ActionName.MARK_TRANSFER_READY, why_not_ready(row) or origin),
        Action(ActionName.SHIP_TRANSFER, why_not_ship(row, totals.unsent) or origin),
        Action(ActionName.RECEIVE_TRANSFER, why_not_receive(row, totals.in_transit) or destination),
        Action(ActionName.CANCEL_TRANSFER, why_not_cancel(row) or origin),
    ]
