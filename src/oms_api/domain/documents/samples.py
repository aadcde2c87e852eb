"""Facts to try templates with: each field that a template of a kind may use."""

from oms_api.db.columns import Json
from oms_api.domain.documents.states import DocumentKind

SENDER: Json = {"name": "Shop Ltd", "lines": ["Shop Ltd", "1 High Street", "London", "N1 1AA", "UNITED KINGDOM"]}
RECIPIENT: Json = {
    "name": "Κωνσταντίνα Παπαδοπούλου",
    "lines": ["Κωνσταντίνα Παπαδοπούλου", "Λεωφόρος Βασιλίσσης Σοφίας 12", "106 74 Αθήνα", "GREECE"],
    "phone": "+30 21 0123 4567",
}
ORDER: Json = {
    "number": "1001",
    "placed_on": "2026-11-30",
    "shipping_method": "Express",
    "note": "محمد will fetch it.",
    "currency": "EUR",
    "total": "59.90",
}
PACKAGE: Json = {
    "id": "package_01h455vb4pex5vsknk084sn02q",
    "part": 1,
    "parts": 2,
    "box": "Box M",
    "weight": "1.250 kg",
    "tracking_number": "OV0000000012345",
    "carrier": "Own Van",
}
QR: Json = {"$qr": "package_01h455vb4pex5vsknk084sn02q"}
LABEL: Json = {
    "carrier": "Own Van",
    "service": "Next day",
    "tracking_number": "OV0000000012345",
    "barcode": {"$code128": "OV0000000012345"},
    "sender": SENDER,
    "recipient": RECIPIENT,
    "weight": "1.250 kg",
    "reference": "1001",
    "box": "Box M",
    "part": 1,
    "parts": 2,
    "options": ["Signature"],
    "notes": ["Leave it with the neighbour at number 14"],
    "is_return": False,
}
SAMPLES: dict[DocumentKind, Json] = {
    DocumentKind.LABEL: LABEL,
    DocumentKind.RETURN_LABEL: {**LABEL, "sender": RECIPIENT, "recipient": {**SENDER, "phone": None}, "is_return": True},
    DocumentKind.PACKING_SLIP: {
        "channel": {"name": "Web shop"},
        "sender": SENDER,
        "recipient": RECIPIENT,
        "order": ORDER,
        "package": PACKAGE,
        "qr": QR,
        "lines": [
            {"sku": "TEA-250", "title": "Assam tea, 250 g, in a tin with a picture of a tea garden at dawn", "quantity": 2},
            {"sku": "MUG-RED", "title": "كوب أحمر", "quantity": 1},
        ],
        "units": 3,
    },
    DocumentKind.COMMERCIAL_INVOICE: {
        "number": "1001-1",
        "date": "2026-11-30",
        "order": ORDER,
        "parcels": 1,
        "exporter": {**SENDER, "eori": "GB123456789000", "ioss": "IM1234567890"},
        "importer": RECIPIENT,
        "currency": "EUR",
        "lines": [
            {
                "sku": "TEA-250",
                "title": "Assam tea, 250 g",
                "quantity": 2,
                "hs_code": "090230",
                "origin": "IN",
                "weight": "0.540 kg",
                "unit_value": "12.50",
                "value": "25.00",
            }
        ],
        "totals": [["Goods", "25.00"], ["Shipping", "4.90"]],
        "total": "29.90",
        "weight": "1.250 kg",
        "reason": "Sale",
    },
    DocumentKind.PICK_LIST: {
        "number": "pick_01h455vb4pex5vsknk084sn02q",
        "location": {"name": "Warehouse London"},
        "made_on": "2026-11-30",
        "qr": {"$qr": "pick_01h455vb4pex5vsknk084sn02q"},
        "units": 3,
        "lines": [
            {
                "bin": "A-01-3",
                "sku": "TEA-250",
                "title": "Assam tea, 250 g",
                "units": 3,
                "slots": [{"slot": 1, "units": 2}, {"slot": 2, "units": 1}],
            }
        ],
        "orders": [
            {"slot": 1, "number": "1001", "recipient": "Κωνσταντίνα Παπαδοπούλου", "units": 2},
            {"slot": 2, "number": "1002", "recipient": "محمد عبد الرحمن", "units": 1},
        ],
    },
    DocumentKind.MANIFEST: {
        "number": "manifest_01h455vb4pex5vsknk084sn02q",
        "carrier": "Own Van",
        "date": "2026-11-30",
        "sender": SENDER,
        "weight": "1.250 kg",
        "packages": [
            {
                "tracking_number": "OV0000000012345",
                "order": "1001",
                "service": "Next day",
                "destination": "106 74 Αθήνα, GR",
                "weight": "1.250 kg",
            }
        ],
    },
}
