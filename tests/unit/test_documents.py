"""Prepared documents are kept as long as there is room, what is compiled of them counts, and clients share the room."""

from oms_api.graphql.internals import core_schema
from oms_api.graphql.plans import RootPlan
from oms_api.graphql.prepared import BYTES_A_DOCUMENT, Documents, Prepared, prepare
from oms_api.graphql.schema import build_schema
from oms_api.kernel.document_length import LONGEST_DOCUMENT, MOST_TOKENS


def kept(documents: Documents, text: str, client: str = "one") -> Prepared:
    """Return the document of *text*, asked for by *client* and kept."""
    found = documents.find(text) or prepare(core_schema(build_schema()), text)
    documents.keep(text, found, client)
    return found


def all_sizes(documents: Documents) -> int:
    return sum(document.size for document, _ in documents.kept.values())


def test_documents_are_dropped_when_there_is_no_more_room() -> None:
    documents = Documents(capacity=10 * BYTES_A_DOCUMENT)
    for number in range(40):
        kept(documents, f"{{ a{number}: __typename }}")
        assert documents.size == all_sizes(documents) <= documents.capacity
    assert documents.find("{ a0: __typename }") is None
    assert documents.find("{ a39: __typename }") is not None
    assert 5 < len(documents.kept) < 10


def test_what_is_compiled_counts_and_is_dropped_with_its_document() -> None:
    documents = Documents(capacity=10 * BYTES_A_DOCUMENT)
    for number in range(5):
        kept(documents, f"{{ a{number}: __typename }}")
    large = kept(documents, "{ a4: __typename }")
    plan = large.plans.under(())[1,] = RootPlan(large.plans)
    plan.grow("x" * BYTES_A_DOCUMENT)
    assert kept(documents, "{ a4: __typename }") is large
    assert documents.size == all_sizes(documents) <= documents.capacity
    assert len(documents.kept) < 5


def test_the_longest_document_that_is_allowed_is_kept_beside_others() -> None:
    documents = Documents()
    text = "{ " + " ".join(f"a{number}: __typename" for number in range(1_050)) + " }"
    assert kept(documents, text + " " * (LONGEST_DOCUMENT - len(text))).document.token_count > MOST_TOKENS * 0.95
    assert documents.size < documents.capacity / 15


def test_a_client_with_ever_new_documents_pushes_out_its_own() -> None:
    documents = Documents(capacity=20 * BYTES_A_DOCUMENT)
    quiet = [f"{{ quiet{number}: __typename }}" for number in range(6)]
    for text in quiet:
        kept(documents, text, "quiet")
    for number in range(200):
        kept(documents, f"{{ a{number}: __typename }}", "busy")
        assert documents.size == all_sizes(documents) <= documents.capacity
    assert all(documents.find(text) for text in quiet)
    assert documents.held["busy"] > documents.held["quiet"]


def test_a_client_alone_has_all_the_room_until_others_come() -> None:
    documents = Documents(capacity=20 * BYTES_A_DOCUMENT)
    for number in range(40):
        kept(documents, f"{{ a{number}: __typename }}", "first")
    assert documents.size > documents.capacity - 2 * BYTES_A_DOCUMENT
    for number in range(40):
        kept(documents, f"{{ b{number}: __typename }}", "second")
    assert abs(documents.held["first"] - documents.held["second"]) < 2 * BYTES_A_DOCUMENT
