"""SQL written by hand: names become numbers, and only those that are parameters."""

import pytest

from oms_api.db.sql import Sql


def test_a_name_is_one_number_however_often_it_stands() -> None:
    statement = Sql("SELECT :sku::uuid, :units, x FROM level WHERE sku_id = :sku AND free >= :units")
    assert statement(units=2, sku="s") == ("SELECT $1::uuid, $2, x FROM level WHERE sku_id = $1 AND free >= $2", ("s", 2))


@pytest.mark.parametrize(
    "text",
    [
        "SELECT now()::date, a::text[]",
        "SELECT ':no', 'it''s :no', '\\', 1",
        r"SELECT E'it\'s :no', e'\\'",
        'SELECT ":no", "a "" :no"',
        "SELECT 1 -- what of :no",
        "SELECT /* neither\n :no */ 1",
        "SELECT $$ :no $$, $body$ :no $1 $body$",
        "SELECT list[1:size], list[low:high], list[f(1):high]",
        "SELECT make_interval(days := 1)",
    ],
)
def test_what_is_no_parameter_stays(text: str) -> None:
    assert Sql(text)() == (text, ())


def test_a_parameter_may_stand_in_an_array_and_after_a_colon() -> None:
    assert Sql("SELECT ARRAY[:a, :b], f(days := :a)").names == ("a", "b")
    assert Sql("SELECT :a::int[]")(a=1) == ("SELECT $1::int[]", (1,))


def test_parts_are_put_together_by_their_names() -> None:
    named = Sql("SELECT id FROM sku WHERE code = :code")
    whole = Sql(f"WITH named AS ({named}) SELECT * FROM named WHERE id <> :other AND :code <> ''")
    assert whole(other=1, code="c")[1] == ("c", 1)
    assert (
        whole.numbered == "WITH named AS (SELECT id FROM sku WHERE code = $1) SELECT * FROM named WHERE id <> $2 AND $1 <> ''"
    )


def test_a_value_that_is_missing_or_unknown_is_named() -> None:
    statement = Sql("SELECT :sku, :units")
    with pytest.raises(TypeError, match="lacks units, does not know unit: SELECT :sku, :units"):
        statement(sku=1, unit=2)


def test_nobody_counts_by_hand() -> None:
    with pytest.raises(ValueError, match=r"not the number \$1"):
        Sql("SELECT $1::int")
