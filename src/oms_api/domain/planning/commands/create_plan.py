"""Asking for a plan."""

from datetime import datetime
from decimal import Decimal

from oms_api.db.session import EARLIEST, Tx
from oms_api.domain.events.jobs import create_job
from oms_api.domain.planning.tables import StockPlanRow
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import InvalidValue, OmsError, Refused
from oms_api.kernel.ids import IdKind, StockPlanId, text_id

LEAST_SERVICE, MOST_SERVICE = Decimal("0.5"), Decimal("0.9999")
DECIMALS = 4
MOST_REVIEW_DAYS = 365
JOB = "stock_plan"


@dataclass(frozen=True, slots=True, kw_only=True)
class CreatePlan:
    """Plan every level, as seen at *at* (now unless told), for a service level of each cycle and a review every so often."""

    at: datetime | None = None
    service_level: Decimal = Decimal("0.95")
    review_days: int = 7


async def create_plan(tx: Tx, command: CreatePlan) -> StockPlanRow:
    """Record the plan to be made, and ask the worker for it.

    Raises: Refused; LimitedKey, for a key that sees some locations only: a plan is of all of them, and alerts follow it.
    """
    tx.principal.check_unlimited("locations")
    check(tx, command)
    plan_id = tx.new_id(StockPlanId)
    job = await create_job(tx, JOB, {"plan": text_id(IdKind.STOCK_PLAN, plan_id)})
    plan = {
        "id": plan_id,
        "at": command.at or tx.now,
        "service_level": command.service_level,
        "review_days": command.review_days,
        "job_id": job.id,
        "actor": tx.actor,
        "recorded_at": tx.now,
    }
    return await tx.made(StockPlanRow, plan)


def check(tx: Tx, command: CreatePlan) -> None:
    """Raises: Refused, with all that is wrong with *command*."""
    errors: list[OmsError] = []
    if command.at is not None and command.at > tx.now:
        errors.append(InvalidValue(problem="at must not lie in the future.", field=("at",)))
    if command.at is not None and command.at < EARLIEST:
        errors.append(InvalidValue(problem=f"at lies in {EARLIEST.year} or later.", field=("at",)))
    level = command.service_level
    if not (level.is_finite() and LEAST_SERVICE < level <= MOST_SERVICE and level == round(level, DECIMALS)):
        problem = (
            f"serviceLevel is a fraction above {LEAST_SERVICE} and at most {MOST_SERVICE}, with up to {DECIMALS} decimals: "
            "0.95 for 95 %."
        )
        errors.append(InvalidValue(problem=problem, field=("serviceLevel",)))
    if not 0 < command.review_days <= MOST_REVIEW_DAYS:
        errors.append(InvalidValue(problem=f"reviewDays is between 1 and {MOST_REVIEW_DAYS}.", field=("reviewDays",)))
    if errors:
        raise Refused(errors=errors)
