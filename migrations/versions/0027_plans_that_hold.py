"""The errors of forecasts in units, and the mean as a method of its own."""

from alembic import op

revision = "0027"
down_revision = "0026"

ERRORS = """
ALTER TABLE stock_plan_line
    ADD COLUMN missed numeric(20, 4),
    ADD COLUMN beyond numeric(20, 4),
    ADD COLUMN naive_missed numeric(20, 4),
    DROP CONSTRAINT ck_stock_plan_line_method_known,
    ADD CONSTRAINT ck_stock_plan_line_method_known
        CHECK (method IN ('SEASONAL_NAIVE', 'EXPONENTIAL_SMOOTHING', 'CROSTON', 'MEAN', 'NAIVE')) NOT VALID
"""
VALIDATE = "ALTER TABLE stock_plan_line VALIDATE CONSTRAINT ck_stock_plan_line_method_known"


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute(ERRORS)
    op.execute(VALIDATE)
