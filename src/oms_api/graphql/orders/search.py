"""One box to look for orders: a text that their number, reference or people, a SKU or a parcel of theirs goes by."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, literal_column, or_, select, union_all

from oms_api.db.columns import folded
from oms_api.db.keyset import Ordering
from oms_api.db.session import Reader
from oms_api.db.sets import among_found
from oms_api.domain.catalog.tables import SkuRow
from oms_api.domain.channels.tables import ChannelRow
from oms_api.domain.orders.tables import (
    PARTY_EMAIL,
    PARTY_IS_LATEST,
    PARTY_LAST_NAME,
    PARTY_NAME,
    OrderLineRow,
    OrderPartyRow,
    OrderRow,
)
from oms_api.domain.shipping.queries import visible_to as visible_shipments
from oms_api.domain.shipping.tables import PackageRow, ShipmentRow
from oms_api.graphql.declared.asking import Filter
from oms_api.graphql.declared.filters import On
from oms_api.graphql.declared.gauging import Rare
from oms_api.graphql.declared.operators import begins, fold, searched_text
from oms_api.kernel.access import Scope, Sight
from oms_api.kernel.dataclass import dataclass

SHORTEST = 2
LONGEST_NUMBER = 18


@dataclass(frozen=True)
class OnCurrency(On):
    """A filter on the currency of orders: it is that of their channel, and never changes, so it is gauged by the channels."""

    gauged: bool = True

    def conditions(self, asked: Any, sight: Sight) -> Iterator[ColumnElement[bool]]:
        """Yield the conditions that are *asked*."""
        if isinstance(asked, Rare):
            yield among_found(OrderRow.id, self._sold(OrderRow.id, asked.asked))
        else:
            yield from super().conditions(asked, sight)

    def gauges(self, _asked: Any, _order: Ordering | None) -> bool:
        """Tell that few channels are read."""
        return True

    def rows(self, asked: Any) -> Any:
        """Return what selects the orders of channels with such a currency."""
        return self._sold(literal_column("1"), asked)

    def _sold(self, column: Any, asked: Any) -> Select[Any]:
        """Return the selection of *column* of orders, channel by channel: the planner thinks that a range holds few rows."""
        same = and_(OrderRow.channel_id >= ChannelRow.id, OrderRow.channel_id <= ChannelRow.id)
        return select(column).select_from(ChannelRow).join(OrderRow, same).where(*On(ChannelRow.currency).met(asked))


CURRENCY = OnCurrency(OrderRow.currency)


@dataclass(frozen=True, slots=True)
class SearchText:
    """What is looked for: the text as it was given and folded, the number it is, and whether among *people* too."""

    text: str
    folded: str
    number: int | None
    people: bool | None = None


@dataclass(frozen=True)
class OrderText(Filter):
    """A filter of a text that finds orders by several of their indexes."""

    def operators(self) -> Any:
        """Return the type of the text."""
        return str

    def checked(self, asked: str) -> SearchText:
        """Return what is looked for. Raises: SearchTooShort, SearchTooLong."""
        text = searched_text(asked.strip(), least=SHORTEST)
        digits = text.removeprefix("#")
        number = int(digits) if digits.isdecimal() and digits.isascii() and len(digits) <= LONGEST_NUMBER else None
        return SearchText(text, fold(text), number)

    def looks(self, _asked: Any) -> bool:
        """Tell that it depends on who asks where is looked."""
        return True

    async def known(self, read: Reader, asked: SearchText) -> SearchText:
        """Return *asked*, of people only for who may read of them."""
        return replace(asked, people=read.principal.may(Scope.CUSTOMERS_READ) or None)

    def selective(self, _asked: Any) -> bool:
        """Tell that few orders go by a text."""
        return True

    def conditions(self, asked: SearchText, sight: Sight) -> Iterator[ColumnElement[bool]]:
        """Yield the condition that one of the look-ups finds the order."""
        yield among_found(OrderRow.id, union_all(*(found.correlate(None) for found in _look_ups(asked, sight))))


def _look_ups(wanted: SearchText, sight: Sight) -> Iterator[Select[Any]]:
    """Yield what finds ids of orders, each by an index of its own."""
    sku = select(SkuRow.id).where(SkuRow.code == wanted.text).scalar_subquery()
    if wanted.number is not None:
        yield select(OrderRow.id).where(OrderRow.number == wanted.number)
    yield select(OrderRow.id).where(begins(OrderRow.external_ref, wanted.text))
    yield select(OrderLineRow.order_id).where(OrderLineRow.sku_id == sku)
    parcels = and_(PackageRow.shipment_id == ShipmentRow.id, begins(PackageRow.tracking_number, wanted.text))
    yield select(ShipmentRow.order_id).where(parcels, *visible_shipments(sight))
    if wanted.people:
        named = or_(*(begins(folded(part), wanted.folded) for part in (PARTY_EMAIL, PARTY_NAME, PARTY_LAST_NAME)))
        yield select(OrderPartyRow.order_id).where(named, PARTY_IS_LATEST)
