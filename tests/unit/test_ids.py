"""Typed ids round-trip, and only the right text of the right kind is taken."""

from collections.abc import Callable
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from oms_api.kernel.errors import InvalidId
from oms_api.kernel.ids import ID_TYPES, IdKind, ReservationId, new_uuid, parse_id, split_id, text_id

kinds = st.sampled_from(list(IdKind))
types = st.sampled_from(list(ID_TYPES))
WHOLE = "order_01h2xcejqtf2nbrexx3vqjhp41"


@given(types, st.uuids())
def test_what_is_written_is_read(of: Callable[[UUID], UUID], value: UUID) -> None:
    assert parse_id(of, text_id(ID_TYPES[of], value)) == value


def test_the_text_is_that_of_the_specification() -> None:
    assert text_id(IdKind.ORDER, UUID("0188bac7-4afa-78aa-bc3b-bd1eef28d881")) == WHOLE


@given(st.text() | st.from_regex(r"[a-z]{2,8}_[0-9a-z]{25,27}\n?", fullmatch=True))
@example("")
@example("order_")
@example(WHOLE + "\n")
@example(WHOLE[:-1] + "\n")
@example(WHOLE.upper())
@example(WHOLE.replace("_0", "_8"))
@example(WHOLE.replace("1", "l"))
@example("order_" + WHOLE)
@example(WHOLE.removeprefix("order"))
@example("order_" + "é" * 26)
def test_any_text_is_read_exactly_or_refused(text: str) -> None:
    try:
        kind, value = split_id(text)
    except InvalidId:
        assert not any(text == text_id(kind, UUID(int=0)) for kind in IdKind)
    else:
        assert text_id(kind, value) == text


@given(types, kinds, st.uuids())
def test_an_id_of_another_kind_is_refused(wanted: Callable[[UUID], UUID], given_kind: IdKind, value: UUID) -> None:
    if ID_TYPES[wanted] is not given_kind:
        with pytest.raises(InvalidId, match=ID_TYPES[wanted].value):
            parse_id(wanted, text_id(given_kind, value))


def test_later_ids_sort_later() -> None:
    made = [new_uuid() for _ in range(10_000)]
    assert made == sorted(set(made))
    assert {value.version for value in made} == {7}


@pytest.mark.parametrize("text", ["", "x", "res_", WHOLE])
def test_a_refusal_shows_what_the_right_kind_looks_like(text: str) -> None:
    with pytest.raises(InvalidId) as refused:
        parse_id(ReservationId, text)
    assert refused.value.message == f"'{text}' is not the right id here: expected the id of a reservation, such as res_01h...."
