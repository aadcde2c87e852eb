"""The names of the glossary for stock that was reported again, and for the reaction that assigns supply.

Few events have that type, all about locations. The reaction goes on from where it was; workers of the version before go on by
its former name, whose row a later version takes out.
"""

from alembic import op

revision = "0109"
down_revision = "0108"

TYPE = """
UPDATE {table} SET type = 'LOCATION_STOCK_REPORTED'
WHERE order_id IS NULL AND subject_id IN (SELECT id FROM location) AND type = 'LOCATION_STOCK_TOLD'
"""


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute("ALTER TABLE feed DISABLE TRIGGER only_grows")
    for table in ("feed", "outbox_stage"):
        op.execute(TYPE.format(table=table))
    op.execute("ALTER TABLE feed ENABLE ALWAYS TRIGGER only_grows")
    op.execute("""
        INSERT INTO follower (name, position) SELECT 'supply_assigned', position FROM follower WHERE name = 'backorder_pegs'
        ON CONFLICT (name) DO NOTHING
    """)
    op.execute("UPDATE follower SET failures = 0, failing_since = NULL, last_error = NULL WHERE name = 'backorder_pegs'")
