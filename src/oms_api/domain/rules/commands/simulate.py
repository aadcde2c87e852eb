"""Simulating a rule: its matches among past orders."""

from datetime import datetime

from oms_api.db.session import Tx
from oms_api.domain.events.jobs import create_job
from oms_api.domain.rules.commands.activate import version_of
from oms_api.domain.rules.queries import rule_by_id, versions_by_rule
from oms_api.domain.rules.tables import OrderRuleSimulationRow
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import InvalidValue, OmsError
from oms_api.kernel.ids import IdKind, OrderRuleId, OrderRuleSimulationId, text_id

JOB = "order_rule_simulation"


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulateRule:
    """Ask a version of a rule (the last by default) about the orders placed from *since* until before *until*."""

    rule_id: OrderRuleId
    since: datetime
    until: datetime
    number: int | None = None


async def simulate_rule(tx: Tx, command: SimulateRule) -> OrderRuleSimulationRow:
    """Record the simulation to be made, and ask the worker for it. Raises: NotFound, InvalidValue, LimitedKey."""
    tx.principal.check_unlimited("channels")
    if command.since >= command.until:
        raise InvalidValue(problem="until lies behind since.", field=("until",))
    try:
        rule = await rule_by_id(tx, command.rule_id)
    except OmsError as error:
        raise error.at("ruleId") from None
    version = version_of(await versions_by_rule.of_one(tx, rule.id), command.number)
    key = tx.new_id(OrderRuleSimulationId)
    job = await create_job(tx, JOB, {"simulation": text_id(IdKind.ORDER_RULE_SIMULATION, key)})
    row = {
        "id": key,
        "rule_id": rule.id,
        "version_id": version.id,
        "number": version.number,
        "channel_ids": version.channel_ids,
        "since": command.since,
        "until": command.until,
        "job_id": job.id,
        "actor": tx.actor,
        "created_at": tx.now,
    }
    return await tx.made(OrderRuleSimulationRow, row)
