"""Tables of the launch effect and of the courtyards, as people read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pandas import DataFrame

from analytics.comparison import COMPLAINTS
from analytics.evaluation.launch_effect import CHECK_LABELS, VERDICT_LABELS
from analytics.i18n import gettext as _
from analytics.policy import Policy
from analytics.present import sentences_courtyards, sentences_effect, wording
from analytics.present.sentences_effect import event_numbers
from analytics.programme import KIND_LABELS
from analytics.vocabulary import place_label

Rows = Sequence[Mapping[str, Any]]


def courtyards_effect(launches: Rows) -> DataFrame:
    """Each courtyard's own launch: plain means, the effect of the model, its verdict or why there is none."""
    return DataFrame([_launch(row) for row in launches])


def months(result: Mapping[str, Any]) -> DataFrame:
    """Complaints and petitions by month, newest first, with the line without the launch where there is one."""
    series = (result["launch"] or {}).get("series")
    line = {point["month"]: point for point in series["counterfactual"]} if series else {}
    return DataFrame([_month(row, line.get(row["month"]), bool(line)) for row in reversed(result["months"])])


def checks(robustness: Mapping[str, Any]) -> DataFrame:
    """The robustness table: what was changed, and the effect that then came out."""
    return DataFrame(
        [
            {
                _("检验"): _(CHECK_LABELS[row["check"]]),
                _("月份"): wording.month(row["month"]),
                _("与没有上线相比"): sentences_effect.gap(row["ratio"]),
                _("95% 可信范围"): sentences_effect.gap_interval(row["interval"]),
                _("结论"): _(VERDICT_LABELS[row["verdict_code"]]),
            }
            for row in robustness["checks"]
        ]
    )


def closing(rows: Rows) -> DataFrame:
    """How many petitions of each courtyard the time to close is compared of, before and after its own launch."""
    return DataFrame(
        [
            {
                _("院落"): place_label(row["place"], True),
                _("上线月份"): wording.month(row["month"]),
                _("上线前的诉求"): row["before"],
                _("上线后的诉求"): row["after"],
            }
            for row in rows
        ]
    )


def events(found: Rows) -> DataFrame:
    """The events of the programme with the signs that the chart gives them, newest first; launches have none."""
    numbered = iter(event_numbers([row for row in found if row["kind"] != "launch"]))
    signs = ["" if row["kind"] == "launch" else next(numbered) for row in found]
    return DataFrame(
        [
            {
                _("图中"): sign,
                _("日期"): row["on"],
                _("事件"): row["label"],
                _("类型"): kind(row["kind"]),
                _("地点"): where(row["place"]),
                _("离上线半年以内"): _("是") if row["near"] else "",
            }
            for sign, row in reversed(list(zip(signs, found, strict=True)))
        ]
    )


def kind(code: str) -> str:
    """The kind of an event; one that is not known is shown as it is."""
    return _(KIND_LABELS[code]) if code in KIND_LABELS else code


def where(place: str) -> str:
    """The place of an event: everywhere, a whole community, or a courtyard."""
    community, _sep, courtyard = place.partition("/")
    if courtyard:
        return place_label(place, True)
    return _("{community} · 全部院落").format(community=community) if community else _("所有地方")


def courtyards(found: Mapping[str, Any], policy: Policy) -> DataFrame:
    """The courtyards compared, in the order of their names: no ranks."""
    return DataFrame([_courtyard(row, found, policy) for row in found["rows"]])


def change_parts(found: Mapping[str, Any]) -> DataFrame:
    """What each group did to the change: its part, and its rate in both months."""
    before, after = (wording.month(month) for month in found["months"])
    return DataFrame(
        [
            {
                _("来自"): sentences_courtyards.contributor(part["group"], part["kind"], found["axis"]),
                _("对变化的影响"): sentences_courtyards.points(part["effect"]),
                before: wording.rate_with_counts(*part["before"]),
                after: wording.rate_with_counts(*part["after"]),
            }
            for part in found["parts"]
        ]
    )


def _launch(row: Mapping[str, Any]) -> dict[str, Any]:
    plain, series = row["plain"] or {}, row["series"]
    return {
        _("院落"): place_label(row["place"], True),
        _("上线月份"): wording.month(row["month"]),
        _("上线前月均"): wording.decimal(plain.get("before_mean")),
        _("上线后月均"): wording.decimal(plain.get("after_mean")),
        _("按日均变化"): wording.change(plain.get("ratio")),
        _("与没有上线相比"): sentences_effect.gap(series["ratio"]) if series else wording.UNKNOWN,
        _("95% 可信范围"): sentences_effect.gap_interval(series["interval"]) if series else wording.UNKNOWN,
        _("结论"): _(VERDICT_LABELS[row["verdict_code"]]) if series else _(row["reason"]),
    }


def _month(row: Mapping[str, Any], line: Mapping[str, Any] | None, has_line: bool) -> dict[str, Any]:
    estimate = {
        _("没有上线时的估计"): wording.decimal(line["expected"]) if line else wording.UNKNOWN,
        _("估计的可信范围"): _band(line),
    }
    return {
        _("月份"): wording.month(row["month"]),
        _("平台投诉"): row["complaints"],
        **(estimate if has_line else {}),
        _("码上报诉求"): row["petitions"],
        _("说明"): _note(row),
    }


def _band(line: Mapping[str, Any] | None) -> str:
    if not line:
        return wording.UNKNOWN
    return f"{wording.decimal(line['lower'])}–{wording.decimal(line['upper'])}"


def _note(row: Mapping[str, Any]) -> str:
    if row["complaints"] is None:
        return _("没有投诉数据")
    return _("不完整，不参与比较") if row["incomplete"] else ""


def _courtyard(row: Mapping[str, Any], found: Mapping[str, Any], policy: Policy) -> dict[str, Any]:
    measure = found["measure"]
    cells = {
        _("院落"): place_label(row["place"], True),
        sentences_courtyards.measure_title(measure, policy): sentences_courtyards.value(row, measure),
        _("95% 可信范围"): sentences_courtyards.interval(row["interval"], measure),
        _("按来件难易应有"): sentences_courtyards.figure(row["expected"], measure),
        _("扣除偶然后"): sentences_courtyards.figure(row["shrunken"], measure),
        _("所在区间"): sentences_courtyards.band(row, found["better"]),
        _("走势"): sentences_courtyards.trend(row["trend"]),
    }
    if not found["adjusted"]:
        del cells[_("按来件难易应有")]
    if measure != COMPLAINTS:
        cells[_("百户诉求比")] = wording.decimal(row["per_100_households"])
    return cells
