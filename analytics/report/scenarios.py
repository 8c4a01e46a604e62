"""附：情景推演. Each supposition as an annex: the month as it is and as it would be, and that it is no result.

That it is a supposition stands in the title, in the first sentence and, where nobody can edit it away, below
every table.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final

from analytics import whatif
from analytics.i18n import gettext as _
from analytics.measures import REGISTRY
from analytics.policy import Policy
from analytics.present import sentences_whatif, what_if_text, wording
from analytics.report.gathered import ContentError, Gathered
from analytics.report.model import Cell, Column, Content, Section, Sentence, Table
from analytics.report.overall import counts
from analytics.vocabulary import COLOURS
from analytics.whatif import Scenario, ScenarioError, WhatIf

#: No supposition.
NOTHING: Final[Mapping[str, Scenario]] = MappingProxyType({})
_ID: Final = "scenario"


def supposed(found: Gathered, scenarios: Mapping[str, Scenario]) -> tuple[Section, ...]:
    """An annex for each scenario of the month and scope of ``found``; raises ContentError for an impossible one."""
    return tuple(
        _annex(number, name, found, scenario) for number, (name, scenario) in enumerate(scenarios.items(), 1)
    )


def of(content: Content) -> tuple[Section, ...]:
    """The annexes of a report that are suppositions."""
    return tuple(part for part in content.annexes if part.id.partition("_")[0] == _ID)


def _annex(number: int, name: str, found: Gathered, scenario: Scenario) -> Section:
    meant, missing = whatif.still_meant(found.dataset, scenario)
    try:
        answer = whatif.apply(found.dataset, found.scope, meant, found.review)
    except ScenarioError as error:
        raise ContentError(_("情景「{name}」：{why}").format(name=name, why=error)) from error
    texts = (_notice(answer), *_texts(answer), *missing)
    points = tuple(Sentence(f"{_ID}_{number}.{n}", text) for n, text in enumerate(texts, 1))
    tables = (_counts(number, name, answer), _rates(number, name, answer, found.policy))
    return Section(f"{_ID}_{number}", _("情景推演：{name}").format(name=name), points, tables)


def _notice(answer: WhatIf) -> str:
    said = what_if_text.clauses(answer.scenario)
    if not said:
        return _("本情景没有假设任何变化。")
    text = _("以下是假设推演，不是实际结果。假设{clauses}，其余照实际记录。")
    return text.format(clauses=_("；").join(said))


def _texts(answer: WhatIf) -> Iterator[str]:
    yield sentences_whatif.finding(answer)
    taking = replace(answer, lifts=tuple(one for one in answer.lifts if one.more))
    yield from (wording.sentence(line) for line in what_if_text.lift_lines(taking))
    yield from answer.notes


def _rates(number: int, name: str, answer: WhatIf, policy: Policy) -> Table:
    table = answer.indicators[answer.indicators["is_rate"]]
    rows = tuple(
        (
            _label(str(measure), answer, policy),
            _rate(line, "base"),
            _rate(line, "scenario"),
            None if wording.missing(line["change"]) else float(line["change"]),
        )
        for measure, line in table.iterrows()
    )
    return _table(f"{_ID}_rates.{number}", _("{name}：各项率").format(name=name), "rate", "points", rows)


def _label(name: str, answer: WhatIf, policy: Policy) -> str:
    """An indicator under the limit in force; where another is supposed, that too."""
    title = REGISTRY[name].titled(policy)
    before, after = (side["clocks"].get(name, {}).get("limit") for side in (answer.base, answer.review))
    if before == after:
        return title
    return _("{title}（情景按 {limit}）").format(title=title, limit=wording.limit(after))


def _rate(line: Any, side: str) -> Cell:
    return counts(line[f"{side}_rate"], line[f"{side}_numerator"], line[f"{side}_denominator"])


def _counts(number: int, name: str, answer: WhatIf) -> Table:
    sides = (answer.base, answer.review)
    pairs = [(_("诉求"), [side["counts"]["petitions"] for side in sides])]
    pairs += [
        (wording.outcome(f"closed_{colour}"), [side["colours"]["actual"][colour] for side in sides])
        for colour in COLOURS
    ]
    pairs += [(_("在办"), [side["counts"]["open"] for side in sides])]
    rows = tuple((label, before, after, after - before) for label, (before, after) in pairs)
    return _table(f"{_ID}_counts.{number}", _("{name}：件数").format(name=name), "count", "difference", rows)


def _table(id: str, title: str, kind: Any, change: Any, rows: tuple[tuple[Cell, ...], ...]) -> Table:
    columns = (
        Column(_("指标"), wide=True),
        Column(_("现状"), kind),
        Column(_("情景"), kind),
        Column(_("差别"), change),
    )
    return Table(id, title, columns, rows, _("「情景」一栏是假设，不是实际结果。"))
