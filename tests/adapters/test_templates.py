"""Templates are printed in a process of their own, and whatever they do, they do to nobody else."""

import asyncio
import io
import os
from pathlib import Path
from time import monotonic

import pytest
import zxingcpp
from PIL import Image

from oms_api.adapters.documents.presses import Press, Presses
from oms_api.adapters.documents.printer import TypstPrinter
from oms_api.domain.documents.errors import DocumentTooLarge, PdfUnreadable, PrinterBusy, TemplateBroken
from oms_api.domain.documents.facts import Paper
from oms_api.domain.documents.samples import SAMPLES
from oms_api.domain.documents.states import DocumentKind
from tests.factories.ports import PRINTER

PLAIN = '#import "oms.typ": *\n#let paper(facts) = page[#facts.title]'


def printing(source: str) -> Paper:
    return Paper(source, {"title": "x", "order": {"number": "1"}})


@pytest.mark.parametrize("kind", DocumentKind)
async def test_each_built_in_template_prints_its_sample(kind: DocumentKind) -> None:
    paper = Paper(PRINTER.built_in(kind), SAMPLES[kind])
    assert (await PRINTER.document([paper])).startswith(b"%PDF-")


NARROW = ("return_01m8nxrpf9em1vtj3aktxw2125", "return_018800ddaajmcdbcrk1qta9g4n", "return_013vh6r8m4ka8gzmj2411738pv")


@pytest.mark.parametrize("number", NARROW)
async def test_bars_of_one_dot_are_read_from_a_label_of_203_dots_an_inch(number: str) -> None:
    facts = {**SAMPLES[DocumentKind.RETURN_LABEL], "barcode": {"$code128": number}}
    pdf = await PRINTER.document([Paper(PRINTER.built_in(DocumentKind.RETURN_LABEL), facts)])
    (picture,) = await PRINTER.pictures([pdf], ppi=203)
    assert [found.text for found in zxingcpp.read_barcodes(Image.open(io.BytesIO(picture)))] == [number]


@pytest.mark.parametrize(
    ("source", "problem", "place"),
    [
        ("#let paper(facts) = page[#facts.titel]", 'did you mean "title"?', (1, 33)),
        ("#let paper(facts) = {\n  page[#fact.title]\n}", 'unknown variable: fact; did you mean "facts"?', (2, 9)),
        ("#let paper(facts) = page[#facts.order.numbr]", 'did you mean "number"?', (1, 39)),
        ('#import "@preview/cetz:0.3.1": *\n#let paper(facts) = []', "packages are switched off", (1, 9)),
        ('#import ("@pre" + "view/cetz:0.3.1"): canvas\n#let paper(facts) = []', "packages are switched off", (1, 9)),
        ('#let paper(facts) = image("/etc/passwd")', "files are switched off", (1, 27)),
        ('#let paper(facts) = read("../../../etc/passwd")', "files are switched off", (1, 26)),
        ('#import "/template1.typ": paper', "files are switched off", (1, 9)),
        ("#let page-of(facts) = []", "it must define what is printed: #let paper(facts) = ...", (None, None)),
        ("#let paper(facts) = [", "unclosed delimiter", (1, 21)),
        ("#let paper(facts) = paper(facts)", "maximum function call depth exceeded", (1, 21)),
        ("#let paper(facts) = panic(facts.title)", "panicked with", (1, 21)),
    ],
)
async def test_what_is_wrong_is_told_with_its_place(source: str, problem: str, place: tuple[int | None, int | None]) -> None:
    with pytest.raises(TemplateBroken) as refused:
        await PRINTER.document([printing(source)])
    assert problem in refused.value.problem
    assert (refused.value.line, refused.value.column) == place
    assert "/tmp" not in refused.value.message
    assert "oms-press" not in refused.value.message


@pytest.mark.parametrize(
    "source",
    [
        "#let paper(facts) = { for i in range(20000) { for j in range(20000) { } } }",
        "#let paper(facts) = { let all = range(1000000000) }",
        "#let paper(facts) = { for i in range(100000000) { pagebreak() } }",
        "#let paper(facts) = page(width: 100000in, height: 100000in)[#lorem(1000000)]",
    ],
)
async def test_what_does_not_end_is_given_up_alone(source: str) -> None:
    presses = Presses(size=2, memory=1 << 30)
    printer = TypstPrinter(presses)
    try:
        begun = monotonic()
        with pytest.raises(DocumentTooLarge):
            await printer.document([printing(source)], seconds=2)
        assert monotonic() - begun < 8
        assert (await printer.document([printing(PLAIN)])).startswith(b"%PDF-")
    finally:
        await printer.close()


async def test_a_press_that_is_killed_takes_nothing_with_it() -> None:
    presses = Presses(size=1)
    printer = TypstPrinter(presses)
    try:
        await printer.document([printing(PLAIN)])
        (press,) = presses.all
        slow = asyncio.create_task(
            printer.document([printing("#let paper(facts) = { for i in range(20000) { for j in range(20000) { } } }")])
        )
        await asyncio.sleep(0.2)
        os.kill(press.process.pid, 9)
        with pytest.raises(DocumentTooLarge):
            await slow
        assert (await printer.document([printing(PLAIN)])).startswith(b"%PDF-")
        assert press not in presses.all
    finally:
        await printer.close()


async def test_who_gives_up_frees_the_press() -> None:
    printer = TypstPrinter(Presses(size=1))
    try:
        slow = asyncio.create_task(
            printer.document([printing("#let paper(facts) = { for i in range(20000) { for j in range(20000) { } } }")])
        )
        await asyncio.sleep(0.5)
        slow.cancel()
        await asyncio.gather(slow, return_exceptions=True)
        assert (await printer.document([printing(PLAIN)], seconds=5)).startswith(b"%PDF-")
    finally:
        await printer.close()


async def test_a_queue_that_is_too_long_is_told() -> None:
    printer = TypstPrinter(Presses(size=1, most_waiting=2))
    try:
        outcomes = await asyncio.gather(*(printer.document([printing(PLAIN)]) for _ in range(6)), return_exceptions=True)
        assert sum(isinstance(each, PrinterBusy) for each in outcomes) == 3
        assert sum(isinstance(each, bytes) for each in outcomes) == 3
    finally:
        await printer.close()


async def test_a_press_gets_nothing_of_our_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMS_DATABASE_URL", "postgresql://secret")
    press = await Press.start([], 1 << 30)
    try:
        environment = await asyncio.to_thread(Path(f"/proc/{press.process.pid}/environ").read_bytes)
        assert b"OMS_" not in environment
    finally:
        await press.end()


async def test_facts_are_text_and_not_markup() -> None:
    evil = "#panic() $x$ *a* <b> @preview/x \\ #{1+1} \u202egnp.exe\u202c\x00\x1b[31m"
    plain = await PRINTER.document([Paper(PLAIN, {"title": evil})])
    assert plain.startswith(b"%PDF-")


async def test_an_embedded_pdf_keeps_all_its_pages() -> None:
    two = await PRINTER.document([printing("#let paper(facts) = page[one] + page[two]")])
    pages = await PRINTER.pictures([printing(PLAIN), two, printing(PLAIN)], ppi=40)
    assert len(pages) == 4


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7 nothing", b"<html>", b"%PDF-" + b"\0" * 5_000])
async def test_what_is_no_pdf_is_named_and_never_left_out_in_silence(content: bytes) -> None:
    with pytest.raises(PdfUnreadable) as refused:
        await PRINTER.document([printing(PLAIN), content, printing(PLAIN)])
    assert refused.value.papers == [1]


async def test_a_press_that_ended_while_it_waited_is_replaced() -> None:
    presses = Presses(size=1)
    printer = TypstPrinter(presses)
    try:
        await printer.document([printing(PLAIN)])
        (press,) = presses.all
        os.kill(press.process.pid, 9)
        await press.process.wait()
        assert (await printer.document([printing(PLAIN)])).startswith(b"%PDF-")
    finally:
        await printer.close()


async def test_a_press_is_replaced_after_many_papers() -> None:
    presses = Presses(size=1)
    printer = TypstPrinter(presses)
    try:
        await printer.document([printing(PLAIN)])
        (first,) = presses.all
        await printer.document([printing(PLAIN)] * 600)
        assert first not in presses.all
        assert (await printer.document([printing(PLAIN)])).startswith(b"%PDF-")
    finally:
        await printer.close()
