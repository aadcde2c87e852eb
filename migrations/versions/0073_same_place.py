"""Orders that go to the same place are found, whatever the case and the blanks of their addresses."""

from alembic import op

revision = "0073"
down_revision = "0072"

NAME = "ix_order_party_place"
PARTS = " || ',' || ".join(
    f"coalesce((shipping_address ->> '{part}'), '')" for part in ("country", "postal_code", "line1", "line2")
)


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    with op.get_context().autocommit_block():  # orders go on while the index is built
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {NAME}")  # of an attempt that was interrupted
        op.execute(
            f"CREATE INDEX CONCURRENTLY {NAME} ON order_party "
            f"(md5(lower(translate({PARTS}, ' ', '') COLLATE \"C\")), order_id) WHERE shipping_address IS NOT NULL"
        )
