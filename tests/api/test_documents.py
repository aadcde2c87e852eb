"""Documents are printed of packages and fulfillment orders, by templates that are tried before they are used."""

import io
from dataclasses import replace
from typing import Any

import psycopg
import pytest
import zxingcpp
from PIL import Image

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.channels.commands.change_channel import UpdateChannel, update_channel
from oms_api.domain.channels.commands.change_location import UpdateLocation, update_location
from oms_api.domain.documents.facts import PDF, NewFile, Paper
from oms_api.jobs.tasks import Tries, carry_out
from oms_api.kernel.access import Scope
from oms_api.kernel.address import Address
from oms_api.kernel.ids import FileId, IdKind, JobId, PackageId, new_uuid, parse_id, text_id
from oms_api.workflows.print_documents.papers import commercial_invoice
from oms_api.workflows.print_documents.parcels import parcels_of_packages, parcels_of_work
from oms_api.workflows.print_documents.picking import packages_of_batch, pick_list
from oms_api.workflows.subscribers import SUBSCRIBERS
from tests.factories.asking import Ask, refusals
from tests.factories.database import Database
from tests.factories.given import SYSTEM
from tests.factories.picking import Round
from tests.factories.ports import PRINTER, ports_of
from tests.factories.trading import Shop, line

ERRORS = "userErrors { code message field ... on TemplateBrokenError { line column } }"
FILE = "file { id name mediaType size expiresAt url }"
CREATE = f"mutation ($input: DocumentCreateInput!) {{ documentCreate(input: $input) {{ {FILE} {ERRORS} }} }}"
PREVIEW = f"mutation ($input: DocumentTemplatePreviewInput!) {{ documentTemplatePreview(input: $input) {{ {FILE} {ERRORS} }} }}"
TEMPLATE = """documentTemplate { id kind status version channel { id } activeVersion { number source }
    versions { nodes { number status source } } }"""
SET = f"mutation ($input: DocumentTemplateSetInput!) {{ documentTemplateSet(input: $input) {{ {TEMPLATE} {ERRORS} }} }}"
ACTIVATE = f"""mutation ($input: DocumentTemplateActivateInput!) {{
    documentTemplateActivate(input: $input) {{ {TEMPLATE} {ERRORS} }} }}"""
RETIRE = (
    f"mutation ($input: DocumentTemplateRetireInput!) {{ documentTemplateRetire(input: $input) {{ {TEMPLATE} {ERRORS} }} }}"
)
LIST = "query ($where: DocumentTemplateFilterInput) { documentTemplates(where: $where) { nodes { id kind status } } }"
BUILT_IN = "query ($kind: DocumentKind!) { builtInTemplate(kind: $kind) { kind source facts } }"
OWN = '#import "oms.typ": *\n#let paper(facts) = sheet[Mine: #facts.order.number]'
LONDON = Address(name="Ada", line1="12 St James's Square", city="London", postal_code="SW1Y 4JH", country="GB")


@pytest.fixture
async def shop(work: UnitOfWork) -> Shop:
    return await Shop.open(work)


@pytest.fixture
def ask(work: UnitOfWork) -> Ask:
    return Ask(work, SYSTEM)


async def sent(shop: Shop, units: int = 3, **more: Any) -> tuple[str, str]:
    """Place an order, ship it, and return the ids of its fulfillment order and its package."""
    sku = await shop.stocked(units)
    order = await shop.place(line(sku, units), shipping_address=LONDON, **more)
    (work,) = await shop.works(order.id)
    await shop.ship(work.id)
    (package,) = await shop.packages(order.id)
    return text_id(IdKind.FULFILLMENT_ORDER, work.id), text_id(IdKind.PACKAGE, package.id)


async def create(ask: Ask, kind: str, **of: str) -> dict[str, Any]:
    return dict((await ask(CREATE, input={"kind": kind, "of": of}))["documentCreate"])


async def write(ask: Ask, source: str, kind: str = "PACKING_SLIP", **more: Any) -> dict[str, Any]:
    given = {"idempotencyKey": new_uuid().hex, "kind": kind, "source": source, **more}
    return dict((await ask(SET, input=given))["documentTemplateSet"])


async def content(work: UnitOfWork, file: dict[str, Any]) -> bytes:
    found = await ports_of(work).files.get(parse_id(FileId, file["id"]))
    assert found is not None
    return found


async def test_slips_and_invoices_are_printed_of_packages_and_of_work(shop: Shop, ask: Ask, work: UnitOfWork) -> None:
    todo, package = await sent(shop)
    for kind in ("PACKING_SLIP", "COMMERCIAL_INVOICE"):
        for of in ({"packageId": package}, {"fulfillmentOrderId": todo}):
            made = await create(ask, kind, **of)
            assert made["userErrors"] == []
            assert made["file"]["mediaType"] == "application/pdf"
            assert (await content(work, made["file"])).startswith(b"%PDF-")


async def test_the_same_document_has_the_same_bytes(shop: Shop, ask: Ask, work: UnitOfWork) -> None:
    _, package = await sent(shop)
    first, second = [await create(ask, "PACKING_SLIP", packageId=package) for _ in range(2)]
    assert first["file"]["id"] != second["file"]["id"]
    assert await content(work, first["file"]) == await content(work, second["file"])


async def test_a_document_is_made_of_the_right_record(shop: Shop, ask: Ask) -> None:
    todo, package = await sent(shop)
    made = await create(ask, "PACKING_SLIP", packageId=package.replace(package[-3:], "000"))
    assert refusals(made) in ([("NOT_FOUND", ["of", "packageId"])], [("INVALID_ID", ["of", "packageId"])])
    assert made["file"] is None
    made = await create(ask, "MANIFEST", fulfillmentOrderId=todo)
    assert refusals(made) == [("DOCUMENT_NOT_OF_THAT", ["of"])]


async def test_who_does_not_see_the_channel_prints_nothing_of_it(shop: Shop, work: UnitOfWork) -> None:
    _, package = await sent(shop)
    other = await Shop.open(work)
    limited = Ask(work, replace(SYSTEM, channels=frozenset({other.channel.id})))
    assert refusals(await create(limited, "PACKING_SLIP", packageId=package)) == [("NOT_FOUND", ["of", "packageId"])]


async def test_an_invoice_tells_customs_what_they_ask(shop: Shop, work: UnitOfWork) -> None:
    channel = UpdateChannel(channel_id=shop.channel.id, changes={"eori": "GB123456789000", "ioss": "IM1234567890"})
    await work.execute(SYSTEM, update_channel, channel)
    _, package = await sent(shop, 3)
    async with work.reads(SYSTEM) as read:
        (one,) = await parcels_of_packages(read, [parse_id(PackageId, package)])
        (whole,) = await parcels_of_work(read, [one.fulfillment_order_id])
    facts = commercial_invoice(one)
    assert (facts["exporter"]["eori"], facts["exporter"]["ioss"]) == ("GB123456789000", "IM1234567890")
    assert [(row["quantity"], row["value"]) for row in facts["lines"]] == [(3, "29.97")]
    assert (facts["number"], facts["total"], facts["importer"]["lines"][0]) == (f"{one.number}-1", "29.97", "Ada")
    assert commercial_invoice(whole)["lines"] == facts["lines"]
    own = UpdateLocation(location_id=shop.locations[0].id, changes={"eori": "DE1"})
    await work.execute(SYSTEM, update_location, own)
    async with work.reads(SYSTEM) as read:
        (again,) = await parcels_of_packages(read, [parse_id(PackageId, package)])
    assert again.eori == "DE1"


async def test_a_template_is_tried_written_and_used(shop: Shop, ask: Ask, work: UnitOfWork) -> None:
    _, package = await sent(shop)
    channel = text_id(IdKind.CHANNEL, shop.channel.id)
    before = await content(work, (await create(ask, "PACKING_SLIP", packageId=package))["file"])
    template = (await write(ask, OWN, channelId=channel))["documentTemplate"]
    assert (template["status"], template["activeVersion"], template["channel"]["id"]) == ("DRAFT", None, channel)
    assert await content(work, (await create(ask, "PACKING_SLIP", packageId=package))["file"]) == before
    used = (await ask(ACTIVATE, input={"idempotencyKey": "a", "templateId": template["id"]}))["documentTemplateActivate"]
    assert (used["documentTemplate"]["status"], used["documentTemplate"]["activeVersion"]["number"]) == ("ACTIVE", 1)
    assert await content(work, (await create(ask, "PACKING_SLIP", packageId=package))["file"]) != before
    second = (await write(ask, OWN + "\n", channelId=channel))["documentTemplate"]
    assert [(each["number"], each["status"]) for each in second["versions"]["nodes"]] == [(2, "DRAFT"), (1, "ACTIVE")]
    retired = (await ask(RETIRE, input={"idempotencyKey": "r", "templateId": template["id"]}))["documentTemplateRetire"]
    assert (retired["documentTemplate"]["status"], retired["documentTemplate"]["activeVersion"]) == ("RETIRED", None)
    assert await content(work, (await create(ask, "PACKING_SLIP", packageId=package))["file"]) == before
    again = await ask(ACTIVATE, input={"idempotencyKey": "b", "templateId": template["id"], "number": 1})
    assert again["documentTemplateActivate"]["documentTemplate"]["activeVersion"]["number"] == 1
    zero = await ask(ACTIVATE, input={"idempotencyKey": "c", "templateId": template["id"], "number": 0})
    assert zero["documentTemplateActivate"]["documentTemplate"]["status"] == "RETIRED"
    unknown = await ask(ACTIVATE, input={"idempotencyKey": "d", "templateId": template["id"], "number": 9})
    assert refusals(unknown["documentTemplateActivate"]) == [("TEMPLATE_VERSION_UNKNOWN", ["number"])]
    listed = (await ask(LIST, where={"channelId": {"eq": channel}}))["documentTemplates"]["nodes"]
    assert [each["id"] for each in listed] == [template["id"]]


async def test_the_template_of_a_channel_comes_before_that_of_all(shop: Shop, ask: Ask, work: UnitOfWork) -> None:
    _, package = await sent(shop)
    built_in = await content(work, (await create(ask, "COMMERCIAL_INVOICE", packageId=package))["file"])
    for number, more in enumerate(({}, {"channelId": text_id(IdKind.CHANNEL, shop.channel.id)})):
        template = (await write(ask, OWN.replace("Mine", f"Mine {number}"), "COMMERCIAL_INVOICE", **more))["documentTemplate"]
        await ask(ACTIVATE, input={"idempotencyKey": new_uuid().hex, "templateId": template["id"]})
        made = await content(work, (await create(ask, "COMMERCIAL_INVOICE", packageId=package))["file"])
        assert made != built_in
        built_in = made
    general = (await ask(LIST, where={"channelId": {"isNull": True}}))["documentTemplates"]["nodes"]
    for each in general:
        await ask(RETIRE, input={"idempotencyKey": new_uuid().hex, "templateId": each["id"]})


async def test_the_same_source_again_writes_nothing(ask: Ask, shop: Shop) -> None:
    channel = text_id(IdKind.CHANNEL, shop.channel.id)
    first, second = [(await write(ask, OWN, channelId=channel))["documentTemplate"] for _ in range(2)]
    assert (first["version"], second["version"]) == (1, 1)
    stale = await write(ask, OWN + " ", channelId=channel, expectedVersion=7)
    assert refusals(stale) == [("VERSION_CONFLICT", ["expectedVersion"])]


@pytest.mark.parametrize("document", ["set", "preview"])
async def test_a_broken_source_is_refused_with_its_place(ask: Ask, document: str) -> None:
    source = '#import "oms.typ": *\n#let paper(facts) = sheet[\n  #facts.ordr.number\n]'
    if document == "set":
        payload = await write(ask, source)
    else:
        payload = (await ask(PREVIEW, input={"kind": "PACKING_SLIP", "source": source}))["documentTemplatePreview"]
    (error,) = payload["userErrors"]
    assert (error["code"], error["line"], error["column"]) == ("TEMPLATE_BROKEN", 3, 10)
    assert 'did you mean "order"?' in error["message"]


@pytest.mark.parametrize("source", ["", " \n", "x" * 100_001])
async def test_a_source_that_is_none_is_refused(ask: Ask, source: str) -> None:
    assert refusals(await write(ask, source)) == [("INVALID_VALUE", ["source"])]


async def test_a_preview_is_of_an_example_or_of_a_record(shop: Shop, ask: Ask, work: UnitOfWork) -> None:
    _, package = await sent(shop)
    for of in (None, {"packageId": package}):
        given = {"kind": "PACKING_SLIP", "source": OWN, "of": of}
        payload = (await ask(PREVIEW, input=given))["documentTemplatePreview"]
        assert payload["userErrors"] == []
        assert payload["file"]["name"] == "packing_slip-preview.pdf"
    writer = Ask(work, replace(SYSTEM, scopes=frozenset({Scope.DOCUMENTS_WRITE})))
    refused = await writer(PREVIEW, input={"kind": "PACKING_SLIP", "source": OWN, "of": {"packageId": package}})
    assert refusals(refused["documentTemplatePreview"]) == [("MISSING_SCOPE", None)]


async def test_templates_need_their_scope(work: UnitOfWork) -> None:
    shipper = Ask(work, replace(SYSTEM, scopes=frozenset({Scope.SHIPPING_READ, Scope.SHIPPING_WRITE})))
    (error,) = await shipper.errors(SET, input={"idempotencyKey": "x", "kind": "LABEL", "source": OWN})
    assert error["extensions"]["code"] == "MISSING_SCOPE"
    built_in = (await shipper(BUILT_IN, kind="LABEL"))["builtInTemplate"]
    assert "#let paper(facts)" in built_in["source"]
    assert '"tracking_number"' in built_in["facts"]


async def test_a_limited_key_changes_no_template_of_all(shop: Shop, work: UnitOfWork) -> None:
    limited = Ask(work, replace(SYSTEM, channels=frozenset({shop.channel.id})))
    assert refusals(await write(limited, OWN)) == [("LIMITED_KEY", ["channelId"])]


MANY = """mutation ($input: DocumentsCreateInput!) { documentsCreate(input: $input) {
    job { id } userErrors { code message field } replayed } }"""
JOB = """query ($id: ID!) { job(id: $id) { status done total errors { message } file { id name mediaType expiresAt url } } }"""


async def printed(ask: Ask, work: UnitOfWork, kinds: list[str], **of: Any) -> dict[str, Any]:
    """Ask for documents as a job, carry it out, and return it."""
    given = {"idempotencyKey": new_uuid().hex, "kinds": kinds, **of}
    payload = (await ask(MANY, input=given))["documentsCreate"]
    assert payload["userErrors"] == []
    job = parse_id(JobId, payload["job"]["id"])
    await carry_out(work, ports_of(work), SUBSCRIBERS.job_kinds, job, Tries(0))
    return dict((await ask(JOB, id=payload["job"]["id"]))["job"])


async def pages(pdf: bytes) -> int:
    return len(await PRINTER.pictures([pdf], ppi=10))


async def label_for(work: UnitOfWork, database: Database, package: str, pdf: bytes) -> FileId:
    """Give a package a label of a carrier."""
    file = await ports_of(work).files.put(NewFile(name="label.pdf", media_type=PDF, content=pdf))
    with psycopg.connect(database.admin_url) as connection:
        account = connection.execute(ACCOUNT).fetchone()
        assert account is not None
        connection.execute(LABEL, {"package": parse_id(PackageId, package), "account": account[0], "file": file})
    return file


ACCOUNT = """INSERT INTO carrier_account (id, code, carrier, name, status, credentials, credential_names, settings, created_at,
    updated_at) VALUES (gen_random_uuid(), gen_random_uuid(), 'own', 'Own Van', 'ACTIVE', '', '{}', '{}', now(), now())
    RETURNING id"""
LABEL = """INSERT INTO label (id, order_id, channel_id, location_id, package_id, account_id, service, reference, status,
    tracking_number, pdf_file_id, actor, requested_at, purchased_at)
    SELECT gen_random_uuid(), order_id, channel_id, location_id, id, %(account)s, 'NEXT_DAY', gen_random_uuid(), 'PURCHASED',
    'OV1', %(file)s, 'tests', now(), now() FROM package WHERE id = %(package)s"""


async def test_many_documents_are_one_pdf_package_by_package(
    shop: Shop, ask: Ask, work: UnitOfWork, database: Database
) -> None:
    packages = [(await sent(shop))[1] for _ in range(3)]
    label = await PRINTER.document([Paper("#let paper(facts) = page[label] + page[continued]", {})])
    for package in packages[:2]:
        await label_for(work, database, package, label)
    job = await printed(ask, work, ["LABEL", "PACKING_SLIP"], packageIds=packages)
    assert (job["status"], job["done"], job["total"]) == ("COMPLETED_WITH_ERRORS", 3, 3)
    (error,) = job["errors"]
    assert packages[2] in error["message"]
    assert await pages(await content(work, job["file"])) == 2 * (2 + 1) + 1


async def test_a_label_that_is_no_pdf_is_an_error_and_the_others_are_printed(
    shop: Shop, ask: Ask, work: UnitOfWork, database: Database
) -> None:
    packages = [(await sent(shop))[1] for _ in range(2)]
    for package, label in zip(
        packages, (b"<html>", await PRINTER.document([Paper("#let paper(facts) = page[x]", {})])), strict=True
    ):
        await label_for(work, database, package, label)
    job = await printed(ask, work, ["LABEL"], packageIds=packages)
    assert job["status"] == "COMPLETED_WITH_ERRORS"
    assert [packages[0] in error["message"] for error in job["errors"]] == [True]
    assert await pages(await content(work, job["file"])) == 1


async def test_a_label_of_a_carrier_is_its_own_document(shop: Shop, ask: Ask, work: UnitOfWork, database: Database) -> None:
    _, package = await sent(shop)
    assert refusals(await create(ask, "LABEL", packageId=package)) == [("NO_LABEL_YET", ["of", "packageId"])]
    file = await label_for(work, database, package, await PRINTER.document([Paper("#let paper(facts) = page[label]", {})]))
    assert parse_id(FileId, (await create(ask, "LABEL", packageId=package))["file"]["id"]) == file


async def test_a_job_that_was_interrupted_prints_again(shop: Shop, ask: Ask, work: UnitOfWork) -> None:
    packages = [(await sent(shop))[1]]
    given = {"idempotencyKey": "again", "packageIds": packages, "kinds": ["PACKING_SLIP"]}
    payload = (await ask(MANY, input=given))["documentsCreate"]
    job = parse_id(JobId, payload["job"]["id"])
    await PRINTER.presses.close()  # whoever prints is gone, and comes again with the next document
    for _ in range(2):
        await carry_out(work, ports_of(work), SUBSCRIBERS.job_kinds, job, Tries(0))
    found = (await ask(JOB, id=payload["job"]["id"]))["job"]
    assert (found["status"], found["done"]) == ("COMPLETED", 1)
    assert (await ask(MANY, input=given))["documentsCreate"]["replayed"]


async def test_what_cannot_be_a_job_is_refused(shop: Shop, ask: Ask, work: UnitOfWork) -> None:
    _, package = await sent(shop)
    other = await Shop.open(work)
    limited = Ask(work, replace(SYSTEM, channels=frozenset({other.channel.id})))
    for asking, ids, kinds, code in (
        (ask, [], ["PACKING_SLIP"], ("INVALID_VALUE", ["packageIds"])),
        (ask, [package], [], ("INVALID_VALUE", ["kinds"])),
        (ask, [package], ["MANIFEST"], ("INVALID_VALUE", ["kinds", "0"])),
        (ask, [package] * 1_001, ["PACKING_SLIP"], ("TOO_MANY_ITEMS", ["packageIds"])),
        (limited, [package], ["PACKING_SLIP"], ("NOT_FOUND", ["packageIds"])),
    ):
        given = {"idempotencyKey": new_uuid().hex, "packageIds": ids, "kinds": kinds}
        assert refusals((await asking(MANY, input=given))["documentsCreate"]) == [code]


async def test_a_return_has_a_label_without_a_carrier(shop: Shop, ask: Ask, work: UnitOfWork) -> None:
    address = Address(company="Shop", line1="1 High St", city="London", postal_code="N1 1AA", country="GB")
    await work.execute(SYSTEM, update_location, UpdateLocation(location_id=shop.locations[0].id, changes={"address": address}))
    sku = await shop.stocked(1)
    order = await shop.place(line(sku, 1), shipping_address=LONDON)
    (todo,), (only,) = await shop.works(order.id), await shop.lines(order.id)
    await shop.ship(todo.id)
    back = (await shop.return_(order.id, (only.id, 1))).value
    key = text_id(IdKind.RETURN, back.id)
    file = (await create(ask, "RETURN_LABEL", returnId=key))["file"]
    (picture,) = await PRINTER.pictures([await content(work, file)], ppi=203)
    assert {found.text for found in zxingcpp.read_barcodes(Image.open(io.BytesIO(picture)))} == {key}


async def test_a_pick_batch_is_one_pdf_with_its_list_in_the_order_of_its_slots(shop: Shop, ask: Ask, work: UnitOfWork) -> None:
    room = Round(shop)
    first, second = [await shop.stocked(9) for _ in range(2)]
    await room.lies((first, "B-2"), (second, "A-1"))
    orders = [await shop.place(line(first, 2), line(second, 1), shipping_address=LONDON) for _ in range(2)]
    works = [todo for order in orders for todo in await shop.works(order.id)]
    batch, _ = await room.begin(*(todo.id for todo in works))
    key = text_id(IdKind.PICK_BATCH, batch.id)
    async with work.reads(SYSTEM) as read:
        made = await pick_list(read, batch.id)
        assert list(await packages_of_batch(read, batch.id)) == []
    assert isinstance(made.content, dict)
    rows, slots = made.content["lines"], made.content["orders"]
    assert [(each["bin"], each["units"], len(each["slots"])) for each in rows] == [("A-1", 2, 2), ("B-2", 4, 2)]
    assert [(each["number"], each["recipient"]) for each in slots] == [(str(each.number), "Ada") for each in orders]
    assert await pages(await content(work, (await create(ask, "PICK_LIST", pickBatchId=key))["file"])) == 1
    given = {"idempotencyKey": new_uuid().hex, "pickBatchId": key, "kinds": ["PACKING_SLIP"]}
    assert refusals((await ask(MANY, input=given))["documentsCreate"]) == [("INVALID_VALUE", ["pickBatchId"])]
    for todo in reversed(works):
        await shop.ship(todo.id)
    async with work.reads(SYSTEM) as read:
        packages = await packages_of_batch(read, batch.id)
        parcels = await parcels_of_packages(read, packages)
    assert [parcel.fulfillment_order_id for parcel in parcels] == [todo.id for todo in works]
    job = await printed(ask, work, ["PICK_LIST", "PACKING_SLIP", "COMMERCIAL_INVOICE"], pickBatchId=key)
    assert (job["status"], job["done"]) == ("COMPLETED", 2)
    assert await pages(await content(work, job["file"])) == 1 + 2 * 2
