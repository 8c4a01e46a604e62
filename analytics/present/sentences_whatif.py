"""情景推演 in sentences: what would change most, who moved, how a limit and a roster tell on the rate."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pandas as pd

from analytics.i18n import gettext as _
from analytics.measures import REGISTRY
from analytics.present import what_if_text, wording
from analytics.staffing import Demand, Share, Simulation
from analytics.vocabulary import CLOCK_LABELS, place_label
from analytics.whatif import CHANGES, WhatIf

#: So many indicators are named in the finding; the others stand in the chart.
_NAMED: Final = 3
#: Percentage points below which a change is none that could be shown.
_TINY: Final = 0.05


def finding(what_if: WhatIf) -> str:
    """What the scenario would change, the largest changes first; or that it changes nothing."""
    if what_if.scenario.changes_nothing:
        return _(
            "还没有假设任何变化，情景与现状相同。在下面剔除院落、改时限、合并或补到位，这里就会说出差别。"
        )
    if not what_if.review["counts"]["petitions"]:
        return _("这样假设之后一件诉求也不剩，各项指标都算不出来。")
    clauses = [*_counts(what_if), *_changes(what_if), *_moved(what_if), *_merged(what_if)]
    return wording.sentence(_("；").join(clauses))


def moved(what_if: WhatIf) -> str:
    """How many petitions make the difference, by what happens to them."""
    lines = what_if.moved
    if not len(lines):
        return _("没有一件诉求因此判得不同。")
    counts = lines.groupby("change", sort=False)["position"].nunique()
    parts = [f"{_(CHANGES[str(change)])} {wording.count(int(n))}" for change, n in counts.items()]
    total = wording.count(lines["position"].nunique())
    return _("{n} 件诉求不同：{parts}（一件可以不止一处不同）。").format(n=total, parts=_("、").join(parts))


def sensitivity(curve: pd.DataFrame, clock: str, limit: int | None, target: float | None) -> str:
    """What the present limit gives, and which limit would reach the target; ``limit`` in minutes."""
    if curve["rate"].isna().all():
        return _("没有可计算的记录。")
    clauses = []
    if limit in curve.index and not wording.missing(curve.loc[limit, "rate"]):
        text = _("{clock}时限 {limit} 分钟时为 {rate}")
        clauses.append(text.format(clock=_(CLOCK_LABELS[clock]), limit=limit, rate=_rate(curve.loc[limit])))
    clauses += _reaching(curve, target)
    return wording.sentence(_("；").join(clauses))


def staffing(demand: Demand, found: Simulation) -> list[str]:
    """What a roster would achieve, with the range of the simulations, and what it rests on."""
    response, arrival = (
        wording.limit(f"PT{seconds // 60}M" if seconds % 60 == 0 else f"PT{seconds}S")
        for seconds in demand.limits
    )
    text = _(
        "{response}内响应约 {a}，{arrival}内到场约 {b}；来时没有人空着或没有人值班的占 {c}，值班时间有 {d} 在办事。"
    )
    first = text.format(
        response=response,
        a=share(found.response),
        arrival=arrival,
        b=share(found.arrival),
        c=share(found.waited),
        d=wording.percent(found.occupied),
    )
    basis = _("每周约 {n} 件；用时取自 {m} 件实际记录{alone}；模拟 {runs} 次、每次 {weeks} 周")
    alone = (
        _("（都是当时没有别的诉求在办的）") if demand.undisturbed else _("（当时可能还有别的诉求在办，偏慢）")
    )
    second = basis.format(
        n=wording.decimal(demand.per_week),
        m=wording.count(len(demand.handling)),
        alone=alone,
        runs=found.runs,
        weeks=found.weeks,
    )
    return [first, second]


def share(found: Share) -> str:
    """「93 %（82–98 %）」 of a simulation, with the range that 95 % of the simulations lie in."""
    if wording.missing(found.rate):
        return wording.UNKNOWN
    bounds = wording.interval((found.lower, found.upper))
    return _("{rate}（{bounds}）").format(rate=wording.percent(found.rate), bounds=bounds)


def rate(line: Any, side: str) -> str:
    """One side of an indicator: 「93 %（41/44）」, a count as it is, unknown 「—」."""
    if not line["is_rate"]:
        return wording.count(line[f"{side}_numerator"])
    if wording.missing(line[f"{side}_rate"]):
        return wording.UNKNOWN
    return wording.rate_with_counts(line[f"{side}_numerator"], line[f"{side}_denominator"])


def label(what_if: WhatIf, name: str) -> str:
    """An indicator's name; a clock whose limit is supposed says both limits."""
    title = REGISTRY[name].titled(what_if.stage.data.policy)
    before, after = (side["clocks"].get(name, {}).get("limit") for side in (what_if.base, what_if.review))
    return (
        title
        if before == after
        else _("{title}（现行 {limit}）").format(title=title, limit=wording.limit(before))
    )


def difference(line: Any) -> str:
    """「+3.2 个百分点」, of a count 「+3」, 「不变」."""
    change = line["change"]
    if wording.missing(change):
        return wording.UNKNOWN
    if abs(change) < (_TINY if line["is_rate"] else 0.5):
        return _("不变")
    return what_if_text.points(change) if line["is_rate"] else f"{change:+,.0f}".replace("-", "−")


def _counts(what_if: WhatIf) -> Iterator[str]:
    line = what_if.indicators.loc["petitions"]
    if line["change"]:
        yield _("诉求 {base} → {scenario} 件").format(
            base=rate(line, "base"), scenario=rate(line, "scenario")
        )


def _changes(what_if: WhatIf) -> Iterator[str]:
    table = what_if.indicators
    rates = table[table["is_rate"] & (table["change"].abs() >= _TINY)]
    if not len(rates):
        yield _("各项率都不变")
    for name in rates["change"].abs().sort_values(ascending=False, kind="stable").index[:_NAMED]:
        yield _change(label(what_if, str(name)), rates.loc[name])
    if len(rates) > _NAMED:
        yield _("另有 {n} 项也变了").format(n=len(rates) - _NAMED)


def _change(name: str, line: pd.Series) -> str:
    return _("{name} {base} → {scenario}，{change}").format(
        name=name,
        base=rate(line, "base"),
        scenario=rate(line, "scenario"),
        change=difference(line),
    )


def _moved(what_if: WhatIf) -> Iterator[str]:
    judged = what_if.moved[what_if.moved["change"] != "left_out"]
    if len(judged):
        yield _("{n} 件诉求判得不同").format(n=wording.count(judged["position"].nunique()))


def _merged(what_if: WhatIf) -> Iterator[str]:
    for key, table in what_if.merged.items():
        whole = table.iloc[-1]
        if not wording.missing(whole["response_rate"]):
            yield _("「{name}」合并后响应 {rate}，可信范围 {interval}").format(
                name=place_label(key),
                rate=wording.rate_with_counts(whole["response_met"], whole["response_due"]),
                interval=wording.interval((whole["response_lower"], whole["response_upper"])),
            )


def _rate(line: Any) -> str:
    return wording.rate_with_counts(line["numerator"], line["denominator"])


def _reaching(curve: pd.DataFrame, target: float | None) -> Iterator[str]:
    if target is None:
        return
    reached = curve.index[(curve["rate"] >= target).to_numpy()]
    if len(reached):
        text = _("要达到目标 {target}，时限须是 {limit} 分钟")
        yield text.format(target=wording.percent(target), limit=reached[0])
    else:
        text = _("放到 {limit} 分钟也只有 {rate}，达不到目标 {target}")
        yield text.format(
            limit=curve.index[-1],
            rate=wording.percent_against(curve["rate"].iloc[-1], target),
            target=wording.percent(target),
        )
