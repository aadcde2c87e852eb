"""Sales tell the shipping and tax of what came back, what was conceded, the fees kept, and refunds.

All sums are made anew by the reaction `sales`, which takes up to some minutes; until then reports say that they are not up to
date. A worker of an older version cannot write the new sums, and waits until it is replaced.
"""

from alembic import op

revision = "0041"
down_revision = "0040"

COUNTS = ("returned_units",)
SUMS = (
    *(f"returned_{name}" for name in ("shipping_minor", "tax_minor")),
    *(f"conceded_{name}" for name in ("minor", "shipping_minor", "tax_minor")),
    *(f"fee_{name}" for name in ("minor", "tax_minor")),
    *(f"refund_{name}" for name in ("minor", "shipping_minor", "tax_minor")),
)


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    columns = [*(f"{name} bigint" for name in COUNTS), *(f"{name} numeric" for name in SUMS)]
    added = ", ".join(f"ADD COLUMN {column} NOT NULL" for column in columns)
    op.execute("SELECT FROM follower WHERE name = 'sales' FOR UPDATE")
    for table in ("sales_day", "sales_sku_day", "sales_sku_month"):
        op.execute(f"TRUNCATE {table}")
        op.execute(f"ALTER TABLE {table} {added}")
    op.execute("UPDATE follower SET position = 0 WHERE name = 'sales'")
