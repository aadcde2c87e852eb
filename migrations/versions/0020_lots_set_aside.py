"""Units of lots that are set aside, and moves that name lots."""

from alembic import op

revision = "0020"
down_revision = "0019"

LOTS = """
ALTER TABLE lot_level
    ADD COLUMN set_aside integer DEFAULT 0 NOT NULL,
    ADD COLUMN on_shelf boolean GENERATED ALWAYS AS (on_hand > set_aside) STORED NOT NULL,
    ADD CONSTRAINT ck_lot_level_set_aside_on_hand CHECK (set_aside BETWEEN 0 AND on_hand);

CREATE INDEX ix_lot_level_expires_on_id ON lot_level (expires_on, id) WHERE on_shelf;
"""

MOVES = "ALTER TABLE inventory_move_line ADD COLUMN lot text"

REASON = """
INSERT INTO inventory_reason (id, code, title, direction, updated_at)
VALUES (gen_random_uuid(), 'EXPIRED', 'The last good day of the units is over', 'FEWER', now())
ON CONFLICT (code) DO NOTHING
"""


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute(LOTS)
    op.execute(MOVES)
    op.execute(REASON)
