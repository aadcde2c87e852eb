"""Which goods are suggested to go into which boxes."""

from collections import Counter
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oms_api.domain.packing.fitting import Fit, by_volume
from oms_api.domain.packing.fitting_by_packvium import by_packvium
from oms_api.domain.packing.measures import Sides, sides_of, volume
from oms_api.domain.packing.suggestion import MOST_UNITS, BoxSize, GoodsToPack, SuggestedParcel, suggest
from oms_api.kernel.errors import InvalidValue
from oms_api.kernel.ids import BoxId, FulfillmentOrderLineId

FITS = pytest.mark.parametrize("fit", [by_volume, by_packvium], ids=["plain", "packvium"])


def box(number: int, *sides: int, **more: int) -> BoxSize:
    return BoxSize(id=BoxId(UUID(int=number)), code=f"B{number}", sides=sides_of(*sides), **more)


def goods(number: int, units: int, sides: Sides | None, weight_g: int | None = 100) -> GoodsToPack:
    line = FulfillmentOrderLineId(UUID(int=number))
    return GoodsToPack(line=line, sku=f"SKU{number}", units=units, weight_g=weight_g, sides=sides)


SMALL, LARGE = box(1, 200, 150, 100, tare_g=50), box(2, 400, 300, 250, tare_g=200, max_weight_g=5_000)


def told(parcels: list[SuggestedParcel]) -> list[tuple[str | None, int, int | None]]:
    return [(None if each.box is None else each.box.code, len(each.contents), each.weight_g) for each in parcels]


@FITS
def test_all_goes_into_the_smallest_box_that_takes_it(fit: Fit) -> None:
    (parcel,) = suggest([goods(1, 2, (90, 90, 90))], [LARGE, SMALL], fit)
    assert told([parcel]) == [("B1", 2, 250)]
    assert parcel.reasons == ["fits: 48 % full, longest side 90 of 200 mm"]


@FITS
def test_what_is_too_heavy_for_one_box_is_parted(fit: Fit) -> None:
    assert told(suggest([goods(1, 3, (90, 90, 90), 2_300)], [LARGE], fit)) == [("B2", 2, 4_800), ("B2", 1, 2_500)]


@FITS
def test_what_no_box_takes_is_packed_alone_without_a_box(fit: Fit) -> None:
    pole, mug = goods(1, 1, (1_800, 50, 50)), goods(2, 1, (90, 90, 90))
    parcels = suggest([pole, mug], [SMALL], fit)
    assert told(parcels) == [(None, 1, 100), ("B1", 1, 150)]
    assert parcels[0].reasons == ["no box is large enough for SKU SKU1: packed alone without a box"]


@FITS
def test_what_has_no_dimensions_goes_by_weight_and_an_unknown_weight_is_told(fit: Fit) -> None:
    parcels = suggest([goods(1, 1, None), goods(2, 1, None, None), goods(3, 1, (90, 90, 90))], [SMALL], fit)
    assert told(parcels) == [("B1", 3, None)]
    assert parcels[0].reasons[1:] == [
        "no dimensions known for SKU SKU1: by weight",
        "no dimensions known for SKU SKU2: by weight",
        "no weight known for SKU SKU2",
    ]
    assert told(suggest([goods(1, 2, None, 6_000)], [LARGE], fit)) == [(None, 1, 6_000), (None, 1, 6_000)]


def test_without_boxes_all_is_one_package_and_without_goods_there_is_none() -> None:
    (parcel,) = suggest([goods(1, 3, None)], [], by_volume)
    assert (parcel.box, parcel.units) == (None, {FulfillmentOrderLineId(UUID(int=1)): 3})
    assert suggest([], [SMALL], by_volume) == []


def test_how_goods_lie_is_tried_where_the_library_is_installed() -> None:
    plates = [goods(1, 4, (200, 150, 25))]
    assert told(suggest(plates, [SMALL], by_packvium)) == [("B1", 4, 450)]
    assert len(suggest(plates, [SMALL], by_volume)) == 2


def test_effort_is_bounded() -> None:
    with pytest.raises(InvalidValue, match="5,000 units"):
        suggest([goods(1, MOST_UNITS + 1, (1, 1, 1))], [SMALL], by_volume)
    with pytest.raises(InvalidValue, match="250 packages"):
        suggest([goods(1, 300, (1_800, 50, 50))], [SMALL], by_volume)


@given(
    st.lists(
        st.tuples(st.integers(1, 6), st.tuples(*[st.integers(1, 500)] * 3) | st.none(), st.integers(0, 4_000)), max_size=6
    ),
    st.booleans(),
)
def test_each_unit_is_packed_once_into_a_box_that_carries_it(wanted: list[tuple[int, Sides | None, int]], swap: bool) -> None:
    known = [goods(n, units, sides and sides_of(*sides), weight) for n, (units, sides, weight) in enumerate(wanted)]
    boxes = [LARGE, SMALL] if swap else [SMALL, LARGE]
    parcels = suggest(known, boxes, by_volume)
    assert Counter({each.line: each.units for each in known}) == sum((Counter(each.units) for each in parcels), Counter())
    for parcel in parcels:
        if parcel.box is not None:
            assert parcel.box.carries(parcel.net_g)
            assert sum(volume(each.sides) for each in parcel.contents if each.sides) <= volume(parcel.box.sides)
    assert parcels == suggest(known, boxes[::-1], by_volume)
