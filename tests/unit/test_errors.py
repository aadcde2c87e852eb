"""Errors are data: a code, a place, and a message made of the error's own fields."""

import re
import string
from dataclasses import fields
from inspect import cleandoc

import pytest

import oms_api.domain.errors  # noqa: F401 - registers them all
from oms_api.kernel.access import Principal, Scope, system_principal
from oms_api.kernel.errors import Busy, InvalidValue, MissingScope, NotFound, OmsError, Refused, type_registry
from oms_api.kernel.ids import ChannelId, IntegrationId, LocationId, new_uuid


def every(kind: type[OmsError] = OmsError) -> list[type[OmsError]]:
    return [found for child in kind.__subclasses__() for found in (child, *every(child))]


@pytest.mark.parametrize("kind", every(), ids=lambda kind: kind.__name__)
def test_every_error_has_a_code_of_its_own_and_a_message_of_its_fields(kind: type[OmsError]) -> None:
    assert "code" in vars(kind)
    assert type_registry[kind.code] is kind
    assert kind.code == kind.code.upper()
    assert "__doc__" in vars(kind)
    assert kind.__doc__ is not None
    assert not kind.__doc__.startswith(kind.__name__ + "("), "the docstring is the message"
    named = {name for _, name, _, _ in string.Formatter().parse(cleandoc(kind.__doc__).split("\n\n")[0]) if name is not None}
    assert named <= {f.name for f in fields(kind)}
    assert re.fullmatch(r"[A-Z][^{}]*\.", kind.meaning(), re.DOTALL), "a second paragraph says what the code means without data"


def test_the_message_holds_the_data_and_the_place_grows_outwards() -> None:
    error = NotFound(what="SKU", given="{given}", field=("skuId",)).at("input", "lines", 3)
    assert error.field == ("input", "lines", "3", "skuId")
    assert str(error) == (
        "NOT_FOUND at input.lines.3.skuId: There is no SKU '{given}', or it is outside what this key may see."
    )


def test_several_errors_are_told_one_by_one() -> None:
    first, second, third = InvalidValue(problem="a"), Busy(), InvalidValue(problem="c")
    assert Refused(errors=[first, Refused(errors=[second, third])]).causes == (first, second, third)
    assert first.causes == (first,)


def test_a_limit_of_none_is_no_limit_and_an_empty_one_shows_nothing() -> None:
    seen, unseen, place = ChannelId(new_uuid()), ChannelId(new_uuid()), LocationId(new_uuid())
    caller = Principal(
        client_id=IntegrationId(new_uuid()),
        name="shop",
        scopes=frozenset({Scope.ORDERS_READ}),
        channels=frozenset({seen}),
        locations=frozenset(),
    )
    assert (caller.sees_channel(seen), caller.sees_channel(unseen), caller.sees_location(place)) == (True, False, False)
    everything = system_principal("seed")
    assert everything.sees_channel(unseen)
    assert everything.sees_location(place)


def test_a_missing_scope_is_named() -> None:
    caller = Principal(client_id=IntegrationId(new_uuid()), name="shop", scopes=frozenset({Scope.ORDERS_READ}))
    caller.demand(Scope.ORDERS_READ)
    with pytest.raises(MissingScope, match="orders:write"):
        caller.demand(Scope.ORDERS_WRITE)
    assert all(system_principal("seed").may(scope) for scope in Scope)
