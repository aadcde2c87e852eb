"""Rows of the decisions of profiles."""

from collections.abc import Iterator, Sequence

from oms_api.db.rows import Row, inserts
from oms_api.db.session import Tx
from oms_api.domain.sourcing.explaining import DecidedStep
from oms_api.domain.sourcing.states import SourcingAct
from oms_api.domain.sourcing.tables import SourcingDecisionRow
from oms_api.kernel.ids import OrderId, SourcingDecisionId, SourcingProfileVersionId

DECISIONS = inserts(SourcingDecisionRow)


def decision_rows(
    tx: Tx, order_id: OrderId, version_id: SourcingProfileVersionId, act: SourcingAct, decisions: Sequence[DecidedStep]
) -> Iterator[Row]:
    """Yield what was decided on an order, step by step."""
    for each in decisions:
        yield {
            "id": tx.new_id(SourcingDecisionId),
            "order_id": order_id,
            "profile_version_id": version_id,
            "act": act,
            "step": each.step,
            "bounded": each.bounded,
            "chosen": each.chosen,
            "candidates": each.candidates,
            "created_at": tx.now,
        }
