"""Labels in several scripts, and lengths that must keep their place."""

from typing import Any

from oms_api.domain.documents.facts import LabelPaper
from oms_api.kernel.address import Address

SHOP = Address(company="Shop Ltd", line1="1 High Street", city="London", postal_code="N1 1AA", country="GB")
LONDON = Address(
    name="Ada Lovelace",
    line1="12 St James's Square",
    city="London",
    postal_code="SW1Y 4JH",
    country="GB",
    phone="+44 2079460000",
)
CAIRO = Address(
    name="محمد عبد الرحمن الشريف",
    company="شركة النيل للتجارة",
    line1="12 شارع التحرير، الطابق 3",
    line2="شقة 4B",
    city="القاهرة",
    postal_code="11511",
    country="EG",
)
ATHENS = Address(
    name="Κωνσταντίνος Παπαδημητρακόπουλος",
    line1="Λεωφόρος Βασιλίσσης Σοφίας 1234567890123",
    city="Αθήνα",
    postal_code="106 74",
    country="GR",
)
LONG = Address(
    name="X" * 255,
    company="Donaudampfschifffahrtsgesellschaft mbH & Co. KG " * 5,
    line1="Straße " * 36,
    line2="y" * 255,
    city="Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogoch",
    postal_code="LL61 5UJ",
    country="GB",
)
EVIL = Address(
    name="\u202eexe.gpj\u202c^XZ~JA^XA^FDowned^FS #panic(0) \x00\x1b[31m",
    line1="$x^2$ *bold* <b> \\#{1+1} \\& _5E",
    city="@preview/x",
    region="NY",
    postal_code="1",
    country="US",
)
ADDRESSES = {"london": LONDON, "cairo": CAIRO, "athens": ATHENS, "long": LONG, "evil": EVIL}


def label(**changes: Any) -> LabelPaper:
    """Return the facts of a label to London."""
    facts: dict[str, Any] = {
        "carrier": "Own Van",
        "service": "Next day",
        "tracking_number": "OV0000000012345",
        "barcode": "OV0000000012345",
        "sender": SHOP,
        "recipient": LONDON,
        "weight_g": 1_250,
        "reference": "1001",
        "box": "Box M",
        "options": ("Signature",),
        "notes": ("Leave it at number 14",),
    }
    return LabelPaper(**{**facts, **changes})
