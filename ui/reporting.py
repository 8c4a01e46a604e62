"""The page 月报: which paper is on the table (month, scope, edition, version), and the visitor's rewritten texts.

Rewritten texts live in the visitor's own session until the month is frozen with them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Final

import streamlit as st
from pandas import Timestamp
from pandas.tseries.offsets import MonthBegin

from analytics import dataset as datasets
from analytics import i18n, store
from analytics.commands.report import texts_of
from analytics.dataset import Dataset
from analytics.i18n import gettext as _
from analytics.i18n import mark
from analytics.present import wording
from analytics.report import Content, ContentError, apply, content, editable, from_json, public_content
from analytics.report.freezing import policy_of, scope_key, scope_of
from analytics.report.model import Heading
from analytics.scope import Scope, month_number, month_text
from analytics.whatif import Scenario
from ui import components, data, filters, language
from ui import scenarios as kept_scenarios

EDITIONS: Final = {"internal": mark("内部通报"), "public": mark("公示用的公开版")}
#: Parameter of the address and keys of the session.
_MONTH: Final = "report"
_EDITION: Final = "report-edition"
_OPENED: Final = "report_opened"
_DRAFTS: Final = "report_drafts"
_TOLD: Final = "report_told"
#: A version 0 is no frozen one: the records of today.
CURRENT: Final = 0


@dataclass(frozen=True)
class Rewritten:
    """A text by hand, and the text it stood for when it was written."""

    text: str
    instead_of: str


@dataclass(frozen=True)
class Paper:
    """The paper on the table: ``content`` as it goes out, ``original`` before anything was rewritten.

    ``kept``: the frozen month it is, or None; ``versions``: of this month and scope, newest first;
    ``draft``: under which the session holds what was rewritten; ``scenarios``: annexed ones, by name.
    """

    month: str
    scope: Scope
    edition: str
    versions: tuple[int, ...]
    kept: store.FrozenMonth | None
    original: Content = field(repr=False)
    content: Content = field(repr=False)
    draft: str
    changes: Mapping[str, str]
    scenarios: Mapping[str, Scenario]

    @property
    def version(self) -> int | None:
        """Of the frozen month; None for the records of today."""
        return self.kept.version if self.kept else None

    @property
    def is_open(self) -> bool:
        """Whether texts can still be rewritten."""
        return self.kept is None

    def is_over(self, as_of: Timestamp) -> bool:
        """Whether the whole month lies before ``as_of``."""
        return bool(as_of >= Timestamp(f"{self.month}-01") + MonthBegin(1))


def choose(view: Any) -> Paper | None:
    """The controls above the paper, and the paper they choose; None when a frozen month cannot be read."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="report-choice"):
        opened = st.session_state.get(_OPENED)
        month, places = (opened[0], scope_of(opened[1])) if opened else (_month(view), of_places(view.scope))
        edition = st.segmented_control(
            _("给谁看"), list(EDITIONS), default="internal", required=True,
            format_func=lambda code: _(EDITIONS[code]), key=_EDITION,
        )  # fmt: skip
        versions = versions_of(month, scope_key(places))
        version = opened[2] if opened else _version(month, places, versions)
    if opened:
        _way_back(month, places, opened[2])
    annexed = kept_scenarios.annexed() if edition == "internal" and version == CURRENT else ()
    try:
        with st.spinner(_("正在取这个月的数字和文字…")):
            return _paper(view, month, places, str(edition), versions, version, annexed)
    except (store.StoreError, ContentError) as error:
        st.error(components.plain(str(error)))
        return None


def of_places(scope: Scope) -> Scope:
    """What a report honours of the scope of the side bar: its places."""
    return Scope(communities=scope.communities, courtyards=scope.courtyards)


def versions_of(month: str, scope: str) -> tuple[int, ...]:
    """Frozen versions of a month and scope, newest first."""
    found = store.frozen_months(data.engine())
    same = (found["month"] == month) & (found["scope"] == scope)
    return tuple(int(n) for n in found.loc[same.to_numpy(), "version"])


def open_version(month: str, scope: str, version: int) -> None:
    """Put a frozen month on the table whatever the side bar chooses (callback)."""
    st.session_state[_OPENED] = (month, scope, version)


def _month(view: Any) -> str:
    """Newest first; it begins with the last month that was over before as-of."""
    last = month_number(f"{view.as_of:%Y-%m}")
    known = view.dataset.rollup.months
    first = min(month_number(known[0]), last - 1) if known else last - 1
    months = [month_text(n) for n in range(last, first - 1, -1)]
    return filters.one_month(_("报告月份"), _MONTH, months, 1)


def _version(month: str, places: Scope, versions: tuple[int, ...]) -> int:
    """A frozen month goes out as it was frozen, unless today's records, or those of a moment, are asked for."""
    if not versions:
        return CURRENT
    today = st.session_state.get("as_of") or _is_invented(month, places, versions[0])
    chosen = st.selectbox(
        _("出哪一份"), [*versions, CURRENT], index=len(versions) if today else 0,
        format_func=version_words,
        key=f"report-version-{components.fingerprint(month, scope_key(places), versions)}", width=220,
    )  # fmt: skip
    return int(chosen)


def _is_invented(month: str, places: Scope, version: int) -> bool:
    """Frozen from the sample data, which are no longer in the store."""
    if data.sample_moment(data.version()) is not None:
        return False
    try:
        kept = store.frozen_month(data.engine(), month, scope_key(places), version)
    except store.StoreError:
        return False  # told where the paper is asked for
    return kept is not None and kept.sample


def version_words(version: int) -> str:
    """「已冻结第 2 版」 or 「按现有记录重算」."""
    return _("已冻结第 {n} 版").format(n=version) if version else _("按现有记录重算")


def _way_back(month: str, places: Scope, version: int) -> None:
    text = _("正在看历史里的一份：{month} · {places} · 第 {n} 版。")
    with st.container(horizontal=True, vertical_alignment="center"):
        components.small(text.format(month=wording.month(month), places=wording.places(places), n=version))
        st.button(_("回到所选月份"), key="report-back", type="tertiary", on_click=_back)


def _back() -> None:
    st.session_state.pop(_OPENED, None)


# --- the content --------------------------------------------------------------------------------------


def _paper(
    view: Any,
    month: str,
    places: Scope,
    edition: str,
    versions: tuple[int, ...],
    version: int,
    annexed: kept_scenarios.Annexed,
) -> Paper:
    kept = store.frozen_month(data.engine(), month, scope_key(places), version) if version else None
    if kept is not None:
        made = from_json(kept.public if edition == "public" else kept.content)
        return Paper(month, places, edition, versions, kept, made, made, "", {}, {})
    original = _content(view.key, month, places, edition, i18n.language(), annexed)
    draft = components.fingerprint(month, scope_key(places), edition, i18n.language())
    written: dict[str, Rewritten] = drafts().get(draft, {})
    known = texts(original)
    changes = {name: one.text for name, one in written.items() if name in known}
    return Paper(
        month, places, edition, versions, None, original, apply(original, changes), draft, changes, dict(annexed)
    )  # fmt: skip


@st.cache_resource(show_spinner=False, max_entries=24)
def _content(
    at: data.Key, month: str, places: Scope, edition: str, code: str, annexed: kept_scenarios.Annexed
) -> Content:
    """The report as the records of a moment make it, in the language ``code``; shared, not to be changed."""
    records, sample = data.dataset(at), data.sample_moment(at.version) is not None
    if edition == "public":
        return public_content(records, month, places, sample=sample)
    return content(
        records, month, places, texts=texts_of(data.engine()), scenarios=dict(annexed), sample=sample
    )


def records_then(kept: store.FrozenMonth) -> Dataset:
    """Today's records as of the frozen moment under the frozen policy."""
    return datasets.open(data.engine(), kept.as_of, policy_of(kept.policy))


# --- what was rewritten -------------------------------------------------------------------------------


def texts(made: Content) -> dict[str, str]:
    """Every text that can be rewritten, by its id: sentences, whole parts, and what stands around the body."""
    return {**editable(made), **{one.name: getattr(made.heading, one.name) for one in fields(Heading)}}


def drafts() -> dict[str, dict[str, Rewritten]]:
    """What this visitor has rewritten: per paper, id → text."""
    found: dict[str, dict[str, Rewritten]] = st.session_state.setdefault(_DRAFTS, {})
    return found


def rewrite(paper: Paper, name: str, text: str) -> None:
    """Keep a text in the session; one that is the original again is no longer rewritten."""
    original = texts(paper.original)[name]
    own = drafts().setdefault(paper.draft, {})
    own.pop(name, None)
    if _tidy(text) != _tidy(original):
        own[name] = Rewritten(text.strip(), original)


def _tidy(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def forget(paper: Paper) -> None:
    """Back to the original texts (callback)."""
    drafts().pop(paper.draft, None)


def take_over(paper: Paper, version: int) -> None:
    """Begin with what was rewritten for a frozen version, where the paper still has that text (callback)."""
    known = texts(paper.original)
    for name, text in _rewritten_for(paper, version).items():
        if name in known:
            rewrite(paper, name, text)


def _rewritten_for(paper: Paper, version: int) -> dict[str, str]:
    """What was rewritten when a version was frozen; nothing of one that can no longer be trusted."""
    try:
        kept = store.frozen_month(data.engine(), paper.month, scope_key(paper.scope), version)
    except store.StoreError:
        return {}
    found: dict[str, str] = json.loads(kept.edits) if kept else {}
    return found


# --- what is said about it ----------------------------------------------------------------------------


def finding(paper: Paper) -> str:
    """The first sentence of the paper, as it stands there."""
    return next((s.text for part in paper.content.sections for s in part.sentences), "")


def tell(sentence: str, *, failed: bool = False) -> None:
    """A sentence for the next run."""
    st.session_state[_TOLD] = (sentence, failed)


def tell_last() -> None:
    """The outcome of what was just asked for."""
    if told := st.session_state.pop(_TOLD, None):
        (st.error if told[1] else st.success)(components.plain(told[0]))


def say_state(view: Any, paper: Paper) -> None:
    """What of the paper is not yet settled: the month, the side bar's other filters, texts not yet kept."""
    if paper.kept is None and not paper.is_over(view.as_of):
        text = _("{month}还没有结束：数字只算到{as_of}，还会变，现在不能冻结。")
        st.info(
            text.format(month=wording.month(paper.month), as_of=wording.moment(view.as_of)),
        )
    if view.scope != of_places(view.scope) and st.session_state.get(_OPENED) is None:
        components.small_print(_("月报只按社区和院落取范围；侧栏里选的月份和其他筛选在这一页不起作用"))
    if paper.kept is not None and paper.content.language != i18n.language():
        components.small_print(_("这一版是用另一种语言冻结的，照原样出"))
    if paper.kept is not None and paper.kept.sample and data.sample_moment(view.key.version) is None:
        st.warning(_("这一版是用示例数据冻结的，人和事都是编的，不能签发；按真实记录的在「出哪一份」里选。"))
    if paper.is_open:
        _say_draft(paper)


def _say_draft(paper: Paper) -> None:
    written = drafts().get(paper.draft, {})
    if not written:
        _offer_edits(paper)
        return
    kept = _("公开版的改写不随冻结留存。") if paper.edition == "public" else _("冻结时随月份一起留存。")
    text = _("改写了 {n} 处，还没有留存：刷新或关掉这一页就没有了。{kept}")
    st.warning(text.format(n=len(written), kept=kept))
    now = texts(paper.original)
    if any(one.instead_of != now.get(name) for name, one in written.items()):
        st.warning(_("改写之后记录又有变动，有的原句已经不同；请把改写过的地方再看一遍。"))
    st.button(_("放弃全部改写"), key="report-forget", type="tertiary", on_click=forget, args=(paper,))


def _offer_edits(paper: Paper) -> None:
    if not paper.versions or paper.edition == "public":
        return
    newest = paper.versions[0]
    if _rewritten_for(paper, newest):
        st.button(
            _("沿用第 {n} 版的改写").format(n=newest), key="report-take-over", type="tertiary",
            on_click=take_over, args=(paper, newest),
        )  # fmt: skip


def language_of(paper: Paper) -> Any:
    """The language of the paper, as a context in which its numbers are put into words."""
    return language.speaking(paper.content.language)
