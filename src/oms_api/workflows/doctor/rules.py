"""Invariants of rules: the versions in force, and the rulings of orders."""

INVARIANTS = {
    "the rulebook of a channel holds the rules in force there": """
        SELECT format('channel %s: in force %s and in shadow %s; by its rulebook %s and %s', wanted.code, wanted.active,
                      wanted.shadow, coalesce(book.version_ids, '{}'), coalesce(book.shadow_ids, '{}'))
        FROM (
            SELECT channel.code, channel.rulebook_id,
                coalesce(array_agg(version.id ORDER BY version.id) FILTER (WHERE version.mode = 'ACTIVE'), '{}') AS active,
                coalesce(array_agg(version.id ORDER BY version.id) FILTER (WHERE version.mode = 'SHADOW'), '{}') AS shadow
            FROM channel LEFT JOIN order_rule_version version ON version.mode IN ('SHADOW', 'ACTIVE')
                AND (version.channel_ids IS NULL OR channel.id = ANY (version.channel_ids))
            GROUP BY channel.id
        ) AS wanted LEFT JOIN rulebook book ON book.id = wanted.rulebook_id
        WHERE wanted.active <> coalesce(book.version_ids, '{}') OR wanted.shadow <> coalesce(book.shadow_ids, '{}')
    """,
    "what rules add is read with the orders of their channel": """
        SELECT format('channel %s: SKU %s', coalesce(wanted.channel_id, kept.channel_id), coalesce(wanted.sku_id, kept.sku_id))
        FROM (
            SELECT DISTINCT channel.id AS channel_id, sku.id AS sku_id FROM channel
            JOIN rulebook book ON book.id = channel.rulebook_id
            JOIN order_rule_version version ON version.id = ANY (book.version_ids)
            CROSS JOIN LATERAL jsonb_array_elements(version.actions) AS action
            JOIN sku ON sku.code = action ->> 'sku' WHERE action ->> 'kind' = 'ADD_LINE'
        ) AS wanted FULL JOIN rule_insert kept ON kept.channel_id = wanted.channel_id AND kept.sku_id = wanted.sku_id
        WHERE wanted.sku_id IS NULL OR kept.sku_id IS NULL
    """,
    "a rule is as far as the furthest of its versions": """
        SELECT format('rule %s: %s, by its versions %s', rule.code, rule.mode, found.mode)
        FROM order_rule rule LEFT JOIN LATERAL (
            SELECT mode FROM order_rule_version WHERE rule_id = rule.id
            ORDER BY array_position(ARRAY['ACTIVE', 'SHADOW', 'DRAFT', 'RETIRED'], mode::text) LIMIT 1
        ) AS found ON true WHERE rule.mode IS DISTINCT FROM found.mode
    """,
    "what a rule said of an order is in a ruling of it": """
        SELECT format('match %s of order %s', match.id, match.order_id)
        FROM order_rule_match match LEFT JOIN order_ruling ruling ON ruling.id = match.ruling_id
        WHERE (match.order_id, match.channel_id) IS DISTINCT FROM (ruling.order_id, ruling.channel_id)
           OR NOT EXISTS (SELECT FROM orders WHERE orders.id = match.order_id)
           OR NOT EXISTS (SELECT FROM order_rule_version version WHERE version.id = match.version_id
                          AND version.rule_id = match.rule_id AND version.number = match.number)
    """,
}
