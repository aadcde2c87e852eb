"""Making purchase orders of suggestions."""

import asyncio
from typing import Annotated
from uuid import UUID

import strawberry

from oms_api.domain.planning.commands.order_suggestions import OrderSuggestions, order_suggestions, suggestion_order_by_id
from oms_api.domain.planning.errors import AlreadyOrdered
from oms_api.domain.planning.purchases import WantedSuggestion
from oms_api.domain.purchasing.queries import purchase_orders_by_id
from oms_api.graphql.context import Info, seen
from oms_api.graphql.declared.operators import MOST_VALUES
from oms_api.graphql.described import argument, input_type, output
from oms_api.graphql.errors import UserError, represents
from oms_api.graphql.money import MoneyInput
from oms_api.graphql.payloads import Payload, once
from oms_api.graphql.permissions import field, mutation
from oms_api.graphql.purchasing.supplier_inputs import cost_of
from oms_api.graphql.purchasing.types import PurchaseOrder
from oms_api.kernel.access import Scope
from oms_api.kernel.errors import InvalidValue, TooManyItems
from oms_api.kernel.ids import StockPlanLineId


@input_type
class SuggestionToOrderInput:
    """A suggestion to turn into a purchase order. Fields that are given replace the suggested values."""

    suggestion_id: StockPlanLineId
    """The suggestion."""
    quantity: int | None = None
    """Units, in whole packs and at least the supplier's minimum; by default as suggested."""
    unit_cost: MoneyInput | None = None
    """The cost of one unit, with up to six decimals, in the supplier's currency; by default the supplier's cost."""

    def to_wanted(self, *path: str | int) -> WantedSuggestion:
        """Return the row as the domain takes it."""
        return WantedSuggestion(
            suggestion_id=self.suggestion_id,
            quantity=self.quantity,
            unit_cost=cost_of(self.unit_cost),
            path=path,
            itemized=True,
        )


@input_type
class PurchaseOrdersFromSuggestionsInput:
    """The suggestions to turn into purchase orders: 1 to 250 in total, of one plan or of several plans."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the purchase orders that the first call
    created."""
    suggestion_ids: list[StockPlanLineId] | None = None
    """Suggestions to turn into purchase orders unchanged: in the suggested quantity, at the supplier's cost."""
    items: list[SuggestionToOrderInput] | None = None
    """Suggestions to turn into purchase orders in a quantity of your own, or at a cost of your own."""
    note: str | None = None
    """A remark on each purchase order."""

    def to_command(self) -> OrderSuggestions:
        """Return the command. Raises: InvalidValue, TooManyItems."""
        ids, items = self.suggestion_ids or [], self.items or []
        if not ids and not items:
            raise InvalidValue(problem="Name at least one suggestion.", field=("suggestionIds",))
        if len(ids) + len(items) > MOST_VALUES:
            longer = "suggestionIds" if len(ids) > len(items) else "items"
            raise TooManyItems(limit=MOST_VALUES, given=len(ids) + len(items), field=(longer,))
        as_they_are = [WantedSuggestion(suggestion_id=id_, path=("suggestionIds", index)) for index, id_ in enumerate(ids)]
        changed = [item.to_wanted("items", index) for index, item in enumerate(items)]
        return OrderSuggestions(idempotency_key=self.idempotency_key, wanted=(*as_they_are, *changed), note=self.note)


@represents(AlreadyOrdered, lambda error: {"purchase_order_id": error.purchase_order_id})
@output
class AlreadyOrderedError(UserError):
    """A purchase order was already created from the suggestion."""

    purchase_order_id: strawberry.Private[UUID]

    @field(description="The purchase order; null where the API key may not see it.")
    async def purchase_order(self, info: Info) -> PurchaseOrder | None:
        return await PurchaseOrder.fetch(info, self.purchase_order_id)


@output
class PurchaseOrdersFromSuggestionsPayload(Payload):
    """The drafts created from suggestions."""

    purchase_orders: list[PurchaseOrder] = strawberry.field(default_factory=list)
    """One draft for each supplier and location, to review and submit. Where `replayed` is true, these are their present
    states."""


@output
class SuggestionMutations:
    """Making purchase orders of suggestions."""

    @mutation(
        Scope.PURCHASING_WRITE,
        description=(
            "Create drafts of purchase orders from suggestions, one for each supplier and location: all or none. Each "
            "suggestion can be ordered once. Until its purchase order is canceled, a second attempt fails with "
            "ALREADY_ORDERED, which names that purchase order. Later plans count units on drafts, and do not suggest them "
            "again."
        ),
    )
    async def purchase_orders_create_from_suggestions(
        self,
        info: Info,
        input: Annotated[PurchaseOrdersFromSuggestionsInput, argument("The suggestions to turn into purchase orders.")],
    ) -> PurchaseOrdersFromSuggestionsPayload:
        done = await once(info, input, order_suggestions, again=suggestion_order_by_id)
        load = info.context.loading(purchase_orders_by_id).load
        rows = await asyncio.gather(*(seen(load(order)) for order in done.value.purchase_order_ids))
        orders = [PurchaseOrder.of(row) for row in rows]
        return PurchaseOrdersFromSuggestionsPayload(purchase_orders=orders, replayed=done.replayed)
