"""What-if: the same indicators with courtyards left out, merged or lifted, or under other limits."""

from analytics.whatif.applying import WhatIf, apply, to_dict
from analytics.whatif.lifting import COMPARABLE, Lift
from analytics.whatif.meaning import still_chosen, still_meant
from analytics.whatif.moving import CHANGES
from analytics.whatif.reading import from_address, merged_key, parse, to_address
from analytics.whatif.saved import named
from analytics.whatif.scenario import AXES, GOALS, Scenario, ScenarioError
from analytics.whatif.sensitivity import sensitivity
from analytics.whatif.stage import stage

__all__ = [
    "AXES",
    "CHANGES",
    "COMPARABLE",
    "GOALS",
    "Lift",
    "Scenario",
    "ScenarioError",
    "WhatIf",
    "apply",
    "from_address",
    "merged_key",
    "named",
    "parse",
    "sensitivity",
    "stage",
    "still_chosen",
    "still_meant",
    "to_address",
    "to_dict",
]
