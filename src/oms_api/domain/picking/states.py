"""The states of pick batches."""

from enum import StrEnum


class PickBatchStatus(StrEnum):
    """The status of a pick batch."""

    OPEN = "OPEN"
    """Being picked."""
    PICKED = "PICKED"
    """Every line is confirmed."""
    CANCELED = "CANCELED"
    """The batch was canceled. Units of lines that were not confirmed were put back."""


class PickBatchAction(StrEnum):
    """The actions on a pick batch."""

    CONFIRM_PICKS = "CONFIRM_PICKS"
    """Confirm picked lines: `pickBatchConfirm`."""
    CANCEL_PICK_BATCH = "CANCEL_PICK_BATCH"
    """Give up the lines that are not confirmed: `pickBatchCancel`."""
