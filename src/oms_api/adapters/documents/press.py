"""The program of a process that compiles documents of typst: one at a time, asked over standard input.

It runs with no access to packages or to files outside the folder of its document, under a limit of memory; whoever asks ends it
when it takes too long. It imports nothing of ours: what a template does with it, it does to nobody else.

A message is the length of its JSON, the JSON, and then the bytes that it announces.
"""

import json
import os
import struct
import sys
from typing import Any, BinaryIO

import typst
import zxingcpp

LENGTH = struct.Struct(">I")
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
        told = json.dumps(answer).encode()
        target.write(b"".join([LENGTH.pack(len(told)), told, *pages]))
        target.flush()


if __name__ == "__main__":
    main()
