"""The tables of procrastinate, which keeps background jobs in this database.

They are those of the release that is installed. A release of procrastinate that changes them comes with a migration of its
own, which must look first whether the change is there already.
"""

from alembic import op
from procrastinate.schema import SchemaManager

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute(SchemaManager.get_schema().replace(":", r"\:"))
