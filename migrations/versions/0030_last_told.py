"""Of which moment a level's number was last told, by whomever; and in which bucket an adjustment found or missed units."""

from alembic import op

revision = "0030"
down_revision = "0029"

TELLERS = """
ALTER TABLE inventory_feed
    ADD COLUMN teller varchar(40) DEFAULT 'FEED' NOT NULL,
    ADD CONSTRAINT ck_inventory_feed_teller_known CHECK (teller IN ('FEED', 'COUNT', 'HAND')),
    ADD CONSTRAINT ck_inventory_feed_feed_has_a_source CHECK ((teller = 'FEED') = (source <> ''));
"""

TOLD_BEFORE = """
INSERT INTO inventory_feed (level_id, source, teller, as_of)
SELECT DISTINCT ON (told.level_id) told.level_id, '', told.teller, told.as_of
FROM (
    SELECT line.level_id, 'HAND' AS teller, adjustment.occurred_at AS as_of
    FROM inventory_adjustment adjustment JOIN inventory_adjustment_line line ON line.adjustment_id = adjustment.id
    WHERE adjustment.kind = 'SET'
    UNION ALL
    SELECT level.id, 'COUNT', line.counted_at
    FROM stock_count JOIN stock_count_line line ON line.count_id = stock_count.id
    JOIN inventory_level level ON level.sku_id = line.sku_id AND level.location_id = stock_count.location_id
    WHERE stock_count.status = 'POSTED' AND line.outcome IN ('MATCHED', 'FOUND', 'NOT_FOUND')
) AS told
ORDER BY told.level_id, told.as_of DESC
"""

BUCKETS = """
ALTER TABLE inventory_adjustment_line
    ADD COLUMN bucket varchar(40) DEFAULT 'free' NOT NULL,
    ADD CONSTRAINT ck_inventory_adjustment_line_bucket_known
        CHECK (bucket IN ('free', 'committed', 'reserved', 'quality_control', 'damaged'));
"""


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute(TELLERS)
    op.execute(TOLD_BEFORE)
    op.execute(BUCKETS)
