"""The public edition: one page for the notice board, in plain words, without anybody's data.

Nothing in it stands for fewer than three petitions, not even by subtraction (:mod:`.suppression`): no single
petition, no handler, no counts beside a share, one list per partition of the month's total.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import ceil, floor
from typing import Final

from analytics import i18n
from analytics.dataset import Dataset
from analytics.i18n import gettext as _
from analytics.present import sentences, wording
from analytics.report import edits
from analytics.report.content import period, place
from analytics.report.gathered import Gathered, gather
from analytics.report.handling import by_group
from analytics.report.model import Column, Content, Heading, Section, Sentence, Table
from analytics.report.suppression import LEAST, share, suppress
from analytics.scope import Scope
from analytics.vocabulary import CLOCKS, COLOURS, place_label

#: Groups listed by name; more would not fit one page.
_LISTED: Final = 8


def public_content(
    dataset: Dataset,
    month: str,
    scope: Scope | None = None,
    *,
    changes: Mapping[str, str] | None = None,
    sample: bool = False,
) -> Content:
    """The public report of ``month``; raises as :func:`analytics.report.content.content` does."""
    found = gather(dataset, month, scope, sample=sample)
    made = Content(
        month=month,
        edition="public",
        language=i18n.language(),
        heading=_heading(found),
        place=place(found.scope),
        period=period(found),
        as_of=found.review["as_of"],
        policy=found.policy.digest,
        sample=sample,
        scope=found.scope.to_dict(),
        sections=tuple(part for part in (_received(found), _kept(found), _asked(found)) if part.sentences),
    )
    return edits.apply(made, changes or {})


def _heading(found: Gathered) -> Heading:
    where = place(found.scope)
    title = _("{place}{month}居民诉求办理情况").format(place=where, month=wording.month(found.month)).strip()
    return Heading(title, "", "")


def _received(found: Gathered) -> Section:
    """How many came and what became of them."""
    if not found.is_covered or not found.dataset.rollup.months:
        return Section("received", _("本月办理"), (Sentence("received.unknown", found.absence()),))
    if found.petitions < LEAST:
        text = _("本月收到的居民诉求不足 {n} 件，为保护个人信息不公布明细。")
        return Section("received", _("本月办理"), (Sentence("received.few", text.format(n=LEAST)),))
    text = _("本月共收到居民诉求 {n} 件，办理结果见下表（截至 {as_of}）。")
    as_of = wording.moment(found.dataset.as_of)
    points = (Sentence("received.total", text.format(n=wording.count(found.petitions), as_of=as_of)),)
    table = _partition("outcomes", _("办理结果"), _("结果"), _outcomes(found), ordered=True)
    return Section("received", _("本月办理"), points, (table,) if table else ())


def _outcomes(found: Gathered) -> dict[str, int]:
    """The month's petitions by outcome, each in exactly one line."""
    colours = found.review["colours"]
    policy = found.policy
    green, yellow, red = (policy.colour_limit(c).words for c in COLOURS[:3])
    lines = (
        (_("{limit}内办结").format(limit=green), colours["actual"]["green"]),
        (_("{limit}内办结").format(limit=yellow), colours["actual"]["yellow"]),
        (_("{limit}内办结").format(limit=red), colours["actual"]["red"]),
        (_("{limit}以上办结，或暂时无法解决").format(limit=red), colours["actual"]["grey"]),
        (_("正在办理"), sum(colours["open_by_age"].values())),
        (_("时间不明"), colours["unknown"]),
    )
    return dict(lines)


def _kept(found: Gathered) -> Section:
    """The promises in plain words."""
    points = tuple(Sentence(f"kept.{name}", text) for name, text in _promises(found) if text)
    return Section("kept", _("承诺兑现"), points)


def _promises(found: Gathered) -> Iterator[tuple[str, str]]:
    clocks = found.review["clocks"] if found.petitions >= LEAST else {}
    words = {
        "response": _("{limit}内有人响应"),
        "arrival": _("{limit}内到场"),
        "plan": _("{limit}内给出办法"),
        "follow_up": _("{limit}内回访"),
    }
    parts = [
        text
        for name in CLOCKS
        if clocks and (text := _plain_share(words[name].format(limit=found.policy.clock(name).limit.words),
            clocks[name]["met"], sentences.due(clocks[name]), clocks[name]["rate"]))
    ]  # fmt: skip
    if parts:
        yield "clocks", _("按已到时限的诉求计算：{parts}。").format(parts=_("；").join(parts))
    rated = found.review["satisfaction"]
    if clocks and (
        text := _plain_share(_("居民表示满意"), rated["satisfied"], rated["rated"], rated["rate"])
    ):
        yield "satisfaction", _("办结后给出评价的诉求中：{share}。").format(share=text)
    yield "complaints", _complaints(found)


def _plain_share(what: str, hits: int, due: int, rate: float | None) -> str:
    found = share(hits, due) if rate is not None else None
    if found is None:
        return ""
    how, fraction = found
    # A bound is rounded so that it stays true.
    fraction = {
        "exactly": fraction,
        "at_least": floor(fraction * 100) / 100,
        "at_most": ceil(fraction * 100) / 100,
    }[how]
    texts = {
        "exactly": _("{what} {share}"),
        "at_least": _("{what} {share}以上"),
        "at_most": _("{what}不足 {share}"),
    }
    return texts[how].format(what=what, share=wording.percent(fraction))


def _complaints(found: Gathered) -> str:
    """The verdict in its words; a month of very few complaints is not counted out."""
    launch = found.review["complaints"]["launch"]
    if not launch or not launch["plain"] or min(launch["plain"]["before"], launch["plain"]["after"]) < LEAST:
        return ""
    text = _("扫码上报以来，反映到城市平台的投诉月均 {after} 件（以前月均 {before} 件）：{verdict}。")
    plain = launch["plain"]
    return text.format(
        after=wording.decimal(plain["after_mean"]),
        before=wording.decimal(plain["before_mean"]),
        verdict=sentences.verdict_clause(launch),
    )


def _asked(found: Gathered) -> Section:
    """What residents asked for, and where."""
    tables = []
    if found.petitions >= LEAST:
        categories = {str(row[0]): int(row[1]) for row in by_group(found, "category", "").rows}  # type: ignore[arg-type]
        tables.append(_partition("categories", _("反映的事"), _("类别"), categories))
        several = len({row["community"] for row in found.review["courtyards"]}) > 1
        places = {place_label(row["place"], several): row["petitions"] for row in found.review["courtyards"]}
        if len(places) > 1:
            tables.append(_partition("places", _("来自哪里"), _("院落"), places))
    text = _("每件诉求都可以扫院落里的二维码上报，也可以告诉网格长或社区。")
    notes = [Sentence("asked.how", text)]
    if any(table and any(row[0] == _("其余（不单列）") for row in table.rows) for table in tables):
        notes.append(Sentence("asked.small", _("为保护个人信息，件数少的不单独列出。")))
    if found.sample:
        notes.append(Sentence("asked.sample", _("示例数据，人和事都是编的。")))
    return Section("asked", _("大家反映什么"), tuple(notes), tuple(table for table in tables if table))


def _partition(
    name: str, title: str, heading: str, counts: dict[str, int], *, ordered: bool = False
) -> Table | None:
    """Groups of the month's total; None where too little can be shown."""
    shown = suppress(counts, most=None if ordered else _LISTED, ordered=ordered)
    if not shown.groups:
        return None
    rows = [(label, n) for label, n in shown.groups]
    if shown.remainder is not None:
        rows.append((_("其余（不单列）"), shown.remainder))
    columns = (Column(heading, wide=True), Column(_("件数"), "count"))
    return Table(name, title, columns, tuple(rows))
