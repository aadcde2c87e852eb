"""Array literals: what is sent as text arrives as it was."""

from uuid import uuid4

from hypothesis import given, settings
from hypothesis import strategies as st

from oms_api.db.session import Tx
from oms_api.db.sets import array, text_array
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.kernel.access import Principal

ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


async def echoed(work: UnitOfWork, principal: Principal, literal: str, sql_type: str) -> list[object]:
    async def ask(tx: Tx, _nothing: None) -> list[object]:
        ((found,),) = await tx.fetch((f"SELECT $1::{sql_type}[]", (literal,)))
        return list(found)

    return await work.execute(principal, ask, None)


async def test_texts_of_any_content_arrive_as_they_were(work: UnitOfWork, principal: Principal) -> None:
    awkward = ["", "NULL", "null", '"', "\\", "a,b", "{}", " x ", "\n", '\\"', "é", "'"]
    assert await echoed(work, principal, text_array(awkward), "text") == awkward


@settings(max_examples=50, deadline=None)
@given(st.lists(ANY_TEXT))
def test_a_literal_is_read_back_by_its_own_rules(texts: list[str]) -> None:
    literal, read, inside, i = text_array(texts), [], None, 1
    while i < len(literal) - 1:
        char = literal[i]
        if inside is None:
            inside = "" if char == '"' else None
        elif char == '"':
            read.append(inside)
            inside = None
        else:
            i += char == "\\"
            inside += literal[i]
        i += 1
    assert read == texts


async def test_ids_and_numbers_arrive_as_they_were(work: UnitOfWork, principal: Principal) -> None:
    ids = [uuid4() for _ in range(3)]
    assert await echoed(work, principal, array(ids), "uuid") == ids
    assert await echoed(work, principal, array([]), "int") == []
