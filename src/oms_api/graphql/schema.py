"""The schema: the root types of all areas in one."""

import asyncio
from collections.abc import Sequence
from functools import cache
from typing import Annotated, Any

import strawberry
from graphql import GraphQLError, GraphQLObjectType, GraphQLSchema
from strawberry.extensions import SchemaExtension
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.name_converter import NameConverter
from strawberry.types import ExecutionContext
from strawberry.types.execution import PreExecutionError

from oms_api.graphql.analytics.queries import AnalyticsQueries
from oms_api.graphql.analytics.scorecards import ScorecardQueries
from oms_api.graphql.attributes.definitions import AttributeMutations, AttributeQueries
from oms_api.graphql.carriers.mutations import CarrierMutations
from oms_api.graphql.carriers.queries import CarrierQueries
from oms_api.graphql.catalog.mutations import CatalogMutations
from oms_api.graphql.catalog.queries import CatalogQueries
from oms_api.graphql.channels.mutations import ChannelMutations
from oms_api.graphql.channels.queries import ChannelQueries
from oms_api.graphql.coercion import compile_inputs
from oms_api.graphql.context import Info
from oms_api.graphql.counts.mutations import StockCountMutations
from oms_api.graphql.counts.queries import StockCountQueries
from oms_api.graphql.customers.mutations import CustomerMutations
from oms_api.graphql.customers.queries import CustomerQueries
from oms_api.graphql.declared.links import check_links
from oms_api.graphql.described import argument, output
from oms_api.graphql.documents.files import FileQueries
from oms_api.graphql.documents.printing import PrintingMutations
from oms_api.graphql.documents.templates import DocumentTemplateMutations, DocumentTemplateQueries
from oms_api.graphql.drafts.mutations import OrderDraftMutations
from oms_api.graphql.drafts.queries import OrderDraftQueries
from oms_api.graphql.errors import error_types
from oms_api.graphql.events.queries import EventQueries
from oms_api.graphql.events.subscriptions import EventSubscriptions
from oms_api.graphql.execution import LevelExecutor, read_plainly
from oms_api.graphql.explanations.queries import ExplanationQueries
from oms_api.graphql.fees.mutations import FeeMutations
from oms_api.graphql.fulfillment.deadlines import DeadlineQueries
from oms_api.graphql.fulfillment.mutations import FulfillmentMutations
from oms_api.graphql.fulfillment.queries import FulfillmentQueries
from oms_api.graphql.fulfillment.rearranging import RearrangingMutations
from oms_api.graphql.holds.mutations import HoldMutations
from oms_api.graphql.intake.mutations import OrderIntakeMutations
from oms_api.graphql.intake.queries import OrderIntakeQueries
from oms_api.graphql.internals import core_schema
from oms_api.graphql.inventory.adjustments import InventoryAdjustmentQueries
from oms_api.graphql.inventory.document_queries import InventoryDocumentQueries
from oms_api.graphql.inventory.mutations import InventoryMutations
from oms_api.graphql.inventory.queries import InventoryQueries
from oms_api.graphql.inventory.supplier_stock import SupplierStockMutations
from oms_api.graphql.jobs.fields import JobMutations, JobQueries, JobSubscriptions
from oms_api.graphql.lots.mutations import LotMutations
from oms_api.graphql.lots.queries import LotQueries
from oms_api.graphql.nodes import Node, fetch_node
from oms_api.graphql.orders.cancel import OrderCancelMutations
from oms_api.graphql.orders.edit import OrderEditMutations, OrderEditQueries
from oms_api.graphql.orders.mutations import OrderMutations
from oms_api.graphql.orders.notes import OrderNoteMutations
from oms_api.graphql.orders.preview import OrderPreviewQueries
from oms_api.graphql.orders.proposals import OrderChangeMutations, OrderChangeQueries
from oms_api.graphql.orders.queries import OrderQueries
from oms_api.graphql.orders.reasons import OrderReasonMutations, OrderReasonQueries
from oms_api.graphql.orders.update import OrderUpdateMutations
from oms_api.graphql.packing.mutations import PackingMutations
from oms_api.graphql.packing.queries import PackingQueries
from oms_api.graphql.packing.suggestions import PackingSuggestionQueries
from oms_api.graphql.payments.mutations import PaymentMutations
from oms_api.graphql.payments.queries import PaymentQueries
from oms_api.graphql.permissions import anyone, open_to_anyone, required_scope
from oms_api.graphql.picking.mutations import PickingMutations
from oms_api.graphql.picking.queries import PickingQueries
from oms_api.graphql.pickups.mutations import PickupMutations
from oms_api.graphql.pickups.queries import PickupQueries
from oms_api.graphql.planning.mutations import PlanningMutations
from oms_api.graphql.planning.purchases import SuggestionMutations
from oms_api.graphql.planning.queries import PlanningQueries
from oms_api.graphql.prepared import PreparedDocuments, Steps
from oms_api.graphql.promises.fields import PromiseMutations, PromiseQueries
from oms_api.graphql.purchasing.mutations import PurchasingMutations
from oms_api.graphql.purchasing.queries import PurchasingQueries
from oms_api.graphql.refunds.mutations import RefundMutations
from oms_api.graphql.refunds.queries import RefundQueries
from oms_api.graphql.requests.mutations import FulfillmentRequestMutations
from oms_api.graphql.requests.queries import FulfillmentRequestQueries, FulfillmentRequestSubscriptions
from oms_api.graphql.reservations.mutations import ReservationMutations
from oms_api.graphql.reservations.queries import ReservationQueries
from oms_api.graphql.returns.mutations import ReturnMutations
from oms_api.graphql.returns.queries import ReturnQueries
from oms_api.graphql.rules.mutations import OrderRuleMutations
from oms_api.graphql.rules.queries import OrderRuleQueries
from oms_api.graphql.rules.simulations import OrderRuleSimulationMutations, OrderRuleSimulationQueries
from oms_api.graphql.scalars import SCALARS
from oms_api.graphql.shipping.corrections import ShippingCorrections
from oms_api.graphql.shipping.mutations import ShippingMutations
from oms_api.graphql.shipping.queries import ShippingQueries
from oms_api.graphql.sourcing.mutations import SourcingMutations
from oms_api.graphql.sourcing.preview import SourcingPreviewQueries
from oms_api.graphql.sourcing.queries import SourcingQueries
from oms_api.graphql.sourcing.simulations import SourcingSimulationMutations, SourcingSimulationQueries
from oms_api.graphql.tracking.accuracy import PromiseAccuracyQueries
from oms_api.graphql.tracking.alerts import ShipmentAlertQueries
from oms_api.graphql.tracking.mutations import TrackingMutations
from oms_api.graphql.tracking.of_order import TrackingQueries
from oms_api.graphql.transfers.mutations import TransferMutations
from oms_api.graphql.transfers.queries import TransferQueries
from oms_api.kernel.errors import TooManyItems
from oms_api.kernel.paging import LARGEST_PAGE


@output
class Query(
    OrderQueries,
    OrderReasonQueries,
    OrderPreviewQueries,
    OrderEditQueries,
    OrderChangeQueries,
    OrderDraftQueries,
    OrderRuleQueries,
    OrderRuleSimulationQueries,
    JobQueries,
    AttributeQueries,
    CatalogQueries,
    ChannelQueries,
    SourcingQueries,
    SourcingPreviewQueries,
    SourcingSimulationQueries,
    CustomerQueries,
    InventoryQueries,
    InventoryAdjustmentQueries,
    InventoryDocumentQueries,
    LotQueries,
    ReservationQueries,
    TransferQueries,
    StockCountQueries,
    PurchasingQueries,
    OrderIntakeQueries,
    FulfillmentQueries,
    FulfillmentRequestQueries,
    DeadlineQueries,
    PickingQueries,
    PickupQueries,
    PackingQueries,
    PackingSuggestionQueries,
    ShippingQueries,
    FileQueries,
    CarrierQueries,
    DocumentTemplateQueries,
    ReturnQueries,
    PaymentQueries,
    RefundQueries,
    PlanningQueries,
    PromiseQueries,
    AnalyticsQueries,
    ScorecardQueries,
    EventQueries,
    ExplanationQueries,
    TrackingQueries,
    ShipmentAlertQueries,
    PromiseAccuracyQueries,
):
    """The data that can be read. Each field names the scope that it needs. Records that the API key may not see are omitted."""

    @anyone(description="Any record by its id; null where there is none that the API key may see.")
    async def node(self, info: Info, id: Annotated[strawberry.ID, argument("The id.")]) -> Node | None:
        return await fetch_node(info, id)

    @anyone(description="Several records by their ids, in the same order, at most 250.")
    async def nodes(
        self, info: Info, ids: Annotated[list[strawberry.ID], argument("The ids of the records, at most 250.")]
    ) -> list[Node | None]:
        if len(ids) > LARGEST_PAGE:
            raise TooManyItems(limit=LARGEST_PAGE, given=len(ids), field=("ids",))
        return await asyncio.gather(*(fetch_node(info, id) for id in ids))


@output
class Mutation(
    OrderMutations,
    JobMutations,
    AttributeMutations,
    CatalogMutations,
    ChannelMutations,
    SourcingMutations,
    SourcingSimulationMutations,
    CustomerMutations,
    InventoryMutations,
    SupplierStockMutations,
    LotMutations,
    ReservationMutations,
    TransferMutations,
    StockCountMutations,
    PurchasingMutations,
    OrderCancelMutations,
    OrderNoteMutations,
    OrderUpdateMutations,
    TrackingMutations,
    OrderDraftMutations,
    OrderReasonMutations,
    OrderIntakeMutations,
    HoldMutations,
    OrderEditMutations,
    OrderChangeMutations,
    OrderRuleMutations,
    OrderRuleSimulationMutations,
    FeeMutations,
    FulfillmentMutations,
    FulfillmentRequestMutations,
    RearrangingMutations,
    PickingMutations,
    PickupMutations,
    PackingMutations,
    ShippingMutations,
    ShippingCorrections,
    CarrierMutations,
    PrintingMutations,
    DocumentTemplateMutations,
    ReturnMutations,
    PaymentMutations,
    RefundMutations,
    PlanningMutations,
    SuggestionMutations,
    PromiseMutations,
):
    """The changes that can be made. Each answers with its record, or with userErrors and nothing done."""


@output
class Subscription(EventSubscriptions, FulfillmentRequestSubscriptions, JobSubscriptions):
    """The streams that can be watched, over WebSocket (graphql-transport-ws) or server-sent events."""


class QuietSchema(strawberry.Schema):
    """A schema that leaves logging to `errors.formatted`: strawberry would log every refusal, with what the caller sent.

    What is refused before it is validated is told over every transport; strawberry would break off a stream.
    """

    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        """Log nothing."""

    def create_extensions_runner(self, execution_context: ExecutionContext, extensions: list[SchemaExtension]) -> Steps:
        """Return what has the prepared documents do their part."""
        return Steps(execution_context, extensions)

    async def _prepare_operation_async(self, *given: Any, **named: Any) -> PreExecutionError | None:
        try:
            return await super()._prepare_operation_async(*given, **named)
        except GraphQLError as error:
            return PreExecutionError(data=None, errors=[error])


class Naming(NameConverter):
    """The names of fields in camel case, without the underscore behind a word that Python reserves: `return_` is `return`."""

    def apply_naming_config(self, name: str) -> str:
        """Return *name* as clients write it."""
        return super().apply_naming_config(name.rstrip("_"))


@cache
def build_schema() -> strawberry.Schema:
    """Return the schema, with plain attributes read directly; one for the whole process, and for those forked from it.

    Raises: UnguardedField, for a root field without a scope.
    """
    schema = QuietSchema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        types=error_types(),
        extensions=[PreparedDocuments],
        execution_context_class=LevelExecutor,
        config=StrawberryConfig(scalar_map=SCALARS, name_converter=Naming()),
    )
    core = core_schema(schema)
    check_guards(core)
    check_links(core)
    read_plainly(core)
    compile_inputs(core, schema.config)
    return schema


class UnguardedField(Exception):
    """A root field does not say which scope it needs."""


def check_guards(schema: GraphQLSchema) -> None:
    """Raises: UnguardedField, for a root field that was declared without a scope."""
    roots: Sequence[GraphQLObjectType | None] = (schema.query_type, schema.mutation_type, schema.subscription_type)
    for root in roots:
        for name, field in root.fields.items() if root else ():
            if required_scope(field) is None and not open_to_anyone(field):
                raise UnguardedField(f"{root}.{name}")
