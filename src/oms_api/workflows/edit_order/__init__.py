"""Editing an order: what was agreed is changed as one list of changes, all of it or nothing.

`read` reads it beside the locked document, `decide` prices and sources what the edit asks for, `apply` does it in memory,
`write` hands the rows to the last flush. A preview is the same flow without lock and flush.
"""

from oms_api.workflows.edit_order.commands import Edited, EditedLine, EditOrder
from oms_api.workflows.edit_order.flow import edit_order, edited_before, preview_edit

__all__ = ["EditOrder", "Edited", "EditedLine", "edit_order", "edited_before", "preview_edit"]
