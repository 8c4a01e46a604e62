"""The whole evaluation of a scope as one JSON part, shared by ``review`` and ``effect``."""

from __future__ import annotations

from typing import Any

from analytics import change, comparison, effectiveness
from analytics.dataset import Dataset
from analytics.scope import Scope


def evaluation(
    data: Dataset, scope: Scope, *, measure: str = "response", adjusted: bool = False, by: str = "place"
) -> dict[str, Any]:
    """``effect`` of the launch, ``courtyards`` against chance, and why a rate has ``change``-d, as the pages show."""
    rate = measure if measure != comparison.COMPLAINTS else "response"
    return {
        "effect": effectiveness.evaluate(data, scope),
        "courtyards": comparison.compare(data, scope, measure, adjusted=adjusted),
        "change": change.explain(data, scope, rate, by),
    }
