"""Which backorders of an order get the units that came, and what is told of it."""

from oms_api.domain.fulfillment.backorders.settle import Wait, served
from oms_api.kernel.ids import BackorderId, LineId, SkuId, new_uuid

FIRST, SECOND, SKU = LineId(new_uuid()), LineId(new_uuid()), SkuId(new_uuid())


def wait(line: LineId, waiting: int, allocated: int = 0) -> Wait:
    return Wait(BackorderId(new_uuid()), line, SKU, waiting, allocated)


def test_the_oldest_backorder_of_each_line_is_served_first() -> None:
    old, new, other = wait(FIRST, 3, 1), wait(FIRST, 4), wait(SECOND, 2)
    assert list(served([old, new, other], {FIRST: 5, SECOND: 1})) == [(old, 3), (new, 2), (other, 1)]
    assert list(served([old, new, other], {FIRST: 3, SECOND: 0})) == [(old, 3)]


def test_what_no_longer_waits_is_allocated() -> None:
    assert wait(FIRST, 3, 1).changes(2) == {"waiting": (3, 1), "allocated": (1, 3)}
