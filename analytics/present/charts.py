"""All charts by name: pure functions from measured figures to a plotly figure (a sparkline is SVG text)."""

from analytics.present.charts_cases import closed_by, petition_course, sparkline
from analytics.present.charts_clocks import clock_states, rates_with_intervals, time_taken, week
from analytics.present.charts_colours import (
    colour_bar,
    expected_and_actual,
    migration,
    months_by_colour,
    open_by_age,
)
from analytics.present.charts_complaints import before_and_after, complaint_trend
from analytics.present.charts_style import narrowing

__all__ = [
    "before_and_after",
    "clock_states",
    "closed_by",
    "colour_bar",
    "complaint_trend",
    "expected_and_actual",
    "migration",
    "months_by_colour",
    "narrowing",
    "open_by_age",
    "petition_course",
    "rates_with_intervals",
    "sparkline",
    "time_taken",
    "week",
]
