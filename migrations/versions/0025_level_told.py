"""What was told of each level last: what is there now needs no telling, nor what the feed has told up to here."""

from alembic import op

revision = "0025"
down_revision = "0024"

TABLE = """
CREATE TABLE level_told (
    level_id uuid NOT NULL,
    on_hand bigint NOT NULL,
    available integer NOT NULL,
    committed integer NOT NULL,
    reserved integer NOT NULL,
    quality_control integer NOT NULL,
    damaged integer NOT NULL,
    safety_stock integer NOT NULL,
    told_at timestamptz NOT NULL,
    CONSTRAINT pk_level_told PRIMARY KEY (level_id)
) WITH (fillfactor = 70);
"""
# One statement sees one moment: what moved before it is in the numbers, and what moves after it has its event after the head.
BEGIN = """
WITH told AS (
    INSERT INTO level_told
    SELECT id, on_hand, available, committed, reserved, quality_control, damaged, safety_stock, now() FROM inventory_level
)
INSERT INTO follower (name, position) SELECT 'level_changes', position FROM feed_head;
"""
KEY = """
ALTER TABLE level_told ADD CONSTRAINT fk_level_told_level_id FOREIGN KEY (level_id) REFERENCES inventory_level (id)
"""


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute(TABLE)
    op.execute(BEGIN)
    op.execute(KEY)
