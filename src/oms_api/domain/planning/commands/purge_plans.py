"""Forgetting plans that are past their time."""

from datetime import datetime

from oms_api.db.session import Tx
from oms_api.db.sql import Sql
from oms_api.kernel.dataclass import dataclass

OLDEST = Sql("""
SELECT plan.id FROM stock_plan plan
WHERE plan.recorded_at < :before AND plan.id IS DISTINCT FROM (
    SELECT id FROM stock_plan WHERE finished_at IS NOT NULL ORDER BY at DESC, id DESC LIMIT 1
)
ORDER BY plan.recorded_at, plan.id LIMIT 1 FOR UPDATE OF plan SKIP LOCKED
""")
LINES = Sql("""
DELETE FROM stock_plan_line WHERE ctid = ANY (ARRAY(SELECT ctid FROM stock_plan_line WHERE plan_id = :plan LIMIT :size))
RETURNING 1
""")
PLAN = Sql("DELETE FROM stock_plan WHERE id = :plan")


@dataclass(frozen=True, slots=True, kw_only=True)
class PurgePlans:
    """Forget the plans asked for before *before*, by *size* levels at a time."""

    before: datetime
    size: int


async def purge_plans(tx: Tx, command: PurgePlans) -> bool:
    """Delete levels of the oldest plan past its time, with the last of them the plan, and tell whether there was one.

    The newest plan, which alerts follow, stays whatever its age. Nothing refers to the rows of a plan: purchase orders made of
    suggestions, and alerts, keep what they took from them. A plan that another worker deletes is passed over.
    """
    for (plan,) in await tx.fetch(OLDEST(before=command.before)):
        if len(await tx.fetch(LINES(plan=plan, size=command.size))) < command.size:
            await tx.fetch(PLAN(plan=plan))
        return True
    return False
