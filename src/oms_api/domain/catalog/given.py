"""A SKU as a caller gives it, and its mistakes. Pure."""

from collections.abc import Iterable
from dataclasses import field
from decimal import Decimal
from typing import Any, TypedDict

from oms_api.domain.attributes.given import AttributeGiven
from oms_api.domain.catalog.errors import InvalidComponents, KindFixed
from oms_api.domain.catalog.states import SkuKind, SkuStatus
from oms_api.kernel.address import COUNTRIES
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import InvalidValue, OmsError
from oms_api.kernel.money import to_minor
from oms_api.kernel.naming import check_code, check_name, check_text, check_version

MOST_SKUS = 1_000
MOST_COMPONENTS = 100
MEASURES = {"weight_g": "weightG", "length_mm": "lengthMm", "width_mm": "widthMm", "height_mm": "heightMm"}
TEXTS = {"barcode": "barcode", "hs_code": "hsCode"}
FIELDS = ("name", "status", *TEXTS, *MEASURES, "cost_minor", "cost_currency", "origin_country")


@dataclass(frozen=True, slots=True)
class CostGiven:
    """What one unit costs, in major units."""

    amount: Decimal
    currency: str | None


@dataclass(frozen=True, slots=True)
class ComponentGiven:
    """Units of one SKU in a bundle; without *share* each unit weighs the same in the bundle's price."""

    sku: str
    quantity: int
    share: int | None = None


class SkuChanges(TypedDict, total=False):
    """What is said of a SKU; what is left out stays as it is, None takes it away."""

    name: str | None
    status: SkuStatus | None
    barcode: str | None
    weight_g: int | None
    length_mm: int | None
    width_mm: int | None
    height_mm: int | None
    cost: CostGiven | None
    origin_country: str | None
    hs_code: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UpsertSku:
    """Make the SKU *code*, or change it. `components` replaces all of a bundle's components."""

    idempotency_key: str
    code: str
    kind: SkuKind | None = None
    changes: SkuChanges = field(default_factory=SkuChanges)
    components: tuple[ComponentGiven, ...] | None = None
    attributes: tuple[AttributeGiven, ...] = ()
    expected_version: int | None = None

    @property
    def makes_bundle(self) -> bool:
        """Whether it may need goods of the same batch."""
        return self.kind is SkuKind.BUNDLE or self.components is not None


def wrong_with(given: UpsertSku, before: dict[str, Any] | None) -> list[OmsError]:
    """Return what is wrong with *given* for a SKU that is *before*, or is new."""
    errors = list(_refusals(given, before))
    if before is None:
        if given.kind is None:
            errors.append(InvalidValue(problem="A new SKU needs a kind.", field=("kind",)))
        if "name" not in given.changes:
            errors.append(InvalidValue(problem="A new SKU needs a name.", field=("name",)))
        if given.expected_version is not None:
            problem = "There is no such SKU yet, so it has no version."
            errors.append(InvalidValue(problem=problem, field=("expectedVersion",)))
    elif given.kind not in {None, before["kind"]}:
        errors.append(KindFixed(sku=given.code, kind=before["kind"], field=("kind",)))
    kind = given.kind if before is None else before["kind"]
    if (wrong := _components_problem(given.components, kind, is_new=before is None)) is not None:
        errors.append(InvalidComponents(problem=wrong, field=("components",)))
    return errors


def applied(given: UpsertSku) -> dict[str, Any]:
    """Return the columns that *given* sets. It was found right before."""
    columns: dict[str, Any] = {name: value for name, value in given.changes.items() if name != "cost"}
    if "cost" in given.changes:
        cost = given.changes["cost"]
        columns["cost_currency"] = None if cost is None else cost.currency
        columns["cost_minor"] = None if cost is None else to_minor(cost.amount, cost.currency or "")
    return columns


def _refusals(given: UpsertSku, before: dict[str, Any] | None) -> Iterable[OmsError]:
    changes = given.changes
    checks = [(check_code, (given.code, "code"))]
    if "name" in changes:
        checks.append((check_name, (changes["name"] or "", "name")))
    checks.extend((check_text, (changes.get(name), shown)) for name, shown in TEXTS.items())  # type: ignore[misc]
    if before is not None:
        checks.append((check_version, (given.expected_version, before["version"])))  # type: ignore[arg-type]
    for check, arguments in checks:
        try:
            check(*arguments)
        except OmsError as error:
            yield error
    if "status" in changes and changes["status"] is None:
        yield InvalidValue(problem="A SKU has a status: ACTIVE or INACTIVE.", field=("status",))
    for name, shown in MEASURES.items():
        if (changes.get(name) or 0) < 0:  # type: ignore[operator]
            yield InvalidValue(problem="A measure is not negative.", field=(shown,))
    country = changes.get("origin_country")
    if country is not None and country not in COUNTRIES:
        problem = f"'{country}' is not a country code of ISO 3166-1 alpha-2, such as GB."
        yield InvalidValue(problem=problem, field=("originCountry",))
    if (cost := changes.get("cost")) is not None:
        yield from _cost_refusals(cost)


def _cost_refusals(cost: CostGiven) -> Iterable[OmsError]:
    if cost.currency is None:
        yield InvalidValue(problem="A cost needs its currency.", field=("cost", "currencyCode"))
    elif cost.amount < 0:
        yield InvalidValue(problem="A cost is not negative.", field=("cost", "amount"))
    else:
        try:
            to_minor(cost.amount, cost.currency)
        except OmsError as error:
            yield error.at("cost", "currencyCode" if error.code == "UNKNOWN_CURRENCY" else "amount")


def _components_problem(given: tuple[ComponentGiven, ...] | None, kind: SkuKind | None, *, is_new: bool) -> str | None:
    if kind is not SkuKind.BUNDLE:
        return "Only a BUNDLE has components." if given else None
    if given is None:
        return "A bundle needs at least one component." if is_new else None
    if not 0 < len(given) <= MOST_COMPONENTS:
        return f"A bundle has 1 to {MOST_COMPONENTS} components."
    if len({component.sku for component in given}) < len(given):
        return "Each component stands in a bundle once, with its quantity."
    if any(component.quantity < 1 or (component.share or 0) < 0 for component in given):
        return "A component has a quantity of at least 1 and a share that is not negative."
    return None
