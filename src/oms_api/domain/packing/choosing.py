"""The box of a package, and the package's dimensions and weight with it."""

from collections.abc import Mapping
from typing import Any

from oms_api.domain.packing.errors import BoxElsewhere, BoxNotInUse, TooHeavyForBox
from oms_api.domain.packing.measures import check_measure
from oms_api.domain.packing.states import BoxStatus
from oms_api.domain.packing.tables import BoxRow
from oms_api.kernel.errors import NotFound, Refused, wrong_in
from oms_api.kernel.ids import BoxId, FulfillmentOrderLineId, IdKind, LocationId, text_id
from oms_api.kernel.naming import shown

MEASURES = ("length_mm", "width_mm", "height_mm", "weight_g")
Measures = dict[str, int | None]
Units = Mapping[FulfillmentOrderLineId, int]


def box_for(key: BoxId | None, location: LocationId, boxes: Mapping[BoxId, BoxRow]) -> BoxRow | None:
    """Return the box that a location is to pack into, if one is named. Raises: NotFound, BoxElsewhere, BoxNotInUse."""
    if key is None:
        return None
    box = boxes.get(key)
    if box is None:
        raise NotFound(what="box", given=text_id(IdKind.BOX, key), field=("boxId",))
    if box.location_id != location:
        raise BoxElsewhere(box=box.code, field=("boxId",))
    if box.status is not BoxStatus.ACTIVE:
        raise BoxNotInUse(box=box.code, field=("boxId",))
    return box


def measured(
    given: Measures, box: BoxRow | None, units: Units, weights: Mapping[FulfillmentOrderLineId, int | None]
) -> Measures:
    """Return the measures of a package: those *given*, else the sides of its box, and the weight of its units with the box.

    A weight that is not known stays None. Raises: Refused, TooHeavyForBox.
    """
    measures = {name: given.get(name) for name in MEASURES}
    wanted = [(name, value) for name, value in measures.items() if value is not None]
    errors = wrong_in(*(lambda name=name, value=value: check_measure(value, shown(name)) for name, value in wanted))
    if errors:
        raise Refused(errors=errors)
    if box is not None:
        inner = {"length_mm": box.inner_length_mm, "width_mm": box.inner_width_mm, "height_mm": box.inner_height_mm}
        measures |= {name: side for name, side in inner.items() if measures[name] is None}
    if measures["weight_g"] is None:
        measures["weight_g"] = weight_of(units, weights, box)
    weight = measures["weight_g"]
    if box is not None and box.max_weight_g is not None and weight is not None and weight > box.max_weight_g:
        raise TooHeavyForBox(box=box.code, max_weight_g=box.max_weight_g, weight_g=weight, field=("weightG",))
    return measures


def weight_of(units: Units, weights: Mapping[FulfillmentOrderLineId, int | None], box: BoxRow | None) -> int | None:
    """Return what units weigh with their box, None where the weight of one of them is not known."""
    total = 0 if box is None else box.tare_g
    for part, many in units.items():
        weight = weights.get(part)
        if not weight:
            return None
        total += many * weight
    return total


def weights_of(rows: list[Any]) -> dict[FulfillmentOrderLineId, int | None]:
    """Return what one unit of each line weighs, of rows of `weights_by_work`."""
    return {row.id: row.weight_g for row in rows}
