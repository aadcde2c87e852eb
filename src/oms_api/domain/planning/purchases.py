"""Gathering suggestions into purchase orders: one for each supplier and location. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from oms_api.domain.planning.errors import NoSupplier
from oms_api.domain.planning.tables import StockPlanLine
from oms_api.kernel.errors import InvalidValue, NotFound, OmsError, Refused
from oms_api.kernel.ids import IdKind, text_id

Purchases = dict[tuple[UUID, UUID], list[StockPlanLine]]


def purchases_of(wanted: Sequence[UUID], known: Mapping[UUID, StockPlanLine], codes: Mapping[UUID, str]) -> Purchases:
    """Return the suggestions *wanted* by supplier and location, each once.

    Raises: Refused, with an error for each that is unknown, needs nothing, or has no supplier.
    """
    errors: list[OmsError] = []
    chosen: dict[UUID, StockPlanLine] = {}
    for index, key in enumerate(wanted):
        line = known.get(key)
        if line is None:
            given = text_id(IdKind.STOCK_PLAN_LINE, key)
            errors.append(NotFound(what="suggestion", given=given).at("suggestionIds", index))
        elif not line.suggested:
            errors.append(InvalidValue(problem="Nothing is suggested for this level.").at("suggestionIds", index))
        elif line.supplier_id is None:
            errors.append(NoSupplier(sku=codes.get(line.sku_id, "")).at("suggestionIds", index))
        else:
            chosen[line.id] = line
    if errors:
        raise Refused(errors=errors)
    return gathered(chosen.values())


def gathered(lines: Iterable[StockPlanLine]) -> Purchases:
    """Return *lines* by supplier and location, in the order of both."""
    found: Purchases = {}
    for line in lines:
        if line.supplier_id is not None:
            found.setdefault((line.supplier_id, line.location_id), []).append(line)
    return dict(sorted(found.items()))
