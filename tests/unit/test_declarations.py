"""A wrong declaration fails when it is made, and says which field is wrong."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
import strawberry
from strawberry.schema.config import StrawberryConfig
from strawberry.types.base import get_object_definition

from oms_api.domain.shipping.queries import NEWEST_FIRST, packages_by_shipment, shipments_by_id
from oms_api.domain.shipping.tables import PackageRow, ShipmentRow
from oms_api.graphql.catalog.types import Sku
from oms_api.graphql.declared.agreement import Disagreement
from oms_api.graphql.declared.filters import Where, on
from oms_api.graphql.declared.inputs import Input, becomes
from oms_api.graphql.declared.links import check_links, leads_to, loaded, many
from oms_api.graphql.declared.lists import Listing
from oms_api.graphql.declared.records import Record, column, made, money
from oms_api.graphql.described import input_type, output
from oms_api.graphql.lots.types import LotLevel
from oms_api.graphql.money import Money
from oms_api.graphql.packing.packages import Package
from oms_api.graphql.scalars import SCALARS
from oms_api.graphql.shipping.types import Shipment
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import LocationId, OrderId
from oms_api.kernel.partial import Partial


def no_such_column() -> None:
    class Shown(Record[ShipmentRow]):
        statuss: str


def another_type() -> None:
    class Shown(Record[ShipmentRow]):
        shipped_at: int


def another_kind_of_id() -> None:
    class Shown(Record[ShipmentRow]):
        order_id: LocationId


def never_null() -> None:
    class Shown(Record[ShipmentRow]):
        delivered_at: datetime


def the_column_of_another_table() -> None:
    class Shown(Record[ShipmentRow]):
        number: str | None = column(PackageRow.tracking_number)


def made_of_another_table() -> None:
    class Shown(Record[ShipmentRow]):
        number: str = made(str, PackageRow.tracking_number)


def a_key_of_another_table() -> None:
    class Shown(Record[ShipmentRow]):
        packages: list[Package] = many(packages_by_shipment, Package, key=PackageRow.shipment_id)


def no_id() -> None:
    leads_to(ShipmentRow.shipped_at)


def what_nothing_takes_along() -> None:
    class Shown(Record[ShipmentRow]):
        total: Money = money(ShipmentRow.status, "currency")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ship:
    order_id: OrderId
    note: str
    quantity: int | None = None


def unknown_to_its_command() -> None:
    class Given(Input[Ship]):
        order_id: OrderId
        note: str
        color: str


def less_than_its_command_needs() -> None:
    class Given(Input[Ship]):
        order_id: OrderId


def of_another_kind_than_its_command_takes() -> None:
    class Given(Input[Ship]):
        order_id: LocationId
        note: str


def null_where_its_command_takes_none() -> None:
    class Given(Input[Ship]):
        order_id: OrderId
        note: str | None = None


@pytest.mark.parametrize(
    ("declare", "told"),
    [
        (no_such_column, "Shown.statuss: ShipmentRow has no column 'statuss'"),
        (another_type, "Shown.shipped_at is <class 'int'>"),
        (another_kind_of_id, "Shown.order_id is"),
        (never_null, "Shown.delivered_at is"),
        (the_column_of_another_table, "Shown.number is of PackageRow.tracking_number, which is no column of ShipmentRow"),
        (made_of_another_table, "Shown.number is of PackageRow.tracking_number"),
        (a_key_of_another_table, "Shown.packages is of PackageRow.shipment_id"),
        (no_id, "ShipmentRow.shipped_at holds no id"),
        (unknown_to_its_command, "Given.color: Ship has no 'color'"),
        (less_than_its_command_needs, "Given leaves out of Ship: note"),
        (of_another_kind_than_its_command_takes, "Given.order_id is"),
        (null_where_its_command_takes_none, "Given.note is"),
    ],
)
def test_a_wrong_declaration_is_refused_with_its_field(declare: Callable[[], None], told: str) -> None:
    with pytest.raises(Disagreement, match=told.replace("<", ".").replace("'", ".").replace("(", ".")):
        declare()


def test_what_a_type_does_not_take_along_is_refused() -> None:
    with pytest.raises(TypeError, match=r"Shown.total is made of 'currency'"):
        what_nothing_takes_along()


def built(*types: Any) -> Any:
    @strawberry.type
    class Query:
        @strawberry.field
        def nothing(self) -> int:
            return 0

    return strawberry.Schema(query=Query, types=types, config=StrawberryConfig(scalar_map=SCALARS))._schema


def test_a_link_to_another_type_than_its_field_is_refused_when_the_schema_is_built() -> None:
    @output
    class Leading(Record[ShipmentRow]):
        """A shipment."""

        order: Sku = leads_to(ShipmentRow.id, shipments_by_id, Shipment)
        """Not what it says."""

    with pytest.raises(Disagreement, match=r"Leading.order is of Sku, but leads to Shipment"):
        check_links(built(Leading))


def test_a_link_by_a_column_that_can_be_null_is_null_itself() -> None:
    @output
    class Leading(Record[PackageRow]):
        """A package."""

        by: Shipment = leads_to(PackageRow.tracking_number, shipments_by_id, Shipment)
        """Null where there is no number."""

    with pytest.raises(Disagreement, match=r"Leading.by is never null, but PackageRow.tracking_number can be"):
        check_links(built(Leading))


def test_an_input_becomes_its_command_by_name_or_as_it_says() -> None:
    class Given(Input[Ship]):
        order: OrderId = becomes("order_id")
        note: str = becomes(by=str.strip)

    given = Given()
    given.order, given.note = OrderId(UUID(int=7)), " fragile "
    assert given.to_command() == Ship(order_id=given.order, note="fragile")


def test_an_input_of_changes_has_what_may_change_of_another_one() -> None:
    @dataclass(frozen=True, kw_only=True)
    class Change:
        key: OrderId
        changes: Partial[Ship]

    @input_type
    class Made(Input[Ship]):
        """Making."""

        order_id: OrderId
        note: str = becomes(by=str.strip)
        """A remark."""
        quantity: int | None = 1
        """Units."""

    @input_type
    class Changed(Input[Change], changes=Made, but=["order_id"]):
        """Changing."""

        quantity: int | None = strawberry.UNSET
        """Other units."""
        key: OrderId

    key = OrderId(UUID(int=7))
    remark: dict[str, Any] = {"note": " fragile "}
    assert Changed(key=key, **remark).to_command() == Change(key=key, changes=Partial(note="fragile"))
    assert Changed(key=key, quantity=None).to_command().changes == {"quantity": None}
    said = {field.name: field.description for field in get_object_definition(Changed, strict=True).fields}
    assert list(said.items()) == [("key", None), ("note", "A remark."), ("quantity", "Other units.")]


def test_a_record_is_filled_from_its_row_and_from_what_comes_along() -> None:
    @strawberry.type
    class Shown(Record[PackageRow], along="carried"):
        tracking_number: str | None
        told: str = made(lambda number, carried: f"{number}/{carried}", PackageRow.tracking_number, "carried")
        shipment: Any = loaded(shipments_by_id, lambda found: found)

    row: Any = type("Row", (), dict.fromkeys(("id", "status", "shipment_id", "carrier"), None) | {"tracking_number": "RM1"})()
    shown = Shown.of(row, "GBP")
    assert (shown.tracking_number, shown.told, shown.row) == ("RM1", "RM1/GBP", row)
    assert [one.told for one in Shown.of_all([row, row], "GBP")] == ["RM1/GBP", "RM1/GBP"]


def test_a_list_of_an_entity_shows_what_can_be_seen_by_id() -> None:
    listing = Listing(show=Shipment, order=NEWEST_FIRST)
    assert listing.visible is shipments_by_id.visible
    assert listing.scope is Scope.SHIPPING_READ


def test_a_list_says_who_may_see_what_no_entity_says() -> None:
    with pytest.raises(TypeError, match=r"LotLevel is no entity"):
        Listing(show=LotLevel, order=NEWEST_FIRST)


def test_a_filter_that_says_no_more_than_its_name_is_described_by_it() -> None:
    @input_type
    class Conditions(Where):
        """Conditions."""

        order_id = on(ShipmentRow.order_id)
        status = on(ShipmentRow.status)
        """What became of them."""

    described = {field.python_name: field.description for field in Conditions.__strawberry_definition__.fields}  # type: ignore[attr-defined]
    assert (described["order_id"], described["status"]) == ("By order.", "What became of them.")
