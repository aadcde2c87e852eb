"""Invariants of labels, manifests and tracking."""

INVARIANTS = {
    "a package with a label has one that is bought": """
        SELECT format('package %s: %s', package.id, coalesce(label.status, 'no label'))
        FROM package LEFT JOIN label ON label.package_id = package.id
            AND label.status IN ('REQUESTED', 'PURCHASED', 'UNKNOWN', 'VOIDING')
        WHERE package.status = 'LABEL_PURCHASED'
          AND (label.status IS NULL OR label.status NOT IN ('PURCHASED', 'VOIDING')
               OR label.tracking_number IS DISTINCT FROM package.tracking_number)
    """,
    "a label that is bought is on its package": """
        SELECT format('label %s: package %s is %s', label.id, package.id, package.status)
        FROM label JOIN package ON package.id = label.package_id
        WHERE label.status = 'PURCHASED' AND package.status = 'DRAFT'
    """,
    "a manifest counts its labels": """
        SELECT format('manifest %s: %s, its labels %s', manifest.id, manifest.packages, count(label.id))
        FROM manifest LEFT JOIN label ON label.manifest_id = manifest.id
        GROUP BY manifest.id HAVING manifest.packages <> count(label.id)
    """,
    "a package was first scanned when its carrier first told": """
        SELECT format('package %s: %s, by its scans %s', package.id, package.scanned_at, found.first)
        FROM package LEFT JOIN LATERAL (
            SELECT min(occurred_at) AS first FROM tracking_event
            WHERE package_id = package.id AND status NOT IN ('PRE_TRANSIT', 'UNKNOWN')
        ) AS found ON true
        WHERE package.scanned_at IS DISTINCT FROM found.first
    """,
    "a package that its carrier delivered has arrived, and not later": """
        SELECT format('package %s is %s, arrived %s; its carrier delivered it %s', package.id, package.status,
                      package.delivered_at, found.first)
        FROM package JOIN shipment ON shipment.id = package.shipment_id JOIN LATERAL (
            SELECT min(occurred_at) AS first, max(recorded_at) AS recorded_at FROM tracking_event
            WHERE package_id = package.id AND status = 'DELIVERED'
        ) AS found ON found.first IS NOT NULL
        WHERE (package.status IN ('SHIPPED', 'LOST') AND found.recorded_at > shipment.recorded_at)
           OR (package.status = 'DELIVERED' AND package.delivered_at > greatest(found.first, shipment.shipped_at))
    """,
}
