"""Keeping documents that are to become orders, and reading them."""

from typing import Annotated

from oms_api.domain.intake.commands.submit import DiscardIntake, SubmitIntake, discard_intake, kept_before, submit_intake
from oms_api.graphql.context import Info
from oms_api.graphql.declared.inputs import Input, becomes
from oms_api.graphql.declared.mutations import carries_out
from oms_api.graphql.described import argument, input_type, output
from oms_api.graphql.intake.types import OrderIntake
from oms_api.graphql.orders.inputs import OrderPlaceInput
from oms_api.graphql.payloads import Payload, once
from oms_api.graphql.permissions import mutation
from oms_api.graphql.scalars import JsonValue
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import OrderIntakeId
from oms_api.workflows.read_intake import ResolveIntake, RetryIntake, resolve_intake, retry_intake


@input_type
class OrderIntakeSubmitInput(Input[SubmitIntake]):
    """A document that is to become an order."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the same document."""
    source: str
    """The code of the system that the document comes from, without blanks around it. Documents of "oms" have the shape of
    OrderPlaceInput and are placed automatically. Documents of other sources are placed by an external connector with
    `orderIntakeResolve`."""
    document: JsonValue = becomes(by=lambda value: value)
    """The document: any JSON of at most 1,000,000 bytes, kept as it is."""
    external_ref: str | None = None
    """The source's own reference. If a document with this reference was stored before, nothing new is stored: the mutation
    answers with the earlier document, or fails with INTAKE_REF_TAKEN if the content differs. Without a reference, a document
    with the same content as an earlier document is treated as the same document."""


@input_type
class OrderIntakeRetryInput(Input[RetryIntake]):
    """The document to read again."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the document."""
    order_intake_id: OrderIntakeId
    """The document. Its source must have a built-in connector."""
    expected_version: int | None = None
    """The version of the document that the change is based on; any other is refused."""


@input_type
class OrderIntakeResolveInput(Input[ResolveIntake]):
    """The order to place for a document: an external connector, or a person, has taken it from the document."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the document."""
    order_intake_id: OrderIntakeId
    """The document."""
    order: OrderPlaceInput = becomes(by=OrderPlaceInput.to_command)
    """The order. Its `idempotencyKey` is ignored: a document is placed only once."""
    expected_version: int | None = None
    """The version of the document that the change is based on; any other is refused."""


@input_type
class OrderIntakeDiscardInput(Input[DiscardIntake]):
    """The document to discard."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the document."""
    order_intake_id: OrderIntakeId
    """The document."""
    note: str | None = None
    """A remark for later readers."""
    expected_version: int | None = None
    """The version of the document that the change is based on; any other is refused."""


@output
class OrderIntakePayload(Payload):
    """The document, or why nothing was done."""

    order_intake: OrderIntake | None = None
    """The document. Where `replayed` is true, this is its present state."""


@output
class OrderIntakeSubmitPayload(Payload):
    """The document as it was kept, or why it was not kept."""

    order_intake: OrderIntake | None = None
    """The document. Where `replayed` is true, this is its present state."""
    known: bool = False
    """Whether the document had been received before: then `orderIntake` is the earlier document."""


@output
class OrderIntakeMutations:
    """Keeping documents that are to become orders, and reading them."""

    order_intake_retry = carries_out(
        retry_intake, OrderIntakeRetryInput, OrderIntakePayload, Scope.ORDERS_WRITE, describes="The document."
    )
    """Try again to read a document and to place its order, for example after a missing SKU was created. Mistakes in the
    document are recorded with the new attempt, not as user errors."""
    order_intake_resolve = carries_out(
        resolve_intake,
        OrderIntakeResolveInput,
        OrderIntakePayload,
        Scope.ORDERS_WRITE,
        describes="The document, and the order that was read from it.",
    )
    """Place the order that a connector read from a document; each document is placed only once. Where the order is refused, the
    document stays as it was, and the paths of errors begin at `order`."""
    order_intake_discard = carries_out(
        discard_intake, OrderIntakeDiscardInput, OrderIntakePayload, Scope.ORDERS_WRITE, describes="The document."
    )
    """Discard a document: it becomes no order."""

    @mutation(
        Scope.ORDERS_WRITE,
        description=(
            "Submit a document of another system that is to become an order. Where its source has a connector, the "
            "document is read within seconds. Each attempt to read the document keeps its mistakes, and the document can be "
            "read again."
        ),
    )
    async def order_intake_submit(
        self, info: Info, input: Annotated[OrderIntakeSubmitInput, argument("The document.")]
    ) -> OrderIntakeSubmitPayload:
        done = await once(info, input, submit_intake, again=kept_before)
        kept = OrderIntake.of(done.value.intake)
        return OrderIntakeSubmitPayload(order_intake=kept, known=done.value.known, replayed=done.replayed)
