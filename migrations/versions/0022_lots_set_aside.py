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

KNOWN = """
UPDATE lot_level held SET set_aside = least(known.units, held.on_hand, known.room - known.before)
FROM (
    SELECT held.id, named.units, level.quality_control + level.damaged AS room,
           coalesce(sum(named.units) OVER (
               PARTITION BY level.id ORDER BY held.fefo_date, held.id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
           ), 0) AS before
    FROM lot_level held JOIN lot ON lot.id = held.lot_id JOIN inventory_level level ON level.id = held.level_id
    JOIN (
        SELECT level_id, lot, sum(CASE WHEN target IN ('quality_control', 'damaged') THEN quantity ELSE 0 END
                                  - CASE WHEN source IN ('quality_control', 'damaged') THEN quantity ELSE 0 END) AS units
        FROM stock_movement WHERE lot IS NOT NULL GROUP BY level_id, lot
    ) AS named ON named.level_id = held.level_id AND named.lot = lot.code
    WHERE named.units > 0
) AS known
WHERE held.id = known.id AND known.room > known.before
"""
"""What came to quality control or damaged by name lies there, as far as that much still does."""

EXPIRED = """
UPDATE lot_level held SET set_aside = held.set_aside + least(over.units, over.room - over.before)
FROM (
    SELECT held.id, held.on_hand - held.set_aside AS units, aside.room,
           coalesce(sum(held.on_hand - held.set_aside) OVER (
               PARTITION BY level.id ORDER BY held.fefo_date, held.id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
           ), 0) AS before
    FROM lot_level held JOIN inventory_level level ON level.id = held.level_id
    JOIN location ON location.id = level.location_id
    JOIN (
        SELECT level.id, level.quality_control + level.damaged - sum(held.set_aside) AS room
        FROM inventory_level level JOIN lot_level held ON held.level_id = level.id GROUP BY level.id
    ) AS aside ON aside.id = level.id
    WHERE held.expires_on < (now() AT TIME ZONE location.time_zone)::date
) AS over
WHERE held.id = over.id AND over.room > over.before
"""
"""What is over is what was set aside without a word, so that the first sweep takes no good units in its place."""

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
    op.execute(KNOWN)
    op.execute(EXPIRED)
    op.execute(MOVES)
    op.execute(TRANSFERS)
    op.execute(REASON)
