"""The scope filters of the side bar. They live in the frame, so they survive a change of page.

Every filter is bound to a parameter of the address (its key), so that an address can be shared. An
unknown value in an address is left out with a friendly note.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any, Final

import streamlit as st
from pandas import Timestamp

from analytics.dataset import Dataset, launch_months
from analytics.i18n import LANGUAGES, mark
from analytics.i18n import gettext as _
from analytics.present import wording
from analytics.scope import Scope, month_number, month_text
from analytics.vocabulary import COLOURS, place_label
from ui import components, language

#: From this many on, pills would fill the side bar.
MANY: Final = 12
SPANS: Final = {
    "all": mark("全部"),
    "this": mark("本月"),
    "last3": mark("近三月"),
    "launch": mark("上线以来"),
    "range": mark("自选"),
}
#: Filters whose address shows a translated word: they are set again when the language changes.
_WORDED: Final = ("months", "colour", "expected", "courtyard")
KEYS: Final = (
    "community", "courtyard", "months", "from", "to", "handler", "category", "channel", "colour", "expected", "as_of",
)  # fmt: skip


def language_switch() -> None:
    """中文 / English."""
    _accept(language.KEY, LANGUAGES, lambda code: LANGUAGES[code])
    st.segmented_control(
        _("语言"),
        list(LANGUAGES),
        default="zh",
        required=True,
        format_func=lambda code: LANGUAGES[code],
        key=language.KEY,
        bind="query-params",
        on_change=_keep_worded,
        label_visibility="collapsed",
    )


def as_of(default: Timestamp) -> Timestamp:
    """The moment of evaluation; left blank it is ``default`` (now, or the moment of the sample data)."""
    given = "" if "as_of" in st.session_state else st.query_params.get("as_of", "")
    chosen = st.datetime_input(
        _("截至时间（空白为 {default}）").format(default=wording.moment(default)),
        value=None,
        key="as_of",
        step=60,
        format="YYYY-MM-DD",
        bind="query-params",
    )
    if chosen is None:
        note_unknown([given])
        return default
    return Timestamp(chosen).tz_localize(None).as_unit("s")


def places(dataset: Dataset) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The chosen communities and courtyards (place keys); none chosen means all."""
    choices = dataset.choices
    communities = _choose(_("社区"), "community", choices["communities"])
    known = [key for key in choices["places"] if not communities or key.partition("/")[0] in communities]
    courtyards = _choose(_("院落"), "courtyard", known, _place_labels(choices["places"]))
    return tuple(communities), tuple(courtyards)


def months(dataset: Dataset, courtyards: Sequence[str]) -> tuple[str | None, str | None]:
    """First and last month of the chosen span; None is open."""
    _accept("months", SPANS, _span_label)
    if {"from", "to"} & set(st.query_params) and "months" not in {*st.session_state, *st.query_params}:
        st.query_params["months"] = _span_label("range")
        st.rerun()
    span = st.pills(
        _("月份"),
        list(SPANS),
        default="all",
        required=True,
        format_func=_span_label,
        key="months",
        bind="query-params",
    )
    if span == "range":
        return _range(dataset.choices["months"])
    first, last = span_months(str(span), dataset, courtyards)
    if span == "launch" and first is None:
        st.caption(_("所选院落没有上线日期，按全部月份统计。"))
    return first, last


def span_months(span: str, dataset: Dataset, courtyards: Sequence[str]) -> tuple[str | None, str | None]:
    """The months that a span means for these places as of the dataset's moment."""
    today = month_number(f"{dataset.as_of:%Y-%m}")
    if span == "this":
        return month_text(today), month_text(today)
    if span == "last3":
        return month_text(today - 2), month_text(today)
    if span == "launch":
        launches = launch_months(dataset, list(courtyards) or dataset.choices["places"])
        return min(launches.values(), default=None), None
    return None, None


def one_month(label: str, key: str, known: Sequence[str], index: int) -> str:
    """One month of ``known``, bound to a parameter of the address; ``index``: the one to begin with."""
    _accept(key, known, _itself)
    chosen: str = st.selectbox(label, known, index=index, key=key, bind="query-params", width=160)
    return chosen


def rarer(dataset: Dataset) -> dict[str, tuple[str, ...]]:
    """The rarer axes, by the names that :class:`Scope` gives them."""
    choices = dataset.choices
    colours = {"options": list(COLOURS), "label_of": wording.colour}
    chosen = {
        "handlers": _choose(_("接单主体"), "handler", choices["handlers"]),
        "categories": _choose(_("诉求类别"), "category", choices["categories"]),
        "channels": _choose(_("来源渠道"), "channel", choices["channels"]),
        "colours": _choose(_("实际颜色（在办按办理时长）"), "colour", **colours),  # type: ignore[arg-type]
        "expected_colours": _choose(_("预期颜色"), "expected", **colours),  # type: ignore[arg-type]
    }
    return {name: tuple(values) for name, values in chosen.items()}


def scope(
    communities: Any, courtyards: Any, span: tuple[str | None, str | None], others: dict[str, Any]
) -> Scope:
    """All choices as one scope; a span that runs backwards is put in order and said."""
    first, last = span
    if first and last and first > last:
        st.caption(_("起始月份晚于结束月份，已对调。"))
        first, last = last, first
    return Scope(communities, courtyards, first, last, **others)


def reset() -> None:
    """Back to everything (callback of 「恢复默认」)."""
    for key in KEYS:
        if key in st.session_state:
            st.session_state[key] = _blank(key)


def show(scope: Scope, months: Sequence[str]) -> None:
    """Set every filter to a scope (callback); ``months``: those that can be chosen, without gaps."""
    first, last = scope.first_month, scope.last_month
    # A span may begin before the records do; one that lies wholly outside them cannot be chosen.
    if months and first and first > months[-1]:
        note_unknown([first])
    if months and last and last < months[0]:
        note_unknown([last])
    first, last = (month if month in months else None for month in (first, last))
    st.session_state["months"] = "range" if first or last else "all"
    st.session_state["from"], st.session_state["to"] = first, last
    chosen = {
        "community": scope.communities, "courtyard": scope.courtyards, "handler": scope.handlers,
        "category": scope.categories, "channel": scope.channels, "colour": scope.colours,
        "expected": scope.expected_colours,
    }  # fmt: skip
    for key, values in chosen.items():
        st.session_state[key] = list(values)


def _blank(key: str) -> Any:
    return {"months": "all", "from": None, "to": None, "as_of": None}.get(key, [])


def _choose(
    label: str, key: str, options: Sequence[str], label_of: Callable[[str], str] | None = None
) -> list[str]:
    as_list = len(options) > MANY or key in ("category", "channel", "handler")
    names = {option: (label_of or _itself)(option) for option in options}
    shown = names if as_list else {option: components.plain(name) for option, name in names.items()}
    _accept(key, options, shown.__getitem__)
    if not options or (len(options) == 1 and not st.session_state.get(key)):
        return []
    settings: dict[str, Any] = {"format_func": shown.__getitem__, "key": key, "bind": "query-params"}
    if as_list:
        return st.multiselect(label, options, placeholder=_("全部"), select_all=False, **settings)
    return st.pills(label, options, selection_mode="multi", **settings)


def _range(known: Sequence[str]) -> tuple[str | None, str | None]:
    if not known:
        return None, None
    for key in ("from", "to"):
        _accept(key, known, _itself)
    first, last = st.columns(2)
    settings: dict[str, Any] = {"index": None, "bind": "query-params", "placeholder": _("不限")}
    start = first.selectbox(_("起"), known, key="from", **settings)
    end = last.selectbox(_("止"), known, key="to", **settings)
    return start, end


def _accept(key: str, options: Collection[str], label_of: Callable[[str], str]) -> None:
    """Take codes (``colour=red``) and other spellings from an address; note what cannot be meant.

    The address shows what the widget shows. A code is put into the widget's words before the widget is
    drawn, and the run begins again, so that the widget finds them there.
    """
    given = st.query_params.get_all(key)
    words = {label_of(option) for option in options}
    if not given or words.issuperset(given):
        return
    known = [
        value if value in words else label_of(value) for value in given if value in words or value in options
    ]
    note_unknown([value for value in given if value not in words and value not in options])
    if known and key not in st.session_state:
        st.query_params[key] = known
        st.rerun()


def note_unknown(values: Sequence[str]) -> None:
    """Keep values of the address that nobody can mean, to be said once."""
    noted = st.session_state.setdefault("unknown_in_address", [])
    noted += [value for value in values if value and value not in noted]


def take_notes() -> list[str]:
    """Values of the address that were left out, to be said once."""
    return st.session_state.pop("unknown_in_address", [])


def _keep_worded() -> None:
    """A choice shown in words is known to the browser by its word: set it again under the new one."""
    for key in _WORDED:
        if st.session_state.get(key, _blank(key)) != _blank(key):
            st.session_state[key] = st.session_state[key]


def _span_label(code: str) -> str:
    return _(SPANS[code])


def _itself(value: str) -> str:
    return value


def _place_labels(keys: Sequence[str]) -> Callable[[str], str]:
    """Names that do not change with the choice: with the community only where two share a name."""
    names = [key.partition("/")[2] for key in keys]
    return lambda key: place_label(key, names.count(key.partition("/")[2]) > 1)
