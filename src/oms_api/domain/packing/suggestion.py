"""The suggested packages for goods, with reasons. Pure: the same goods and boxes give the same packages."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import field
from typing import Any

from oms_api.domain.packing.fitting import Fit, alone
from oms_api.domain.packing.measures import Sides, sides_of, volume
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import InvalidValue
from oms_api.kernel.ids import BoxId, FulfillmentOrderLineId

MOST_UNITS, MOST_PACKAGES = 5_000, 250


@dataclass(frozen=True, slots=True, kw_only=True)
class BoxSize:
    """A box of the location: its inner sides, and weights in g."""

    id: BoxId
    code: str
    sides: Sides
    tare_g: int = 0
    max_weight_g: int | None = None

    def carries(self, weight_g: int) -> bool:
        """Tell whether goods of a weight are not too heavy for it."""
        return self.max_weight_g is None or self.tare_g + weight_g <= self.max_weight_g


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodsToPack:
    """Units of one line that are to be packed, and what one of them measures and weighs, if that is known."""

    line: FulfillmentOrderLineId
    sku: str
    units: int
    weight_g: int | None = None
    sides: Sides | None = None


@dataclass(slots=True)
class SuggestedParcel:
    """Units that go into one package, in a box or in none."""

    box: BoxSize | None
    contents: list[GoodsToPack] = field(default_factory=list)
    """Each a single unit."""
    reasons: list[str] = field(default_factory=list)

    @property
    def units(self) -> dict[FulfillmentOrderLineId, int]:
        """The number of units of each line."""
        found: dict[FulfillmentOrderLineId, int] = {}
        for each in self.contents:
            found[each.line] = found.get(each.line, 0) + 1
        return found

    @property
    def net_g(self) -> int:
        """The known weight of its contents in g."""
        return sum(each.weight_g or 0 for each in self.contents)

    @property
    def weight_g(self) -> int | None:
        """The weight with its box in g; None where it is not known."""
        known = all(each.weight_g for each in self.contents)
        return self.net_g + (0 if self.box is None else self.box.tare_g) if known else None

    @property
    def fill_percent(self) -> int | None:
        """The filled share of the box in percent; None without a box, or where not all measures are known."""
        sides = [each.sides for each in self.contents if each.sides is not None]
        if self.box is None or len(sides) < len(self.contents):
            return None
        return 100 * sum(map(volume, sides)) // volume(self.box.sides)


def suggest(goods: Iterable[GoodsToPack], boxes: Sequence[BoxSize], fit: Fit) -> list[SuggestedParcel]:
    """Return the packages for *goods*: each the smallest box that takes all that is left, or else the largest, filled.

    Raises: InvalidValue, for more units or packages than are suggested.
    """
    known = list(goods)
    if sum(each.units for each in known) > MOST_UNITS:
        raise InvalidValue(problem=f"Packages are suggested for at most {MOST_UNITS:,} units: name the packages.")
    units = [each for each in known for _ in range(each.units)]
    by_size = sorted(boxes, key=lambda box: (volume(box.sides), box.code))
    if not by_size:
        parcels = [SuggestedParcel(None, units, ["The location has no boxes: all in one package."])] if units else []
    else:
        measured = [each for each in units if each.sides is not None]
        measured.sort(key=lambda each: (-volume(each.sides or (0, 0, 0)), each.sku, each.line))
        parcels = _boxed(measured, by_size, fit)
        _by_weight([each for each in units if each.sides is None], by_size, parcels)
    if len(parcels) > MOST_PACKAGES:
        raise InvalidValue(problem=f"More than {MOST_PACKAGES} packages would be needed: name them yourself.")
    for parcel in parcels:
        unknown = sorted({each.sku for each in parcel.contents if not each.weight_g})
        parcel.reasons += [f"no weight known for SKU {sku}" for sku in unknown]
    return parcels


def _boxed(left: list[GoodsToPack], boxes: Sequence[BoxSize], fit: Fit) -> list[SuggestedParcel]:
    """Return packages for goods whose sides are known, the largest of which come first."""
    parcels: list[SuggestedParcel] = []
    while left and len(parcels) <= MOST_PACKAGES:
        first = left[0]
        able = [box for box in boxes if _takes(box, first)]
        if not able:
            reason = f"no box is large enough for SKU {first.sku}: packed alone without a box"
            parcels.append(SuggestedParcel(None, [left.pop(0)], [reason]))
            continue
        box, places = _best(able, left, fit)
        parcel = SuggestedParcel(box, [left[place] for place in places])
        parcel.reasons.append(_fits(parcel))
        parcels.append(parcel)
        taken = set(places)
        left = [each for place, each in enumerate(left) if place not in taken]
    return parcels


def _takes(box: BoxSize, goods: GoodsToPack) -> bool:
    return goods.sides is not None and alone(box.sides, goods.sides) and box.carries(goods.weight_g or 0)


def _best(boxes: Sequence[BoxSize], left: Sequence[GoodsToPack], fit: Fit) -> tuple[BoxSize, list[int]]:
    """Return a small one of *boxes* that takes all that is *left*, or the largest with what it takes of it.

    What a box takes, larger ones are supposed to take: so few of many boxes are tried.
    """
    whole = sum(volume(each.sides or (0, 0, 0)) for each in left)
    weight = sum(each.weight_g or 0 for each in left)
    fitting = [box for box in boxes if whole <= volume(box.sides) and box.carries(weight) and all(_takes(box, g) for g in left)]
    sides = [each.sides for each in left if each.sides is not None]
    places = list(range(len(left)))
    if fitting and fit(fitting[-1].sides, sides) == places:
        smallest = bisect_left(range(len(fitting) - 1), True, key=lambda at: fit(fitting[at].sides, sides) == places)  # noqa: FBT003
        return fitting[smallest], places
    box = boxes[-1]
    light = _carried(box, left)
    found = fit(box.sides, [size for place in light if (size := left[place].sides) is not None])
    return box, [light[place] for place in found] or [0]


def _carried(box: BoxSize, left: Sequence[GoodsToPack]) -> list[int]:
    """Return the places of the goods that are not too heavy for *box* together, as many as its volume has room for."""
    places, weight, volume_left = list[int](), 0, volume(box.sides)
    for place, each in enumerate(left):
        size = volume(each.sides or (0, 0, 0))
        if _takes(box, each) and box.carries(weight + (each.weight_g or 0)) and size <= volume_left:
            places.append(place)
            weight, volume_left = weight + (each.weight_g or 0), volume_left - size
    return places


def _fits(parcel: SuggestedParcel) -> str:
    longest = max(sides[0] for each in parcel.contents if (sides := each.sides) is not None)
    longest_side = 0 if parcel.box is None else parcel.box.sides[0]
    return f"fits: {parcel.fill_percent} % full, longest side {longest} of {longest_side} mm"


def _by_weight(unmeasured: Sequence[GoodsToPack], boxes: Sequence[BoxSize], parcels: list[SuggestedParcel]) -> None:
    """Put goods whose sides are not known into *parcels* that carry them, or into further ones of the largest box."""
    for each in unmeasured:
        able = (one for one in parcels if one.box is not None and one.box.carries(one.net_g + (each.weight_g or 0)))
        parcel = next(able, None)
        if parcel is None:
            box = next((box for box in reversed(boxes) if box.carries(each.weight_g or 0)), None)
            parcel = SuggestedParcel(box)
            parcels.append(parcel)
            if box is None:
                parcel.reasons.append(f"no box carries SKU {each.sku}: packed alone without a box")
            if len(parcels) > MOST_PACKAGES:
                return
        parcel.contents.append(each)
        reason = f"no dimensions known for SKU {each.sku}: by weight"
        if parcel.box is not None and reason not in parcel.reasons:
            parcel.reasons.append(reason)


def goods_of(row: Any) -> GoodsToPack:  # noqa: ANN401 - a row of `to_pack`
    """Return what a line has left to pack; a side of 0 mm is one that nobody knows."""
    sides = (row.length_mm, row.width_mm, row.height_mm)
    known = sides_of(*sides) if all(sides) else None
    return GoodsToPack(line=row.id, sku=row.code, units=row.units, weight_g=row.weight_g or None, sides=known)


def box_of(row: Any) -> BoxSize:  # noqa: ANN401 - a row of `boxes_in_use`
    """Return a box as packages are suggested by it."""
    sides = sides_of(row.inner_length_mm, row.inner_width_mm, row.inner_height_mm)
    return BoxSize(id=row.id, code=row.code, sides=sides, tare_g=row.tare_g, max_weight_g=row.max_weight_g)
