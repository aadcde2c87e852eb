"""The schema is the product: all of it is described, each root field names its scope, each error has its type and code."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    get_named_type,
    is_specified_directive,
    is_specified_scalar_type,
    validate_schema,
)

from oms_api.db.idempotency import RESULTS
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.graphql.permissions import open_to_anyone, required_scope
from oms_api.http.reading import CART_FIELDS
from oms_api.kernel.access import Scope
from oms_api.kernel.errors import type_registry
from tests.factories.asking import Ask, schema
from tests.factories.given import SYSTEM

CORE = schema()._schema
STATES_ONLY = {
    "channelUpdate", "channelDeactivate", "locationUpdate", "locationDeactivate", "skuDeactivate", "ordersPlace", "skusUpsert",
    "listingsUpsert", "ordersHold", "ordersHoldRelease", "fulfillmentOrdersHold", "fulfillmentOrdersHoldRelease",
    "stockBandsSet", "oversellPolicySet", "oversellPolicyClear", "documentCreate", "documentTemplatePreview",
}  # fmt: skip
"""Mutations without a key of their own: rows carry one each, codes and references are unique, or a document is printed anew."""


PRINTS = {"documentCreate", "documentTemplatePreview"}


def test_what_takes_no_key_takes_the_version_that_it_changes() -> None:
    """The rows of a batch take one each, where they have no key of their own."""
    for name in STATES_ONLY - PRINTS:
        assert CORE.mutation_type is not None
        given = get_named_type(CORE.mutation_type.fields[name].args["input"].type)
        assert isinstance(given, GraphQLInputObjectType)
        rows = [get_named_type(field.type) for field in given.fields.values()]
        fields = [set(each.fields) for each in (given, *rows) if isinstance(each, GraphQLInputObjectType)]
        assert any(each & {"expectedVersion", "idempotencyKey"} for each in fields), name


def leads_to(given: object, wanted: str, seen: set[str]) -> bool:
    """Tell whether an input of the type *given* can hold one of the type *wanted*."""
    type_ = get_named_type(given)  # type: ignore[call-overload]
    if not isinstance(type_, GraphQLInputObjectType) or type_.name in seen:
        return False
    seen.add(type_.name)
    return type_.name == wanted or any(leads_to(field.type, wanted, seen) for field in type_.fields.values())


def test_what_takes_a_cart_takes_as_large_a_one_as_an_order() -> None:
    takes = {
        name
        for root in roots()
        for name, field in root.fields.items()
        if any(leads_to(argument.type, "OrderLineInput", set()) for argument in field.args.values())
    }
    assert takes == CART_FIELDS


def own_types() -> Iterator[GraphQLNamedType]:
    for name, type_ in CORE.type_map.items():
        if not name.startswith("__") and not is_specified_scalar_type(type_):
            yield type_


def described_parts() -> Iterator[tuple[str, str | None]]:
    for type_ in own_types():
        yield type_.name, type_.description
        if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
            for name, field in type_.fields.items():
                yield f"{type_.name}.{name}", field.description
                yield from ((f"{type_.name}.{name}({key}:)", argument.description) for key, argument in field.args.items())
        elif isinstance(type_, GraphQLInputObjectType):
            yield from ((f"{type_.name}.{name}", field.description) for name, field in type_.fields.items())
        elif isinstance(type_, GraphQLEnumType):
            yield from ((f"{type_.name}.{name}", value.description) for name, value in type_.values.items())
    yield from ((f"@{d.name}", d.description) for d in CORE.directives if not is_specified_directive(d))


def roots() -> Iterator[GraphQLObjectType]:
    yield from (root for root in (CORE.query_type, CORE.mutation_type, CORE.subscription_type) if root is not None)


def lookups() -> Iterator[tuple[str, GraphQLInputObjectType]]:
    for name, root in CORE.query_type.fields.items() if CORE.query_type else ():
        found_by = get_named_type(root.args["by"].type) if "by" in root.args else None
        if isinstance(found_by, GraphQLInputObjectType):
            yield name, found_by


def test_the_schema_is_valid() -> None:
    assert validate_schema(CORE) == []


def test_everything_is_described() -> None:
    bare = [where for where, description in described_parts() if not (description or "").strip(" .")]
    assert bare == []


def test_descriptions_are_sentences_without_leftovers() -> None:
    wrong = [
        (where, description)
        for where, description in described_parts()
        if description
        and (any(mark in description for mark in ("TODO", "FIXME", "{", "}", "\n\n\n")) or description != description.strip())
    ]
    assert wrong == []


def test_no_description_says_a_sentence_twice() -> None:
    sentences = [(where, re.split(r"(?<=\.)\s+", text or "")) for where, text in described_parts()]
    assert [where for where, said in sentences if len(set(said)) < len(said)] == []


def test_codes_and_values_that_descriptions_name_exist() -> None:
    values = {value for type_ in own_types() if isinstance(type_, GraphQLEnumType) for value in type_.values}
    named = [(where, word) for where, text in described_parts() for word in re.findall(r"\b[A-Z]+(?:_[A-Z]+)+\b", text or "")]
    assert [(where, word) for where, word in named if word not in values] == []


def test_each_root_field_names_the_scope_it_needs() -> None:
    for root in roots():
        for name, field in root.fields.items():
            scope = required_scope(field)
            if scope is None:
                assert open_to_anyone(field), name
            else:
                assert f"`{scope.value}`" in (field.description or ""), name
                assert isinstance(scope, Scope)


def test_fields_with_a_scope_of_their_own_name_it_too() -> None:
    for type_ in own_types():
        for name, field in type_.fields.items() if isinstance(type_, GraphQLObjectType) else ():
            if (scope := required_scope(field)) is not None:
                assert f"`{scope.value}`" in (field.description or ""), f"{type_.name}.{name}"


def test_each_mutation_takes_one_input_and_answers_with_errors_and_replayed() -> None:
    assert CORE.mutation_type is not None
    payload = CORE.get_type("Payload")
    for name, field in CORE.mutation_type.fields.items():
        assert list(field.args) == ["input"], name
        answer = get_named_type(field.type)
        assert isinstance(field.type, GraphQLNonNull), name
        assert isinstance(answer, GraphQLObjectType), name
        assert payload in answer.interfaces, name
        assert {"userErrors", "replayed"} < set(answer.fields), name


def test_what_creates_or_moves_something_takes_an_idempotency_key() -> None:
    assert CORE.mutation_type is not None
    for name, field in CORE.mutation_type.fields.items():
        given = get_named_type(field.args["input"].type)
        assert isinstance(given, GraphQLInputObjectType)
        if "idempotencyKey" in given.fields:
            assert str(given.fields["idempotencyKey"].type) == "String!", name
        else:
            assert name in STATES_ONLY, f"{name} takes no idempotencyKey"


def test_the_doctor_knows_what_every_mutation_with_a_key_makes() -> None:
    assert CORE.mutation_type is not None
    keyed = [
        name
        for name, field in CORE.mutation_type.fields.items()
        if "idempotencyKey" in get_named_type(field.args["input"].type).fields
    ]
    assert sorted(RESULTS) == sorted(keyed)


def test_each_row_of_a_batch_takes_an_idempotency_key() -> None:
    for rows in ("OrderPlaceInput", "SkuUpsertInput"):
        type_ = CORE.get_type(rows)
        assert isinstance(type_, GraphQLInputObjectType)
        assert str(type_.fields["idempotencyKey"].type) == "String!"


def test_every_kind_of_user_error_is_in_the_schema() -> None:
    from oms_api.graphql.errors import UserError, error_types  # noqa: PLC0415

    def concrete(cls: type) -> Iterator[str]:
        subclasses: list[type] = cls.__subclasses__()
        for sub in subclasses:
            yield sub.__name__
            yield from concrete(sub)

    interface = CORE.get_type("UserError")
    assert isinstance(interface, GraphQLInterfaceType)
    known = {type_.name for type_ in CORE.get_possible_types(interface)}
    assert known == {cls.__name__ for cls in error_types()} == set(concrete(UserError))


def test_every_code_has_its_value_and_a_sentence() -> None:
    codes = CORE.get_type("ErrorCode")
    assert isinstance(codes, GraphQLEnumType)
    told_by_jobs = {code for code, error in type_registry.items() if error.__module__.startswith("oms_api.jobs")}
    assert set(codes.values) == set(type_registry) - told_by_jobs
    for code, error in type_registry.items():
        assert error.__doc__, code
        assert code == code.upper()


def test_every_code_is_raised_somewhere(repository: Path) -> None:
    sources = "\n".join(path.read_text() for path in (repository / "src").rglob("*.py"))
    unreachable = [
        code
        for code, error in type_registry.items()
        if not any(word in sources for word in (f"{error.__name__}(", f"raise {error.__name__}", f"[{error.__name__}]"))
        or sources.count(error.__name__) < 2
    ]
    assert unreachable == []


def test_quantities_are_int_and_money_is_never_a_float() -> None:
    floats = [
        f"{type_.name}.{name}"
        for type_ in own_types()
        for name, field in getattr(type_, "fields", {}).items()
        if get_named_type(field.type).name == "Float"
    ]
    assert floats == []


def test_each_connection_pages_in_both_directions() -> None:
    """By arguments of its own, or where a record is asked for with its page (a report) by those of the field that gives it."""
    objects = [type_ for type_ in own_types() if isinstance(type_, GraphQLObjectType)]
    named = [(type_, name, field) for type_ in objects for name, field in type_.fields.items()]
    for type_, name, field in named:
        if get_named_type(field.type).name.endswith("Connection"):
            giving = [set(other.args) for *_, other in named if get_named_type(other.type) is type_]
            paging = set(field.args) | (set.intersection(*giving) if giving else set())
            assert {"first", "after", "last", "before"} <= paging, f"{type_.name}.{name}"


def test_the_committed_schema_is_the_schema(repository: Path) -> None:
    committed = repository / "schema.graphql"
    if not committed.exists():
        pytest.skip("schema.graphql is not committed yet")
    assert committed.read_text().rstrip("\n") == schema().as_str().rstrip("\n")


@pytest.mark.parametrize("root", [name for name, found_by in lookups() if "id" in found_by.fields])
async def test_an_empty_id_is_refused_whatever_is_looked_for(root: str, work: UnitOfWork) -> None:
    data, errors = await Ask(work, SYSTEM).outcome(f'{{ {root}(by: {{ id: "" }}) {{ id }} }}')
    assert (data.get(root), [error["extensions"]["code"] for error in errors]) == (None, ["INVALID_ID"])
