"""Every pair of states of every transition table is allowed or refused as the table says."""

from enum import StrEnum
from pathlib import Path

import pytest

from oms_api.db.outbox import JobStatus
from oms_api.domain.events.verbs import LIFE as JOB
from oms_api.domain.fulfillment.states import FulfillmentOrderStatus
from oms_api.domain.fulfillment.verbs import LIFE as FULFILLMENT_ORDER
from oms_api.domain.inventory.counts.states import StockCountStatus
from oms_api.domain.inventory.counts.verbs import LIFE as STOCK_COUNT
from oms_api.domain.inventory.reservations.states import ReservationStatus
from oms_api.domain.inventory.reservations.verbs import LIFE as RESERVATION
from oms_api.domain.inventory.transfers.states import TransferStatus
from oms_api.domain.inventory.transfers.verbs import LIFE as TRANSFER
from oms_api.domain.lives import drawn
from oms_api.domain.orders.states import OrderStatus
from oms_api.domain.orders.verbs import LIFE as ORDER
from oms_api.domain.payments.states import RefundStatus
from oms_api.domain.payments.verbs import LIFE as REFUND
from oms_api.domain.purchasing.states import PurchaseOrderStatus
from oms_api.domain.purchasing.verbs import LIFE as PURCHASE_ORDER
from oms_api.domain.returns.states import ReturnOrderStatus
from oms_api.domain.returns.verbs import LIFE as RETURN
from oms_api.domain.shipping.states import PackageStatus
from oms_api.domain.shipping.verbs import LIFE as PACKAGE
from oms_api.kernel.errors import IllegalMove
from oms_api.kernel.states import Transitions

TABLES: list[tuple[Transitions[StrEnum], type[StrEnum]]] = [
    (ORDER.table, OrderStatus),  # type: ignore[list-item]
    (JOB.table, JobStatus),  # type: ignore[list-item]
    (FULFILLMENT_ORDER.table, FulfillmentOrderStatus),  # type: ignore[list-item]
    (RESERVATION.table, ReservationStatus),  # type: ignore[list-item]
    (TRANSFER.table, TransferStatus),  # type: ignore[list-item]
    (STOCK_COUNT.table, StockCountStatus),  # type: ignore[list-item]
    (PACKAGE.table, PackageStatus),  # type: ignore[list-item]
    (RETURN.table, ReturnOrderStatus),  # type: ignore[list-item]
    (REFUND.table, RefundStatus),  # type: ignore[list-item]
    (PURCHASE_ORDER.table, PurchaseOrderStatus),  # type: ignore[list-item]
]


@pytest.mark.parametrize(("table", "states"), TABLES, ids=lambda value: getattr(value, "what", ""))
def test_every_pair_of_states_is_decided(table: Transitions[StrEnum], states: type[StrEnum]) -> None:
    assert set(table.moves) == set(states)
    for current in states:
        for target in states:
            allowed = target in table.moves[current]
            assert table.allows(current, target) is allowed
            assert (current in table.sources(target)) is allowed
            if allowed:
                table.check(current, target)
            else:
                with pytest.raises(IllegalMove) as refused:
                    table.check(current, target)
                assert (refused.value.current, refused.value.target) == (current.value, target.value)


@pytest.mark.parametrize(("table", "states"), TABLES, ids=lambda value: getattr(value, "what", ""))
def test_no_state_moves_to_itself(table: Transitions[StrEnum], states: type[StrEnum]) -> None:
    assert not any(table.allows(state, state) for state in states)


def test_what_shipped_is_never_unshipped() -> None:
    assert PackageStatus.SHIPPED not in PACKAGE.table.moves[PackageStatus.DELIVERED]
    assert ORDER.table.sources(OrderStatus.CANCELED) == [OrderStatus.OPEN, OrderStatus.COMPLETED]


def test_the_diagrams_are_those_of_the_code(repository: Path) -> None:
    assert (repository / "docs" / "states.md").read_text() == drawn()


def test_an_arrow_names_the_verbs_that_lead_along_it() -> None:
    diagram = TRANSFER.mermaid()
    assert "PARTIALLY_RECEIVED --> RECEIVED: RECEIVE_TRANSFER, CANCEL_TRANSFER" in diagram
    assert diagram.count("-->") == sum(map(len, TRANSFER.table.moves.values()))
