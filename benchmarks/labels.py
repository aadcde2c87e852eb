"""Printing labels, without a database: one alone, and 1,000 as one PDF. `python -m benchmarks.labels` prints the figures.

The addresses are made up, in several scripts: the orders that are replayed elsewhere have none. Processor time is that of the
processes that print, with their start.
"""

import json
import resource
import time
from random import Random
from typing import Any

import uvloop

from oms_api.adapters.documents.presses import Presses
from oms_api.adapters.documents.printer import TypstPrinter, font_folders, label_json
from oms_api.domain.documents.facts import LabelPaper, Paper
from oms_api.domain.documents.states import DocumentKind
from oms_api.kernel.address import Address

LABELS, ALONE = 1_000, 40
NAMES = (
    ("GB", ("Ada Lovelace", "Grace Byron", "Charles Wheatstone"), ("High Street", "Station Road"), ("London", "Leeds")),
    ("DE", ("Jörg Müller", "Änne Weiß"), ("Königsallee", "Straße des 17. Juni"), ("Köln", "Düsseldorf")),
    ("GR", ("Κωνσταντίνα Παπαδοπούλου", "Νίκος Γεωργίου"), ("Λεωφόρος Βασιλίσσης Σοφίας",), ("Αθήνα", "Θεσσαλονίκη")),
    ("EG", ("محمد عبد الرحمن", "فاطمة الشريف"), ("شارع التحرير",), ("القاهرة", "الإسكندرية")),
    ("BG", ("Иван Петров", "Мария Димитрова"), ("булевард Витоша",), ("София", "Пловдив")),
)
SHOP = Address(company="Shop Ltd", line1="1 High Street", city="London", postal_code="N1 1AA", country="GB")


def facts_of(number: int) -> LabelPaper:
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
    return LabelPaper(
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
    printer = TypstPrinter(Presses(fonts=tuple(font_folders()), size=1))
    template = printer.built_in(DocumentKind.LABEL)

    def paper(number: int) -> Paper:
        return Paper(template, label_json(facts_of(number)))

    async def spent() -> tuple[float, float]:
        """Return the time now, and the processor time of all processes that printed: they are ended to tell it."""
        now = time.perf_counter()
        await printer.close()
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return now, used.ru_utime + used.ru_stime

    figures: dict[str, Any] = {"labels": labels}
    begun = time.perf_counter()
    await printer.document([paper(0)])
    figures["first_s"] = time.perf_counter() - begun
    for name, ppi in (("pdf", 0), ("png", 203)):
        _, cpu = await spent()
        begun = time.perf_counter()
        for number in range(1, ALONE + 1):
            await (printer.pictures([paper(number)], ppi=ppi) if ppi else printer.document([paper(number)]))
        ended, used = await spent()
        figures |= {f"alone_{name}_ms": (ended - begun) / ALONE * 1000, f"alone_{name}_cpu_ms": (used - cpu) / ALONE * 1000}
    _, cpu = await spent()
    begun = time.perf_counter()
    pdf = await printer.document([paper(number) for number in range(labels)], seconds=60)
    ended, used = await spent()
    return figures | {
        "labels_per_s": labels / (ended - begun),
        "together_cpu_ms": (used - cpu) / labels * 1000,
        "alone_to_together": figures["alone_pdf_cpu_ms"] / ((used - cpu) / labels * 1000),
        "bytes_per_label": len(pdf) / labels,
        "press_mb": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024,
        "own_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


if __name__ == "__main__":
    print(json.dumps(uvloop.run(print_labels()), indent=2))
