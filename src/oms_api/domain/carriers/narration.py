"""Labels and tracking in words, for timelines."""

from oms_api.db.relations import one_for
from oms_api.db.sql import Sql
from oms_api.domain.carriers.events import (
    LabelLost,
    LabelPurchased,
    LabelRefused,
    LabelRequested,
    LabelVoided,
    LabelVoiding,
    PackageTracked,
)
from oms_api.domain.events.timeline import Happening, narrate
from oms_api.domain.shipping.narration import parcel, parcels

labels = one_for("id")(
    Sql("""
SELECT label.id, label.service, label.tracking_number, label.trouble, label.trouble_message, account.code AS account
FROM label JOIN carrier_account account ON account.id = label.account_id WHERE label.id = ANY (:id::uuid[])
""")
)
"""What each label is called."""
REASONS = {
    "RATE_CHANGED": "it costs more than was allowed",
    "NOT_BOUGHT": "the carrier had not sold it",
}


def label(it: Happening) -> str:
    """Return what the label of an event is called."""
    number = f" {it.record.tracking_number}" if it.record.tracking_number else ""
    return f"Label{number} ({it.record.account}, {it.record.service})"


def refused(it: Happening) -> str:
    """Say why a label was not bought."""
    return f"{label(it)} was not bought: {it.record.trouble_message or REASONS.get(it.record.trouble, 'the carrier refused')}."


narrate(LabelRequested, lambda it: f"{label(it)} was asked for.", behind=labels)
narrate(LabelPurchased, lambda it: f"{label(it)} was bought.", behind=labels)
narrate(LabelRefused, refused, behind=labels)
narrate(LabelLost, lambda it: f"{label(it)}: the carrier gave no clear answer.", behind=labels)
narrate(
    LabelVoiding,
    lambda it: f"{label(it)} {'was not taken back' if it.now('label.status') == 'PURCHASED' else 'is being given back'}.",
    behind=labels,
)
narrate(LabelVoided, lambda it: f"{label(it)} was given back.", behind=labels)


def tracked(it: Happening) -> str:
    """Say where a parcel is, by its carrier."""
    now = it.now("package.trackingStatus")
    return f"{parcel(it)}: its carrier told of it again." if now is None else f"{parcel(it)} is {now} by its carrier."


narrate(PackageTracked, tracked, behind=parcels)
