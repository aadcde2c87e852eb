"""Accounts with carriers, their rates, and the shipping services that lead to them."""

from alembic import op

revision = "0079"
down_revision = "0078"

CARRIER_ACCOUNT = """
CREATE TABLE IF NOT EXISTS carrier_account (
    id uuid NOT NULL,
    code text NOT NULL,
    carrier text NOT NULL,
    name text NOT NULL,
    status varchar(40) NOT NULL,
    credentials bytea NOT NULL,
    credential_names text[] NOT NULL,
    settings jsonb NOT NULL,
    location_ids uuid[],
    version integer DEFAULT 1 NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT pk_carrier_account PRIMARY KEY (id),
    CONSTRAINT uq_carrier_account_code UNIQUE (code),
    CONSTRAINT ck_carrier_account_status_known CHECK (status IN ('ACTIVE', 'INACTIVE'))
)
"""
CARRIER_RATE = """
CREATE TABLE IF NOT EXISTS carrier_rate (
    id uuid NOT NULL,
    account_id uuid NOT NULL,
    service text NOT NULL,
    name text NOT NULL,
    from_zone text,
    to_zone text,
    to_country text,
    up_to_g integer NOT NULL,
    price_minor bigint NOT NULL,
    currency text NOT NULL,
    days integer,
    CONSTRAINT pk_carrier_rate PRIMARY KEY (id),
    CONSTRAINT uq_carrier_rate_fits
        UNIQUE NULLS NOT DISTINCT (account_id, service, from_zone, to_zone, to_country, up_to_g),
    CONSTRAINT ck_carrier_rate_up_to_g_positive CHECK (up_to_g > 0),
    CONSTRAINT ck_carrier_rate_price_not_negative CHECK (price_minor >= 0),
    CONSTRAINT ck_carrier_rate_days_not_negative CHECK (days >= 0),
    CONSTRAINT fk_carrier_rate_account_id FOREIGN KEY (account_id) REFERENCES carrier_account (id)
)
"""
SHIPPING_SERVICE = """
CREATE TABLE IF NOT EXISTS shipping_service (
    id uuid NOT NULL,
    code text NOT NULL,
    channel_id uuid,
    name text NOT NULL,
    account_id uuid NOT NULL,
    service text NOT NULL,
    box text,
    signature boolean DEFAULT false NOT NULL,
    insured boolean DEFAULT false NOT NULL,
    pickup_point boolean DEFAULT false NOT NULL,
    status varchar(40) NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT pk_shipping_service PRIMARY KEY (id),
    CONSTRAINT uq_shipping_service_code_channel_id UNIQUE NULLS NOT DISTINCT (code, channel_id),
    CONSTRAINT fk_shipping_service_channel_id FOREIGN KEY (channel_id) REFERENCES channel (id),
    CONSTRAINT fk_shipping_service_account_id FOREIGN KEY (account_id) REFERENCES carrier_account (id),
    CONSTRAINT ck_shipping_service_status_known CHECK (status IN ('ACTIVE', 'INACTIVE'))
)
"""
INDEXES = (
    "CREATE INDEX IF NOT EXISTS ix_carrier_rate_account_id_id ON carrier_rate (account_id, id)",
    "CREATE INDEX IF NOT EXISTS ix_shipping_service_account_id ON shipping_service (account_id)",
    "CREATE INDEX IF NOT EXISTS ix_shipping_service_channel_id ON shipping_service (channel_id)",
    "CREATE INDEX IF NOT EXISTS ix_shipping_service_code_id ON shipping_service (code, id)",
)


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    for statement in (CARRIER_ACCOUNT, CARRIER_RATE, SHIPPING_SERVICE, *INDEXES):
        op.execute(statement)
