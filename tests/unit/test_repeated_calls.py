"""A call that a server of the version before carried out is known by the arguments that it had there."""

from uuid import UUID

import pytest

from oms_api.db.idempotency import digest
from oms_api.domain.inventory.counts.commands.post import PostCount
from oms_api.kernel.ids import CountId, RefundId, ShipmentId
from oms_api.workflows.cancel_shipment import CancelShipment
from oms_api.workflows.deliver_shipment import MarkDelivered
from oms_api.workflows.refund.move import CancelRefund, RequestRefund
from oms_api.workflows.update_shipment import AddPackage, UpdateShipment

KEY, ID = "key", UUID(int=7)
SHIPMENT, REFUND = ShipmentId(ID), RefundId(ID)
KEPT = [
    (UpdateShipment(idempotency_key=KEY, shipment_id=SHIPMENT, changes={"method": None}), "1281f8dc1264a53f481bd22c70e6499d"),
    (AddPackage(idempotency_key=KEY, shipment_id=SHIPMENT), "c348469a864923e0795282a92de4e83c"),
    (CancelShipment(idempotency_key=KEY, shipment_id=SHIPMENT), "aa63bfbbe7899ebcdea4bbae7e7860bb"),
    (MarkDelivered(idempotency_key=KEY, shipment_id=SHIPMENT), "fd1f7dd9c988738ee2d475f933fbd989"),
    (RequestRefund(idempotency_key=KEY, refund_id=REFUND, gateway="g"), "fb85988689ebc82af33531e1abece660"),
    (CancelRefund(idempotency_key=KEY, refund_id=REFUND), "6a5b6c1296f43ea70bd101778ae437e7"),
    (PostCount(idempotency_key=KEY, count_id=CountId(ID)), "4335eddaf7cef78408fffe48c37d79a3"),
]
"""Calls and the digests that servers kept of them before commands had `expected_version` and a shortfall was deallocated."""


@pytest.mark.parametrize(("command", "kept"), KEPT, ids=lambda each: type(each).__name__)
def test_a_call_of_the_version_before_is_repeated(command: object, kept: str) -> None:
    assert digest(command).hex() == kept


def test_what_is_given_in_a_field_that_was_gained_is_an_argument() -> None:
    plain, versioned = (CancelShipment(idempotency_key=KEY, shipment_id=SHIPMENT, expected_version=each) for each in (None, 1))
    assert digest(plain) != digest(versioned)
