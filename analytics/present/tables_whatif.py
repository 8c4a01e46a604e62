"""情景推演 as tables: every indicator on both sides, what lifting takes, what merging narrows, who moved."""

from __future__ import annotations

from typing import Any

import pandas as pd
from pandas import DataFrame

from analytics import cases
from analytics.dataset import Dataset
from analytics.i18n import gettext as _
from analytics.measures import REGISTRY
from analytics.present import conditions, sentences_whatif, wording
from analytics.vocabulary import CLOCK_LABELS, COLOURS, COLUMN_LABELS, STATE_LABELS, place_label
from analytics.whatif import CHANGES, GOALS, WhatIf


def indicators(what_if: WhatIf) -> DataFrame:
    """Every measure of the registry, then petitions by colour and complaints: base, scenario, difference."""
    rows = [
        (
            sentences_whatif.label(what_if, str(name)),
            sentences_whatif.rate(line, "base"),
            sentences_whatif.rate(line, "scenario"),
            sentences_whatif.difference(line),
        )
        for name, line in what_if.indicators.iterrows()
    ]
    rows += [_counted(label, *pair) for label, pair in _counts(what_if)]
    return DataFrame(rows, columns=[_("指标"), _("现状"), _("情景"), _("差别")])


def figures(what_if: WhatIf) -> DataFrame:
    """The same as numbers, for files: counts and rates of both sides, the difference in points or in number."""
    sides = {"base": _("现状"), "scenario": _("情景")}
    rows = [
        {
            _("指标"): sentences_whatif.label(what_if, str(name)),
            **{
                f"{title}：{word}": _unless_missing(line[f"{side}_{part}"])
                for side, title in sides.items()
                for part, word in _parts().items()
            },
            _("差别（率为百分点）"): _unless_missing(line["change"]),
        }
        for name, line in what_if.indicators.iterrows()
    ]
    table = DataFrame(rows)
    for label, pair in _counts(what_if):
        counted = {
            f"{title}：{_parts()['numerator']}": n for title, n in zip(sides.values(), pair, strict=True)
        }
        change = None if None in pair else pair[1] - pair[0]  # type: ignore[operator]
        table.loc[len(table)] = {_("指标"): label, **counted, _("差别（率为百分点）"): change}
    return table


def _parts() -> dict[str, str]:
    return {"numerator": _("件数"), "denominator": _("应计"), "rate": _("率")}


def _unless_missing(value: Any) -> float | None:
    return None if pd.isna(value) else float(value)


def lifts(what_if: WhatIf) -> DataFrame:
    """What lifting takes, by place and clock: how many more in time, out of how many candidates."""
    return DataFrame(
        [
            {
                _("院落"): place_label(one.place, True),
                _("时限"): _(CLOCK_LABELS[one.clock]),
                _("补到"): _goal(one),
                _("现在"): wording.rate_with_counts(one.met, one.due),
                _("要再有几件按时"): one.more,
                _("候选"): one.due - one.met if one.more else 0,
            }
            for one in what_if.lifts
        ]
    )


def merged(what_if: WhatIf) -> DataFrame:
    """The parts of each merged place and the whole: the interval narrows."""
    return DataFrame(
        [
            {
                _("院落"): place_label(str(key), True),
                _("受理"): int(line["petitions"]),
                **{REGISTRY[name].titled(what_if.stage.data.policy): _with_interval(line, name) for name in _COMPARED},
            }
            for table in what_if.merged.values()
            for key, line in table.iterrows()
        ]
    )  # fmt: skip


def moved(dataset: Dataset, lines: DataFrame) -> DataFrame:
    """Petitions that moved (some lines of :attr:`WhatIf.moved`), a row per thing that changes."""
    found = cases.table(dataset, lines["position"].to_numpy())
    return DataFrame(
        {
            _(COLUMN_LABELS["case_id"]): found["case_id"].astype(object),
            _("有什么不同"): [_change(line) for line in lines.itertuples()],
            _(COLUMN_LABELS["courtyard"]): found["place"].astype(object).map(place_label),
            _(COLUMN_LABELS["category"]): found["category"].astype(object),
            _(COLUMN_LABELS["handler"]): found["handler"].astype(object),
            _(COLUMN_LABELS["reported_at"]): found["reported_at"],
        }
    ).reset_index(drop=True)


def by_people(table: DataFrame) -> DataFrame:
    """What so many people on every hour of duty achieve (:func:`analytics.staffing.by_people`)."""
    return DataFrame(
        [
            {
                _("每班人数"): str(people),
                _("按时响应"): _simulated(line, "response"),
                _("按时到场"): _simulated(line, "arrival"),
                _("来时没有人空着"): wording.percent(line["waited"]),
                _("值班时间在办事"): wording.percent(line["occupied"]),
            }
            for people, line in table.iterrows()
        ]
    )


#: Rates that are compared between the parts of a merged place.
_COMPARED = ("response", "arrival", "on_time", "satisfaction")


def _counts(what_if: WhatIf) -> list[tuple[str, tuple[int | None, int | None]]]:
    base, scenario = what_if.base, what_if.review
    found: list[tuple[str, tuple[int | None, int | None]]] = []
    for colour in COLOURS:
        label = wording.outcome(f"closed_{colour}")
        found.append((label, (base["colours"]["actual"][colour], scenario["colours"]["actual"][colour])))
    found.append((_("在办"), (base["counts"]["open"], scenario["counts"]["open"])))
    found.append((_("网络理政投诉"), (_complaints(base), _complaints(scenario))))
    return found


def _complaints(review: dict[str, Any]) -> int | None:
    """All complaints of the months shown; unknown where there are none or one of them is unknown."""
    counts = [month["count"] for month in review["complaints"]["months"]]
    return None if not counts or None in counts else sum(counts)


def _counted(label: str, base: int | None, scenario: int | None) -> tuple[str, str, str, str]:
    change = float("nan") if base is None or scenario is None else scenario - base
    line = {"is_rate": False, "change": change}
    return label, wording.count(base), wording.count(scenario), sentences_whatif.difference(line)


def _goal(one: Any) -> str:
    example = _("（{place}）").format(place=place_label(one.example, True)) if one.example else ""
    return f"{_(GOALS[one.goal])}{example} {wording.percent(one.rate, 1)}"


def _with_interval(line: Any, name: str) -> str:
    if pd.isna(line[f"{name}_rate"]):
        return wording.UNKNOWN
    counts = wording.rate_with_counts(line[f"{name}_met"], line[f"{name}_due"])
    return f"{counts} {wording.interval((line[f'{name}_lower'], line[f'{name}_upper']))}"


def _change(line: Any) -> str:
    """「响应：超时 → 按时」, 「不计入」."""
    if line.change == "left_out":
        return _(CHANGES["left_out"])
    if line.change == "candidate":
        text = _("{clock}：{before}，是补到位的候选")
        return text.format(clock=_(CLOCK_LABELS[line.clock]), before=_(STATE_LABELS[line.before]))
    name, word = {
        "state": (_(CLOCK_LABELS.get(line.clock, "")), lambda code: _(STATE_LABELS[code])),
        "colour": (_("颜色"), wording.outcome),
        "resolution": (_("办理期限"), lambda code: _(conditions.RESOLUTION_LABELS[code])),
        "feedback": (_("应反馈"), _reports),
    }[line.change]
    return _("{name}：{before} → {after}").format(name=name, before=word(line.before), after=word(line.after))


def _reports(counts: str) -> str:
    met, missed = counts.split("/")
    return _("及时 {met} 次、未及时 {missed} 次").format(met=met, missed=missed)


def _simulated(line: Any, name: str) -> str:
    if wording.missing(line[name]):
        return wording.UNKNOWN
    bounds = wording.interval((line[f"{name}_lower"], line[f"{name}_upper"]))
    return _("{rate}（{bounds}）").format(rate=wording.percent(line[name]), bounds=bounds)
