"""The ledger undoes what is told late and is part of a number that was told already."""

from alembic import op

revision = "0050"
down_revision = "0049"

KINDS = """
ALTER TABLE stock_movement DROP CONSTRAINT IF EXISTS ck_stock_movement_kind_known, ADD CONSTRAINT ck_stock_movement_kind_known
    CHECK (kind IN ('ALLOCATE', 'RELEASE', 'SHIP', 'RECEIVE', 'RESERVE', 'UNRESERVE', 'CLAIM', 'SEND', 'ARRIVE', 'LOSE', 'MOVE',
        'TAKE_BACK', 'SCRAP', 'FOUND', 'NOT_FOUND', 'SUPERSEDED')) NOT VALID
"""


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    with op.get_context().autocommit_block():  # stock goes on while the ledger is looked through
        op.execute(KINDS)
        op.execute("ALTER TABLE stock_movement VALIDATE CONSTRAINT ck_stock_movement_kind_known")
