"""What is ordered from a supplier: lines as a caller gives them, checked against what the supplier supplies."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from oms_api.db.sets import array, text_array
from oms_api.db.sql import Sql
from oms_api.domain.catalog.errors import SkuInactive
from oms_api.domain.catalog.references import SkuRef
from oms_api.domain.catalog.states import SkuStatus
from oms_api.domain.channels.states import Activity
from oms_api.domain.purchasing.errors import BelowMinimum, EmptyPurchaseOrder, NotSupplied, NotWholePacks, UnitCostMissing
from oms_api.domain.purchasing.given import MOST_LINES, UnitCost, check_unit_cost
from oms_api.kernel.checks import check_quantity
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import InvalidValue, OmsError, Refused, TooManyItems, wrong_in
from oms_api.kernel.ids import SkuId
from oms_api.kernel.money import LARGEST_MINOR, AmountTooLarge, MixedCurrencies, extended_minor
from oms_api.kernel.occurrence import check_planned

ARTICLE = """
       sku.id, sku.code, sku.status, article.status, article.code, article.cost, article.currency, article.minimum_quantity,
       article.pack_size, article.over_receipt_percent
"""
ARTICLES = f"""
SELECT {ARTICLE}
FROM sku LEFT JOIN supplier_sku article ON article.sku_id = sku.id AND article.supplier_id = {{supplier}}
WHERE sku.id = ANY (:ids::uuid[]) OR sku.code = ANY (:codes::text[])
"""  # noqa: S608 - our own columns
WRITTEN_ARTICLES = Sql(f"""
SELECT line.quantity, {ARTICLE}
FROM purchase_order_line line JOIN purchase_order parent ON parent.id = line.purchase_order_id JOIN sku ON sku.id = line.sku_id
LEFT JOIN supplier_sku article ON article.sku_id = sku.id AND article.supplier_id = parent.supplier_id
WHERE line.purchase_order_id = :purchase_order::uuid ORDER BY line.position
""")  # noqa: S608 - our own columns
"""The lines of a purchase order: how many units, and how the supplier sells the SKU by now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineToOrder:
    """Units of a SKU to be ordered; without *unit_cost* at the supplier's, without *expected_at* by its lead time."""

    sku: SkuRef
    quantity: int
    unit_cost: UnitCost | None = None
    expected_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SuppliedSku:
    """A SKU, and how one supplier sells it: from `sku_status` on in the order of the statement; None where it does not."""

    sku_id: SkuId
    sku_code: str
    sku_status: str
    status: str | None
    code: str | None
    cost: Decimal | None
    currency: str | None
    minimum_quantity: int
    pack_size: int
    over_receipt_percent: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderedLine:
    """A line that can be ordered."""

    sku_id: SkuId
    supplier_code: str | None
    quantity: int
    unit_cost: Decimal
    total_minor: int
    over_receipt_percent: Decimal
    expected_at: datetime | None


Articles = Mapping[SkuRef, SuppliedSku]


ARTICLES_OF_SUPPLIER = Sql(ARTICLES.format(supplier=":supplier::uuid"))


def named_articles(lines: Sequence[LineToOrder]) -> dict[str, str]:
    """Return the parameters of ARTICLES: what the lines name."""
    wanted = {line.sku for line in lines}
    codes = (ref.code for ref in wanted if ref.code is not None and "\0" not in ref.code)
    return {"ids": array(ref.id for ref in wanted if ref.id is not None), "codes": text_array(codes)}


def articles_found(rows: Sequence[tuple[Any, ...]]) -> Articles:
    """Return the rows of that statement by each way to name them."""
    found: dict[SkuRef, SuppliedSku] = {}
    for row in rows:
        article = SuppliedSku(*row)
        found[SkuRef(id=article.sku_id)] = found[SkuRef(code=article.sku_code)] = article
    return found


def decide_lines(articles: Articles, lines: Sequence[LineToOrder], currency: str) -> list[OrderedLine]:
    """Return what the lines come to. A minimum holds for all lines of a SKU together, packs for each.

    Raises: EmptyPurchaseOrder, TooManyItems, AmountTooLarge; Refused with all that is wrong with the lines.
    """
    check_lines(lines)
    units: dict[SkuId, int] = {}
    for line in lines:
        if (article := articles.get(line.sku)) is not None:
            units[article.sku_id] = units.get(article.sku_id, 0) + line.quantity
    decided: list[OrderedLine] = []
    errors: list[OmsError] = []
    for index, line in enumerate(lines):
        article = articles.get(line.sku)
        if article is None:
            wrong = [line.sku.unknown("sku")]
        elif not (wrong := refusals(article, line, units[article.sku_id], currency)):
            try:
                decided.append(ordered(article, line, currency))
            except InvalidValue:
                wrong = [AmountTooLarge(field=("quantity",))]
        errors.extend(error.at("lines", index) for error in wrong)
    if errors:
        raise Refused(errors=errors)
    if sum(line.total_minor for line in decided) > LARGEST_MINOR:
        raise AmountTooLarge(field=("lines",))
    return decided


def check_lines(lines: Sequence[object]) -> None:
    """Raises: EmptyPurchaseOrder, TooManyItems."""
    if not lines:
        raise EmptyPurchaseOrder(field=("lines",))
    if len(lines) > MOST_LINES:
        raise TooManyItems(limit=MOST_LINES, given=len(lines), field=("lines",))


def refusals(article: SuppliedSku, line: LineToOrder, units: int, currency: str) -> list[OmsError]:
    """Return what is wrong with a line; *units* are those of all lines of its SKU."""
    errors = supply_refusals(article, line.quantity, units)
    if article.status == Activity.ACTIVE.value:
        errors += cost_refusals(article, line.unit_cost, currency)
        errors += wrong_in(lambda: check_planned(line.expected_at, "expectedAt"))
    return errors


def supply_refusals(article: SuppliedSku, quantity: int, units: int) -> list[OmsError]:
    """Return why *quantity* of a line, *units* with all lines of its SKU, cannot be ordered as the supplier sells it."""
    sku = article.sku_code
    if article.status != Activity.ACTIVE.value:
        return [NotSupplied(sku=sku, field=("sku",))]
    errors: list[OmsError] = []
    if article.sku_status != SkuStatus.ACTIVE.value:
        errors.append(SkuInactive(sku=sku, field=("sku",)))
    if wrong := wrong_in(lambda: check_quantity(quantity, "quantity")):
        return errors + wrong
    if units < article.minimum_quantity:
        errors.append(BelowMinimum(sku=sku, minimum=article.minimum_quantity, given=units, field=("quantity",)))
    if quantity % article.pack_size:
        errors.append(NotWholePacks(sku=sku, pack_size=article.pack_size, given=quantity, field=("quantity",)))
    return errors


def supplied_no_more(rows: Sequence[tuple[Any, ...]]) -> list[OmsError]:
    """Return why lines that were written cannot be ordered any more, by the rows of WRITTEN_ARTICLES."""
    lines = [(quantity, SuppliedSku(*article)) for quantity, *article in rows]
    units: dict[SkuId, int] = {}
    for quantity, article in lines:
        units[article.sku_id] = units.get(article.sku_id, 0) + quantity
    return [error for quantity, article in lines for error in supply_refusals(article, quantity, units[article.sku_id])]


def cost_refusals(article: SuppliedSku, cost: UnitCost | None, currency: str) -> list[OmsError]:
    """Return what is wrong with the unit cost of a line, or with none given."""
    if cost is None:
        known = article.cost is not None and article.currency == currency
        return [] if known else [UnitCostMissing(sku=article.sku_code, currency=currency, field=("unitCost",))]
    try:
        check_unit_cost(cost, "unitCost")
    except OmsError as error:
        return [error]
    if cost.currency not in {None, currency}:
        return [MixedCurrencies(given=cost.currency or "", expected=currency, field=("unitCost", "currencyCode"))]
    return []


def ordered(article: SuppliedSku, line: LineToOrder, currency: str) -> OrderedLine:
    """Return a line that was found right. Raises: InvalidValue, for an amount that cannot be kept."""
    unit_cost = (article.cost or Decimal(0)) if line.unit_cost is None else line.unit_cost.amount
    return OrderedLine(
        sku_id=article.sku_id,
        supplier_code=article.code,
        quantity=line.quantity,
        unit_cost=unit_cost,
        total_minor=extended_minor(unit_cost, line.quantity, currency),
        over_receipt_percent=article.over_receipt_percent,
        expected_at=line.expected_at,
    )
