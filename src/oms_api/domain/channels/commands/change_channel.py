"""Making, changing and deactivating channels."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import field
from typing import cast
from uuid import UUID

from psycopg.errors import ForeignKeyViolation, InvalidParameterValue
from sqlalchemy import Select, select

from oms_api.db.session import Tx
from oms_api.db.sql import Sql
from oms_api.db.statements import statement
from oms_api.db.versioned import change, locking
from oms_api.domain.channels.errors import CodeTaken
from oms_api.domain.channels.events import ChannelChanged, ChannelCreated
from oms_api.domain.channels.policies import ChannelChanges, check_changes
from oms_api.domain.channels.queries import in_channels, locations_by_id
from oms_api.domain.channels.states import Activity, AddressCheck, HandOver, ReleaseWhen
from oms_api.domain.channels.tables import ChannelLocationRow, ChannelRow
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import InvalidValue, LimitedKey, NotFound, OmsError, Refused, TooManyItems
from oms_api.kernel.ids import ChannelId, IdKind, LocationId, SourcingProfileId, text_id
from oms_api.kernel.money import exponent
from oms_api.kernel.naming import check_code, check_version

IN_ZONE = Sql("SELECT now() AT TIME ZONE :zone::text")
FORGET_LOCATIONS = Sql("DELETE FROM channel_location WHERE channel_id = :channel::uuid")
MOST_LOCATIONS = 100
PROFILE = "fk_channel_sourcing_profile_id"
lock = locking(ChannelRow, visible=in_channels(ChannelRow.id))


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateChannel:
    """Let orders come from a new channel; its currency never changes. Locations in order of priority."""

    code: str
    name: str
    currency: str
    time_zone: str
    prices_include_tax: bool = True
    sells_safety_stock: bool = False
    reservation_minutes: int = 30
    complete_after_days: int | None = None
    hand_over: HandOver = HandOver.PAYMENT
    release_when: ReleaseWhen = ReleaseWhen.PLACED
    pay_within_minutes: int | None = None
    cancel_unpaid: bool = False
    needs_recipient: bool = True
    address_check: AddressCheck = AddressCheck.OFF
    buffer: int = 0
    cancel_shipment_within_minutes: int = 24 * 60
    alert_unscanned_after_hours: int | None = 24
    alert_quiet_after_days: int | None = 3
    sourcing_profile_id: SourcingProfileId | None = None
    eori: str | None = None
    ioss: str | None = None
    location_ids: tuple[LocationId, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateChannel:
    """Change a channel; *location_ids*, when given, are all of its locations in order of priority."""

    channel_id: ChannelId
    changes: ChannelChanges = field(default_factory=ChannelChanges)
    location_ids: tuple[LocationId, ...] | None = None
    expected_version: int | None = None


async def create_channel(tx: Tx, command: CreateChannel) -> ChannelRow:
    """Make a channel.

    Raises: CodeTaken, NotFound for a location, Refused; LimitedKey, for a key that sees some channels only.
    """
    tx.principal.check_unlimited("channels")
    policies = ChannelChanges(
        name=command.name,
        time_zone=command.time_zone,
        prices_include_tax=command.prices_include_tax,
        sells_safety_stock=command.sells_safety_stock,
        reservation_minutes=command.reservation_minutes,
        complete_after_days=command.complete_after_days,
        hand_over=command.hand_over,
        release_when=command.release_when,
        pay_within_minutes=command.pay_within_minutes,
        cancel_unpaid=command.cancel_unpaid,
        needs_recipient=command.needs_recipient,
        address_check=command.address_check,
        buffer=command.buffer,
        cancel_shipment_within_minutes=command.cancel_shipment_within_minutes,
        alert_unscanned_after_hours=command.alert_unscanned_after_hours,
        alert_quiet_after_days=command.alert_quiet_after_days,
        sourcing_profile_id=command.sourcing_profile_id,
        eori=command.eori,
        ioss=command.ioss,
    )
    check_code(command.code, "code")
    _check_currency(command.currency)
    check_changes(policies)
    await _check_zone(tx, policies)
    await _check_locations(tx, command.location_ids)
    new = {"id": tx.new_id(ChannelId), "code": command.code, "currency": command.currency, "status": Activity.ACTIVE}
    with _known_profile():
        channel = await tx.made_or_none(ChannelRow, {**new, **policies, "created_at": tx.now, "updated_at": tx.now})
    if channel is None:
        raise CodeTaken(what="channel", given=command.code, field=("code",))
    await _serve_from(tx, channel.id, command.location_ids)
    tx.emit(ChannelCreated(subject_id=channel.id, channel_id=channel.id))
    return channel


async def update_channel(tx: Tx, command: UpdateChannel) -> ChannelRow:
    """Change a channel, its policies and locations.

    Raises: NotFound, VersionConflict, Refused; LimitedKey, where locations that the caller does not see would be lost.
    """
    channel = await lock(tx, command.channel_id)
    if channel is None:
        raise NotFound(what="channel", given=text_id(IdKind.CHANNEL, command.channel_id), field=("id",))
    check_version(command.expected_version, channel.version)
    check_changes(command.changes)
    await _check_zone(tx, command.changes)
    moves = False
    if command.location_ids is not None:
        serving = await _serving(tx, channel.id)
        if not all(map(tx.principal.sees_location, serving)):
            raise LimitedKey(what="locations", field=("locationIds",))
        await _check_locations(tx, command.location_ids)
        moves = serving != list(command.location_ids)
        if moves:
            await tx.fetch(FORGET_LOCATIONS(channel=channel.id))
            await _serve_from(tx, channel.id, command.location_ids)
    with _known_profile():
        channel, moved = await change(tx, ChannelRow, channel, command.changes, also=moves)
    if moves:
        shown = [[text_id(IdKind.LOCATION, one) for one in ids] for ids in (serving, command.location_ids or ())]
        moved["locations"] = shown[0], shown[1]
    if "sourcing_profile_id" in moved:
        profiles = [each and text_id(IdKind.SOURCING_PROFILE, cast("UUID", each)) for each in moved.pop("sourcing_profile_id")]
        moved["sourcingProfile"] = profiles[0], profiles[1]
    if moved:
        tx.emit(ChannelChanged(subject_id=channel.id, channel_id=channel.id, changes=moved))
    return channel


async def _check_zone(tx: Tx, changes: ChannelChanges) -> None:
    """Raises: InvalidValue, for a time zone that this PostgreSQL, which counts sales by the channel's days, does not know."""
    if "time_zone" in changes:
        try:
            await tx.fetch(IN_ZONE(zone=changes["time_zone"]))
        except InvalidParameterValue:
            problem = f"The database does not know the time zone '{changes['time_zone']}': its list of zones is another one."
            raise InvalidValue(problem=problem, field=("timeZone",)) from None


@contextmanager
def _known_profile() -> Iterator[None]:
    """Raises: InvalidValue, where the database knows no sourcing profile that the channel is to have."""
    try:
        yield
    except ForeignKeyViolation as error:
        if error.diag.constraint_name != PROFILE:
            raise
        raise InvalidValue(problem="No sourcing profile has this id.", field=("sourcingProfileId",)) from None


@statement
def serving_locations(channel_id: ChannelId) -> Select[LocationId]:
    """The locations that serve a channel, the one asked first first."""
    serving = ChannelLocationRow
    return select(serving.location_id).where(serving.channel_id == channel_id).order_by(serving.priority)


async def _serving(tx: Tx, channel_id: ChannelId) -> Sequence[LocationId]:
    return await tx.values(serving_locations(channel_id))


async def _serve_from(tx: Tx, channel_id: ChannelId, location_ids: Sequence[LocationId]) -> None:
    await tx.insert(
        ChannelLocationRow,
        [
            {"channel_id": channel_id, "location_id": location_id, "priority": priority}
            for priority, location_id in enumerate(location_ids, start=1)
        ],
    )


async def _check_locations(tx: Tx, location_ids: Sequence[LocationId]) -> None:
    if len(location_ids) > MOST_LOCATIONS:
        raise TooManyItems(limit=MOST_LOCATIONS, given=len(location_ids), field=("locationIds",))
    found = await locations_by_id(tx, location_ids) if location_ids else {}
    errors: list[OmsError] = []
    for index, location_id in enumerate(location_ids):
        path = ("locationIds", str(index))
        if location_id not in found:
            errors.append(NotFound(what="location", given=text_id(IdKind.LOCATION, location_id), field=path))
        elif location_id in location_ids[:index]:
            errors.append(InvalidValue(problem="A location has one place in the order of priority.", field=path))
    if errors:
        raise Refused(errors=errors)


def _check_currency(given: str) -> None:
    try:
        exponent(given)
    except OmsError as error:
        raise error.at("currencyCode") from None
