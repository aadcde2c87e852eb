"""What was on its way to locations at a past moment, from what purchase orders and transfers keep of their own past.

A purchase order brings goods from its ordering to its end, as many as were ordered or, once it was confirmed, were confirmed,
less what receipts took in or rejected before; not less the rejected units in whose place others come. A transfer does from when
it was ready to ship, less what acts before say became of its units. What a supplier confirmed again replaced what it had
confirmed at first, and expected dates replace each other. What suppliers send to customers themselves comes to no location.
"""

PURCHASED_BEFORE = """
SELECT line.sku_id, parent.location_id,
       greatest(CASE WHEN parent.confirmed_at < {moment} THEN coalesce(line.confirmed, line.quantity) ELSE line.quantity END
                - coalesce(came.units, 0), 0) AS quantity
FROM purchase_order_line line JOIN purchase_order parent ON parent.id = line.purchase_order_id
CROSS JOIN LATERAL (
    SELECT sum(part.accepted::bigint + CASE WHEN part.replaced THEN 0 ELSE part.rejected END) AS units
    FROM purchase_receipt_line part JOIN purchase_receipt receipt ON receipt.id = part.receipt_id
    WHERE part.purchase_order_line_id = line.id AND receipt.occurred_at < {moment}
) AS came
WHERE parent.fulfillment_order_id IS NULL
  AND parent.ordered_at < {moment} AND (parent.closed_at IS NULL OR parent.closed_at >= {moment})
"""
TRANSFERRED_BEFORE = """
SELECT line.sku_id, parent.destination_id, line.quantity - coalesce(over.units, 0)
FROM transfer_line line JOIN transfer parent ON parent.id = line.transfer_id
CROSS JOIN LATERAL (
    SELECT sum(part.quantity) AS units FROM transfer_act_line part JOIN transfer_act act ON act.id = part.act_id
    WHERE part.transfer_line_id = line.id AND part.outcome <> 'SENT' AND act.occurred_at < {moment}
) AS over
WHERE coalesce(parent.ready_at, parent.shipped_at) < {moment}
"""


def supply_before(moment: str) -> str:
    """Return a query of units on their way at *moment*, an SQL expression, by line: sku_id, location_id, quantity."""
    return f"{PURCHASED_BEFORE} UNION ALL {TRANSFERRED_BEFORE}".format(moment=moment)
