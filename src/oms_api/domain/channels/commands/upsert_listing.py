"""Listing a SKU in a channel, under the channel's own code and price."""

from dataclasses import field
from decimal import Decimal
from typing import TypedDict, cast

from sqlalchemy import Select, select

from oms_api.db.session import LookAgain, Tx
from oms_api.db.statements import statement
from oms_api.db.versioned import Moved, change
from oms_api.domain.catalog.references import SkuRef, sku_named
from oms_api.domain.channels.events import ListingChanged
from oms_api.domain.channels.queries import channels_by_id
from oms_api.domain.channels.states import Activity
from oms_api.domain.channels.tables import ChannelRow, ListingRow
from oms_api.kernel.checks import refuse_if
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import InvalidValue, NotFound, OmsError
from oms_api.kernel.ids import ChannelId, IdKind, ListingId, SkuId, text_id
from oms_api.kernel.money import UNIT_PRICE_DECIMALS, TooManyDecimals
from oms_api.kernel.naming import check_code, check_version

DEAREST = Decimal(10) ** 14


@dataclass(frozen=True, slots=True)
class PriceGiven:
    """The price of one unit in major units, and the currency it was said to have, if any."""

    amount: Decimal
    currency: str | None = None


class ListingChanges(TypedDict, total=False):
    """What is to be different; what is left out stays as it is."""

    price: PriceGiven | None
    status: Activity


@dataclass(frozen=True, slots=True, kw_only=True)
class UpsertListing:
    """List *sku* in a channel under *code*, or change the listing that has the code."""

    channel_id: ChannelId
    code: str
    sku: SkuRef | None = None
    changes: ListingChanges = field(default_factory=ListingChanges)
    expected_version: int | None = None


@statement
def locked_listing(channel_id: ChannelId, code: str) -> Select[ListingRow]:
    """The listing of a channel under a code, locked; others may still refer to it."""
    of_code = ListingRow.channel_id == channel_id, ListingRow.code == code
    return select(ListingRow).where(*of_code).with_for_update(key_share=True)


async def upsert_listing(tx: Tx, command: UpsertListing) -> ListingRow:
    """Make or change a listing. Raises: NotFound, UnknownSku, InvalidValue, TooManyDecimals, VersionConflict."""
    channel = (await channels_by_id(tx, [command.channel_id])).get(command.channel_id)
    if channel is None:
        raise NotFound(what="channel", given=text_id(IdKind.CHANNEL, command.channel_id), field=("channelId",))
    check_code(command.code, "code")
    columns = columns_of(command, channel)
    if command.sku is not None:
        columns["sku_id"] = (await sku_named(tx, command.sku, "sku")).id
    before = await tx.one_or_none(locked_listing(channel.id, command.code))
    if before is None:
        return await _create(tx, command, columns)
    check_version(command.expected_version, before.version)
    listing, moved = await change(tx, ListingRow, before, columns)
    if moved:
        tx.emit(ListingChanged(subject_id=listing.id, sku_id=listing.sku_id, channel_id=channel.id, changes=published(moved)))
    return listing


async def _create(tx: Tx, command: UpsertListing, columns: dict[str, object]) -> ListingRow:
    refuse_if(not_new(command))
    new = {"id": tx.new_id(ListingId), "channel_id": command.channel_id, "code": command.code, "status": Activity.ACTIVE}
    listing = await tx.made_or_none(ListingRow, {**new, **columns, "created_at": tx.now, "updated_at": tx.now})
    if listing is None:
        raise LookAgain
    tx.emit(ListingChanged(subject_id=listing.id, sku_id=listing.sku_id, channel_id=listing.channel_id))
    return listing


def not_new(command: UpsertListing) -> OmsError | None:
    """Return why *command* makes no listing, or None."""
    if command.sku is None:
        return InvalidValue(problem="A new listing needs its SKU.", field=("sku",))
    if command.expected_version is not None:
        return InvalidValue(problem="There is no such listing yet, so it has no version.", field=("expectedVersion",))
    return None


def published(moved: Moved) -> Moved:
    """Return what differs of a listing, as events publish it."""
    skus = {"sku.id": tuple(text_id(IdKind.SKU, cast("SkuId", sku)) for sku in moved["sku_id"])} if "sku_id" in moved else {}
    return {name: both for name, both in moved.items() if name != "sku_id"} | cast("Moved", skus)


def columns_of(command: UpsertListing, channel: ChannelRow) -> dict[str, object]:
    """Return the price and the status that *command* gives. Raises: InvalidValue, TooManyDecimals."""
    changes = command.changes
    columns: dict[str, object] = {}
    if "status" in changes:
        if changes["status"] is None:
            raise InvalidValue(problem="A listing has a status: ACTIVE or INACTIVE.", field=("status",))
        columns["status"] = changes["status"]
    if "price" in changes:
        price = changes["price"]
        columns["price"] = None if price is None else _checked(price, channel.currency)
    return columns


def _checked(price: PriceGiven, currency: str) -> Decimal:
    if price.currency not in {None, currency}:
        problem = f"The channel sells in {currency}, not in {price.currency}."
        raise InvalidValue(problem=problem, field=("price", "currencyCode"))
    if not 0 <= price.amount < DEAREST:
        raise InvalidValue(problem="A price is not negative and below 10^14.", field=("price", "amount"))
    if price.amount != price.amount.quantize(Decimal(1).scaleb(-UNIT_PRICE_DECIMALS)):
        raise TooManyDecimals(given=str(price.amount), allowed=UNIT_PRICE_DECIMALS, field=("price", "amount"))
    return price.amount
