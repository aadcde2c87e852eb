"""The states of pick batches."""

from enum import StrEnum


class PickBatchStatus(StrEnum):
    """The status of a pick batch."""

    OPEN = "OPEN"
    """Being picked."""
    PICKED = "PICKED"
    """Every line is confirmed."""
    CANCELED = "CANCELED"
    """It was given up; what nobody had confirmed was put back."""


class PickBatchAction(StrEnum):
    """What can be done with a pick batch."""

    CONFIRM_PICKS = "CONFIRM_PICKS"
    """Confirm lines: `pickBatchConfirm`."""
    CANCEL_PICK_BATCH = "CANCEL_PICK_BATCH"
    """Give the rest up: `pickBatchCancel`."""
