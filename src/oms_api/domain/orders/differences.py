"""What differs of the header of an order, as events tell it. Pure."""

from oms_api.domain.orders.tables import OrderRow


def header_changes(was: OrderRow, order: OrderRow) -> dict[str, tuple[object, object]]:
    """Return the statuses that moved, and the reference that was given up, as events tell them."""
    pairs = (
        ("status", was.status, order.status),
        ("fulfillmentStatus", was.fulfillment_status, order.fulfillment_status),
        ("paymentStatus", was.payment_status, order.payment_status),
        ("returnStatus", was.return_status, order.return_status),
        ("externalRef", was.external_ref, order.external_ref),
        ("freedExternalRef", was.freed_external_ref, order.freed_external_ref),
        ("onHold", was.on_hold, order.on_hold),
        ("awaitsPayment", was.awaits_payment, order.awaits_payment),
    )
    return {name: (old, new) for name, old, new in pairs if old is not new}
