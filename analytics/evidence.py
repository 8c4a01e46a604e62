"""What supports a launch verdict and what speaks against it: codes with their figures, no words.

Both read the dict of :func:`analytics.effectiveness.evaluate`. The claim judged is a fall, or a rise where the
verdict says so. The words stand in :mod:`analytics.present.sentences_effect`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from analytics.evaluation.launch_effect import CAUTION_LABELS

Evidence = dict[str, Any]
Result = Mapping[str, Any]

#: Fewer months than this on a side cannot show a whole year's course.
YEAR: Final = 12
#: From this dispersion on, months scatter twice as much as chance alone makes them.
SCATTER: Final = 2.0


def verdict_code(result: Result) -> str:
    """The verdict of the scope: of its one launch, else of the average over courtyards.

    A key of VERDICT_LABELS; ``no_data`` without complaints.
    """
    if not result["places"]:
        return "no_data"
    if result["launch"]:
        return str(result["launch"]["verdict_code"])
    if result["pooled"]:
        return str(result["pooled"]["verdict_code"])
    if not result["launches"]:
        return "no_launch"
    codes = {entry["verdict_code"] for entry in result["launches"]}
    return codes.pop() if len(codes) == 1 else "insufficient"


def support(result: Result) -> list[Evidence]:
    """What speaks for the verdict."""
    rises = result["verdict_code"] == "rose"
    return [
        *_plain(result, rises, True),
        *_checks_passed(result),
        *_average_passed(result, rises),
        *_peers(result, rises, True),
        *_chosen(result, rises, True),
        *_diverted(result),
    ]


def doubts(result: Result) -> list[Evidence]:
    """What speaks against the verdict, or keeps it from being sure."""
    rises = result["verdict_code"] == "rose"
    return [
        *_plain(result, rises, False),
        *_checks_failed(result),
        *_average_failed(result),
        *_series_doubts(result),
        *_peers(result, rises, False),
        *_chosen(result, rises, False),
        *_rivals(result),
    ]


def _plain(result: Result, rises: bool, wanted: bool) -> Iterator[Evidence]:
    """Layer 1 beside layer 2: does the plain ratio, without any model, say the same?"""
    launch = result["launch"]
    if not launch or not launch["plain"] or not launch["series"]:
        return
    plain = launch["plain"]
    if _beyond_one(plain["interval"], rises) == wanted:
        code = "plain_agrees" if wanted else "plain_unsure"
        yield {"code": code, "ratio": plain["ratio"], "interval": plain["interval"]}


def _checks_passed(result: Result) -> Iterator[Evidence]:
    checks = (result["launch"] or {}).get("robustness")
    if not checks:
        return
    if checks["holds"] and result["verdict_code"] in ("fell", "perhaps_fell", "rose"):
        yield {"code": "leave_one_out_holds", "range": checks["leave_one_out"]}
    if checks["placebo_tried"] and not checks["placebo_alarms"]:
        yield {"code": "placebo_quiet", "tried": checks["placebo_tried"]}
    series = result["launch"]["series"]
    firm = result["verdict_code"] in ("fell", "rose")
    if firm and _beyond_one(series["hac_interval"], result["verdict_code"] == "rose"):
        yield {"code": "hac_agrees", "interval": series["hac_interval"]}


def _checks_failed(result: Result) -> Iterator[Evidence]:
    checks = (result["launch"] or {}).get("robustness")
    if not checks:
        return
    if not checks["holds"]:
        months = checks["turning_months"]
        yield {"code": "leave_one_out_breaks", "months": months, "range": checks["leave_one_out"]}
    if checks["placebo_alarms"]:
        tried = checks["placebo_tried"]
        yield {"code": "placebo_alarms", "alarms": checks["placebo_alarms"], "tried": tried}
    if not checks["placebo_tried"]:
        yield {"code": "placebo_none"}


def _average_passed(result: Result, rises: bool) -> Iterator[Evidence]:
    average = result["pooled"]
    if not average:
        return
    places = len(average["places"])
    same = places - average["below_one"] if rises else average["below_one"]
    if same == places and places > 2:
        yield {"code": "places_alike", "places": places}
    if average["without"] and average["holds"]:
        ratios = [part["ratio"] for part in average["without"]]
        yield {"code": "leave_place_out_holds", "range": [min(ratios), max(ratios)]}


def _average_failed(result: Result) -> Iterator[Evidence]:
    average = result["pooled"]
    if not average:
        return
    if average["without"] and not average["holds"]:
        turning = [p["place"] for p in average["without"] if p["verdict_code"] != average["verdict_code"]]
        yield {"code": "leave_place_out_breaks", "places": turning}
    if average["differ_p"] < 0.05:
        yield {"code": "places_differ", "p": average["differ_p"]}
    if average["left_out"]:
        yield {"code": "places_left_out", "places": average["left_out"]}


def _series_doubts(result: Result) -> Iterator[Evidence]:
    launch = result["launch"]
    if not launch:
        return
    yield from ({"code": code} for code in launch["cautions"] if code in CAUTION_LABELS)
    series = launch["series"]
    if not series:
        return
    if series["dispersion"] >= SCATTER:
        yield {"code": "scatter", "dispersion": series["dispersion"]}
    before, after = series["months_before"], series["months_after"]
    if min(before, after) < YEAR:
        yield {"code": "short", "before": before, "after": after}
    if not series["harmonics"]:
        yield {"code": "no_seasons", "months": before + after}


def _peers(result: Result, rises: bool, wanted: bool) -> Iterator[Evidence]:
    """Layer 3: did launched courtyards change more than those that had not launched?"""
    if not result["launches"]:
        return
    found = result["peers"]
    if found is None:
        if not wanted:
            yield {"code": "peers_none"}
        return
    average = found["average"]
    figures = {"unit": found["unit"], **average}
    if average["interval"] is None:
        if not wanted:
            yield {"code": "peers_no_interval", **figures}
    elif _beyond(average["interval"], 0, rises) == wanted:
        yield {"code": "peers_agree" if wanted else "peers_unsure", **figures}
    yield from _before_launch(found["event_study"], wanted)


def _before_launch(study: Sequence[Mapping[str, Any]], wanted: bool) -> Iterator[Evidence]:
    """Before the launch nothing should show; by chance 1 in 20 does."""
    tried = [row["interval"] for row in study if row["month_since_launch"] < -1 and row["interval"]]
    alarms = sum(low > 0 or high < 0 for low, high in tried)
    quiet = alarms <= max(1, len(tried) / 20)
    if tried and quiet == wanted:
        yield {"code": "before_quiet" if wanted else "before_moved", "alarms": alarms, "tried": len(tried)}


def _chosen(result: Result, rises: bool, wanted: bool) -> Iterator[Evidence]:
    """Was the place picked because it was worst? Then it would have come back by itself, too."""
    known = [entry for entry in result["launches"] if entry["regression"]]
    if rises or not known:
        return
    worst = [entry for entry in known if entry["regression"]["worst"]]
    if wanted and not worst:
        yield {"code": "not_the_worst", "places": known[0]["regression"]["places"]}
    if not wanted:
        for entry in worst:
            yield {"code": "the_worst", "place": entry["place"], **entry["regression"]}


def _diverted(result: Result) -> Iterator[Evidence]:
    """Petitions up while complaints went down: residents report here instead."""
    petitions, launch = result["channels"]["petitions"], result["launch"]
    if not petitions or not launch or not launch["plain"]:
        return
    if _beyond_one(petitions["interval"], True) and _beyond_one(launch["plain"]["interval"], False):
        yield {"code": "diverted", "before": petitions["before_mean"], "after": petitions["after_mean"]}


def _rivals(result: Result) -> Iterator[Evidence]:
    near = [event for event in result["events"] if event["near"]]
    if near:
        yield {"code": "rivals", "events": near}
    elif result["launches"] and not any(event["kind"] != "launch" for event in result["events"]):
        yield {"code": "no_events"}


def _beyond_one(interval: Sequence[float | None], above: bool) -> bool:
    return _beyond(interval, 1, above)


def _beyond(interval: Sequence[float | None], middle: float, above: bool) -> bool:
    """Whether an interval lies wholly on one side; an end without bound (None) is endless."""
    low, high = interval
    if above:
        return low is not None and low > middle
    return high is not None and high < middle
