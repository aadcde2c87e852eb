"""Prepared documents are kept as long as there is room for them, and what is compiled of them counts."""

from types import SimpleNamespace
from typing import Any

from graphql import specified_rules

from oms_api.graphql.documents import BYTES_A_DOCUMENT, Documents
from oms_api.graphql.plans import Plan
from oms_api.graphql.schema import build_schema


def asked(text: str) -> Any:
    return SimpleNamespace(query=text, schema=build_schema(), validation_rules=tuple(specified_rules))


def test_documents_are_dropped_when_there_is_no_more_room() -> None:
    documents = Documents(room=10 * BYTES_A_DOCUMENT)
    first = documents.prepare(asked("{ a0: __typename }"))
    for number in range(1, 40):
        documents.prepare(asked(f"{{ a{number}: __typename }}"))
        assert documents.size == sum(kept.size for kept in documents.kept.values()) <= documents.room
    assert first not in documents.kept.values()
    assert 5 < len(documents.kept) < 10


def test_what_is_compiled_counts_and_is_dropped_with_its_document() -> None:
    documents = Documents(room=10 * BYTES_A_DOCUMENT)
    for number in range(5):
        documents.prepare(asked(f"{{ a{number}: __typename }}"))
    large = documents.prepare(asked("{ a4: __typename }"))
    large.plans.made["some",] = Plan()
    large.plans.made["some",].grow("x" * BYTES_A_DOCUMENT)
    assert documents.prepare(asked("{ a4: __typename }")) is large
    assert documents.size == sum(kept.size for kept in documents.kept.values()) <= documents.room
    assert len(documents.kept) < 5


def test_what_is_too_large_is_not_kept() -> None:
    documents = Documents()
    documents.prepare(asked("{ " + " ".join(f"a{number}: __typename" for number in range(900)) + " }"))
    assert not documents.kept
