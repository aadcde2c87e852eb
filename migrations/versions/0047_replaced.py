"""Units come in place of some that were rejected: those that were are counted apart, so what is open counts them again."""

from alembic import op

revision = "0047"
down_revision = "0046"

COLUMN = "ALTER TABLE {table} ADD COLUMN IF NOT EXISTS replaced {kind} NOT NULL"
CHECK = "ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {name}, ADD CONSTRAINT {name} CHECK ({holds}) NOT VALID"
REPLACED = (
    ("purchase_order_line", "integer DEFAULT 0", "replaced_not_negative", "replaced >= 0"),
    ("purchase_receipt_line", "boolean DEFAULT false", "replaced_if_rejected", "rejected > 0 OR NOT replaced"),
)


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    with op.get_context().autocommit_block():  # goods come in while lines are looked through
        for table, kind, rule, holds in REPLACED:
            name = f"ck_{table}_{rule}"
            op.execute(COLUMN.format(table=table, kind=kind))
            op.execute(CHECK.format(table=table, name=name, holds=holds))
            op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT {name}")
