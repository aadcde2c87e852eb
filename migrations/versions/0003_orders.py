"""Orders, their lines and their money."""

from alembic import op

revision = "0003"
down_revision = "0002"

TABLES = """
CREATE SEQUENCE order_number START WITH 1001;

CREATE TABLE orders (
    id uuid NOT NULL,
    number bigint NOT NULL,
    channel_id uuid NOT NULL,
    external_ref text,
    customer_id uuid,
    currency text NOT NULL,
    prices_include_tax boolean NOT NULL,
    status varchar(40) NOT NULL,
    fulfillment_status varchar(40) NOT NULL,
    payment_status varchar(40) NOT NULL,
    return_status varchar(40) NOT NULL,
    on_hold boolean DEFAULT false NOT NULL,
    goods_minor bigint NOT NULL,
    discount_minor bigint NOT NULL,
    shipping_minor bigint NOT NULL,
    tax_minor bigint NOT NULL,
    rounding_minor bigint NOT NULL,
    total_minor bigint NOT NULL,
    due_minor bigint NOT NULL,
    country text,
    note text,
    tags text[] NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    placed_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    completed_at timestamptz,
    canceled_at timestamptz,
    cancel_reason varchar(40),
    CONSTRAINT pk_orders PRIMARY KEY (id),
    CONSTRAINT uq_orders_channel_id_external_ref UNIQUE (channel_id, external_ref),
    CONSTRAINT uq_orders_number UNIQUE (number),
    CONSTRAINT fk_orders_channel_id FOREIGN KEY (channel_id) REFERENCES channel (id),
    CONSTRAINT fk_orders_customer_id FOREIGN KEY (customer_id) REFERENCES customer (id),
    CONSTRAINT ck_orders_status_known CHECK (status IN ('DRAFT', 'OPEN', 'COMPLETED', 'CANCELED')),
    CONSTRAINT ck_orders_fulfillment_status_known
        CHECK (fulfillment_status IN ('NOT_REQUIRED', 'DELIVERED', 'PARTIALLY_DELIVERED', 'SHIPPED',
            'PARTIALLY_SHIPPED', 'IN_PROGRESS', 'ALLOCATED', 'PARTIALLY_ALLOCATED', 'BACKORDERED', 'UNALLOCATED')),
    CONSTRAINT ck_orders_payment_status_known
        CHECK (payment_status IN ('PENDING', 'AUTHORIZED', 'PARTIALLY_PAID', 'PAID', 'OVERPAID', 'PARTIALLY_REFUNDED',
            'REFUNDED')),
    CONSTRAINT ck_orders_return_status_known
        CHECK (return_status IN ('NONE', 'REQUESTED', 'IN_PROGRESS', 'PARTIALLY_RETURNED', 'RETURNED')),
    CONSTRAINT ck_orders_cancel_reason_known
        CHECK (cancel_reason IN ('CUSTOMER', 'INVENTORY', 'FRAUD', 'DECLINED', 'STAFF', 'OTHER'))
) WITH (fillfactor = 85);

CREATE INDEX ix_orders_channel_id_placed_at_id ON orders (channel_id, placed_at, id);
CREATE INDEX ix_orders_customer_id_placed_at_id ON orders (customer_id, placed_at, id);
CREATE INDEX ix_orders_fulfillment_status_placed_at_id ON orders (fulfillment_status, placed_at, id);
CREATE INDEX ix_orders_placed_at_id ON orders (placed_at, id);
CREATE INDEX ix_orders_status_placed_at_id ON orders (status, placed_at, id);
CREATE INDEX ix_orders_to_complete ON orders (channel_id, placed_at, id)
    WHERE status = 'OPEN' AND fulfillment_status IN ('SHIPPED', 'PARTIALLY_DELIVERED');

CREATE TABLE order_party (
    order_id uuid NOT NULL,
    version integer NOT NULL,
    contact jsonb,
    shipping_address jsonb,
    billing_address jsonb,
    CONSTRAINT pk_order_party PRIMARY KEY (order_id, version),
    CONSTRAINT fk_order_party_order_id FOREIGN KEY (order_id) REFERENCES orders (id)
);

CREATE TABLE order_line (
    id uuid NOT NULL,
    order_id uuid NOT NULL,
    position integer NOT NULL,
    kind varchar(40) NOT NULL,
    sku_id uuid,
    sku_code text,
    name text NOT NULL,
    parent_line_id uuid,
    replaces_line_id uuid,
    ordered integer NOT NULL,
    canceled integer DEFAULT 0 NOT NULL,
    unsourced integer DEFAULT 0 NOT NULL,
    backordered integer DEFAULT 0 NOT NULL,
    allocated integer DEFAULT 0 NOT NULL,
    in_fulfillment integer DEFAULT 0 NOT NULL,
    shipped integer DEFAULT 0 NOT NULL,
    delivered integer DEFAULT 0 NOT NULL,
    lost integer DEFAULT 0 NOT NULL,
    returned_to_sender integer DEFAULT 0 NOT NULL,
    in_return integer DEFAULT 0 NOT NULL,
    returned integer DEFAULT 0 NOT NULL,
    unit_price numeric(20, 6) NOT NULL,
    goods_minor bigint NOT NULL,
    rounding_minor bigint NOT NULL,
    discount_minor bigint NOT NULL,
    order_discount_minor bigint NOT NULL,
    tax_minor bigint NOT NULL,
    shipping_minor bigint NOT NULL,
    shipping_tax_minor bigint NOT NULL,
    total_minor bigint NOT NULL,
    CONSTRAINT pk_order_line PRIMARY KEY (id),
    CONSTRAINT ck_order_line_ordered_positive CHECK (ordered > 0),
    CONSTRAINT ck_order_line_quantities_not_negative
        CHECK (least(canceled, unsourced, backordered, allocated, in_fulfillment, shipped, delivered, lost,
            returned_to_sender, in_return, returned) >= 0),
    CONSTRAINT ck_order_line_quantities_add_up
        CHECK (ordered = canceled + unsourced + backordered + allocated + in_fulfillment + shipped),
    CONSTRAINT ck_order_line_arrived_within_shipped CHECK (shipped >= delivered + lost + returned_to_sender),
    CONSTRAINT ck_order_line_returned_within_shipped
        CHECK (returned + in_return <= shipped - lost - returned_to_sender),
    CONSTRAINT fk_order_line_order_id FOREIGN KEY (order_id) REFERENCES orders (id),
    CONSTRAINT ck_order_line_kind_known CHECK (kind IN ('GOODS', 'BUNDLE', 'SERVICE', 'FEE', 'DIGITAL', 'GIFT_CARD')),
    CONSTRAINT fk_order_line_sku_id FOREIGN KEY (sku_id) REFERENCES sku (id)
) WITH (fillfactor = 85);

CREATE UNIQUE INDEX ix_order_line_order_id_position ON order_line (order_id, position);
CREATE INDEX ix_order_line_sku_id ON order_line (sku_id);
CREATE INDEX ix_order_line_unsourced ON order_line (order_id) WHERE unsourced > 0;

CREATE TABLE order_discount (
    id uuid NOT NULL,
    order_id uuid NOT NULL,
    line_id uuid,
    code text,
    label text NOT NULL,
    amount_minor bigint NOT NULL,
    CONSTRAINT pk_order_discount PRIMARY KEY (id),
    CONSTRAINT ck_order_discount_amount_positive CHECK (amount_minor > 0),
    CONSTRAINT fk_order_discount_order_id FOREIGN KEY (order_id) REFERENCES orders (id)
);

CREATE INDEX ix_order_discount_order_id ON order_discount (order_id);

CREATE TABLE order_tax (
    id uuid NOT NULL,
    order_id uuid NOT NULL,
    line_id uuid,
    title text NOT NULL,
    rate numeric(9, 6),
    amount_minor bigint NOT NULL,
    CONSTRAINT pk_order_tax PRIMARY KEY (id),
    CONSTRAINT ck_order_tax_amount_not_negative CHECK (amount_minor >= 0),
    CONSTRAINT fk_order_tax_order_id FOREIGN KEY (order_id) REFERENCES orders (id)
);

CREATE INDEX ix_order_tax_order_id ON order_tax (order_id);

CREATE TABLE order_shipping (
    id uuid NOT NULL,
    order_id uuid NOT NULL,
    code text,
    title text NOT NULL,
    amount_minor bigint NOT NULL,
    CONSTRAINT pk_order_shipping PRIMARY KEY (id),
    CONSTRAINT ck_order_shipping_amount_not_negative CHECK (amount_minor >= 0),
    CONSTRAINT fk_order_shipping_order_id FOREIGN KEY (order_id) REFERENCES orders (id)
);

CREATE INDEX ix_order_shipping_order_id ON order_shipping (order_id);

CREATE TABLE order_cancellation (
    id uuid NOT NULL,
    order_id uuid NOT NULL,
    reason varchar(40) NOT NULL,
    note text,
    actor text NOT NULL,
    occurred_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT pk_order_cancellation PRIMARY KEY (id),
    CONSTRAINT fk_order_cancellation_order_id FOREIGN KEY (order_id) REFERENCES orders (id),
    CONSTRAINT ck_order_cancellation_reason_known
        CHECK (reason IN ('CUSTOMER', 'INVENTORY', 'FRAUD', 'DECLINED', 'STAFF', 'OTHER'))
);

CREATE INDEX ix_order_cancellation_order_id ON order_cancellation (order_id);

CREATE TABLE order_cancellation_line (
    id uuid NOT NULL,
    cancellation_id uuid NOT NULL,
    line_id uuid NOT NULL,
    quantity integer NOT NULL,
    goods_minor bigint NOT NULL,
    discount_minor bigint NOT NULL,
    shipping_minor bigint NOT NULL,
    tax_minor bigint NOT NULL,
    CONSTRAINT pk_order_cancellation_line PRIMARY KEY (id),
    CONSTRAINT ck_order_cancellation_line_quantity_positive CHECK (quantity > 0),
    CONSTRAINT fk_order_cancellation_line_cancellation_id FOREIGN KEY (cancellation_id) REFERENCES order_cancellation
        (id),
    CONSTRAINT fk_order_cancellation_line_line_id FOREIGN KEY (line_id) REFERENCES order_line (id)
);

CREATE INDEX ix_order_cancellation_line_cancellation_id ON order_cancellation_line (cancellation_id);
"""


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute(TABLES)
