"""A label is printed as PDF, PNG and ZPL."""

import io

import zxingcpp
from PIL import Image

from oms_api.domain.documents.facts import LabelFacts
from oms_api.kernel.address import Address
from tests.factories.ports import PRINTER

SHOP = Address(company="Shop Ltd", line1="1 High St", city="London", postal_code="N1 1AA", country="GB")
ADA = Address(name="Ada Lovelace", line1="12 St James's Square", city="London", postal_code="SW1Y 4JH", country="GB")
FACTS = LabelFacts(
    carrier="Own Van",
    service="Next day",
    tracking_number="OV0000000012345",
    barcode="OV0000000012345",
    sender=SHOP,
    recipient=ADA,
    weight_g=1_250,
    reference="1001",
)


def read_back(png: bytes) -> set[str]:
    return {found.text for found in zxingcpp.read_barcodes(Image.open(io.BytesIO(png)))}


async def test_a_label_is_printed_in_three_forms() -> None:
    printed = await PRINTER.label(FACTS)
    assert printed.pdf.startswith(b"%PDF-")
    assert Image.open(io.BytesIO(printed.png)).size == (812, 1218)
    assert read_back(printed.png) == {FACTS.barcode}
    assert printed.zpl.startswith("^XA")
    assert "OV0000000012345" in printed.zpl


async def test_the_same_facts_give_the_same_bytes() -> None:
    assert await PRINTER.label(FACTS) == await PRINTER.label(FACTS)
