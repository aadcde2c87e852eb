"""Fitting goods into a box by the library packvium: it tries how they lie, by counted effort, so its answers stay the same."""

from collections.abc import Sequence

from packvium import Container, Dimensions, EffortBudget, Item, Packer, PackingConfig

from oms_api.domain.packing.fitting import by_volume
from oms_api.domain.packing.measures import Sides

MOST_TRIED = 24
"""Goods of which the library tries how they lie; of more, volume and sides decide."""
CONFIG = PackingConfig.fast(
    time_limit_ms=60_000,
    effort_budget=EffortBudget(max_candidates_evaluated=2_000, max_placement_attempts=2_000),  # type: ignore[call-arg]
    max_containers=1,
)


def by_packvium(box: Sides, goods: Sequence[Sides]) -> list[int]:
    """Return which goods fit into *box* together."""
    if len(goods) > MOST_TRIED:
        return by_volume(box, goods)
    items = [Item.create(str(place), _mm(sides)) for place, sides in enumerate(goods)]
    packed = Packer(CONFIG).pack(items=items, containers=[Container.create("box", _mm(box), quantity=1)])
    return sorted(int(each.instance.item.id) for container in packed.containers for each in container.placements)


def _mm(sides: Sides) -> Dimensions:
    return Dimensions.mm(*map(str, sides))  # type: ignore[arg-type]
