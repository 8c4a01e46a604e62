"""Frozen months: keeping one, the history of those kept, and what has changed since (更正说明)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from html import escape
from typing import Any, Final
from urllib.parse import urlencode

import streamlit as st
from pandas import DataFrame

from analytics import i18n, store
from analytics.commands.report import texts_of
from analytics.i18n import gettext as _
from analytics.present import wording
from analytics.report import ContentError, from_json
from analytics.report.freezing import freeze, scope_key, scope_of
from analytics.report.restating import WHAT, Restated, restate
from ui import address, components, data, language, reporting
from ui.reporting import Paper

_WHO: Final = "report-who"
_SURE: Final = "report-sure"
#: Petitions named beside one figure; the list of all stands below.
_NAMED: Final = 5


def freezing(view: Any, paper: Paper) -> None:
    """Keep the month as it is on the table, under a name, after one look at what will be kept."""
    components.section(_("冻结这个月"))
    if not paper.is_open:
        text = _("上面显示的就是冻结的第 {n} 版，照原样出。")
        components.nothing(text.format(n=paper.version))
    elif not paper.is_over(view.as_of):
        components.nothing(_("{month}还没有结束，不能冻结。").format(month=wording.month(paper.month)))
    elif paper.edition == "public":
        components.nothing(_("公开版随内部通报一起冻结：请先在上面选「内部通报」。"))
    else:
        _form(view, paper)


def _form(view: Any, paper: Paper) -> None:
    text = _(
        "将留存{month}（{places}，截至{as_of}，记录版本 {records}，改写 {n} 处）的数字、文字和口径。"
        "留存以后不能改、不能删；以后再导入也不变。"
    )
    components.small(
        text.format(
            month=wording.month(paper.month), places=wording.places(paper.scope),
            as_of=wording.moment(view.as_of), records=view.key.version, n=len(paper.changes),
        )
    )  # fmt: skip
    if paper.versions:
        text = _("这个月已有第 {n} 版；再冻结会另存为第 {next} 版，旧的不会丢。")
        components.small(text.format(n=paper.versions[0], next=paper.versions[0] + 1))
    who = st.text_input(_("经手人（记在历史里）"), max_chars=40, key=_WHO, width=320)
    key = f"{_SURE}-{components.fingerprint(paper.draft, paper.versions)}"
    sure = st.checkbox(_("我核对过上面的内容，照此留存"), key=key)
    st.button(
        _("冻结"), key="report-freeze", type="primary", disabled=not (sure and who.strip()),
        on_click=_freeze, args=(view, paper),
    )  # fmt: skip


def _freeze(view: Any, paper: Paper) -> None:
    """Keep it (callback); what hinders is said, and then nothing was kept."""
    scope = scope_key(paper.scope)
    newer = [n for n in reporting.versions_of(paper.month, scope) if n not in paper.versions]
    if newer:
        text = _("刚才已有人冻结了第 {n} 版，这一次没有冻结；请先看过那一版。")
        reporting.tell(text.format(n=newer[0]), failed=True)
        return
    try:
        version = freeze(
            data.engine(), view.dataset, paper.month, paper.scope, data_version=view.key.version,
            texts=texts_of(data.engine()), changes=dict(paper.changes), scenarios=paper.scenarios,
            who=st.session_state[_WHO].strip(), now=data.now(), again=bool(paper.versions),
        )  # fmt: skip
        kept = store.frozen_month(data.engine(), paper.month, scope, version)
    except (ContentError, store.StoreError) as error:
        reporting.tell(str(error), failed=True)
        return
    assert kept is not None
    reporting.forget(paper)
    text = _("已冻结 {month}，第 {n} 版，校验码 {fingerprint}。")
    reporting.tell(text.format(month=paper.month, n=version, fingerprint=fingerprint(kept)))


def fingerprint(kept: store.FrozenMonth) -> str:
    """What the footer of a frozen month prints."""
    return hashlib.sha256(kept.content).hexdigest()[:16]


# --- history ------------------------------------------------------------------------------------------


def history() -> None:
    """Every frozen month, newest first; each can be put on the table again."""
    components.section(_("冻结过的月份"))
    found = store.frozen_months(data.engine())
    if not len(found):
        components.nothing(_("还没有冻结过。"))
        return
    components.html(_grid(_lines(found)))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        labels = [_label(found, at) for at in range(len(found))]
        at = st.selectbox(
            _("翻出一份"), range(len(found)), format_func=labels.__getitem__,
            key=f"report-again-{len(found)}", width=420,
        )  # fmt: skip
        row = found.iloc[int(at)]
        st.button(
            _("打开"), key="report-open", on_click=reporting.open_version,
            args=(row["month"], row["scope"], int(row["version"])),
        )  # fmt: skip


def _grid(shown: DataFrame) -> str:
    """A table that wraps on a phone and prints whole."""
    heads = [str(name) for name in shown.columns]
    rows = (
        "".join(
            f'<td data-head="{escape(head)}">{escape(str(value))}</td>'
            for head, value in zip(heads, row, strict=True)
        )
        for row in shown.itertuples(index=False)
    )
    return components.grid(heads, "".join(f"<tr>{cells}</tr>" for cells in rows))


def _lines(found: DataFrame) -> DataFrame:
    return DataFrame(
        {
            _("月份"): found["month"],
            _("范围"): [wording.places(scope_of(key)) for key in found["scope"]],
            _("版次"): [_("第 {n} 版").format(n=n) for n in found["version"]],
            _("冻结时间"): [wording.moment(at) for at in found["at"]],
            _("经手人"): found["who"],
            _("截至"): [wording.moment(at) for at in found["as_of"]],
            _("记录版本"): found["data_version"],
            _("校验码"): [
                _checked(*key) for key in zip(found["month"], found["scope"], found["version"], strict=True)
            ],
            _("示例数据"): [_("是") if sample else "" for sample in found["sample"]],
        }
    )


def _checked(month: str, scope: str, version: int) -> str:
    """The fingerprint, or that the month is no longer what was kept."""
    try:
        kept = store.frozen_month(data.engine(), month, scope, int(version))
    except store.StoreError:
        return _("与当时不符")
    return fingerprint(kept) if kept else wording.UNKNOWN


def _label(found: DataFrame, at: int) -> str:
    row = found.iloc[at]
    text = _("{month} · {places} · 第 {n} 版")
    places = wording.places(scope_of(row["scope"]))
    return text.format(month=row["month"], places=places, n=row["version"])


# --- what has changed since ---------------------------------------------------------------------------


def restatements(view: Any, paper: Paper, above: Any) -> None:
    """更正说明 of the frozen month on the table: figure by figure, with the petitions that caused it.

    ``above``: a place over the paper where it is said that there is something to correct.
    """
    if paper.kept is None:
        return
    components.section(_("更正说明"))
    try:
        with st.spinner(_("正在按现有记录重算…")):
            found = _restated(view.key, paper.kept)
    except (ContentError, store.StoreError) as error:
        st.error(components.plain(str(error)))
        return
    components.small(_summary(found))
    if not found.is_same:
        text = _("{summary}逐个数字见下面的「更正说明」。")
        above.warning(text.format(summary=_summary(found)))
    if found.figures:
        components.html(_figures(found))
    if found.sentences:
        _sentences(found)
    if found.petitions:
        _petitions(found)


@st.cache_resource(show_spinner=False, max_entries=12)
def _restated(at: data.Key, kept: store.FrozenMonth) -> Restated:
    """Compared word by word, in the language of what was printed; shared, not to be changed."""
    with language.speaking(from_json(kept.content).language):
        return restate(kept, reporting.records_then(kept), texts=texts_of(data.engine()))


def _summary(found: Restated) -> str:
    if found.is_same and not found.petitions:
        return _("没有变化：按现有记录重算，与冻结时相同。")
    if not found.figures:
        text = _("表中数字没有变化；文字有 {n} 句不同，涉及诉求 {cases} 件。")
        return text.format(n=len(found.sentences), cases=len(found.petitions))
    text = _("冻结以后又有更正：表中 {n} 个数字与冻结时不同，涉及诉求 {cases} 件。冻结的一版不变。")
    return text.format(n=len(found.figures), cases=len(found.petitions))


def _figures(found: Restated) -> str:
    """One line per figure: where it stands, then, now, and the petitions, each a link of its own."""
    gone = {moved.case_id for moved in found.petitions if moved.what == "removed"}
    heads = [_("数字"), _("冻结时"), _("现在"), _("引起的诉求")]
    rows = []
    for change in found.figures:
        texts = [
            escape(text)
            for text in (f"{change.title} · {change.row} · {change.column}", change.before, change.after)
        ]
        cells = zip(heads, [*texts, _cause(change.cases, gone)], strict=True)
        rows.append(
            "<tr>" + "".join(f'<td data-head="{escape(head)}">{text}</td>' for head, text in cells) + "</tr>"
        )
    return components.grid(heads, "".join(rows))


def _cause(cases: Sequence[str], gone: set[str]) -> str:
    """The first petitions as links; in a tab of their own, since rewritten texts live in this one."""
    if not cases:
        return escape(_("由其他月份或其他记录引起"))
    links = _("、").join(escape(case) if case in gone else _link(case) for case in cases[:_NAMED])
    if len(cases) <= _NAMED:
        return links
    return _("{names}等 {n} 个").format(names=links, n=len(cases))


def _link(case: str) -> str:
    where = escape("cases?" + urlencode({"case": case, language.KEY: i18n.language()}))
    return f'<a href="{where}" target="_blank" rel="noopener">{escape(case)}</a>'


def _sentences(found: Restated) -> None:
    with st.expander(_("不同的文字（{n} 句）").format(n=len(found.sentences))):
        for _name, before, after in found.sentences:
            then, now = _("冻结时：{text}"), _("现在：{text}")
            components.html(
                f'<p class="beside">{escape(then.format(text=before or wording.UNKNOWN))}<br>'
                f"{escape(now.format(text=after or wording.UNKNOWN))}</p>"
            )


def _petitions(found: Restated) -> None:
    """The petitions themselves, and the way to those that are still there."""
    shown = DataFrame(
        {
            _("诉求编号"): [moved.case_id for moved in found.petitions],
            _("有什么不同"): [_(WHAT[moved.what]) for moved in found.petitions],
        }
    )
    components.caption(_("涉及的诉求"))
    components.html(_grid(shown))
    there = [moved.case_id for moved in found.petitions if moved.what != "removed"]
    if there and len(there) <= address.MOST_CASES:
        components.link_to_cases(_("在台账里看这 {n} 件").format(n=len(there)), {"case": there})
