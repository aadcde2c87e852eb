"""Invariants of orders, their lines and their money."""

DUE = """
        WITH cost AS (
            SELECT line.order_id, line.id AS line_id, part.goods + part.tax - part.shipping_tax AS own,
                   part.shipping + part.shipping_tax AS shipping
            FROM orders JOIN order_line line ON line.order_id = orders.id AND line.kind <> 'BUNDLE', LATERAL (
                SELECT sum(left_over) FILTER (WHERE of = 'goods') AS goods, sum(left_over) FILTER (WHERE of = 'tax') AS tax,
                       sum(left_over) FILTER (WHERE of = 'shipping') AS shipping,
                       sum(left_over) FILTER (WHERE of = 'shipping tax') AS shipping_tax
                FROM (
                    SELECT of, amount - round(amount * (line.canceled + line.returned) / line.ordered) AS left_over
                    FROM (VALUES ('goods', line.goods_minor::numeric),
                                 ('goods', -line.discount_minor - line.order_discount_minor), ('shipping', line.shipping_minor),
                                 ('tax', CASE WHEN orders.prices_include_tax THEN 0
                                              ELSE line.tax_minor + line.shipping_tax_minor END),
                                 ('shipping tax', CASE WHEN orders.prices_include_tax THEN 0 ELSE line.shipping_tax_minor END))
                         AS money (of, amount)
                ) AS each
            ) AS part
        ), granted AS (
            SELECT order_id, kind, line_id, sum(amount_minor) AS amount FROM refund_part WHERE concedes
            GROUP BY order_id, kind, line_id
        ), left_over AS (
            SELECT cost.order_id, sum(cost.own + cost.shipping) AS total, sum(cost.shipping) AS shipping,
                   sum(least(coalesce(granted.amount, 0), greatest(cost.own, 0))) AS of_lines
            FROM cost LEFT JOIN granted ON granted.line_id = cost.line_id GROUP BY cost.order_id
        ), specific AS (
            SELECT left_over.order_id, orders.due_minor, left_over.total, left_over.of_lines, kept.fees,
                   least(coalesce(conceded.of_shipping, 0), greatest(left_over.shipping, 0)) AS of_shipping,
                   least(coalesce(conceded.of_fees, 0), kept.fees) AS of_fees, coalesce(conceded.of_whole, 0) AS of_whole
            FROM left_over JOIN orders ON orders.id = left_over.order_id,
                 LATERAL (SELECT coalesce(sum(amount_minor), 0) AS fees FROM order_fee
                          WHERE order_id = orders.id AND waived_at IS NULL) AS kept,
                 LATERAL (SELECT sum(amount) FILTER (WHERE kind = 'SHIPPING') AS of_shipping,
                                 sum(amount) FILTER (WHERE kind = 'FEE') AS of_fees,
                                 sum(amount) FILTER (WHERE kind = 'CONCESSION') AS of_whole
                          FROM granted WHERE granted.order_id = orders.id) AS conceded
        ), standing AS (
            SELECT order_id, due_minor, total, fees,
                   of_lines + of_shipping + of_fees + least(of_whole, greatest(total - of_lines - of_shipping, 0)) AS taken
            FROM specific
        )
"""
"""The amount due of each order: `domain.orders.dues`, once more in SQL."""
INVARIANTS = {
    "lines of goods are where their allocations are": """
        SELECT format('line %s: allocated %s, in fulfillment %s, shipped %s; by its allocations %s, %s, %s', line.id,
                      line.allocated, line.in_fulfillment, line.shipped, coalesce(promised.allocated, 0),
                      coalesce(promised.in_fulfillment, 0), coalesce(promised.consumed, 0))
        FROM order_line line LEFT JOIN (
            SELECT line_id, sum(allocated) AS allocated, sum(in_fulfillment) AS in_fulfillment, sum(consumed) AS consumed
            FROM allocation GROUP BY line_id
        ) AS promised ON promised.line_id = line.id
        WHERE line.kind <> 'BUNDLE' AND (line.kind = 'GOODS' OR promised.line_id IS NOT NULL)
          AND (line.allocated, line.in_fulfillment, line.shipped) IS DISTINCT FROM
              (coalesce(promised.allocated, 0), coalesce(promised.in_fulfillment, 0), coalesce(promised.consumed, 0))
    """,
    "what is canceled has a cancellation": """
        SELECT format('line %s: %s canceled, %s in cancellations', line.id, line.canceled, coalesce(acts.units, 0))
        FROM order_line line LEFT JOIN (
            SELECT line_id, sum(quantity) AS units FROM order_cancellation_line GROUP BY line_id
        ) AS acts ON acts.line_id = line.id
        WHERE line.canceled <> coalesce(acts.units, 0)
    """,
    "what was canceled lies where its cancellation says": """
        SELECT format('cancellation line %s: %s units are to be %s, %s released, %s taken there', line.id, line.quantity,
                      act.stock, coalesce(moved.released, 0), coalesce(moved.taken, 0))
        FROM order_cancellation_line line JOIN order_cancellation act ON act.id = line.cancellation_id
        JOIN (
            SELECT cause_id, sum(quantity) FILTER (WHERE kind = 'RELEASE') AS released,
                   sum(quantity) FILTER (WHERE kind <> 'RELEASE') AS taken,
                   max(target) FILTER (WHERE kind <> 'RELEASE') AS target, min(target) FILTER (WHERE kind <> 'RELEASE') AS other
            FROM stock_movement WHERE cause_kind = 'cancelline' AND kind <> 'SUPERSEDED' GROUP BY cause_id
        ) AS moved ON moved.cause_id = line.id
        WHERE coalesce(moved.taken, 0) <> CASE act.stock WHEN 'RELEASE' THEN 0 ELSE moved.released END
           OR moved.target <> moved.other
           OR moved.target <> CASE act.stock WHEN 'INSPECT' THEN 'quality_control' WHEN 'DAMAGED' THEN 'damaged'
                                             ELSE 'adjustment' END
    """,
    "bundles show the whole sets of their components": """
        SELECT format('line %s: %s shipped, %s delivered, %s lost, %s returned to sender, %s canceled; its components make %s, '
                      '%s, %s, %s, %s', bundle.id, bundle.shipped, bundle.delivered, bundle.lost, bundle.returned_to_sender,
                      bundle.canceled, min(part.shipped / part.per_set), min(part.delivered / part.per_set),
                      min(part.lost / part.per_set), min(part.returned_to_sender / part.per_set),
                      min(part.canceled / part.per_set))
        FROM order_line bundle JOIN (
            SELECT line.*, line.ordered / bundle.ordered AS per_set
            FROM order_line line JOIN order_line bundle ON bundle.id = line.parent_line_id
        ) AS part ON part.parent_line_id = bundle.id
        WHERE bundle.kind = 'BUNDLE' GROUP BY bundle.id
        HAVING (bundle.shipped, bundle.delivered, bundle.lost, bundle.returned_to_sender, bundle.canceled) IS DISTINCT FROM (
                min(part.shipped / part.per_set), min(part.delivered / part.per_set), min(part.lost / part.per_set),
                min(part.returned_to_sender / part.per_set), min(part.canceled / part.per_set))
            OR bool_or(part.ordered <> part.per_set * bundle.ordered)
    """,
    "stored fulfillment statuses are the derived ones": """
        WITH goods AS (
            SELECT orders.id, orders.fulfillment_status AS stored,
                   coalesce(sum(line.ordered - line.canceled) FILTER (WHERE NOT line.sends_again), 0) AS wanted,
                   coalesce(sum(line.delivered), 0) AS delivered, coalesce(sum(line.backordered), 0) AS backordered,
                   coalesce(sum(line.shipped), 0)
                       - coalesce(sum(line.ordered - line.canceled) FILTER (WHERE line.sends_again), 0) AS shipped,
                   coalesce(sum(line.lost + line.returned_to_sender), 0)
                       - coalesce(sum(line.ordered - line.canceled) FILTER (WHERE line.sends_again), 0) AS undelivered,
                   coalesce(sum(line.allocated + line.in_fulfillment), 0) AS promised
            FROM orders LEFT JOIN order_line line ON line.order_id = orders.id AND line.kind = 'GOODS' GROUP BY orders.id
        ), derived AS (
            SELECT id, stored, CASE
                WHEN wanted = 0 THEN 'NOT_REQUIRED'
                WHEN delivered >= wanted THEN 'DELIVERED'
                WHEN delivered > 0 THEN 'PARTIALLY_DELIVERED'
                WHEN undelivered >= wanted THEN 'UNDELIVERED'
                WHEN shipped >= wanted THEN 'SHIPPED'
                WHEN shipped > 0 THEN 'PARTIALLY_SHIPPED'
                WHEN EXISTS (SELECT FROM fulfillment_order work WHERE work.order_id = goods.id AND work.status = 'IN_PROGRESS')
                    THEN 'IN_PROGRESS'
                WHEN promised >= wanted THEN 'ALLOCATED'
                WHEN promised > 0 THEN 'PARTIALLY_ALLOCATED'
                WHEN backordered > 0 THEN 'BACKORDERED'
                ELSE 'UNALLOCATED' END AS now
            FROM goods
        )
        SELECT format('order %s: stored %s, derived %s', id, stored, now) FROM derived WHERE stored <> now
    """,
    "stored order statuses are what the lines say": """
        WITH said AS (
            SELECT order_id, bool_and(canceled = ordered) AS canceled, bool_or(kind = 'GOODS') AS goods,
                   bool_and(unsourced + backordered + allocated + in_fulfillment = 0) AS nothing_waits,
                   bool_and(unsourced + backordered + allocated + in_fulfillment = 0
                            AND (kind = 'BUNDLE' OR shipped = delivered + lost + returned_to_sender)) AS complete
            FROM order_line GROUP BY order_id
        )
        SELECT format('order %s is %s; all canceled: %s, all arrived: %s', id, status, said.canceled, complete)
        FROM orders JOIN said ON said.order_id = orders.id
        WHERE status <> 'DRAFT'
          AND ((status = 'CANCELED') <> said.canceled
            OR (status = 'COMPLETED' AND NOT nothing_waits)
            OR (status = 'OPEN' AND complete AND goods
                AND NOT EXISTS (SELECT FROM refund WHERE order_id = orders.id
                                AND refund.status IN ('GRANTED', 'REQUESTED', 'FAILED'))
                AND NOT EXISTS (SELECT FROM returns WHERE order_id = orders.id
                                AND returns.status IN ('REQUESTED', 'APPROVED', 'IN_TRANSIT', 'PARTIALLY_RECEIVED')))
            OR (status = 'COMPLETED') <> (completed_at IS NOT NULL)
            OR (status = 'CANCELED') <> (canceled_at IS NOT NULL))
    """,
    "what waits for payment is not paid for": """
        SELECT format('line %s: %s units wait for a payment, %s of %s came', line.id, line.unsourced,
                      balance.captured_minor - balance.refunded_minor - balance.charged_back_minor, orders.due_minor)
        FROM order_line line JOIN orders ON orders.id = line.order_id
        LEFT JOIN payment_balance balance ON balance.order_id = orders.id
        WHERE line.unsourced > 0 AND line.kind NOT IN ('GOODS', 'BUNDLE') AND NOT orders.awaits_payment
          AND coalesce(balance.captured_minor - balance.refunded_minor - balance.charged_back_minor, 0) >= orders.due_minor
          AND NOT orders.on_hold AND NOT EXISTS (
              SELECT FROM order_hold WHERE order_id = orders.id AND released_at > clock_timestamp() - interval '1 minute')
    """,
    "of what waits for its payment nothing is released": """
        SELECT format('line %s of order %s, which is %s and waits for its payment: %s in fulfillment, %s shipped', line.id,
                      orders.id, orders.status, line.in_fulfillment, line.shipped)
        FROM orders JOIN order_line line ON line.order_id = orders.id
        WHERE orders.awaits_payment AND (orders.status <> 'OPEN' OR line.in_fulfillment + line.shipped > 0)
    """,
    "what waits outside of fulfillment waits for its payment": """
        SELECT format('line %s of order %s: %s allocated', line.id, orders.id, line.allocated)
        FROM orders JOIN order_line line ON line.order_id = orders.id
        WHERE line.allocated > 0 AND line.kind = 'GOODS' AND NOT orders.awaits_payment
    """,
    "what is on hold has an active hold, and only that": """
        SELECT format('order %s: on hold %s, active holds %s', orders.id, orders.on_hold, held.count)
        FROM orders, LATERAL (SELECT count(*) FROM order_hold WHERE order_id = orders.id AND fulfillment_order_id IS NULL
                              AND status = 'ACTIVE') AS held
        WHERE orders.on_hold <> (held.count > 0)
        UNION ALL
        SELECT format('fulfillment order %s: on hold %s, active holds %s', work.id, work.on_hold, held.count)
        FROM fulfillment_order work, LATERAL (SELECT count(*) FROM order_hold WHERE fulfillment_order_id = work.id
                                              AND status = 'ACTIVE') AS held
        WHERE work.on_hold <> (held.count > 0)
    """,
    "totals are the sums of what they are made of": """
        WITH lines AS (
            SELECT order_id, sum(goods_minor) AS goods, sum(discount_minor + order_discount_minor) AS discount,
                   sum(shipping_minor) AS shipping, sum(tax_minor + shipping_tax_minor) AS tax, sum(rounding_minor) AS rounding
            FROM order_line WHERE parent_line_id IS NULL GROUP BY order_id
        )
        SELECT format('order %s: goods %s, discount %s, shipping %s, tax %s, total %s; its lines make %s, %s, %s, %s',
                      orders.id, orders.goods_minor, orders.discount_minor, orders.shipping_minor, orders.tax_minor,
                      orders.total_minor, lines.goods, lines.discount, lines.shipping, lines.tax)
        FROM orders LEFT JOIN lines ON lines.order_id = orders.id
        WHERE (orders.goods_minor, orders.discount_minor, orders.shipping_minor, orders.tax_minor, orders.rounding_minor)
              IS DISTINCT FROM (lines.goods, lines.discount, lines.shipping, lines.tax, lines.rounding)
           OR orders.total_minor <> orders.goods_minor - orders.discount_minor + orders.shipping_minor
                                    + CASE WHEN orders.prices_include_tax THEN 0 ELSE orders.tax_minor END
    """,
    "what is due is the share of the units that are left, less what was conceded, and the fees kept": f"""
        {DUE}
        SELECT format('order %s: due %s, by its lines, concessions and fees %s', order_id, due_minor, total + fees - taken)
        FROM standing WHERE due_minor <> total + fees - taken
    """,  # noqa: S608 - our own text
    "what concessions take off is what acts moved": f"""
        {DUE}, moved AS (SELECT order_id, sum(amount_minor) AS amount FROM order_concession GROUP BY order_id)
        SELECT format('order %s: concessions take off %s, its acts moved %s', order_id, taken, coalesce(moved.amount, 0))
        FROM standing LEFT JOIN moved USING (order_id) WHERE taken <> coalesce(moved.amount, 0)
    """,  # noqa: S608 - our own text
    "components share the money of their bundle": """
        SELECT format('line %s: goods %s, its components %s', bundle.id, bundle.goods_minor, sum(part.goods_minor))
        FROM order_line bundle JOIN order_line part ON part.parent_line_id = bundle.id GROUP BY bundle.id
        HAVING (bundle.goods_minor, bundle.discount_minor, bundle.order_discount_minor, bundle.tax_minor,
                bundle.shipping_minor, bundle.shipping_tax_minor) IS DISTINCT FROM
               (sum(part.goods_minor), sum(part.discount_minor), sum(part.order_discount_minor), sum(part.tax_minor),
                sum(part.shipping_minor), sum(part.shipping_tax_minor))
    """,
}
