"""What providers report of an order's money, and refunds."""

from alembic import op

revision = "0009"
down_revision = "0008"

TABLES = """
CREATE TABLE payment_transaction (
    id uuid NOT NULL,
    order_id uuid NOT NULL,
    channel_id uuid NOT NULL,
    gateway text NOT NULL,
    reference text NOT NULL,
    currency text NOT NULL,
    authorized_minor bigint DEFAULT 0 NOT NULL,
    captured_minor bigint DEFAULT 0 NOT NULL,
    voided_minor bigint DEFAULT 0 NOT NULL,
    refunded_minor bigint DEFAULT 0 NOT NULL,
    charged_back_minor bigint DEFAULT 0 NOT NULL,
    charged_back_reversed_minor bigint DEFAULT 0 NOT NULL,
    disputed_minor bigint DEFAULT 0 NOT NULL,
    dispute_closed_minor bigint DEFAULT 0 NOT NULL,
    open_authorization_minor bigint
        GENERATED ALWAYS AS (greatest(authorized_minor - captured_minor - voided_minor, 0)) STORED NOT NULL,
    captured_beyond_minor bigint GENERATED ALWAYS AS
        (CASE WHEN authorized_minor > 0 THEN greatest(captured_minor - authorized_minor, 0) ELSE 0 END) STORED NOT NULL,
    voided_beyond_minor bigint
        GENERATED ALWAYS AS (greatest(voided_minor - greatest(authorized_minor - captured_minor, 0), 0)) STORED NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT pk_payment_transaction PRIMARY KEY (id),
    CONSTRAINT uq_payment_transaction_order_id_gateway_reference UNIQUE (order_id, gateway, reference),
    CONSTRAINT ck_payment_transaction_sums_not_negative
        CHECK (least(authorized_minor, captured_minor, voided_minor, refunded_minor, charged_back_minor,
            charged_back_reversed_minor, disputed_minor, dispute_closed_minor) >= 0),
    CONSTRAINT fk_payment_transaction_order_id FOREIGN KEY (order_id) REFERENCES orders (id)
);

CREATE INDEX ix_payment_transaction_discrepant ON payment_transaction (order_id, id)
    WHERE captured_beyond_minor > 0 OR voided_beyond_minor > 0;
CREATE INDEX ix_payment_transaction_discrepant_in_channel ON payment_transaction (channel_id, order_id, id)
    WHERE captured_beyond_minor > 0 OR voided_beyond_minor > 0;

CREATE TABLE payment_event (
    id uuid NOT NULL,
    order_id uuid NOT NULL,
    channel_id uuid NOT NULL,
    transaction_id uuid NOT NULL,
    gateway text NOT NULL,
    event_reference text NOT NULL,
    type varchar(40) NOT NULL,
    amount_minor bigint NOT NULL,
    currency text NOT NULL,
    note text,
    actor text NOT NULL,
    occurred_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT pk_payment_event PRIMARY KEY (id),
    CONSTRAINT uq_payment_event_gateway_event_reference_type UNIQUE (gateway, event_reference, type),
    CONSTRAINT ck_payment_event_amount_positive CHECK (amount_minor > 0),
    CONSTRAINT fk_payment_event_order_id FOREIGN KEY (order_id) REFERENCES orders (id),
    CONSTRAINT fk_payment_event_transaction_id FOREIGN KEY (transaction_id) REFERENCES payment_transaction (id),
    CONSTRAINT ck_payment_event_type_known
        CHECK (type IN ('AUTHORIZED', 'CAPTURED', 'VOIDED', 'REFUNDED', 'FAILED', 'CHARGEBACK', 'CHARGEBACK_REVERSED',
            'DISPUTE_OPENED', 'DISPUTE_CLOSED'))
);

CREATE INDEX ix_payment_event_order_id ON payment_event (order_id);
CREATE INDEX ix_payment_event_transaction_id_occurred_at_id ON payment_event (transaction_id, occurred_at, id);

CREATE TABLE payment_balance (
    order_id uuid NOT NULL,
    channel_id uuid NOT NULL,
    currency text NOT NULL,
    authorized_minor bigint DEFAULT 0 NOT NULL,
    captured_minor bigint DEFAULT 0 NOT NULL,
    refunded_minor bigint DEFAULT 0 NOT NULL,
    charged_back_minor bigint DEFAULT 0 NOT NULL,
    disputed_minor bigint DEFAULT 0 NOT NULL,
    granted_minor bigint DEFAULT 0 NOT NULL,
    settled_minor bigint DEFAULT 0 NOT NULL,
    refunded_beyond_captured_minor bigint
        GENERATED ALWAYS AS (greatest(refunded_minor + charged_back_minor - captured_minor, 0)) STORED NOT NULL,
    refunded_beyond_granted_minor bigint GENERATED ALWAYS AS (greatest(refunded_minor - settled_minor, 0)) STORED NOT NULL,
    CONSTRAINT pk_payment_balance PRIMARY KEY (order_id),
    CONSTRAINT ck_payment_balance_granted_not_negative CHECK (granted_minor >= 0),
    CONSTRAINT fk_payment_balance_order_id FOREIGN KEY (order_id) REFERENCES orders (id)
);

CREATE INDEX ix_payment_balance_discrepant ON payment_balance (order_id)
    WHERE refunded_beyond_captured_minor > 0 OR refunded_beyond_granted_minor > 0;
CREATE INDEX ix_payment_balance_discrepant_in_channel ON payment_balance (channel_id, order_id)
    WHERE refunded_beyond_captured_minor > 0 OR refunded_beyond_granted_minor > 0;

CREATE TABLE refund (
    id uuid NOT NULL,
    order_id uuid NOT NULL,
    channel_id uuid NOT NULL,
    return_id uuid,
    cancellation_id uuid,
    status varchar(40) NOT NULL,
    reason varchar(40) NOT NULL,
    note text,
    cancel_note text,
    amount_minor bigint NOT NULL,
    refunded_minor bigint DEFAULT 0 NOT NULL,
    called_off_minor bigint DEFAULT 0 NOT NULL,
    owed_minor bigint GENERATED ALWAYS AS (greatest(amount_minor - called_off_minor - refunded_minor, 0)) STORED NOT NULL,
    settled_minor bigint GENERATED ALWAYS AS (least(refunded_minor, amount_minor - called_off_minor)) STORED NOT NULL,
    currency text NOT NULL,
    gateway text,
    provider_reference text,
    actor text NOT NULL,
    granted_at timestamptz NOT NULL,
    requested_at timestamptz,
    succeeded_at timestamptz,
    failed_at timestamptz,
    canceled_at timestamptz,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT pk_refund PRIMARY KEY (id),
    CONSTRAINT ck_refund_amount_positive CHECK (amount_minor > 0),
    CONSTRAINT ck_refund_refunded_not_negative CHECK (refunded_minor >= 0),
    CONSTRAINT ck_refund_called_off_within_amount CHECK (called_off_minor BETWEEN 0 AND amount_minor),
    CONSTRAINT ck_refund_open_while_owed
        CHECK ((status IN ('GRANTED', 'REQUESTED', 'FAILED')) = (amount_minor - called_off_minor - refunded_minor > 0)),
    CONSTRAINT ck_refund_succeeded_when_told CHECK ((status = 'SUCCEEDED') = (succeeded_at IS NOT NULL)),
    CONSTRAINT ck_refund_canceled_when_told CHECK ((status = 'CANCELED') = (canceled_at IS NOT NULL)),
    CONSTRAINT fk_refund_order_id FOREIGN KEY (order_id) REFERENCES orders (id),
    CONSTRAINT uq_refund_cancellation_id UNIQUE (cancellation_id),
    CONSTRAINT fk_refund_cancellation_id FOREIGN KEY (cancellation_id) REFERENCES order_cancellation (id),
    CONSTRAINT ck_refund_status_known CHECK (status IN ('GRANTED', 'REQUESTED', 'SUCCEEDED', 'FAILED', 'CANCELED')),
    CONSTRAINT ck_refund_reason_known
        CHECK (reason IN ('RETURN', 'CANCELLATION', 'OVERPAYMENT', 'GOODWILL', 'DAMAGED', 'LOST', 'FRAUD', 'OTHER'))
);

CREATE INDEX ix_refund_channel_id_granted_at_id ON refund (channel_id, granted_at, id);
CREATE INDEX ix_refund_granted_at_id ON refund (granted_at, id);
CREATE INDEX ix_refund_order_id_granted_at_id ON refund (order_id, granted_at, id);
CREATE INDEX ix_refund_reason_granted_at_id ON refund (reason, granted_at, id);
CREATE INDEX ix_refund_return_id ON refund (return_id);
CREATE INDEX ix_refund_status_granted_at_id ON refund (status, granted_at, id);

CREATE TABLE refund_event (
    event_id uuid NOT NULL,
    refund_id uuid NOT NULL,
    CONSTRAINT pk_refund_event PRIMARY KEY (event_id),
    CONSTRAINT fk_refund_event_event_id FOREIGN KEY (event_id) REFERENCES payment_event (id),
    CONSTRAINT fk_refund_event_refund_id FOREIGN KEY (refund_id) REFERENCES refund (id)
);

CREATE INDEX ix_refund_event_refund_id ON refund_event (refund_id);
"""

GUARDS = """
CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON payment_event
    FOR EACH STATEMENT EXECUTE FUNCTION oms_only_grows();
ALTER TABLE payment_event ENABLE ALWAYS TRIGGER only_grows;

CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON refund_event
    FOR EACH STATEMENT EXECUTE FUNCTION oms_only_grows();
ALTER TABLE refund_event ENABLE ALWAYS TRIGGER only_grows;

CREATE FUNCTION oms_grants_within_captured() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.granted_minor > NEW.captured_minor - NEW.refunded_minor - NEW.charged_back_minor THEN
        RAISE EXCEPTION USING
            ERRCODE = 'OM003',
            MESSAGE = format('order %s: %s granted, %s captured, %s refunded, %s charged back', NEW.order_id,
                             NEW.granted_minor, NEW.captured_minor, NEW.refunded_minor, NEW.charged_back_minor);
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER grants_begin_within_captured BEFORE INSERT ON payment_balance
    FOR EACH ROW WHEN (NEW.granted_minor > 0) EXECUTE FUNCTION oms_grants_within_captured();
CREATE TRIGGER grants_grow_within_captured BEFORE UPDATE ON payment_balance
    FOR EACH ROW WHEN (NEW.granted_minor > OLD.granted_minor) EXECUTE FUNCTION oms_grants_within_captured();
ALTER TABLE payment_balance ENABLE ALWAYS TRIGGER grants_begin_within_captured;
ALTER TABLE payment_balance ENABLE ALWAYS TRIGGER grants_grow_within_captured;
"""

REFUNDS_ADD_UP = """
CREATE FUNCTION oms_refunds_add_up() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    balance_of uuid := coalesce(NEW.order_id, OLD.order_id);
    owed bigint := coalesce(NEW.owed_minor, 0) - coalesce(OLD.owed_minor, 0);
    settled bigint := coalesce(NEW.settled_minor, 0) - coalesce(OLD.settled_minor, 0);
BEGIN
    IF owed = 0 AND settled = 0 THEN
        RETURN NULL;
    END IF;
    UPDATE payment_balance SET granted_minor = granted_minor + owed, settled_minor = settled_minor + settled
    WHERE order_id = balance_of;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'OM003', MESSAGE = format('order %s: nothing was captured', balance_of);
    END IF;
    RETURN NULL;
END $$;

COMMENT ON FUNCTION oms_refunds_add_up IS
    'Keeps what refunds owe and what went back of them in the balance of their order; that refuses more than was captured.';

CREATE TRIGGER refunds_add_up AFTER INSERT OR DELETE OR UPDATE ON refund
    FOR EACH ROW EXECUTE FUNCTION oms_refunds_add_up();
"""

RIGHTS = """
DO $$
BEGIN
    IF to_regrole('oms_app') IS NOT NULL AND current_user <> 'oms_app' THEN
        REVOKE UPDATE, DELETE ON payment_event, refund_event FROM oms_app;
    END IF;
END $$;
"""


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute(TABLES)
    op.execute(GUARDS)
    op.execute(REFUNDS_ADD_UP)
    op.execute(RIGHTS)
