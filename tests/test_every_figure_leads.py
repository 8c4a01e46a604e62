"""Every chart of every page, point by point: a click opens exactly as many petitions as the figure says.

Charts, cards and links are caught as the pages draw them. A chart that leads nowhere stands in NOWHERE with its
reason, and every place in the code that draws one must have been walked: a new chart cannot be forgotten.
"""

from __future__ import annotations

import ast
import re
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from analytics import breakdown, cases, intake, store
from analytics import narrowing as narrowings
from analytics.comparison import CHOICES
from analytics.present import charts, charts_style
from analytics.scope import month_number
from analytics.vocabulary import CLOCKS
from sample_data import COMMITTED, FILES, SAMPLE_AS_OF
from ui import components, data

ROOT = Path(__file__).parents[1]
#: Charts (by the beginning of their key) behind which there are no petitions, and why.
NOWHERE = {
    "event-study": "differences between courtyards' complaints; no single month or petition is behind a point",
    "categories": "mean complaints per month; they stand one by one below",
    "course": "the days between misses, which have their link; or the course of one petition",
    "curve": "a share estimated over closed and open petitions (Kaplan-Meier)",
    "roster": "expected misses of a roster that nobody has worked",
    "report-": "the report as it will be signed: paper",
}
#: What a reader may do on a page before looking: address, then widget → value (None: a button, pressed).
WALKS = [
    *((page, {}, {}) for page in ("overview", "colours", "clocks", "complaints", "courtyards", "effectiveness")),
    *((page, {}, {}) for page in ("follow_up", "supervision", "quality", "what_if")),
    *((page, {"community": "桂东社区", "from": "2024-01", "to": "2024-05"}, {}) for page in ("overview", "colours", "clocks", "courtyards", "follow_up", "supervision")),
    *((page, {"colour": "red", "handler": "物业"}, {}) for page in ("overview", "colours", "clocks", "follow_up")),
    *(("effectiveness", {"community": "太极社区", **months}, {}) for months in ({}, {"from": "2024-03", "to": "2024-04"})),
    ("effectiveness", {}, {"effect-place": "桂东社区/6号院"}),
    ("clocks", {"clock": "response", "state": ["missed", "unrecorded"]}, {"clock-shown": "arrival"}),
    *((page, {"clock": "response", "state": "missed", "flag": "is_closed"}, {}) for page in ("overview", "courtyards", "follow_up", "effectiveness")),
    *((page, {"outcome": ["open_yellow", "open_red"]}, {}) for page in ("overview", "colours")),
    ("what_if", {}, {"curve-part": True, "FormSubmitter:roster-模拟": None}),
    ("report", {}, {}),
    ("cases", {"case": "TJ-000013"}, {}),
    ("follow_up", {}, {"followed-by": "place"}),
    *(("clocks", {}, {"clock-shown": clock}) for clock in CLOCKS),
    *(("courtyards", {}, {"compared-by": measure, "adjusted": on}) for measure in CHOICES for on in (False, True)),
    *(("courtyards", {}, {"changed": measure, "changed-by": axis}) for measure in CHOICES[:-1] for axis in ("place", "category", "handler", "channel")),
]  # fmt: skip


@pytest.fixture(scope="module")
def sample_url(tmp_path_factory):
    url = f"sqlite:///{tmp_path_factory.mktemp('walk')}/sample.db"
    for name, kind in COMMITTED:
        read = intake.read(FILES / name, name, kind, now=SAMPLE_AS_OF)
        store.save(store.connect(url), read, who="test", now=SAMPLE_AS_OF, sample=True)
    return url


class Seen:
    """What the pages drew: charts, links, and from which lines of the code."""

    def __init__(self) -> None:
        self.charts, self.tables, self.links, self.lines = [], [], [], set()

    def figure(self, drawn, key, view, *, leads=True):
        caller = sys._getframe(1)
        self.lines.add((Path(caller.f_code.co_filename).name, caller.f_code.co_name))
        self.charts.append((key, drawn.to_dict(), view, leads))

    def leading_table(self, shown, key, view, ways):
        self.tables.append((key, shown, view, ways))

    def link(self, label, narrowing):
        self.links.append((label, narrowing))


@pytest.fixture(scope="module")
def walked(sample_url):
    """Every walk's charts and links, the pages run in one server."""
    seen = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATABASE_URL", sample_url)
        st.cache_resource.clear()
        for page, address, widgets in WALKS:
            here = Seen()
            patch.setattr(components, "figure", here.figure)
            patch.setattr(components, "link_to_cases", here.link)
            patch.setattr(components, "leading_table", here.leading_table)
            app = opened(page, address, widgets)
            seen.append((page, here, app.session_state["view"]))
    return seen


def opened(page, address, widgets):
    app = AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=60)
    app.switch_page(f"pages/{page}.py")
    for name, value in address.items():
        app.query_params[name] = value
    app.run()
    if widgets:
        for key, value in widgets.items():
            if value is None:
                app.button(key=key).click()
            else:
                app.session_state[key] = value
        app.run()
    assert not app.exception, [e.message for e in app.exception]
    return app


def test_every_point_of_every_chart_opens_exactly_its_figure(walked):
    points = 0
    for page, here, _view in walked:
        for key, drawn, view, leads in here.charts:
            for trace in drawn["data"] if leads else []:
                for place in range(len(trace.get("customdata", ()))):
                    points += faultless(f"{page} {key}", trace, place, view)
    assert points > 3000


def faultless(where, trace, place, view):
    """One point: what the click opens, what is written on the figure, what is written over it."""
    narrowing, count = charts.narrowing(trace["customdata"][place]), trace["customdata"][place][1]
    assert bool(narrowing) == bool(count), where
    if not count:
        return 0
    if charts_style.COMPLAINED in narrowing:
        assert complaints_opened(view, narrowing) == count, f"{where} {narrowing}"
        own = trace["y"][place] if narrowing[charts_style.COMPLAINED] else count
        assert own == count or f"点开看 {count:,} 件" in trace["hovertext"][place], (
            where
        )  # a rate a day says so
        assert f"{count:,}" in trace["hovertext"][place], where
        return 1
    assert len(cases.select(view.dataset, view.scope, narrowing)) == count, f"{where} {narrowing}"
    assert f"{count:,}" in trace["hovertext"][place], f"{where}: {trace['hovertext'][place]}"
    if trace["type"] == "bar":
        size = trace["x"][place] if trace.get("orientation") == "h" else trace["y"][place]
        assert size == count or is_share(trace) or "点开看" in trace["hovertext"][place], where
    elif "点开看" not in trace["hovertext"][place]:
        assert trace["text"][place] == f"{count:,}", where
    return 1


def complaints_opened(view, found):
    """The complaints that the page 投诉趋势 shows after a click, within the scope that the reader takes along."""
    month, where = found[charts_style.COMPLAINED], {}
    if "place" in found:
        where["courtyards"] = (found["place"],)
    if month:
        assert view.scope.includes_month(month_number(month)), "the page would show other months"
        where |= {"first_month": month, "last_month": month}
    return int(breakdown.complaint_table(view.dataset, replace(view.scope, **where)).sum().sum())


def test_every_cell_of_a_leading_table_opens_the_petitions_whose_number_stands_in_it(walked):
    cells = 0
    for page, here, _view in walked:
        for key, shown, view, ways in here.tables:
            for column, leads in ways.items():
                for text, (narrowing, count) in zip(shown[column], leads, strict=True):
                    where = f"{page} {key} {column} {text}"
                    if count and charts_style.COMPLAINED in narrowing:
                        assert complaints_opened(view, narrowing) == count, where
                        cells += 1
                    elif count:
                        assert len(cases.select(view.dataset, view.scope, narrowing)) == count, where
                        assert count in [
                            int(n.replace(",", "")) for n in re.findall(r"\d[\d,]*", str(text))
                        ], where
                        cells += 1
    assert cells > 2000


def is_share(trace):
    """Bars of shares of one: their counts stand in them and over them."""
    return max(trace["x"]) <= 1 and "%" in trace["hovertext"][0]


def test_a_chart_leads_to_petitions_or_says_why_not(walked):
    for page, here, _view in walked:
        for key, drawn, _v, leads in here.charts:
            declared = any(key.startswith(name) for name in NOWHERE)
            assert leads != declared, f"{page} {key}"
            silent = [t for t in drawn["data"] if "customdata" not in t and t.get("hoverinfo") != "skip"]
            assert not leads or not silent or key.startswith("effect"), f"{page} {key}: a trace without a way"


def test_every_link_says_how_many_petitions_it_opens(walked):
    links = 0
    for page, here, view in walked:
        for label, narrowing in here.links:
            count = len(cases.select(view.dataset, view.scope, narrowing))
            whole = narrowings.both(dict(view.key.narrowing), narrowing)
            everything = data.dataset(replace(view.key, narrowing=()))
            assert len(cases.select(everything, view.scope, whole)) == count, f"{page}: {whole}"
            numbers = [int(n.replace(",", "")) for n in re.findall(r"\d[\d,]*", label)]
            assert count in numbers, f"{page}: {label} opens {count}"
            links += 1
    assert links > 150


def test_no_chart_in_the_code_was_left_out(walked):
    drawn = set().union(*(here.lines for _page, here, _view in walked))
    written = {
        place for folder in ("pages", "ui") for path in (ROOT / folder).glob("*.py") for place in calls(path)
    }
    assert not written - drawn


def calls(path):
    """(file, function) of every call of components.figure."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "components.figure":
            inside = [f for f in functions if f.lineno <= node.lineno <= f.end_lineno]
            yield path.name, max(inside, key=lambda f: f.lineno).name if inside else "<module>"


def test_charts_are_drawn_in_one_place():
    for folder in ("pages", "ui"):
        for path in (ROOT / folder).glob("*.py"):
            assert "st.plotly_chart(" not in path.read_text(encoding="utf-8") or path.name == "components.py"
