"""Saying whether a channel sells more than there is."""

from datetime import date
from zoneinfo import ZoneInfo

from oms_api.db.session import Tx
from oms_api.domain.catalog.references import SkuRef
from oms_api.domain.channels.oversell import emit_rule, goods_named, lock_channel, rule_for, version_of
from oms_api.domain.channels.states import Oversell
from oms_api.domain.channels.tables import OversellRuleRow
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import InvalidValue, OmsError, Refused, wrong_in
from oms_api.kernel.ids import ChannelId, new_uuid
from oms_api.kernel.naming import check_version
from oms_api.kernel.occurrence import check_planned
from oms_api.kernel.quantities import LARGEST_QUANTITY

MOST_DAYS = 3_650


@dataclass(frozen=True, slots=True, kw_only=True)
class SetOversell:
    """The rule of a channel for one SKU, or without one for all that have no rule of their own."""

    channel_id: ChannelId
    sku: SkuRef | None = None
    policy: Oversell = Oversell.DENY
    limit_units: int | None = None
    promise_days: int | None = None
    ships_on: date | None = None
    expected_version: int | None = None


async def set_oversell(tx: Tx, command: SetOversell) -> OversellRuleRow:
    """Make or replace a rule. Raises: NotFound, UnknownSku, NotGoods, VersionConflict, Refused."""
    channel = await lock_channel(tx, command.channel_id)
    check(command, today=tx.now.astimezone(ZoneInfo(channel.time_zone)).date())
    sku_id = await goods_named(tx, command.sku)
    before = await rule_for(tx, channel.id, sku_id)
    check_version(command.expected_version, version_of(before))
    columns = {
        "policy": command.policy,
        "limit_units": command.limit_units,
        "promise_days": command.promise_days,
        "ships_on": command.ships_on,
        "updated_at": tx.now,
        "version": version_of(before) + 1,
    }
    new = {"id": new_uuid(), "channel_id": channel.id, "sku_id": sku_id, "created_at": tx.now}
    rule = await tx.upserted(OversellRuleRow, {**new, **columns}, *columns, on=("channel_id", "sku_id"))
    emit_rule(tx, channel.id, sku_id, before, rule)
    return rule


def check(command: SetOversell, *, today: date) -> None:
    """Raises: Refused, with all that is wrong with *command*; *today* is by the channel's clock."""
    errors: list[OmsError] = []
    if command.limit_units is not None and not 0 < command.limit_units <= LARGEST_QUANTITY:
        errors.append(InvalidValue(problem=f"limit is between 1 and {LARGEST_QUANTITY:,}, or null for none.", field=("limit",)))
    if command.promise_days is not None and not 0 <= command.promise_days <= MOST_DAYS:
        errors.append(InvalidValue(problem=f"promiseDays is between 0 and {MOST_DAYS:,}.", field=("promiseDays",)))
    if (command.policy is Oversell.PREORDER) != (command.ships_on is not None):
        errors.append(InvalidValue(problem="A PREORDER names the day it ships on, and only that does.", field=("shipsOn",)))
    elif command.ships_on is not None and command.ships_on < today:
        errors.append(InvalidValue(problem="A PREORDER ships on a day to come, not on one that is past.", field=("shipsOn",)))
    errors += wrong_in(lambda: check_planned(command.ships_on, "shipsOn"))
    if command.policy is Oversell.DENY and command.limit_units is not None:
        errors.append(InvalidValue(problem="Under DENY nothing waits: it takes no limit.", field=("limit",)))
    if command.policy is not Oversell.BACKORDER and command.promise_days is not None:
        problem = "Only what a BACKORDER waits for is promised after promiseDays."
        errors.append(InvalidValue(problem=problem, field=("promiseDays",)))
    if errors:
        raise Refused(errors=errors)
