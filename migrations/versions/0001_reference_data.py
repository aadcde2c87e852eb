"""What orders refer to: callers, SKUs, channels, locations and customers."""

from alembic import op

revision = "0001"
down_revision = None

TABLES = """
CREATE TABLE integration (
    id uuid NOT NULL,
    name text NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT pk_integration PRIMARY KEY (id),
    CONSTRAINT uq_integration_name UNIQUE (name)
);

CREATE TABLE api_key (
    id uuid NOT NULL,
    integration_id uuid NOT NULL,
    name text NOT NULL,
    prefix text NOT NULL,
    digest bytea NOT NULL,
    scopes text[] NOT NULL,
    channel_ids uuid[],
    location_ids uuid[],
    supplier_ids uuid[],
    created_at timestamptz NOT NULL,
    expires_at timestamptz,
    last_used_at timestamptz,
    revoked_at timestamptz,
    CONSTRAINT pk_api_key PRIMARY KEY (id),
    CONSTRAINT fk_api_key_integration_id FOREIGN KEY (integration_id) REFERENCES integration (id),
    CONSTRAINT uq_api_key_prefix UNIQUE (prefix)
);

CREATE INDEX ix_api_key_integration_id ON api_key (integration_id);

CREATE TABLE sku (
    id uuid NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    kind varchar(40) NOT NULL,
    status varchar(40) NOT NULL,
    barcode text,
    weight_g integer,
    length_mm integer,
    width_mm integer,
    height_mm integer,
    cost_minor bigint,
    cost_currency text,
    origin_country text,
    hs_code text,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT pk_sku PRIMARY KEY (id),
    CONSTRAINT ck_sku_code_without_outer_blanks CHECK (code = btrim(code) AND code <> ''),
    CONSTRAINT ck_sku_measures_not_negative CHECK (least(weight_g, length_mm, width_mm, height_mm) >= 0),
    CONSTRAINT uq_sku_code UNIQUE (code),
    CONSTRAINT ck_sku_kind_known CHECK (kind IN ('GOODS', 'BUNDLE', 'SERVICE', 'FEE', 'DIGITAL', 'GIFT_CARD')),
    CONSTRAINT ck_sku_status_known CHECK (status IN ('ACTIVE', 'INACTIVE'))
);

CREATE INDEX ix_sku_updated_at_id ON sku (updated_at, id);

CREATE TABLE sku_component (
    bundle_id uuid NOT NULL,
    component_id uuid NOT NULL,
    quantity integer NOT NULL,
    share integer NOT NULL,
    CONSTRAINT pk_sku_component PRIMARY KEY (bundle_id, component_id),
    CONSTRAINT ck_sku_component_quantity_positive CHECK (quantity > 0),
    CONSTRAINT ck_sku_component_share_not_negative CHECK (share >= 0),
    CONSTRAINT ck_sku_component_not_itself CHECK (bundle_id <> component_id),
    CONSTRAINT fk_sku_component_bundle_id FOREIGN KEY (bundle_id) REFERENCES sku (id),
    CONSTRAINT fk_sku_component_component_id FOREIGN KEY (component_id) REFERENCES sku (id)
);

CREATE TABLE location (
    id uuid NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    kind varchar(40) NOT NULL,
    status varchar(40) NOT NULL,
    time_zone text NOT NULL,
    address jsonb,
    calendar jsonb,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT pk_location PRIMARY KEY (id),
    CONSTRAINT uq_location_code UNIQUE (code),
    CONSTRAINT ck_location_kind_known CHECK (kind IN ('WAREHOUSE', 'STORE', 'SUPPLIER')),
    CONSTRAINT ck_location_status_known CHECK (status IN ('ACTIVE', 'INACTIVE'))
);

CREATE TABLE channel (
    id uuid NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    status varchar(40) NOT NULL,
    currency text NOT NULL,
    time_zone text NOT NULL,
    prices_include_tax boolean NOT NULL,
    sells_safety_stock boolean NOT NULL,
    reservation_minutes integer NOT NULL,
    complete_after_days integer,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT pk_channel PRIMARY KEY (id),
    CONSTRAINT ck_channel_reservation_minutes_positive CHECK (reservation_minutes > 0),
    CONSTRAINT ck_channel_complete_after_days_not_negative CHECK (complete_after_days >= 0),
    CONSTRAINT uq_channel_code UNIQUE (code),
    CONSTRAINT ck_channel_status_known CHECK (status IN ('ACTIVE', 'INACTIVE'))
);

CREATE TABLE channel_location (
    channel_id uuid NOT NULL,
    location_id uuid NOT NULL,
    priority integer NOT NULL,
    CONSTRAINT pk_channel_location PRIMARY KEY (channel_id, location_id),
    CONSTRAINT uq_channel_location_channel_id_priority UNIQUE (channel_id, priority) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT fk_channel_location_channel_id FOREIGN KEY (channel_id) REFERENCES channel (id),
    CONSTRAINT fk_channel_location_location_id FOREIGN KEY (location_id) REFERENCES location (id)
);

CREATE INDEX ix_channel_location_location_id ON channel_location (location_id);

CREATE TABLE listing (
    id uuid NOT NULL,
    channel_id uuid NOT NULL,
    code text NOT NULL,
    sku_id uuid NOT NULL,
    price numeric(20, 6),
    status varchar(40) NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT pk_listing PRIMARY KEY (id),
    CONSTRAINT uq_listing_channel_id_code UNIQUE (channel_id, code),
    CONSTRAINT ck_listing_price_not_negative CHECK (price >= 0),
    CONSTRAINT ck_listing_code_without_outer_blanks CHECK (code = btrim(code) AND code <> ''),
    CONSTRAINT fk_listing_channel_id FOREIGN KEY (channel_id) REFERENCES channel (id),
    CONSTRAINT fk_listing_sku_id FOREIGN KEY (sku_id) REFERENCES sku (id),
    CONSTRAINT ck_listing_status_known CHECK (status IN ('ACTIVE', 'INACTIVE'))
);

CREATE INDEX ix_listing_sku_id ON listing (sku_id);

CREATE TABLE customer (
    id uuid NOT NULL,
    external_ref text,
    country text,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT pk_customer PRIMARY KEY (id),
    CONSTRAINT uq_customer_external_ref UNIQUE (external_ref)
);

CREATE INDEX ix_customer_updated_at_id ON customer (updated_at, id);

CREATE TABLE customer_person (
    customer_id uuid NOT NULL,
    name text,
    email text,
    phone text,
    address jsonb,
    CONSTRAINT pk_customer_person PRIMARY KEY (customer_id),
    CONSTRAINT fk_customer_person_customer_id FOREIGN KEY (customer_id) REFERENCES customer (id)
);

CREATE INDEX ix_customer_person_email ON customer_person (email);
"""


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute(TABLES)
