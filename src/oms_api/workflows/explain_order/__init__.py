"""Why an order stands where it stands: one chain of plain causes, read by `queries`, told by `explain`."""

from oms_api.workflows.explain_order.explain import Cause, Explanation, explain
from oms_api.workflows.explain_order.queries import facts_of
from oms_api.workflows.explain_order.states import CauseCode

__all__ = ["Cause", "CauseCode", "Explanation", "explain", "facts_of"]
