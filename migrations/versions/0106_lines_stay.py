"""Lines of orders, reservations, counts and packages stay as far as movements are explained by them.

What a line is about is never changed. Beyond that, units of a reservation's line are claimed and released and never held again;
a line of a count is written until the count is posted; units of a shipment only move from one package on its way to another.
"""

from alembic import op

revision = "0106"
down_revision = "0105"

KEPT = {
    "order_line": ("id", "order_id", "sku_id"),
    "reservation_line": ("id", "reservation_id", "position", "sku_id", "location_id", "level_id", "quantity"),
    "stock_count_line": ("id", "count_id", "position", "sku_id"),
}
STAYS = """
DROP TRIGGER IF EXISTS stays ON {table};
CREATE TRIGGER stays BEFORE DELETE OR TRUNCATE OR UPDATE OF {columns} ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION oms_only_grows();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER stays;
"""
ENDED = """
DROP TRIGGER IF EXISTS ended ON {table};
CREATE TRIGGER ended BEFORE UPDATE ON {table} FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION oms_only_grows();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER ended;
"""
WHEN = {
    "reservation_line": "NEW.claimed < OLD.claimed OR NEW.released < OLD.released",
    "stock_count_line": "OLD.outcome IS NOT NULL",
}
PACKED = """
CREATE OR REPLACE FUNCTION oms_package_line_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM package WHERE id = OLD.package_id AND status = 'SHIPPED') THEN
        RAISE EXCEPTION USING ERRCODE = 'OM002',
            MESSAGE = format('package_line refuses %s: its package is not on its way', TG_OP);
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE OR REPLACE FUNCTION oms_package_lines_add_up() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    shipped uuid := (SELECT shipment_id FROM package WHERE id = OLD.package_id);
    part uuid := OLD.fulfillment_order_line_id;
BEGIN
    IF (SELECT coalesce(sum(inside.quantity), 0) FROM package JOIN package_line inside ON inside.package_id = package.id
        WHERE package.shipment_id = shipped AND inside.fulfillment_order_line_id = part)
       <> (SELECT coalesce(sum(quantity), 0) FROM shipment_line
           WHERE shipment_id = shipped AND fulfillment_order_line_id = part) THEN
        RAISE EXCEPTION USING ERRCODE = 'OM002',
            MESSAGE = format('package_line refuses %s: the packages of a shipment hold what left in it', TG_OP);
    END IF;
    RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS stays ON package_line;
CREATE TRIGGER stays BEFORE TRUNCATE OR UPDATE OF id, package_id, fulfillment_order_line_id, line_id ON package_line
    FOR EACH STATEMENT EXECUTE FUNCTION oms_only_grows();
DROP TRIGGER IF EXISTS on_its_way ON package_line;
CREATE TRIGGER on_its_way BEFORE UPDATE OR DELETE ON package_line FOR EACH ROW EXECUTE FUNCTION oms_package_line_stays();
DROP TRIGGER IF EXISTS add_up ON package_line;
CREATE CONSTRAINT TRIGGER add_up AFTER UPDATE OR DELETE ON package_line DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION oms_package_lines_add_up();
ALTER TABLE package_line ENABLE ALWAYS TRIGGER stays;
ALTER TABLE package_line ENABLE ALWAYS TRIGGER on_its_way;
ALTER TABLE package_line ENABLE ALWAYS TRIGGER add_up;
"""
RIGHTS = """
DO $$
BEGIN
    IF to_regrole('oms_app') IS NOT NULL AND current_user <> 'oms_app' THEN
        REVOKE DELETE ON order_line, reservation_line, stock_count_line FROM oms_app;
    END IF;
END $$;
"""


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    with op.get_context().autocommit_block():  # one table after the other, so that work goes on
        for table, columns in KEPT.items():
            op.execute(STAYS.format(table=table, columns=", ".join(columns)))
        for table, when in WHEN.items():
            op.execute(ENDED.format(table=table, when=when))
        op.execute(PACKED)
        op.execute(RIGHTS)
