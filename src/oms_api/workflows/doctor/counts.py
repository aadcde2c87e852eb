"""Invariants of stock counts: what was posted is what the ledger says, and nothing else."""

INVARIANTS = {
    "posted count lines are what the ledger moved": """
        WITH moved AS (
            SELECT cause_id, sum(CASE kind WHEN 'FOUND' THEN quantity ELSE -quantity END) AS units,
                   min(occurred_at) AS first, max(occurred_at) AS last
            FROM stock_movement WHERE cause_kind = 'countline' AND kind <> 'MOVE' GROUP BY cause_id
        )
        SELECT format('count line %s: %s, variance %s, %s in the ledger', coalesce(line.id, moved.cause_id), line.outcome,
                      line.variance, coalesce(moved.units, 0))
        FROM stock_count_line line FULL JOIN moved ON moved.cause_id = line.id
        WHERE coalesce(moved.units, 0) <> CASE WHEN line.outcome IN ('FOUND', 'NOT_FOUND') THEN line.variance ELSE 0 END
           OR moved.first <> line.counted_at OR moved.last <> line.counted_at
    """,
    "count lines are marked when their count is posted": """
        SELECT format('count line %s of %s count %s: %s, counted %s, expected %s, variance %s', line.id, sheet.status, sheet.id,
                      line.outcome, line.counted, line.expected, line.variance)
        FROM stock_count_line line JOIN stock_count sheet ON sheet.id = line.count_id
        WHERE (sheet.status = 'POSTED') <> (line.outcome IS NOT NULL)
           OR (line.outcome IS NOT NULL AND (line.counted IS NULL) <> (line.outcome = 'NOT_COUNTED'))
           OR (line.outcome IS NULL AND (line.variance IS NOT NULL OR line.expected IS NOT NULL))
           OR line.variance <> line.counted - line.expected
    """,
    "stock counts are counted within their time": """
        SELECT format('count %s is %s, its lines were counted from %s to %s', sheet.id, sheet.status, min(line.counted_at),
                      max(line.counted_at))
        FROM stock_count sheet LEFT JOIN stock_count_line line ON line.count_id = sheet.id GROUP BY sheet.id
        HAVING count(line.id) = 0 OR (sheet.status = 'OPEN' AND count(line.counted_at) > 0)
            OR min(line.counted_at) < sheet.created_at OR (sheet.status = 'POSTED' AND max(line.counted_at) > sheet.closed_at)
    """,
}
