"""Batch loaders around plans."""

from uuid import UUID

from oms_api.db.session import Reader
from oms_api.domain.planning.queries import alerts_by_id, suggestions_by_id
from oms_api.domain.planning.tables import InventoryAlertRow, StockPlanLine
from oms_api.graphql.context import BatchLoader
from oms_api.kernel.ids import StockPlanLineId


class SuggestionById(BatchLoader[StockPlanLineId, StockPlanLine | None]):
    """Levels of plans that the caller may see."""

    async def load_batch(self, read: Reader, keys: list[StockPlanLineId]) -> list[StockPlanLine | None]:
        found = await suggestions_by_id(read, keys)
        return [found.get(key) for key in keys]


class AlertById(BatchLoader[UUID, InventoryAlertRow | None]):
    """Alerts that the caller may see."""

    async def load_batch(self, read: Reader, keys: list[UUID]) -> list[InventoryAlertRow | None]:
        found = await alerts_by_id(read, keys)
        return [found.get(key) for key in keys]
