"""Text for paper and for label printers: harmless, whatever it was."""

import re
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oms_api.adapters.documents.zpl import WIDE, escaped, width_of, wrapped, zpl_label
from oms_api.domain.documents.wording import address_lines, printable, printed
from oms_api.kernel.address import COUNTRIES, Address
from tests.factories.labels import label

FIELD = re.compile(r"\^FO\d+,\d+\^(?:A0N,\d+,\d+|BY[123]\^BCN,\d+,N,N,N,A)\^FH_\^FD((?:[A-Za-z0-9 ]|_[0-9A-F]{2})*)\^FS")
RULE = re.compile(r"\^FO\d+,\d+\^GB\d+,\d+,\d+\^FS")
FRAME = {"^XA", "^CI28", "^PW812", "^LL1218", "^LH0,0", "^XZ", ""}
TEXTS = st.text(max_size=255) | st.text(alphabet="^~_\\&#,;XZJAFS\u202e\x00\x1b\r\n é漢ש", max_size=60)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("Ada\x00\x1b[31m Lovelace\x7f", "Ada[31m Lovelace"),
        ("\u202eexe.gpj\u202c", "exe.gpj"),
        ("a\u2066b\u2069c\u200fd\u061ce", "abcde"),
        ("one\r\ntwo\tthree\u2028four", "one  two three four"),
        ("\u0645\u06cc\u200c\u062e", "\u0645\u06cc\u200c\u062e"),
        ("e\u0301", "é"),
        ("\ufeffa\u200b\u00ad", "a"),
    ],
)
def test_what_cannot_be_printed_is_left_out(given: str, kept: str) -> None:
    assert printable(given) == kept


@given(st.text())
def test_what_is_printable_stays_as_it_is(text: str) -> None:
    once = printable(text)
    assert printable(once) == once
    assert not any(unicodedata.category(sign) in {"Cc", "Cs", "Co", "Cn", "Zl", "Zp"} for sign in once)
    assert not any(unicodedata.bidirectional(sign) in {"RLO", "LRO", "RLE", "LRE", "PDF", "RLI", "LRI", "FSI"} for sign in once)


def test_every_text_in_facts_is_printable() -> None:
    assert printed({"a": ["x\x00", {"b": ("\u202ey", 1, None)}]}) == {"a": ["x", {"b": ["y", 1, None]}]}


WHOLE: dict[str, Any] = {"name": "NAME", "company": "FIRM", "line1": "ROAD", "line2": "FLAT", "city": "CITY", "region": "AREA"}


@pytest.mark.parametrize(
    ("country", "lines"),
    [
        ("GB", ["NAME", "FIRM", "ROAD", "FLAT", "CITY", "CODE", "AREA", "UNITED KINGDOM"]),
        ("US", ["NAME", "FIRM", "ROAD", "FLAT", "CITY, AREA CODE", "UNITED STATES"]),
        ("DE", ["NAME", "FIRM", "ROAD", "FLAT", "CODE CITY", "AREA", "GERMANY"]),
        ("FR", ["FIRM", "NAME", "ROAD", "FLAT", "CODE CITY", "AREA", "FRANCE"]),
    ],
)
def test_an_address_is_written_as_its_country_does(country: str, lines: list[str]) -> None:
    assert address_lines(Address(**WHOLE, postal_code="CODE", country=country)) == lines


def test_parts_that_are_missing_leave_no_lines_and_no_commas() -> None:
    assert address_lines(Address(city="Boston", country="US")) == ["Boston", "UNITED STATES"]
    assert address_lines(Address(name=" ", line1="\u202e", country="US")) == ["UNITED STATES"]


@pytest.mark.parametrize("country", sorted(COUNTRIES))
def test_no_part_of_an_address_is_lost_in_any_country(country: str) -> None:
    text = "\n".join(address_lines(Address(**WHOLE, postal_code="CODE", country=country)))
    assert [part for part in (*WHOLE.values(), "CODE") if part not in text] == []


@given(TEXTS, TEXTS, TEXTS, TEXTS)
def test_no_text_on_a_label_is_a_command_of_zpl(name: str, street: str, service: str, note: str) -> None:
    to = Address(name=name, line1=street, city=street, postal_code=name, country="GR", phone=note)
    text = zpl_label(label(recipient=to, sender=to, service=service, notes=(note,), reference=name, box=street))
    for row in text.split("\n"):
        assert row in FRAME or FIELD.fullmatch(row) or RULE.fullmatch(row), row
    assert text.count("^XA") == text.count("^XZ") == 1


@given(TEXTS)
def test_what_is_escaped_comes_back(text: str) -> None:
    told = re.sub("_([0-9A-F]{2})", lambda sign: chr(int(sign[1], 16)), escaped(text)).encode("latin-1")
    assert told.decode() == printable(text)


@given(st.text(alphabet="abWi 漢,", min_size=1, max_size=255), st.integers(8, 60))
def test_wrapped_lines_fit_and_hold_all_words(text: str, size: int) -> None:
    text = " ".join(text.split()) or "a"
    lines = wrapped(text, WIDE, size)
    assert all(width_of(line, size) <= WIDE for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
