"""Charging fees, and waiving them."""

from datetime import datetime

from oms_api.domain.payments.states import FeeKind
from oms_api.graphql.declared.inputs import Input
from oms_api.graphql.declared.mutations import carries_out
from oms_api.graphql.described import input_type, output
from oms_api.graphql.fees.types import Fee
from oms_api.graphql.money import MoneyInput
from oms_api.graphql.payloads import Payload
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import FeeId, OrderId, ReturnId
from oms_api.workflows.keep_fee import ChargeFee, WaiveFee, charge_fee, waive_fee


@input_type
class FeeChargeInput(Input[ChargeFee]):
    """A fee to charge to an order."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the fee that the first call charged."""
    order_id: OrderId
    """The order."""
    kind: FeeKind
    """The purpose of the fee."""
    amount: MoneyInput
    """The amount, tax included: more than zero."""
    tax: MoneyInput | None = None
    """The tax included; none by default."""
    return_id: ReturnId | None = None
    """The order's return that the fee is for: the fee lowers the refund suggested for the return."""
    note: str | None = None
    """A remark on it."""
    occurred_at: datetime | None = None
    """When the fee was charged; by default now. Never in the future, never before the order was placed. Needs the scope
    `orders:import`."""


@input_type
class FeeWaiveInput(Input[WaiveFee]):
    """The fee to waive."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the fee."""
    fee_id: FeeId
    """The fee."""
    note: str | None = None
    """A remark on the reason."""
    occurred_at: datetime | None = None
    """When the fee was waived; by default now. Never in the future, never before it was charged. Needs the scope
    `orders:import`."""


@output
class FeeChargePayload(Payload):
    """The fee, or why there is none."""

    fee: Fee | None = None
    """The fee. Where `replayed` is true, this is its present state."""


@output
class FeeWaivePayload(Payload):
    """The fee after the waiver, or why it was not waived."""

    fee: Fee | None = None
    """The fee. Where `replayed` is true, this is its present state."""


@output
class FeeMutations:
    """Charging fees, and waiving them."""

    fee_charge = carries_out(charge_fee, FeeChargeInput, FeeChargePayload, Scope.PAYMENTS_WRITE, describes="The fee.")
    """Charge a fee to an order, such as for restocking or return postage: the amount due rises by it."""
    fee_waive = carries_out(waive_fee, FeeWaiveInput, FeeWaivePayload, Scope.PAYMENTS_WRITE, describes="The fee.")
    """Waive a fee: it is no longer due. An amount already paid for it counts as overpaid."""
