"""What things are called."""

from uuid import UUID

import pytest

from oms_api.kernel.ids import IdKind, text_id
from oms_api.kernel.naming import shown

LINE = text_id(IdKind.TRANSFER_LINE, UUID(int=7))


@pytest.mark.parametrize(
    ("path", "as_shown"),
    [
        ("status", "status"),
        ("lead_time_mean_days", "leadTimeMeanDays"),
        ("leadTime", "leadTime"),
        (f"lines.{LINE}.brought_back", f"lines.{LINE}.broughtBack"),
        (f"oversell_rules.{LINE}.limit", f"oversellRules.{LINE}.limit"),
    ],
)
def test_names_are_shown_as_the_schema_has_them(path: str, as_shown: str) -> None:
    assert shown(path) == as_shown
