"""Saying whether a channel sells more than there is."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from oms_api.db.session import Tx
from oms_api.domain.catalog.references import SkuRef, sku_named
from oms_api.domain.channels.events import ChannelChanged
from oms_api.domain.channels.queries import channels_by_id
from oms_api.domain.channels.states import Oversell
from oms_api.domain.channels.tables import OversellRule
from oms_api.kernel.errors import InvalidValue, NotFound, OmsError, Refused, wrong_in
from oms_api.kernel.ids import IdKind, text_id
from oms_api.kernel.occurrence import check_planned

MOST_UNITS = 2**31 - 1
MOST_DAYS = 3_650


@dataclass(frozen=True, slots=True, kw_only=True)
class SetOversell:
    """The rule of a channel for one SKU, or without one for all that have no rule of their own."""

    channel_id: UUID
    sku: SkuRef | None = None
    policy: Oversell = Oversell.DENY
    limit_units: int | None = None
    promise_days: int | None = None
    ships_on: date | None = None


async def set_oversell(tx: Tx, command: SetOversell) -> OversellRule:
    """Make or replace a rule. Raises: NotFound, UnknownSku, Refused."""
    channel = (await channels_by_id(tx, [command.channel_id])).get(command.channel_id)
    if channel is None:
        raise NotFound(what="channel", given=text_id(IdKind.CHANNEL, command.channel_id), field=("channelId",))
    check(command)
    sku_id = None if command.sku is None else (await sku_named(tx, command.sku, "sku")).id
    told = {
        "policy": command.policy,
        "limit_units": command.limit_units,
        "promise_days": command.promise_days,
        "ships_on": command.ships_on,
        "updated_at": tx.now,
    }
    new = {"id": tx.new_id(), "channel_id": channel.id, "sku_id": sku_id, "created_at": tx.now}
    statement = insert(OversellRule).values({**new, **told})
    of_both = [OversellRule.channel_id, OversellRule.sku_id]
    rule = await tx.one(statement.on_conflict_do_update(index_elements=of_both, set_=told).returning(OversellRule))
    tx.emit(ChannelChanged(subject_id=channel.id, channel_id=channel.id, changes={"oversell": (None, command.policy)}))
    return rule


def check(command: SetOversell) -> None:
    """Raises: Refused, with all that is wrong with *command*."""
    errors: list[OmsError] = []
    if command.limit_units is not None and not 0 < command.limit_units <= MOST_UNITS:
        errors.append(InvalidValue(problem=f"limit is between 1 and {MOST_UNITS}, or null for none.", field=("limit",)))
    if command.promise_days is not None and not 0 <= command.promise_days <= MOST_DAYS:
        errors.append(InvalidValue(problem=f"promiseDays is between 0 and {MOST_DAYS}.", field=("promiseDays",)))
    if (command.policy is Oversell.PREORDER) != (command.ships_on is not None):
        errors.append(InvalidValue(problem="A PREORDER names the day it ships on, and only that does.", field=("shipsOn",)))
    errors += wrong_in(lambda: check_planned(command.ships_on, "shipsOn"))
    if errors:
        raise Refused(errors=errors)
