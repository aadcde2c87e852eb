"""Documents that became orders in words, for timelines."""

from oms_api.domain.events.timeline import narrate
from oms_api.domain.intake.events import OrderIntakeRead
from oms_api.domain.intake.queries import intakes_by_id

narrate(OrderIntakeRead, lambda it: f"It came of a document of {it.record.source}.", behind=intakes_by_id)
