"""Reservations as fixed statements give them."""

from oms_api.db.records import Shape
from oms_api.domain.inventory.reservations.tables import ReservationRow

RESERVATIONS = Shape(ReservationRow)
