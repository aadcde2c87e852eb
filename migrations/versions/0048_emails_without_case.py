"""Customers are found by their e-mail address without regard to case."""

from alembic import op

revision = "0048"
down_revision = "0047"

NAME = "ix_customer_person_email_folded"


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    with op.get_context().autocommit_block():  # orders go on while the index is built
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {NAME}")  # of an attempt that was interrupted
        op.execute(f'CREATE INDEX CONCURRENTLY {NAME} ON customer_person (lower(email COLLATE "C"))')
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS ix_customer_person_email")
