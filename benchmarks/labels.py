"""Printing labels, without a database: one alone, and 1,000 as one PDF. `python -m benchmarks.labels` prints the figures.

The addresses are made up, in several scripts: the orders that are replayed elsewhere have none. Processor time counts the
process that prints, so that others on the machine matter less.
"""

import json
import os
import time
from pathlib import Path
from random import Random
from typing import Any

import uvloop

from oms_api.adapters.documents.presses import Presses
from oms_api.adapters.documents.printer import TypstPrinter, font_folders, label_json
from oms_api.domain.documents.facts import LabelFacts, Paper
from oms_api.domain.documents.states import DocumentKind
from oms_api.kernel.address import Address

LABELS, ALONE = 1_000, 40
TICKS = os.sysconf("SC_CLK_TCK")
NAMES = (
    ("GB", ("Ada Lovelace", "Grace Byron", "Charles Wheatstone"), ("High Street", "Station Road"), ("London", "Leeds")),
    ("DE", ("Jörg Müller", "Änne Weiß"), ("Königsallee", "Straße des 17. Juni"), ("Köln", "Düsseldorf")),
    ("GR", ("Κωνσταντίνα Παπαδοπούλου", "Νίκος Γεωργίου"), ("Λεωφόρος Βασιλίσσης Σοφίας",), ("Αθήνα", "Θεσσαλονίκη")),
    ("EG", ("محمد عبد الرحمن", "فاطمة الشريف"), ("شارع التحرير",), ("القاهرة", "الإسكندرية")),
    ("BG", ("Иван Петров", "Мария Димитрова"), ("булевард Витоша",), ("София", "Пловдив")),
)
SHOP = Address(company="Shop Ltd", line1="1 High Street", city="London", postal_code="N1 1AA", country="GB")


def facts_of(number: int) -> LabelFacts:
    """Return the facts of a label of its own."""
    dice = Random(number)
    country, names, streets, cities = dice.choice(NAMES)
    to = Address(
        name=dice.choice(names),
        line1=f"{dice.choice(streets)} {dice.randint(1, 199)}",
        city=dice.choice(cities),
        postal_code=f"{dice.randint(10_000, 99_999)}",
        country=country,
        phone=f"+{dice.randint(10**9, 10**10)}",
    )
    tracking = f"OV{number:013}"
    return LabelFacts(
        carrier="Own Van",
        service="Next day",
        tracking_number=tracking,
        barcode=tracking,
        sender=SHOP,
        recipient=to,
        weight_g=dice.randint(100, 20_000),
        reference=str(100_000 + number),
        options=("Signature",) if number % 3 == 0 else (),
    )


async def print_labels(labels: int = LABELS) -> dict[str, Any]:
    """Return what printing took."""
    presses = Presses(fonts=tuple(font_folders()), size=1)
    printer = TypstPrinter(presses)
    template = printer.built_in(DocumentKind.LABEL)

    def paper(number: int) -> Paper:
        return Paper(template, label_json(facts_of(number)))

    try:
        begun = time.perf_counter()
        await printer.document([paper(0)])
        first_s = time.perf_counter() - begun
        (press,) = presses.all
        pid = press.process.pid
        figures: dict[str, Any] = {"first_s": first_s}
        for name, ppi in (("pdf", 0), ("png", 203)):
            cpu, begun = processor_s(pid), time.perf_counter()
            for number in range(1, ALONE + 1):
                await (printer.pictures([paper(number)], ppi=ppi) if ppi else printer.document([paper(number)]))
            took = (time.perf_counter() - begun) / ALONE
            figures[f"alone_{name}_ms"] = took * 1000
            figures[f"alone_{name}_cpu_ms"] = (processor_s(pid) - cpu) / ALONE * 1000
        cpu, begun = processor_s(pid), time.perf_counter()
        pdf = await printer.document([paper(number) for number in range(labels)], seconds=600)
        took = time.perf_counter() - begun
        figures |= {
            "labels": labels,
            "labels_per_s": labels / took,
            "together_ms": took / labels * 1000,
            "together_cpu_ms": (processor_s(pid) - cpu) / labels * 1000,
            "bytes_per_label": len(pdf) / labels,
            "press_mb": peak_mb(pid),
            "own_mb": peak_mb(os.getpid()),
        }
        figures["alone_to_together"] = figures["alone_pdf_cpu_ms"] / figures["together_cpu_ms"]
        return figures
    finally:
        await printer.close()


def processor_s(pid: int) -> float:
    """Return the processor time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def peak_mb(pid: int) -> int:
    """Return the most memory that a process had."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) // 1024


if __name__ == "__main__":
    print(json.dumps(uvloop.run(print_labels()), indent=2))
