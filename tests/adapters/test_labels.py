"""A label is printed as PDF, PNG and ZPL, and a scanner reads it, whoever it goes to."""

import asyncio
import io
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image, ImageChops

from oms_api.adapters.carriers.builtin import BuiltIn
from oms_api.adapters.documents.printer import label_json
from oms_api.domain.documents.errors import BarcodeImpossible, PdfUnreadable
from oms_api.domain.documents.facts import Paper, Printable
from oms_api.domain.documents.samples import SAMPLES
from oms_api.domain.documents.states import DocumentKind
from tests.factories.labels import ADDRESSES, EVIL, LONDON, label
from tests.factories.ports import PRINTER

ZPL = Path(__file__).with_name("zpl")
BARCODES = ("OV0000000012345", "1", "1Z999AA10123456784", "00340434161094042557", "a-b c/d+e.f$g%h", "~" * 20, "9" * 48)


def picture(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png)).convert("L")


def read_back(png: bytes) -> set[str]:
    return {found.text for found in zxingcpp.read_barcodes(picture(png))}


@pytest.mark.parametrize("to", ADDRESSES)
async def test_a_label_is_read_whoever_it_goes_to(to: str) -> None:
    facts = label(recipient=ADDRESSES[to], sender=ADDRESSES[to])
    printed = await PRINTER.label(facts)
    assert printed.pdf.startswith(b"%PDF-")
    assert picture(printed.png).size == (812, 1218)
    assert read_back(printed.png) == {facts.barcode}


@pytest.mark.parametrize("text", BARCODES)
async def test_every_barcode_is_read_back(text: str) -> None:
    assert read_back((await PRINTER.label(label(barcode=text))).png) == {text}


@pytest.mark.parametrize("to", ADDRESSES)
async def test_nothing_leaves_its_place(to: str) -> None:
    """What lies below the recipient is, dot by dot, the same for each."""
    plain = picture((await PRINTER.label(label())).png)
    other = picture((await PRINTER.label(label(recipient=ADDRESSES[to]))).png)
    below = (0, 750, 812, 1218)
    assert ImageChops.difference(plain.crop(below), other.crop(below)).getbbox() is None
    edges = [other.crop(edge).getextrema()[0] for edge in ((0, 0, 25, 1218), (787, 0, 812, 1218), (0, 0, 812, 20))]
    assert edges == [255, 255, 255]


@pytest.mark.parametrize("text", ["", "x" * 81, "é", "a\nb", "\u202e1"])
async def test_what_is_no_barcode_is_refused(text: str) -> None:
    with pytest.raises(BarcodeImpossible):
        await PRINTER.label(label(barcode=text))


async def test_the_same_facts_give_the_same_bytes() -> None:
    assert await PRINTER.label(label()) == await PRINTER.label(label())


@pytest.mark.parametrize("kind", [DocumentKind.PACKING_SLIP, DocumentKind.PICK_LIST])
async def test_the_code_on_a_sheet_is_read_back(kind: DocumentKind) -> None:
    (page, *_) = await PRINTER.pictures([Paper(PRINTER.built_in(kind), SAMPLES[kind])], ppi=150)
    assert read_back(page) == {SAMPLES[kind]["qr"]["$qr"]}


async def test_fields_are_text_and_not_markup() -> None:
    plain = Paper("#let paper(facts) = page(width: 9in, height: 1in, text(size: 8pt, facts.recipient.lines.at(0)))", {})
    shown = [
        (await PRINTER.pictures([Paper(plain.template, label_json(label(recipient=to)))], ppi=60))[0] for to in (EVIL, LONDON)
    ]
    assert shown[0] != shown[1]


@pytest.fixture(scope="module")
def rendering(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with the renderer, installed."""
    if shutil.which("npm") is None or shutil.which("node") is None:
        pytest.skip("ZPL is rendered by a program of npm: node and npm were not found")
    folder = tmp_path_factory.mktemp("zpl")
    for name in ("package.json", "render.mjs"):
        shutil.copy(ZPL / name, folder)
    install = ["npm", "install", "--no-audit", "--no-fund", "--loglevel=error"]
    installed = subprocess.run(install, cwd=folder, capture_output=True, text=True, check=False)
    if installed.returncode:
        pytest.skip(f"the renderer of ZPL could not be installed: {installed.stderr.strip()[-200:]}")
    return folder


async def test_zpl_is_rendered_as_one_label_and_read_back(rendering: Path) -> None:
    printed = [(await PRINTER.label(label(recipient=to, sender=to))).zpl for to in ADDRESSES.values()]
    pages = await asyncio.to_thread(rendered, rendering, printed)
    assert [len(found) for found in pages] == [1] * len(printed)
    assert [read_back(found[0]) for found in pages] == [{"OV0000000012345"}] * len(printed)


async def test_zpl_of_long_barcodes_is_read_back(rendering: Path) -> None:
    printed = [(await PRINTER.label(label(barcode=text))).zpl for text in BARCODES]
    pages = await asyncio.to_thread(rendered, rendering, printed)
    assert [read_back(found[0]) for found in pages] == [{text} for text in BARCODES]


def rendered(folder: Path, labels: Sequence[str]) -> list[list[bytes]]:
    """Return what a label printer would print of each of *labels*."""
    paths = [folder / f"{at}.zpl" for at in range(len(labels))]
    for path, text in zip(paths, labels, strict=True):
        path.write_text(text, encoding="utf-8")
    subprocess.run(["node", "render.mjs", *map(str, paths)], cwd=folder, check=True, timeout=120)
    return [[found.read_bytes() for found in sorted(folder.glob(f"{path.name}.*.png"))] for path in paths]


async def test_the_built_in_carrier_prints_by_the_template_of_the_shop_and_by_its_own_where_that_fails() -> None:
    carrier, plain = BuiltIn(PRINTER), await PRINTER.label(label())
    own = '#import "oms.typ": *\n#let paper(facts) = label-page[#barcode(facts.barcode)]'
    printed = await carrier.print_label(label(), own)
    assert printed.pdf != plain.pdf
    assert read_back(printed.png) == {label().barcode}
    assert await carrier.print_label(label(), "#let paper(facts) = facts.nothing") == plain
    assert await carrier.print_label(label(), None) == plain


async def test_many_papers_are_one_pdf_in_their_order_and_size() -> None:
    small = '#import "oms.typ": *\n#let paper(facts) = page(width: 2in, height: 1.5in, barcode(facts.qr, width: 1.2in))'
    pdf = await PRINTER.document([Paper(small, {"qr": {"$qr": f"paper {number}"}}) for number in range(230)])
    pages = await PRINTER.pictures([pdf], ppi=100)
    assert {picture(page).size for page in pages} == {(200, 150)}
    assert [read_back(pages[at]) for at in (0, 99, 100, 199, 229)] == [{f"paper {at}"} for at in (0, 99, 100, 199, 229)]
    assert len(pages) == 230


async def test_each_of_many_that_is_no_pdf_is_named() -> None:
    papers: list[Printable] = [Paper("#let paper(facts) = page[x]", {})] * 220
    papers[7] = papers[150] = b"nothing"
    with pytest.raises(PdfUnreadable) as refused:
        await PRINTER.document(papers)
    assert refused.value.papers == [7, 150]


@pytest.mark.parametrize("to", ADDRESSES)
async def test_letters_that_a_label_printer_may_lack_are_a_picture(to: str) -> None:
    picture_of = to in {"cairo", "athens"}
    zpl = (await PRINTER.label(label(recipient=ADDRESSES[to]))).zpl
    assert ("^GFA" in zpl, "^BC" in zpl) == (picture_of, not picture_of)
    assert zpl.isascii()
    assert (zpl.count("^XA"), zpl.count("^XZ")) == (1, 1)


async def test_a_picture_in_zpl_is_the_label_dot_by_dot(rendering: Path) -> None:
    printed = await PRINTER.label(label(recipient=ADDRESSES["cairo"]))
    ((page,),) = await asyncio.to_thread(rendered, rendering, [printed.zpl])
    wanted = picture(printed.png).point(lambda value: 255 if value >= 128 else 0)
    shown = picture(page).crop((0, 0, 812, 1218)).point(lambda value: 255 if value >= 128 else 0)
    assert ImageChops.difference(wanted, shown).getbbox() is None
