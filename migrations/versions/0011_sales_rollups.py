"""Sales summed up by day and month."""

from alembic import op

revision = "0011"
down_revision = "0010"

TABLES = """
CREATE TABLE sales_zone (
    channel_id uuid NOT NULL,
    time_zone text NOT NULL,
    CONSTRAINT pk_sales_zone PRIMARY KEY (channel_id),
    CONSTRAINT fk_sales_zone_channel_id FOREIGN KEY (channel_id) REFERENCES channel (id)
);

CREATE TABLE sales_day (
    day date NOT NULL,
    currency text NOT NULL,
    channel_id uuid NOT NULL,
    country text NOT NULL,
    orders bigint NOT NULL,
    units bigint NOT NULL,
    goods_minor numeric NOT NULL,
    other_minor numeric NOT NULL,
    shipping_minor numeric NOT NULL,
    discount_minor numeric NOT NULL,
    tax_minor numeric NOT NULL,
    returns_minor numeric NOT NULL,
    CONSTRAINT pk_sales_day PRIMARY KEY (day, currency, channel_id, country)
) WITH (fillfactor = 80);

CREATE TABLE sales_sku_day (
    day date NOT NULL,
    sku_id uuid NOT NULL,
    currency text NOT NULL,
    channel_id uuid NOT NULL,
    country text NOT NULL,
    orders bigint NOT NULL,
    units bigint NOT NULL,
    goods_minor numeric NOT NULL,
    other_minor numeric NOT NULL,
    shipping_minor numeric NOT NULL,
    discount_minor numeric NOT NULL,
    tax_minor numeric NOT NULL,
    returns_minor numeric NOT NULL,
    CONSTRAINT pk_sales_sku_day PRIMARY KEY (day, sku_id, currency, channel_id, country)
) WITH (fillfactor = 80);

CREATE TABLE sales_sku_month (
    day date NOT NULL,
    sku_id uuid NOT NULL,
    currency text NOT NULL,
    channel_id uuid NOT NULL,
    country text NOT NULL,
    orders bigint NOT NULL,
    units bigint NOT NULL,
    goods_minor numeric NOT NULL,
    other_minor numeric NOT NULL,
    shipping_minor numeric NOT NULL,
    discount_minor numeric NOT NULL,
    tax_minor numeric NOT NULL,
    returns_minor numeric NOT NULL,
    CONSTRAINT pk_sales_sku_month PRIMARY KEY (day, sku_id, currency, channel_id, country)
) WITH (fillfactor = 80);
"""


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute(TABLES)
