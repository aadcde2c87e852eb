"""Returns as fixed statements give them."""

from oms_api.db.records import Shape
from oms_api.domain.returns.tables import ReturnRow

RETURNS = Shape(ReturnRow)
