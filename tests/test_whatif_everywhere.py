"""One question, three answers: the page, the command line and plain pandas agree on random scopes and scenarios."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics import store, whatif
from analytics.__main__ import main
from analytics.present import wording
from analytics.whatif import Scenario
from tests.stored import save, whole
from tests.test_pages import said, visit
from tests.test_pages_whatif import shown
from tests.test_rollup import scopes
from tests.test_whatif import AS_OF, FIRST, SECOND, many, plain

__all__ = ["visit"]

COLOURS = {"绿": "green", "黄": "yellow", "红": "red", "灰": "grey"}
OPTIONS = {
    "communities": "community", "courtyards": "courtyard", "first_month": "from", "last_month": "to",
    "handlers": "handler", "categories": "category", "colours": "colour",
}  # fmt: skip


@pytest.fixture(scope="module")
def frame():
    return many(3)


@pytest.fixture(scope="module")
def sample_url(frame, tmp_path_factory):
    """The same records in a database, a blank as nothing."""
    records = frame.replace({"": None}).assign(
        assigned_colour=frame["assigned_colour"].map(COLOURS), date_only=np.int32(0),
        needs_visit=frame["needs_visit"].astype("boolean"), unsolvable=frame["unsolvable"].astype("boolean"),
        satisfaction=frame["satisfaction"].astype("Int64"), row=np.arange(2, len(frame) + 2),
    )  # fmt: skip
    times = [name for name in records if name.endswith("_at")]
    texts = [
        "case_id",
        "community",
        "courtyard",
        "building",
        "unit",
        "category",
        "handler",
        "channel",
        "assigned_colour",
    ]
    url = f"sqlite:///{tmp_path_factory.mktemp('everywhere')}/all.db"
    typed = records.astype({**dict.fromkeys(times, "datetime64[s]"), **dict.fromkeys(texts, "str")})
    save(store.connect(url), whole("petitions", typed))
    return url


def chosen(scope):
    """The choices of a scope as (option, value)."""
    for field, option in OPTIONS.items():
        value = getattr(scope, field)
        yield from ((option, one) for one in ([value] if isinstance(value, str) else value or ()))
    yield from (("expected-colour", one) for one in scope.expected_colours)


def at_the_command_line(url, scope, scenario, capsys):
    """The scenario's review, by its options."""
    words = [word for option, value in chosen(scope) for word in (f"--{option}", value)]
    words += [w for axis, value in scenario.leave_out for w in ("--leave-out", f"{axis}:{value}")]
    words += [w for new, places in scenario.merge for w in ("--merge", f"{new}={','.join(places)}")]
    words += [w for clock, iso in scenario.limits for w in ("--limit", f"{clock}={iso}")]
    words += [w for place, goal in scenario.lift for w in ("--lift", f"{place}={goal}")]
    capsys.readouterr()
    assert main(["what-if", "--db", url, "--as-of", f"{AS_OF.isoformat()}", "--json", *words]) == 0
    return json.loads(capsys.readouterr().out)["scenario"]


def on_the_page(visit, scope, scenario):
    """The scenario's number of petitions and its response clock, as the page says them; None for an empty scope."""
    given: dict[str, list[str]] = {"as_of": [f"{AS_OF:%Y-%m-%dT%H:%M}"], "if": [whatif.to_address(scenario)]}
    for option, value in chosen(scope):
        given.setdefault("expected" if option == "expected-colour" else option, []).append(value)
    app = visit("what_if", **given)
    if "所选范围内没有诉求" in said(app):
        return None
    lines = {row[0]: row[2] for row in shown(app)}
    response = next(cell for label, cell in lines.items() if "分钟响应" in label)
    return lines["受理诉求"], response.replace("\u00a0", " ")


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    scopes,
    st.builds(
        Scenario,
        leave_out=st.sampled_from([(), (("courtyard", FIRST),), (("handler", ""), ("category", "停车"))]),
        merge=st.sampled_from([(), (("/大院", (FIRST, SECOND)),)]),
        limits=st.sampled_from([(), (("response", "PT3M"),), (("response", "PT10M"),)]),
        lift=st.sampled_from([(), (("甲社区/2号院", "target"),)]),
    ),
)
def test_page_command_line_and_pandas_agree(frame, sample_url, visit, capsys, scope, scenario):
    wanted = plain(frame, scope, scenario)
    n, met, due, unrecorded = (int(wanted[name].sum()) for name in ("n", "met", "due", "unrecorded"))
    answer = at_the_command_line(sample_url, scope, scenario, capsys)
    assert answer["counts"]["petitions"] == n
    assert answer["clocks"]["response"]["met"] == met
    shown_here = on_the_page(visit, scope, scenario)
    rate = wording.rate_with_counts(met, due) if due > unrecorded else wording.UNKNOWN
    assert shown_here in (None, (wording.count(n), rate))
    assert shown_here is not None or n == 0
