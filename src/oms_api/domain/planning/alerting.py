"""What is wrong with a level: one condition for each kind of alert, of numbers as it is of columns in SQL."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from oms_api.domain.planning.states import AlertKind

DAYS = 7


class WatchedLevel(Protocol):
    """What conditions look at: numbers, or columns. Units; *weekly* is the demand, *position* counts what comes and what waits.

    *idle_since* is when the level was asked for last; before *dead_before*, its stock is dead.
    """

    @property
    def on_hand(self) -> Any: ...  # noqa: ANN401, D102 - a number or a column
    @property
    def available(self) -> Any: ...  # noqa: ANN401, D102
    @property
    def position(self) -> Any: ...  # noqa: ANN401, D102
    @property
    def reorder_point(self) -> Any: ...  # noqa: ANN401, D102
    @property
    def weekly(self) -> Any: ...  # noqa: ANN401, D102
    @property
    def most_days(self) -> Any: ...  # noqa: ANN401, D102
    @property
    def idle_since(self) -> Any: ...  # noqa: ANN401, D102
    @property
    def dead_before(self) -> Any: ...  # noqa: ANN401, D102


CONDITIONS: Mapping[AlertKind, Callable[[WatchedLevel], Any]] = {
    AlertKind.STOCKOUT: lambda it: (it.reorder_point >= 0) & (it.available == 0),
    AlertKind.LOW_STOCK: lambda it: (it.reorder_point >= 0) & (it.available > 0) & (it.position <= it.reorder_point),
    AlertKind.OVERSTOCK: lambda it: (it.weekly > 0) & (it.available * DAYS > it.most_days * it.weekly),
    AlertKind.DEAD_STOCK: lambda it: (it.on_hand > 0) & (it.idle_since < it.dead_before),
}
