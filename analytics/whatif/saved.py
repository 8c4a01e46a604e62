"""Scenarios that the store keeps, as scenarios again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from analytics.whatif.reading import from_address
from analytics.whatif.scenario import Scenario


def named(engine: Any, names: Iterable[str]) -> dict[str, Scenario]:
    """Kept scenarios by name, in the order asked for; raises StoreError for a name that is not kept."""
    from analytics import store

    kept = [store.scenario(engine, name) for name in names]
    return {one.name: from_address(one.scenario) for one in kept}
