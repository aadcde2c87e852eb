"""Giving money back: granted by us, paid by a provider, and never more than was captured and did not go back."""

from oms_api.workflows.refund.grant import CreateRefund, create_refund
from oms_api.workflows.refund.move import CancelRefund, RequestRefund, cancel_refund, request_refund
from oms_api.workflows.refund.parts import PartGiven
from oms_api.workflows.refund.suggested import PreviewedRefund, preview_of_refund

__all__ = [
    "CancelRefund",
    "CreateRefund",
    "PartGiven",
    "PreviewedRefund",
    "RequestRefund",
    "cancel_refund",
    "create_refund",
    "preview_of_refund",
    "request_refund",
]
