"""Documents that explain a ledger only grow, like the ledgers: what was received, shipped, corrected or canceled stays.

A refund is moved along its states, but its grant is never changed and never deleted.
"""

from alembic import op

revision = "0042"
down_revision = "0041"

DOCUMENTS = (
    "inventory_adjustment",
    "inventory_adjustment_line",
    "inventory_move",
    "inventory_move_line",
    "inventory_unpromise",
    "inventory_unpromise_line",
    "order_cancellation",
    "order_cancellation_line",
    "order_concession",
    "order_sourcing",
    "order_sourcing_line",
    "purchase_receipt",
    "purchase_receipt_line",
    "refund_part",
    "return_receipt",
    "return_receipt_line",
    "shipment_line",
    "transfer_act",
    "transfer_act_line",
)
GUARD = """
DROP TRIGGER IF EXISTS only_grows ON {table};
CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION oms_only_grows();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER only_grows;
"""
GRANTED = (
    "id", "order_id", "channel_id", "return_id", "cancellation_id", "reason", "note", "amount_minor", "currency", "actor",
    "granted_at", "recorded_at",
)  # fmt: skip
CHARGED = (
    "id", "order_id", "channel_id", "return_id", "kind", "amount_minor", "tax_minor", "currency", "note", "actor",
    "charged_at", "recorded_at",
)  # fmt: skip
STAYS = """
DROP TRIGGER IF EXISTS stays ON {table};
CREATE TRIGGER stays BEFORE DELETE OR TRUNCATE OR UPDATE OF {columns} ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION oms_only_grows();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER stays;
"""
RIGHTS = """
DO $$
BEGIN
    IF to_regrole('oms_app') IS NOT NULL AND current_user <> 'oms_app' THEN
        REVOKE UPDATE, DELETE ON {documents} FROM oms_app;
        REVOKE DELETE ON refund, order_fee FROM oms_app;
    END IF;
END $$;
"""


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    with op.get_context().autocommit_block():  # one table after the other, so that work goes on
        for table in DOCUMENTS:
            op.execute(GUARD.format(table=table))
        for table, columns in (("refund", GRANTED), ("order_fee", CHARGED)):
            op.execute(STAYS.format(table=table, columns=", ".join(columns)))
        op.execute(RIGHTS.format(documents=", ".join(DOCUMENTS)))
