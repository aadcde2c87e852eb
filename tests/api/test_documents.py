"""Documents are printed of packages and fulfillment orders, by templates that are tried before they are used."""

from dataclasses import replace
from typing import Any

import pytest

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.channels.commands.change_channel import UpdateChannel, update_channel
from oms_api.domain.channels.commands.change_location import UpdateLocation, update_location
from oms_api.kernel.access import Scope
from oms_api.kernel.address import Address
from oms_api.kernel.ids import FileId, IdKind, PackageId, new_uuid, parse_id, text_id
from oms_api.workflows.print_documents.papers import commercial_invoice
from oms_api.workflows.print_documents.parcels import parcels_of_packages, parcels_of_work
from tests.factories.asking import Ask, refusals
from tests.factories.given import SYSTEM
from tests.factories.ports import ports_of
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
