"""Our dataclasses do what those of Python do, and compile nothing before they are used."""

import copy
import dataclasses
import pickle
from collections.abc import Callable
from dataclasses import FrozenInstanceError, InitVar, asdict, field, fields, is_dataclass, replace
from typing import Any, cast

import pytest

from oms_api.graphql.described import output
from oms_api.kernel.dataclass import dataclass as ours

MAKERS = (ours, dataclasses.dataclass)
OPTIONS: tuple[dict[str, bool], ...] = (
    {},
    {"eq": False},
    {"slots": True},
    {"kw_only": True},
    {"frozen": True, "kw_only": True},
    {"frozen": True, "slots": True},
    {"frozen": True, "slots": True, "kw_only": True},
)


def made(dataclass: Callable[..., Any], options: dict[str, bool]) -> Any:
    """Return a class with every kind of field, and one that inherits from it."""

    @dataclass(**options)
    class Parcel:
        """A parcel."""

        number: int
        scale: InitVar[int] = 1
        labels: list[str] = field(default_factory=list)
        secret: str = field(default="", repr=False)
        note: str = field(default="", compare=False)
        weight: int = field(init=False, default=0)

        def __post_init__(self, scale: int) -> None:
            object.__setattr__(self, "weight", self.number * scale)

    @dataclass(**options)
    class Crate(Parcel):
        """A crate."""

        inside: tuple[Parcel, ...] = ()

    return Parcel, Crate


def told(dataclass: Callable[..., Any], options: dict[str, bool]) -> list[object]:
    """Return all that can be seen of such a class."""
    parcel, crate = made(dataclass, options)
    one, same, other = parcel(number=2, scale=3), parcel(number=2, scale=3, note="n"), parcel(number=3, secret="s")
    big = crate(number=1, inside=(one,))
    seen: list[object] = [repr(one), repr(big), one == same, one != same, one == other, big == one, asdict(big), one == 2]
    seen += [replace(other, number=5, scale=7).weight, one.labels is not same.labels, parcel.__match_args__, crate.__doc__]
    seen += [[each.name for each in fields(crate)], is_dataclass(one), hasattr(one, "__dict__"), parcel.__hash__ is None]
    for attempt in (
        lambda: setattr(one, "number", 7),
        lambda: delattr(same, "number"),
        lambda: parcel(2, 3),
        parcel,
        lambda: parcel(number=1, nothing=2),
        lambda: parcel(number=1, labels=[]).weight,
    ):
        try:
            seen.append(repr(attempt()))
        except (AttributeError, TypeError) as error:
            seen.append((type(error), str(error) if isinstance(error, TypeError) else ""))
    return seen


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_a_dataclass_is_as_pythons(options: dict[str, bool]) -> None:
    assert told(ours, options) == told(dataclasses.dataclass, options)


@pytest.mark.parametrize("dataclass", MAKERS)
def test_what_is_equal_has_one_hash(dataclass: Callable[..., Any]) -> None:
    @dataclass(frozen=True, slots=True)
    class Key:
        sku: str
        place: str = ""

    @dataclass(frozen=True)
    class Nothing:
        pass

    assert {Key("a"), Key("a"), Key("b"), Nothing(), Nothing()} == {Key("b"), Nothing(), Key("a")}
    assert len({hash(Key("a")), hash(Key("a"))}) == 1
    assert Key("a") != cast("object", Nothing())


def test_methods_by_hand_stay() -> None:
    @ours(frozen=True)
    class Wild:
        name: str

        def __repr__(self) -> str:
            return "wild"

        def __hash__(self) -> int:
            return 7

    assert (repr(Wild("a")), hash(Wild("a")), Wild("a") == Wild("a")) == ("wild", 7, True)


def test_what_holds_itself_is_shown() -> None:
    @ours
    class Ring:
        inside: Any = None

    ring = Ring()
    ring.inside = ring
    assert repr(ring).endswith("Ring(inside=...)")


@pytest.mark.parametrize("declare", [ours(frozen=True, slots=True), output])
def test_nothing_is_compiled_before_an_object_is_made(declare: Callable[[Any], Any], monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[object] = []

    def noted(source: Any, *names: Any) -> None:
        compiled.append(source)
        exec(source, *names)

    monkeypatch.setattr(dataclasses, "exec", noted, raising=False)

    @declare
    class Late:
        """What comes late."""

        name: str

    assert compiled == []
    make = cast("Any", Late)
    assert (make(name="a"), make(name="b")) == (make(name="a"), make(name="b"))
    assert sum("def __init__(" in str(source) for source in compiled) == 1


def test_what_is_frozen_stays() -> None:
    @ours(frozen=True)
    class Fixed:
        name: str

    fixed: Any = Fixed("a")
    with pytest.raises(FrozenInstanceError, match="'name'"):
        fixed.name = "b"
    with pytest.raises(FrozenInstanceError, match="'other'"):
        fixed.other = "b"
    assert fixed == Fixed("a")


@ours(frozen=True, slots=True)
class Copied:
    word: str
    parts: list[int]


def test_what_is_frozen_and_has_slots_is_copied_and_pickled() -> None:
    one = Copied("a", [1])
    assert copy.copy(one) == pickle.loads(pickle.dumps(one)) == copy.deepcopy(one) == one
    assert copy.deepcopy(one).parts is not one.parts
