"""The guide to partners and parcels in docs/partners.md, document by document, on the demo shop."""

from pathlib import Path

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.workflows.seed_demo import seed
from tests.factories.attended import Attended
from tests.factories.database import Database
from tests.factories.given import SYSTEM
from tests.factories.touring import tour


async def test_the_guide_to_partners_is_true(fresh_work: UnitOfWork, fresh_database: Database, repository: Path) -> None:
    assert await seed(fresh_work, SYSTEM) is not None
    shop = Attended(fresh_work, fresh_database, "fill_waiting", "ask_suppliers", "departures")
    assert await tour((repository / "docs/partners.md").read_text(), shop.ask, shop.follow) >= 20
    assert await shop.wrong() == []
