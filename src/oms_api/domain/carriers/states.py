"""The states of labels and of the batches they are bought in."""

from enum import StrEnum


class LabelStatus(StrEnum):
    """The status of a label."""

    REQUESTED = "REQUESTED"
    """The carrier is being asked for it."""
    PURCHASED = "PURCHASED"
    """It is bought."""
    REFUSED = "REFUSED"
    """It was not bought; `problem` tells why."""
    UNKNOWN = "UNKNOWN"
    """The carrier gave no clear answer: it may be bought or not."""
    VOIDING = "VOIDING"
    """It is being given back to the carrier."""
    VOIDED = "VOIDED"
    """It was given back to the carrier."""


class LabelAction(StrEnum):
    """The actions on a label."""

    VOID_LABEL = "VOID_LABEL"
    """Give the label back to the carrier: `labelVoid`."""
    RESOLVE_LABEL = "RESOLVE_LABEL"
    """State whether the carrier sold the label: `labelResolve`."""


class LabelTrouble(StrEnum):
    """Why a label was not bought, or not given back."""

    CARRIER_REFUSED = "CARRIER_REFUSED"
    """The carrier refused to sell it."""
    RATE_CHANGED = "RATE_CHANGED"
    """It costs more than was allowed."""
    NO_ANSWER = "NO_ANSWER"
    """The carrier did not answer, or its answer cannot be read."""
    NOT_BOUGHT = "NOT_BOUGHT"
    """The carrier had not sold it, as was found out later."""
    VOID_REFUSED = "VOID_REFUSED"
    """The carrier refused to take it back."""


class BatchItemStatus(StrEnum):
    """The progress of one package in a batch of labels."""

    WAITING = "WAITING"
    """Its label is not requested yet."""
    PURCHASED = "PURCHASED"
    """Its label is bought."""
    REFUSED = "REFUSED"
    """Its label was not bought."""
    UNKNOWN = "UNKNOWN"
    """The carrier gave no clear answer."""


class ScanOutcome(StrEnum):
    """The result of one tracking event of an import."""

    WAITING = "WAITING"
    """The event is not recorded yet."""
    KEPT = "KEPT"
    """The event was new, and was recorded."""
    KNOWN = "KNOWN"
    """The event was known before: nothing was done."""
    REFUSED = "REFUSED"
    """The event was not recorded; `error` tells why."""
