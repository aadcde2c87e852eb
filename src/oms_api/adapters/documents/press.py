"""The program of a process that compiles documents of typst: one at a time, asked over standard input.

It runs with no access to packages or to files outside the folder of its document, under a limit of memory; whoever asks ends it
when it takes too long. It imports nothing of ours: what a template does with it, it does to nobody else.

A message is the length of its JSON, the JSON, and then the bytes that it announces.
"""

import base64
import binascii
import json
import os
import struct
import sys
import zlib
from collections.abc import Iterator
from itertools import accumulate
from typing import Any, BinaryIO

import typst
import zxingcpp

LENGTH = struct.Struct(">I")
CHANNELS = 4
"""Typst writes red, green, blue and opacity, a byte each; of black on white, one of them tells all."""
DARK = bytes(ord("1") if value < 128 else ord("0") for value in range(256))  # noqa: PLR2004 - half of the way to white
MOST_PAGES = 10_000
NOWHERE = "/nonexistent"
BARCODES = {"code128": zxingcpp.BarcodeFormat.Code128, "qr": zxingcpp.BarcodeFormat.QRCode}
PROXIES = ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")


def barcode(kind: str, text: str) -> dict[str, object]:
    """Return a barcode as SVG, with its width in modules, quiet zones included."""
    svg = zxingcpp.create_barcode(text, BARCODES[kind]).to_svg(add_quiet_zones=True)
    return {"svg": svg, "modules": int(svg.split('width="', 1)[1].split('"', 1)[0]), "square": kind == "qr"}


def drawn(facts: Any) -> Any:  # noqa: ANN401 - any JSON
    """Return *facts* with each {"$code128": text} or {"$qr": text} in them as a barcode."""
    if isinstance(facts, list):
        return [drawn(value) for value in facts]
    if isinstance(facts, dict):
        if len(facts) == 1:
            ((name, value),) = facts.items()
            if name[:1] == "$" and name[1:] in BARCODES:
                return barcode(name[1:], value)
        return {name: drawn(value) for name, value in facts.items()}
    return facts


def compiled(asked: dict[str, Any], fonts: typst.Fonts) -> tuple[dict[str, Any], list[bytes]]:
    """Return the answer to what was *asked*, and the pages: one PDF, or a PNG each."""
    compiler = typst.Compiler(root=asked["root"], font_paths=fonts, package_path=NOWHERE, package_cache_path=NOWHERE)
    facts = [drawn(each) for each in asked["papers"]]
    for given in facts:
        if "pdf" in given:
            given["pages"] = pages_of(compiler, given["pdf"])
    unreadable = [at for at, given in enumerate(facts) if given.get("pages") == 0]
    if unreadable:
        return {"unreadable": unreadable}, []
    try:
        made = compiler.compile(
            asked["main"].encode(),
            format=asked["format"],
            ppi=asked["ppi"],
            sys_inputs={"papers": json.dumps(facts, ensure_ascii=False)},
            timestamp=0,
            pdf_tags=False,
        )
    except typst.TypstError as error:
        return {"error": error.message, "diagnostic": error.diagnostic, "hints": list(error.hints)}, []
    pages = made if isinstance(made, list) else [made or b""]
    if asked["graphic"]:
        pages = [*pages, graphic(pages[0])]
    return {"sizes": [len(page) for page in pages]}, pages


def pages_of(compiler: typst.Compiler, name: str) -> int:
    """Return how many pages the PDF *name* has, MOST_PAGES at most; 0 for what is no PDF."""

    def there(page: int) -> bool:
        try:
            compiler.compile(f'#image("{name}", page: {page})'.encode(), format="svg")
        except typst.TypstError:
            return False
        return True

    found, beyond = 0, 1
    while beyond <= MOST_PAGES and there(beyond):
        found, beyond = beyond, beyond * 2
    while beyond - found > 1:
        middle = (found + beyond) // 2
        found, beyond = (middle, beyond) if there(middle) else (found, middle)
    return found


def graphic(png: bytes) -> bytes:
    """Return a picture of typst as a format of ZPL that is nothing but that picture, in black and white."""
    width, height = struct.unpack(">II", png[16:24])
    data, wide = zlib.decompress(b"".join(parts_of(png))), (width + 7) // 8
    stride, before, rows = width * CHANNELS + 1, bytes(width), list[bytes]()
    for start in range(0, height * stride, stride):
        line = data[start : start + stride]
        before = unfiltered(line[0], line[1::CHANNELS], before)
        rows.append((int(before.translate(DARK), 2) << (wide * 8 - width)).to_bytes(wide, "big"))
    bits = b"".join(rows)
    coded = base64.b64encode(zlib.compress(bits, 9))
    field = f"^XA\n^PW{width}\n^LL{height}\n^FO0,0^GFA,{len(bits)},{len(bits)},{wide},:Z64:{coded.decode()}"
    return f"{field}:{binascii.crc_hqx(coded, 0):04X}^FS\n^XZ\n".encode()


def parts_of(png: bytes) -> Iterator[bytes]:
    """Yield the parts of the packed picture in a PNG."""
    at = 8
    while at < len(png):
        (length,) = LENGTH.unpack(png[at : at + 4])
        if png[at + 4 : at + 8] == b"IDAT":
            yield png[at + 8 : at + 8 + length]
        at += 12 + length


def unfiltered(kind: int, row: bytes, before: bytes) -> bytes:
    """Return one channel of a row of a PNG, behind its filter *kind*; *before* is the row above."""
    match kind:
        case 0:
            return row
        case 1:
            return bytes(accumulate([*row], lambda left, value: (left + value) & 255))
        case 2:
            return bytes([(value + up) & 255 for value, up in zip(row, before, strict=True)]) if any(row) else before
    found, left, corner = bytearray(), 0, 0
    for value, up in zip(row, before, strict=True):
        guess = (left + up) // 2 if kind == 3 else paeth(left, up, corner)  # noqa: PLR2004 - the filter "average"
        left, corner = (value + guess) & 255, up
        found.append(left)
    return bytes(found)


def paeth(left: int, up: int, corner: int) -> int:
    """Return which of three neighbours is nearest to left + up - corner."""
    to_left, to_up, to_corner = abs(up - corner), abs(left - corner), abs(left + up - 2 * corner)
    if to_left <= to_up and to_left <= to_corner:
        return left
    return up if to_up <= to_corner else corner


def limit(memory: int) -> None:
    """Bound the memory of this process, and let it write no file and no core."""
    try:
        import resource  # noqa: PLC0415 - where there is no such limit, the deadline remains
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def read(source: BinaryIO) -> dict[str, Any] | None:
    """Return the next message, or None at the end."""
    head = source.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    asked: dict[str, Any] = json.loads(source.read(LENGTH.unpack(head)[0]))
    return asked


def main() -> None:
    """Answer until nobody asks any more. Arguments: the memory limit, then folders of fonts."""
    memory, *folders = sys.argv[1:]
    for name in PROXIES:
        os.environ[name] = "http://127.0.0.1:9"  # no package is fetched: the way out leads nowhere
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=list(folders))
    limit(int(memory))
    source, target = sys.stdin.buffer, sys.stdout.buffer
    while (asked := read(source)) is not None:
        answer, pages = compiled(asked, fonts)
        header = json.dumps(answer).encode()
        target.write(b"".join([LENGTH.pack(len(header)), header, *pages]))
        target.flush()


if __name__ == "__main__":
    main()
