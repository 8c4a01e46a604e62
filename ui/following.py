"""The parts of the page 回访满意: rates with their denominators, groups, contradictions, questions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, Final

import numpy as np
import streamlit as st

from analytics import believability, cases, measures, store
from analytics.believability import Examination, Finding
from analytics.i18n import gettext as _
from analytics.i18n import mark
from analytics.measures import REGISTRY, Value
from analytics.present import sentences_follow_up, tables_follow_up, ways, wording
from analytics.present.sentences_follow_up import CONTRADICTIONS, OTHERS
from analytics.scope import Scope
from analytics.vocabulary import CLOCKS
from ui import address, components, data

_AXES: Final = {"handler": mark("接单主体"), "place": mark("院落")}
_LISTED: Final = 200


def values(view: Any) -> dict[str, Value]:
    """Every indicator of the scope."""
    evaluation = measures.evaluate(view.dataset.rollup, view.scope)
    return {name: evaluation.value(name) for name in REGISTRY}


def rates(view: Any, found: Mapping[str, Value], names: Sequence[str]) -> None:
    """Rates side by side, each with its denominator, its interval and the way to those it does not count."""
    for place, name in zip(st.columns(len(names)), names, strict=True):
        with place:
            _rate(view, name, found[name])


def _rate(view: Any, name: str, value: Value) -> None:
    measure, (narrowing, others) = REGISTRY[name], OTHERS[name]
    target = view.policy.clock(name).target if name in CLOCKS else None
    if name not in CLOCKS and measure.target:
        target = view.policy.target(measure.target)
    known = value.rate is not None
    unit = _(measure.unit) if measure.unit != "%" else _("件")
    aim = _(" · 目标 {target}").format(target=wording.percent(target)) if target else ""
    counts = _("{hits}/{due} {unit}").format(
        hits=wording.count(value.numerator), due=wording.count(value.denominator), unit=unit
    )
    behind = len(cases.select(view.dataset, view.scope, narrowing))
    components.card(
        name,
        sentences_follow_up.title(name, view.policy),
        wording.rate(value.numerator, value.denominator, target) if known else wording.UNKNOWN,
        details=[
            counts + aim,
            wording.confidence(value.interval) if known else _("没有可计算的记录"),
            wording.upper_bound(value.upper_bound, value.uncertain),
        ],
        narrowing=narrowing if behind else None,
        link=_(others).format(n=wording.count(behind)),
    )


@st.fragment
def groups(view: Any) -> None:
    """The same rates by handler or courtyard, without ranks."""
    components.section(_("分开看"))
    axis = st.segmented_control(
        _("按"),
        _AXES,
        default="handler",
        required=True,
        format_func=lambda name: _(_AXES[name]),
        key="followed-by",
        label_visibility="collapsed",
    )
    table = measures.table(*view.dataset.rollup.by(axis, view.scope))
    shown = tables_follow_up.groups(table, axis, _(_AXES[axis]), view.policy)
    components.leading_table(shown, f"followed-{axis}", view, ways.followed(table, axis, view.policy))
    components.download(lambda: shown, _("回访满意"), f"followed-file-{axis}", view.notes)


def contradictions(view: Any) -> None:
    """What does not fit together: how often, and the very petitions."""
    components.section(_("对不上的记录"))
    found = {name: cases.select(view.dataset, view.scope, {"flag": f}) for name, (_w, _o, f, _b) in _named()}
    bases = {
        name: len(cases.select(view.dataset, view.scope, {"flag": b})) for name, (_w, _o, _f, b) in _named()
    }
    components.small_print(
        sentences_follow_up.contradictions({name: (len(found[name]), bases[name]) for name in found})
    )
    for name, (what, of, flags, _base) in _named():
        if bases[name]:
            text = _("{what}：{of} {base} 件里有 {n} 件")
            words = text.format(
                what=_(what), of=_(of), base=wording.count(bases[name]), n=wording.count(len(found[name]))
            )
            components.link_to_cases(words, {"flag": flags})
    _contradicting(view, found)


def _named() -> Any:
    return CONTRADICTIONS.items()


def _contradicting(view: Any, found: Mapping[str, np.ndarray]) -> None:
    together = np.unique(np.concatenate(list(found.values())))[::-1][:_LISTED]
    if not len(together):
        return
    shown = cases.table(view.dataset, together)
    what = {
        case: [name for name, positions in found.items() if position in positions]
        for case, position in zip(shown["case_id"], together, strict=True)
    }
    components.petitions(
        view, tables_follow_up.contradicting(shown, what), shown["case_id"].tolist(), "contradicting"
    )


def questions(view: Any) -> None:
    """What in the records would surprise, as questions with an innocent explanation to check first."""
    components.section(_("这些记录可信吗？"))
    if view.key.narrowing:
        components.small_print(_("按整个范围检验；把上面点选的条件去掉后显示。"))
        return
    with st.spinner(_("正在检验记录…")):
        found = examined(view.key, view.scope)
    components.small_print(
        sentences_follow_up.examination(found), _("这些是问题，不是结论；不针对个人，也不给人打分")
    )
    for number, finding in enumerate(found.findings):
        _question(view, finding, number)
    components.small_print(sentences_follow_up.untested(found.untested_titles))


@st.cache_resource(show_spinner=False, max_entries=16, hash_funcs=data.BY_WORDS)
def examined(at: data.Key, scope: Scope) -> Examination:
    """The tests of a scope, with the follow-up notes of its petitions; shared, not to be changed."""
    dataset = data.dataset(at)
    ids = dataset.rows["case_id"].to_numpy()[dataset.rollup.mask(scope)].tolist()
    notes = store.petition_texts(data.engine(), ids, ["follow_up_note"])
    return believability.examine(dataset, scope, notes.set_index("case_id")["follow_up_note"])


@st.fragment
def _question(view: Any, finding: Finding, number: int) -> None:
    first = _("先想想：{explanation}").format(explanation=finding.innocent)
    components.html(
        f'<div class="card"><h3>{escape(finding.title)}</h3><p class="asked">{escape(finding.question)}</p>'
        f"<p>{escape(finding.surprise)} · {escape(first)}</p></div>"
    )
    behind(view, finding.narrowing, f"question-{number}")


def behind(view: Any, narrowing: Mapping[str, Any], key: str) -> None:
    """The way to petitions: a link; where an address cannot name them all, the list in place when wanted."""
    named = narrowing.get("case")
    count = len(cases.select(view.dataset, view.scope, narrowing)) if named is None else len(named)
    words = _("看这 {n} 件诉求").format(n=wording.count(count))
    if named is None or count <= address.MOST_CASES:
        components.link_to_cases(words, narrowing)
    elif st.toggle(words, key=f"{key}-{components.fingerprint(view.key, view.scope)}"):
        positions = cases.select(view.dataset, view.scope, narrowing)
        components.cases_table(view, components.one_page(positions, key), key)
