"""What a reservation holds where: decided by the function that sources orders, over a snapshot."""

from collections.abc import Sequence

from oms_api.domain.catalog.errors import SkuInactive
from oms_api.domain.catalog.references import SkuRef
from oms_api.domain.catalog.states import SkuKind
from oms_api.domain.channels.errors import ChannelInactive, LocationNotInChannel
from oms_api.domain.inventory.errors import InsufficientStock, NotStocked, Shortage
from oms_api.domain.inventory.sellable import Sellable
from oms_api.domain.inventory.sourcing import Demand, LevelKey
from oms_api.domain.promising.snapshot import ChannelSnapshot, SkuSnapshot, Snapshot
from oms_api.kernel.checks import check_quantity
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import InvalidQuantity, InvalidValue, OmsError, Refused
from oms_api.kernel.ids import IdKind, LocationId, SkuId, text_id
from oms_api.kernel.quantities import LARGEST_QUANTITY


@dataclass(frozen=True, slots=True)
class LineToReserve:
    """Units of one SKU, of a bundle whole sets; with *location_id* only from there."""

    sku: SkuRef
    quantity: int
    location_id: LocationId | None = None


def units_to_reserve(snapshot: Snapshot, lines: Sequence[LineToReserve]) -> dict[LevelKey, int]:
    """Return how many units of which levels serve *lines*, all of them, in key order.

    Raises: ChannelInactive; Refused with all that is wrong with the lines; InsufficientStock, naming every SKU that is short.
    """
    channel = snapshot.channel
    if not channel.active:
        raise ChannelInactive(field=("channelId",))
    demands: list[Demand] = []
    errors: list[OmsError] = []
    for index, line in enumerate(lines):
        try:
            demands.extend(demands_of(snapshot, channel, line, index))
        except OmsError as error:
            errors.append(error.at("lines", index))
    if errors:
        raise Refused(errors=errors)
    stock = snapshot.stock
    sources, missing = stock.source(channel, demands)
    if missing:
        raise InsufficientStock(short=[_shortage(snapshot, channel, stock, demands, sku) for sku in missing], field=("lines",))
    units: dict[LevelKey, int] = {}
    for taken in sources:
        key = taken.sku_id, taken.location_id
        units[key] = units.get(key, 0) + taken.quantity
    return dict(sorted(units.items()))


def demands_of(snapshot: Snapshot, channel: ChannelSnapshot, line: LineToReserve, index: int) -> list[Demand]:
    """Return the goods that *line* stands for: itself, or the components of a bundle.

    Raises: InvalidQuantity, LocationNotInChannel, UnknownSku or NotFound, SkuInactive, NotStocked, InvalidValue.
    """
    check_quantity(line.quantity, "quantity")
    if line.location_id is not None and line.location_id not in channel.locations:
        raise LocationNotInChannel(given=text_id(IdKind.LOCATION, line.location_id), field=("locationId",))
    sku = snapshot.sku(line.sku)
    if sku is None:
        raise line.sku.unknown("sku")
    parts = [(sku, 1)]
    if sku.kind is SkuKind.BUNDLE:
        parts = [(snapshot.skus[component], quantity) for component, quantity, _ in sku.components]
        if not parts:
            raise InvalidValue(problem=f"The bundle {sku.code} has no components yet.", field=("sku",))
    for part, quantity in [(sku, 1), *parts]:
        _check_part(part, line.quantity * quantity, bundle=part is sku and sku.kind is SkuKind.BUNDLE)
    return [Demand(index, part.id, line.quantity * quantity, line.location_id) for part, quantity in parts]


def _check_part(part: SkuSnapshot, units: int, *, bundle: bool) -> None:
    if not part.active:
        raise SkuInactive(sku=part.code, field=("sku",))
    if not (part.kind.stocked or bundle):
        raise NotStocked(sku=part.code, kind=part.kind, field=("sku",))
    if units > LARGEST_QUANTITY:
        raise InvalidQuantity(given=units, field=("quantity",))


def _shortage(
    snapshot: Snapshot, channel: ChannelSnapshot, stock: Sellable, demands: Sequence[Demand], sku_id: SkuId
) -> Shortage:
    requested = sum(demand.quantity for demand in demands if demand.sku_id == sku_id)
    there = stock.promisable(channel, sku_id)
    return Shortage(sku_id, snapshot.skus[sku_id].code, requested, there, snapshot.next_arrivals.get(sku_id))
