"""Making purchase orders of suggestions."""

from hashlib import blake2b
from typing import Annotated
from uuid import UUID

import strawberry

from oms_api.domain.catalog.references import SkuRef
from oms_api.domain.planning.purchases import purchases_of
from oms_api.domain.planning.queries import suggestions_by_id
from oms_api.domain.planning.tables import StockPlanLine
from oms_api.domain.purchasing.commands.create import CreatePurchaseOrder, create_purchase_order
from oms_api.domain.purchasing.ordering import LineToOrder
from oms_api.domain.purchasing.queries import purchase_order_by_id
from oms_api.graphql.catalog.loaders import SkuById
from oms_api.graphql.context import Info
from oms_api.graphql.described import argument, input_type, output
from oms_api.graphql.filters import MOST_VALUES, id_at
from oms_api.graphql.payloads import Payload
from oms_api.graphql.permissions import mutation
from oms_api.graphql.purchasing.types import PurchaseOrder
from oms_api.kernel.access import Scope
from oms_api.kernel.errors import InvalidValue, TooManyItems
from oms_api.kernel.ids import IdKind


@input_type
class PurchaseOrdersFromSuggestionsInput:
    """Which suggestions to order."""

    idempotency_key: str
    """Makes a retry safe: the same key answers with the purchase orders made first; kept 72 hours."""
    suggestion_ids: list[strawberry.ID]
    """The suggestions, 1 to 250 of one plan or of several."""
    note: str | None = None
    """A remark on each purchase order."""

    def ids(self) -> list[UUID]:
        """Return the ids of the suggestions. Raises: InvalidValue, TooManyItems, InvalidId."""
        if not self.suggestion_ids:
            raise InvalidValue(problem="Name at least one suggestion.", field=("suggestionIds",))
        if len(self.suggestion_ids) > MOST_VALUES:
            raise TooManyItems(limit=MOST_VALUES, given=len(self.suggestion_ids), field=("suggestionIds",))
        return [id_at(IdKind.STOCK_PLAN_LINE, text, "suggestionIds", n) for n, text in enumerate(self.suggestion_ids)]


@output
class PurchaseOrdersFromSuggestionsPayload(Payload):
    """The drafts made of suggestions."""

    purchase_orders: list[PurchaseOrder] = strawberry.field(default_factory=list)
    """One draft for each supplier and location, to be looked at and submitted."""


@output
class SuggestionMutations:
    """Making purchase orders of suggestions."""

    @mutation(
        Scope.PURCHASING_WRITE,
        description="Write purchase orders of suggestions: a draft for each supplier and location, in quantities as suggested. "
        "Called again with the same key it goes on where it was stopped, and makes nothing twice.",
    )
    async def purchase_orders_create_from_suggestions(
        self, info: Info, input: Annotated[PurchaseOrdersFromSuggestionsInput, argument("What to order.")]
    ) -> PurchaseOrdersFromSuggestionsPayload:
        wanted = input.ids()
        async with info.context.reads() as read:
            known = await suggestions_by_id(read, wanted)
        skus = [line.sku_id for line in known.values()]
        rows = await info.context.loader(SkuById).load_many(skus)
        codes = {row.id: row.code for row in rows if row is not None}
        made, replayed = [], True
        for (supplier, location), lines in purchases_of(wanted, known, codes).items():
            key = blake2b(f"{input.idempotency_key} {supplier} {location}".encode(), digest_size=24).hexdigest()
            command = CreatePurchaseOrder(
                idempotency_key=key,
                supplier_id=supplier,
                location_id=location,
                lines=tuple(line_of(line) for line in lines),
                note=input.note,
            )
            done = await info.context.once(
                "purchaseOrderCreate", create_purchase_order, command, key=key, again=purchase_order_by_id
            )
            made.append(PurchaseOrder.of(done.value))
            replayed = replayed and done.replayed
        return PurchaseOrdersFromSuggestionsPayload(purchase_orders=made, replayed=replayed)


def line_of(line: StockPlanLine) -> LineToOrder:
    """Return what is ordered for a suggestion."""
    return LineToOrder(sku=SkuRef(id=line.sku_id), quantity=line.suggested)
