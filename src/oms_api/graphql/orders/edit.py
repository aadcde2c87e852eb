"""Changing what was agreed of an order: inputs, preview and mutation."""

from datetime import date, datetime
from typing import Annotated, Any

import strawberry
from strawberry.utils.str_converters import to_camel_case

from oms_api.db.unit_of_work import Done
from oms_api.domain.orders.changes import wanted
from oms_api.graphql.addresses import AddressInput, DeliveryPointInput
from oms_api.graphql.context import Info
from oms_api.graphql.declared.inputs import Input, becomes, commands_of
from oms_api.graphql.described import argument, input_type, one_of, output
from oms_api.graphql.money import Money, MoneyInput
from oms_api.graphql.orders.cancel import OrderCancelRefundInput
from oms_api.graphql.orders.changes import OrderChange
from oms_api.graphql.orders.inputs import OrderDiscountInput, OrderLineInput, OrderShippingInput, OrderTaxInput
from oms_api.graphql.orders.types import Order
from oms_api.graphql.payloads import Payload, once
from oms_api.graphql.permissions import mutation, query
from oms_api.graphql.refunds.types import Refund
from oms_api.kernel.access import Scope
from oms_api.kernel.errors import OmsError
from oms_api.kernel.ids import LineId, LocationId, OrderId
from oms_api.workflows.edit_order import Edited, EditedLine, EditOrder, edit_order, edited_before, preview_edit
from oms_api.workflows.refund.suggested import suggested


@input_type
class OrderLineRemoveInput(Input[wanted.RemoveLine]):
    """The line to remove: its units are canceled. The edit is refused once any of them shipped."""

    line_id: LineId
    """The line. For a bundle give the bundle's line, not a component's."""


@input_type
class OrderLineQuantityInput(Input[wanted.SetQuantity]):
    """The new quantity of a line. Discounts keep their amounts, and taxes keep their rates."""

    line_id: LineId
    """The line. For a bundle give the bundle's line, not a component's."""
    quantity: int
    """Units that the customer gets in total, shipped units included; 0 removes the line. A lower number cancels units. A higher
    number adds units by the rules for new orders."""


@input_type
class OrderLineSwapInput(Input[wanted.SwapSku]):
    """Another SKU in place of the ordered SKU, such as another size.

    The new line takes over the discounts of the units that it replaces.
    """

    line_id: LineId
    """The line to replace; none of its units may have shipped."""
    sku: str
    """The code of the SKU that the customer gets instead."""
    quantity: int | None = None
    """Units to replace; by default all that are not canceled."""
    unit_price: MoneyInput | None = None
    """The new price of one unit; by default the old price."""
    taxes: list[OrderTaxInput] | None = None
    """The taxes of the new line; by default the tax rates of the old line apply to the new price."""


@input_type
class OrderLineSendAgainInput(Input[wanted.SendAgain]):
    """Sends replacements for lost units of a line, free of charge.

    The replacements become a new line, which counts in place of the lost units.
    """

    line_id: LineId
    """The line. For a bundle give the line of a component."""
    quantity: int
    """Units to send again: at most the lost units that were not sent again yet."""
    location_id: LocationId | None = None
    """Serve the units from this location only; by default from the location that the line was limited to, if any."""


@input_type
class OrderLinePriceInput(Input[wanted.SetPrice]):
    """The new price of a line. None of its units may have shipped."""

    line_id: LineId
    """The line. For a bundle give the bundle's line, not a component's."""
    unit_price: MoneyInput
    """The price of one unit, with up to six decimals."""
    taxes: list[OrderTaxInput] | None = None
    """The new taxes of the line; by default the tax rates stay the same."""


@input_type
class OrderLineDiscountsInput(Input[wanted.SetLineDiscounts]):
    """The new discounts of a line, in place of all its discounts. None of its units may have shipped."""

    line_id: LineId
    """The line. For a bundle give the bundle's line, not a component's."""
    discounts: list[OrderDiscountInput]
    """The discounts that the line has from now on; empty for none."""
    taxes: list[OrderTaxInput] | None = None
    """The new taxes of the line; by default the tax rates stay the same."""


@input_type
class OrderDiscountsInput(Input[wanted.SetOrderDiscounts]):
    """All discounts of the whole order."""

    discounts: list[OrderDiscountInput]
    """The discounts that the order has from now on; empty for none. Lines that shipped keep their shares of the old
    discounts."""


@input_type
class OrderShippingChargesInput(Input[wanted.SetShipping]):
    """All shipping charges of the order."""

    charges: list[OrderShippingInput]
    """The charges that the order has from now on, with their methods and taxes; empty for none. Lines that shipped keep their
    shares of the old charges."""


@input_type
class OrderShippingAddressInput(Input[wanted.SetShippingAddress]):
    """The new shipping address of the order."""

    address: AddressInput | None = becomes(by=AddressInput.to_address)
    """The address; null for none."""


@input_type
class OrderDeliveryPointInput(Input[wanted.SetDeliveryPoint]):
    """The new pickup point of the order."""

    delivery_point: DeliveryPointInput | None
    """The pickup point; null for none."""


@input_type
class OrderShipCompleteInput(Input[wanted.SetShipComplete]):
    """Whether all goods of the order leave together."""

    ship_complete: bool
    """Whether goods leave only when all goods of the order can leave."""


@one_of
class OrderChangeInput(Input[Any]):
    """One change of an order: give exactly one field."""

    add_line: OrderLineInput | None = strawberry.UNSET
    """Add a line, as `orderPlace` takes it."""
    remove_line: OrderLineRemoveInput | None = strawberry.UNSET
    """Remove a line."""
    set_quantity: OrderLineQuantityInput | None = strawberry.UNSET
    """Change the quantity of a line."""
    swap_sku: OrderLineSwapInput | None = strawberry.UNSET
    """Replace the SKU of a line by another."""
    send_again: OrderLineSendAgainInput | None = strawberry.UNSET
    """Send lost units of a line again."""
    set_price: OrderLinePriceInput | None = strawberry.UNSET
    """Change the price of a line."""
    set_line_discounts: OrderLineDiscountsInput | None = strawberry.UNSET
    """Change the discounts of a line."""
    set_order_discounts: OrderDiscountsInput | None = strawberry.UNSET
    """Change the discounts of the order."""
    set_shipping: OrderShippingChargesInput | None = strawberry.UNSET
    """Change the shipping charges and methods."""
    set_shipping_address: OrderShippingAddressInput | None = strawberry.UNSET
    """Change the address the goods go to."""
    set_delivery_point: OrderDeliveryPointInput | None = strawberry.UNSET
    """Change the pickup point the goods go to."""
    set_ship_complete: OrderShipCompleteInput | None = strawberry.UNSET
    """Change whether all goods leave together."""

    def to_command(self) -> wanted.Change:
        """Return the change. Raises: what its input raises, with its path."""
        ((name, given),) = ((name, given) for name, given in vars(self).items() if given is not strawberry.UNSET)
        try:
            return wanted.AddLine(line=given.to_command()) if name == "add_line" else given.to_command()
        except OmsError as error:
            raise error.at(to_camel_case(name)) from None


@input_type
class OrderEditInput(Input[EditOrder]):
    """An order and the changes to make, all of them or none."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the order and the change."""
    order_id: OrderId
    """The order. It must be OPEN, or COMPLETED if the changes add something."""
    changes: list[OrderChangeInput]
    """1 to 250 changes, made in the given sequence."""
    reason: str | None = None
    """Why the order is changed, kept with the change."""
    note: str | None = None
    """A remark for later readers of the change."""
    refund: OrderCancelRefundInput | None = None
    """A refund to grant with the edit; needs the scope `payments:write` too. Without a refund, an order that costs less than
    was paid gets the payment status OVERPAID."""
    expected_version: int | None = None
    """The version of the order that the change is based on; any other is refused."""
    occurred_at: datetime | None = None
    """When the order was changed; by default now. Never in the future, never before the order was placed. Needs the scope
    `orders:import`."""


@output
class OrderEditPayload(Payload):
    """The order after the edit, or why nothing was changed."""

    order: Order | None = None
    """The order. Where `replayed` is true, this is its present state."""
    change: OrderChange | None = None
    """The record of the change: who, why, before and after."""
    refund: Refund | None = None
    """The refund granted with the edit; null for none. Where `replayed` is true, this is its present state."""


@output
class OrderEditLine:
    """A line that an edit changes, as it is after the edit."""

    line_id: LineId | None
    """The id of the line; null for a new line."""
    sku: str | None
    """The code of the line's SKU; null for a line without a SKU."""
    name: str
    """The name shown to the customer."""
    ordered: int
    """Units ordered, canceled units included."""
    canceled: int
    """Units canceled in total."""
    promised: int
    """Units that the edit allocates from stock."""
    waiting: int
    """Units of the edit that stock cannot cover: they wait as a backorder."""
    ships_on: date | None
    """The day by which all waiting units should ship; null where no day is known."""
    arrives_on: date | None
    """The day by which all waiting units should arrive; null where no day is known."""

    @classmethod
    def of(cls, line: EditedLine) -> "OrderEditLine":
        """Describe a line."""
        return cls(
            line_id=None if line.before is None else line.id,
            sku=line.sku_code,
            name=line.name,
            ordered=line.after.ordered,
            canceled=line.after.canceled,
            promised=line.promised,
            waiting=line.waiting,
            ships_on=line.ships_on,
            arrives_on=line.arrives_on,
        )


@output
class OrderEditPreview:
    """The order as an edit would leave it. `orderEdit` with the same changes has this result."""

    goods: Money
    """Sum of price x quantity over its lines."""
    discount: Money
    """All discounts: of the lines, and of the whole order."""
    shipping: Money
    """All shipping charges."""
    tax: Money
    """All taxes, shipping taxes included."""
    total: Money
    """The total of the order after the edit. Canceled units still count in it."""
    due: Money
    """The amount to be paid: the amount for units that are neither canceled nor returned, minus concessions, plus the fees that
    are not waived. A refund for GOODWILL, DAMAGED or LOST is a concession."""
    outstanding: Money
    """The amount still to be paid."""
    overpaid: Money
    """The amount paid beyond the amount due. To grant a refund of this amount, call `orderEdit` with a `refund` that has no
    `amount`."""
    lines: list[OrderEditLine]
    """The lines that the edit changes; new lines last."""

    @classmethod
    def of(cls, edited: Edited) -> "OrderEditPreview":
        """Describe what an edit comes to."""
        order, balance = edited.order, edited.balance
        assert balance is not None  # noqa: S101 - a preview is never a replay

        def money(minor: int) -> Money:
            return Money.of(minor, order.currency)

        return cls(
            goods=money(order.goods_minor),
            discount=money(order.discount_minor),
            shipping=money(order.shipping_minor),
            tax=money(order.tax_minor),
            total=money(order.total_minor),
            due=money(order.due_minor),
            outstanding=money(balance.outstanding(order.due_minor)),
            overpaid=money(suggested(balance, order.due_minor, None)),
            lines=[OrderEditLine.of(line) for line in edited.lines],
        )


@output
class OrderEditQueries:
    """What an edit would come to."""

    @query(
        Scope.ORDERS_READ,
        description=(
            "A preview of the order after `orderEdit` with these changes: totals, promised and waiting units, "
            "promised days, and the amount due or overpaid. Nothing is written."
        ),
    )
    async def order_edit_preview(
        self,
        info: Info,
        order_id: Annotated[OrderId, argument("The order.")],
        changes: Annotated[list[OrderChangeInput], argument("1 to 250 changes, made in the given sequence.")],
    ) -> OrderEditPreview:
        try:
            made = commands_of(list(changes))
        except OmsError as error:
            raise error.at("changes") from None
        edited = await info.context.execute(preview_edit, EditOrder(order_id=order_id, changes=made))
        return OrderEditPreview.of(edited)


@output
class OrderEditMutations:
    """Changing what was agreed of an order."""

    @mutation(
        Scope.ORDERS_WRITE,
        description=(
            "Change lines, quantities, prices, discounts, shipping and the destination of an order: all changes or "
            "none. Stock changes only by the difference in units. Shipped units stay, and units being picked are not "
            "canceled. Ask `orderEditPreview` for the result first. `changes` keeps the change with its author and "
            "its reason."
        ),
    )
    async def order_edit(
        self, info: Info, input: Annotated[OrderEditInput, argument("The order and its changes.")]
    ) -> OrderEditPayload:
        done = await once(info, input, edit_order, again=edited_before)
        return edited(done)


def edited(done: Done[Edited]) -> OrderEditPayload:
    """Return the answer to an edit."""
    change, refund = done.value.change, done.value.refund
    return OrderEditPayload(
        order=Order.of(done.value.order),
        change=None if change is None else OrderChange.of(change),
        refund=None if refund is None else Refund.of(refund),
        replayed=done.replayed,
    )
