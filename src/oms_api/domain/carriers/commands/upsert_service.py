"""Making and changing shipping services."""

from typing import Any

from sqlalchemy import Select, select

from oms_api.db.session import Tx
from oms_api.db.statements import statement
from oms_api.db.versioned import change
from oms_api.domain.carriers.events import ShippingServiceChanged
from oms_api.domain.carriers.queries import accounts_by_id
from oms_api.domain.carriers.tables import ShippingServiceRow
from oms_api.domain.channels.queries import channels_by_id
from oms_api.domain.channels.states import Activity
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import InvalidValue, NotFound, OmsError, Refused, wrong_in
from oms_api.kernel.ids import CarrierAccountId, ChannelId, IdKind, ShippingServiceId, text_id
from oms_api.kernel.naming import check_code, check_name, check_version

COLUMNS = "name", "account_id", "service", "box", "signature", "insured", "pickup_point", "status"


@dataclass(frozen=True, slots=True, kw_only=True)
class UpsertService:
    """A shipping service by its code and channel; of one that exists, what is None stays as it is."""

    code: str
    channel_id: ChannelId | None = None
    name: str | None = None
    account_id: CarrierAccountId | None = None
    service: str | None = None
    box: str | None = None
    signature: bool | None = None
    insured: bool | None = None
    pickup_point: bool | None = None
    status: Activity | None = None
    expected_version: int | None = None


@statement
def _service(code: str, channel_id: ChannelId | None) -> Select[ShippingServiceRow]:
    row = ShippingServiceRow
    of_channel = row.channel_id.is_(None) if channel_id is None else row.channel_id == channel_id
    return select(row).where(row.code == code, of_channel).with_for_update()


async def upsert_service(tx: Tx, command: UpsertService) -> ShippingServiceRow:
    """Make a shipping service, or change it. Raises: Refused, VersionConflict, LimitedKey."""
    tx.principal.check_unlimited("channels", "locations")
    if errors := [*_wrong_texts(command), *await _not_there(tx, command)]:
        raise Refused(errors=errors)
    columns: dict[str, Any] = {name: value for name in COLUMNS if (value := getattr(command, name)) is not None}
    before = await tx.one_or_none(_service(command.code, command.channel_id))
    if before is None:
        if command.expected_version is not None:
            raise InvalidValue(problem="There is none with this code yet, so it has no version.", field=("expectedVersion",))
        missing = [name for name, given in (("accountId", command.account_id), ("service", command.service)) if given is None]
        if missing:
            raise Refused(errors=[InvalidValue(problem=f"A new service needs {each}.", field=(each,)) for each in missing])
        new = {
            "id": tx.new_id(ShippingServiceId),
            "code": command.code,
            "channel_id": command.channel_id,
            "name": command.code,
            "status": Activity.ACTIVE,
            "created_at": tx.now,
            "updated_at": tx.now,
        }
        made = await tx.made_or_none(ShippingServiceRow, new | columns)
        if made is not None:
            tx.emit(
                ShippingServiceChanged(
                    subject_id=made.id, channel_id=made.channel_id, changes={"service": (None, made.service)}
                )
            )
            return made
        before = await tx.one(_service(command.code, command.channel_id))
    check_version(command.expected_version, before.version)
    after, moved = await change(tx, ShippingServiceRow, before, columns)
    if moved:
        if "account_id" in moved:
            was, now = moved.pop("account_id")
            moved["account.id"] = _text(was), _text(now)
        tx.emit(ShippingServiceChanged(subject_id=after.id, channel_id=after.channel_id, changes=moved))
    return after


def _text(account: Any) -> str:  # noqa: ANN401 - a column
    return text_id(IdKind.CARRIER_ACCOUNT, account)


def _wrong_texts(command: UpsertService) -> list[OmsError]:
    return wrong_in(
        lambda: check_code(command.code, "code"),
        lambda: None if command.name is None else check_name(command.name, "name"),
        lambda: None if command.service is None else check_code(command.service, "service"),
        lambda: None if command.box is None else check_code(command.box, "box"),
    )


async def _not_there(tx: Tx, command: UpsertService) -> list[OmsError]:
    errors: list[OmsError] = []
    channel, account = command.channel_id, command.account_id
    if channel is not None and channel not in await channels_by_id(tx, [channel]):
        errors.append(NotFound(what="channel", given=text_id(IdKind.CHANNEL, channel), field=("channelId",)))
    if account is not None and account not in await accounts_by_id(tx, [account]):
        given = text_id(IdKind.CARRIER_ACCOUNT, account)
        errors.append(NotFound(what="carrier account", given=given, field=("accountId",)))
    return errors
