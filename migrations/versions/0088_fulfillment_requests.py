"""A location may be a supplier's, who is asked for each fulfillment order there."""

from alembic import op

revision = "0088"
down_revision = "0087"

COLUMNS = """
ALTER TABLE location
    ADD COLUMN IF NOT EXISTS supplier_id uuid,
    ADD COLUMN IF NOT EXISTS answer_within_minutes integer,
    ADD COLUMN IF NOT EXISTS submits_requests boolean DEFAULT true NOT NULL
"""
CONSTRAINTS = {
    "fk_location_supplier_id": "FOREIGN KEY (supplier_id) REFERENCES supplier (id)",
    "ck_location_answer_within_minutes_positive": "CHECK (answer_within_minutes > 0)",
}
REQUESTS = """
CREATE TABLE IF NOT EXISTS fulfillment_request (
    id uuid NOT NULL,
    fulfillment_order_id uuid NOT NULL,
    order_id uuid NOT NULL,
    channel_id uuid NOT NULL,
    location_id uuid NOT NULL,
    supplier_id uuid NOT NULL,
    status varchar(40) NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    submitted_at timestamptz,
    answer_by timestamptz,
    answered_at timestamptz,
    ships_by date,
    supplier_ref text,
    note text,
    moves_on boolean DEFAULT false NOT NULL,
    purchase_order_id uuid,
    created_at timestamptz NOT NULL,
    closed_at timestamptz,
    updated_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT pk_fulfillment_request PRIMARY KEY (id),
    CONSTRAINT uq_fulfillment_request_fulfillment_order_id UNIQUE (fulfillment_order_id),
    CONSTRAINT uq_fulfillment_request_purchase_order_id UNIQUE (purchase_order_id),
    CONSTRAINT ck_fulfillment_request_status_known CHECK (status IN ('UNSUBMITTED', 'SUBMITTED', 'ACCEPTED', 'REJECTED',
        'CANCELLATION_REQUESTED', 'CANCELLATION_ACCEPTED', 'CANCELLATION_REJECTED', 'CLOSED')),
    CONSTRAINT ck_fulfillment_request_submitted_once CHECK (status <> 'SUBMITTED' OR submitted_at IS NOT NULL),
    CONSTRAINT fk_fulfillment_request_fulfillment_order_id
        FOREIGN KEY (fulfillment_order_id) REFERENCES fulfillment_order (id),
    CONSTRAINT fk_fulfillment_request_order_id FOREIGN KEY (order_id) REFERENCES orders (id),
    CONSTRAINT fk_fulfillment_request_location_id FOREIGN KEY (location_id) REFERENCES location (id),
    CONSTRAINT fk_fulfillment_request_supplier_id FOREIGN KEY (supplier_id) REFERENCES supplier (id),
    CONSTRAINT fk_fulfillment_request_purchase_order_id FOREIGN KEY (purchase_order_id) REFERENCES purchase_order (id)
)
"""
INDEXES = (
    "ix_location_supplier_id ON location (supplier_id) WHERE supplier_id IS NOT NULL",
    "ix_fulfillment_request_order_id ON fulfillment_request (order_id)",
    "ix_fulfillment_request_created_at_id ON fulfillment_request (created_at, id)",
    "ix_fulfillment_request_status_created_at_id ON fulfillment_request (status, created_at, id)",
    "ix_fulfillment_request_location_id_status_created_at_id ON fulfillment_request (location_id, status, created_at, id)",
    "ix_fulfillment_request_supplier_id_status_created_at_id ON fulfillment_request (supplier_id, status, created_at, id)",
    """ix_fulfillment_request_answer_by ON fulfillment_request (answer_by, id)
    WHERE status = 'SUBMITTED' AND answer_by IS NOT NULL""",
)
REASONS = """
INSERT INTO order_reason (id, use, code, name, effect, updated_at)
SELECT gen_random_uuid(), 'REJECT', reason.code, reason.name, 'NOTHING', now()
FROM (VALUES ('NO_ANSWER', 'The supplier did not answer'), ('WITHDRAWN', 'The request was withdrawn')) AS reason (code, name)
ON CONFLICT (use, code) DO NOTHING
"""


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute(COLUMNS)
    for name, holds in CONSTRAINTS.items():
        op.execute(f"ALTER TABLE location DROP CONSTRAINT IF EXISTS {name}, ADD CONSTRAINT {name} {holds} NOT VALID")
        op.execute(f"ALTER TABLE location VALIDATE CONSTRAINT {name}")
    op.execute(REQUESTS)
    for index in INDEXES:
        op.execute(f"CREATE INDEX IF NOT EXISTS {index}")
    op.execute(
        "CREATE OR REPLACE TRIGGER changed BEFORE UPDATE ON fulfillment_request FOR EACH ROW EXECUTE FUNCTION oms_changed()"
    )
    op.execute(REASONS)
    op.execute("ANALYZE fulfillment_request")
