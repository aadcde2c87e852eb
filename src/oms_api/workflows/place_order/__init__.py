"""Placing orders: two round trips, whatever the number of orders and lines.

`snapshot` claims the keys and reads all that deciding needs; `decide` decides, purely; `write` takes the stock behind a guard,
inserts every row and commits. Whoever loses a race is decided once more over locked rows before being refused.
`preview` decides in the same way and writes nothing.
"""

from oms_api.workflows.place_order.flow import Placed, PlaceOrders, place_order, place_orders, place_under_claim
from oms_api.workflows.place_order.preview import CartPreview, LinePreview, preview_cart

__all__ = [
    "CartPreview",
    "LinePreview",
    "PlaceOrders",
    "Placed",
    "place_order",
    "place_orders",
    "place_under_claim",
    "preview_cart",
]
