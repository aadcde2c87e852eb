"""Units of lots that are set aside, moves that name lots, and receipts of transfers that tell of a lot in several rows."""

from alembic import op

revision = "0022"
down_revision = "0021"

LOTS = """
ALTER TABLE lot_level
    ADD COLUMN set_aside integer DEFAULT 0 NOT NULL,
    ADD COLUMN on_shelf boolean GENERATED ALWAYS AS (on_hand > set_aside) STORED NOT NULL,
    ADD CONSTRAINT ck_lot_level_set_aside_on_hand CHECK (set_aside BETWEEN 0 AND on_hand);

CREATE INDEX ix_lot_level_expires_on_id ON lot_level (expires_on, id) WHERE on_shelf;
"""

MOVES = "ALTER TABLE inventory_move_line ADD COLUMN lot text"

TRANSFERS = """
ALTER TABLE transfer_act_line DROP CONSTRAINT uq_transfer_act_line_act_id_transfer_line_id_outcome_lot;
CREATE INDEX ix_transfer_act_line_act_id_transfer_line_id ON transfer_act_line (act_id, transfer_line_id);
"""

REASON = """
INSERT INTO inventory_reason (id, code, title, direction, updated_at)
VALUES (gen_random_uuid(), 'EXPIRED', 'The last good day of the units is over', 'FEWER', now())
ON CONFLICT (code) DO NOTHING
"""


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute(LOTS)
    op.execute(MOVES)
    op.execute(TRANSFERS)
    op.execute(REASON)
