"""The states of labels and of the batches they are bought in."""

from enum import StrEnum


class LabelStatus(StrEnum):
    """The status of a label."""

    REQUESTED = "REQUESTED"
    """The carrier is being asked for the label."""
    PURCHASED = "PURCHASED"
    """The label is bought."""
    REFUSED = "REFUSED"
    """The label was not bought; `problem` tells why."""
    UNKNOWN = "UNKNOWN"
    """The carrier gave no clear answer: the label may be bought or not."""
    VOIDING = "VOIDING"
    """The label is being given back to the carrier."""
    VOIDED = "VOIDED"
    """The label was given back to the carrier."""


class LabelAction(StrEnum):
    """The actions on a label."""

    VOID_LABEL = "VOID_LABEL"
    """Give the label back to the carrier: `labelVoid`."""
    RESOLVE_LABEL = "RESOLVE_LABEL"
    """State whether the carrier sold the label: `labelResolve`."""


class LabelTrouble(StrEnum):
    """Why a label was not bought, or not given back."""

    CARRIER_REFUSED = "CARRIER_REFUSED"
    """The carrier refused to sell the label."""
    RATE_CHANGED = "RATE_CHANGED"
    """The label costs more than was allowed."""
    NO_ANSWER = "NO_ANSWER"
    """The carrier did not answer, or its answer cannot be read."""
    NOT_BOUGHT = "NOT_BOUGHT"
    """The carrier had not sold the label, as the server found out later."""
    VOID_REFUSED = "VOID_REFUSED"
    """The carrier refused to take the label back."""


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
