"""What happened to one document that belongs to no order is found by the document; of orders there is an index already."""

from alembic import op

revision = "0056"
down_revision = "0055"

NAME = "ix_feed_subject_id_position"


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    with op.get_context().autocommit_block():  # the relay goes on while the index is built
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {NAME}")  # of an attempt that was interrupted
        op.execute(f"CREATE INDEX CONCURRENTLY {NAME} ON feed (subject_id, position) WHERE order_id IS NULL")
