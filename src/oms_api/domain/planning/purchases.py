"""Gathering suggestions into purchase orders: one for each supplier and location. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from oms_api.domain.catalog.references import SkuRef
from oms_api.domain.planning.errors import AlreadyOrdered, NoSupplier
from oms_api.domain.planning.tables import StockPlanLineRow
from oms_api.domain.purchasing.given import UnitCost
from oms_api.domain.purchasing.ordering import LineToOrder
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import InvalidValue, LineTwice, NotFound, OmsError, Refused
from oms_api.kernel.ids import IdKind, LevelId, LocationId, SkuId, StockPlanLineId, SupplierId, text_id


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedSuggestion:
    """A suggestion to be ordered, and where the caller named it; without *quantity* as suggested, else as at an item."""

    suggestion_id: StockPlanLineId
    quantity: int | None = None
    unit_cost: UnitCost | None = None
    path: tuple[str | int, ...]
    itemized: bool = False


@dataclass(frozen=True, slots=True)
class Chosen:
    """A suggestion that can be ordered."""

    wanted: WantedSuggestion
    line: StockPlanLineRow

    @property
    def to_order(self) -> LineToOrder:
        """What is ordered for it."""
        given = self.wanted.quantity
        quantity = self.line.suggested if given is None else given
        return LineToOrder(sku=SkuRef(id=self.line.sku_id), quantity=quantity, unit_cost=self.wanted.unit_cost)

    def named(self, error: OmsError) -> OmsError:
        """Return *error* of the line ordered for it, at the place where the caller named the suggestion."""
        given = error.field if self.wanted.itemized and error.field[:1] in {("quantity",), ("unitCost",)} else ()
        return replace(error, field=(*map(str, self.wanted.path), *given))


Purchases = dict[tuple[SupplierId, LocationId], list[Chosen]]


def purchases_of(
    wanted: Sequence[WantedSuggestion],
    known: Mapping[StockPlanLineId, StockPlanLineRow],
    ordered: Mapping[StockPlanLineId, AlreadyOrdered],
    codes: Mapping[SkuId, str],
) -> Purchases:
    """Return the suggestions *wanted* by supplier and location, each once.

    Raises: Refused, with an error for each that is unknown, was *ordered*, needs nothing, has no supplier, or is for the level
    of another one.
    """
    errors: list[OmsError] = []
    chosen: dict[LevelId, Chosen] = {}
    for each in wanted:
        line = known.get(each.suggestion_id)
        before = None if line is None else chosen.get(line.level_id)
        if line is None:
            given = text_id(IdKind.STOCK_PLAN_LINE, each.suggestion_id)
            errors.append(NotFound(what="suggestion", given=given).at(*each.path))
        elif before is not None and before.line.id == line.id and not each.itemized:
            continue
        elif (wrong := refusal(each, line, before, ordered, codes)) is not None:
            errors.append(wrong.at(*each.path))
        else:
            chosen[line.level_id] = Chosen(each, line)
    if errors:
        raise Refused(errors=errors)
    return gathered(chosen.values())


def refusal(
    wanted: WantedSuggestion,
    line: StockPlanLineRow,
    before: Chosen | None,
    ordered: Mapping[StockPlanLineId, AlreadyOrdered],
    codes: Mapping[SkuId, str],
) -> OmsError | None:
    """Return why a suggestion cannot be ordered, if it cannot; *before* is one for the same level."""
    if before is not None:
        same = before.line.id == line.id
        return LineTwice() if same else InvalidValue(problem="Another of these suggestions is for the same level.")
    if line.id in ordered:
        return ordered[line.id]
    if not line.suggested and wanted.quantity is None:
        return InvalidValue(problem="Nothing is suggested for this level.")
    return NoSupplier(sku=codes.get(line.sku_id, "")) if line.supplier_id is None else None


def gathered(chosen: Iterable[Chosen]) -> Purchases:
    """Return *chosen* by supplier and location, in the order of both."""
    found: Purchases = {}
    for each in chosen:
        if each.line.supplier_id is not None:
            found.setdefault((each.line.supplier_id, each.line.location_id), []).append(each)
    return dict(sorted(found.items()))


def named(error: OmsError, chosen: Sequence[Chosen]) -> list[OmsError]:
    """Return what is wrong with a purchase order of *chosen* at the suggestions: with its lines, or with all of it."""
    found: list[OmsError] = []
    for cause in error.causes:
        match cause.field:
            case ("lines", index, *rest):
                found.append(chosen[int(index)].named(replace(cause, field=tuple(rest))))
            case _:
                found.extend(each.named(replace(cause, field=())) for each in chosen)
    return found
