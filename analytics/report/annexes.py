"""附件: the definitions behind the figures, and what the data do not say."""

from __future__ import annotations

from collections.abc import Iterator

from analytics.faults import FAULTS
from analytics.i18n import gettext as _
from analytics.measures import REGISTRY
from analytics.present import sentences_quality, wording
from analytics.present.definitions import target
from analytics.report.gathered import Gathered
from analytics.report.model import Cell, Column, Section, Sentence, Table
from analytics.vocabulary import CLOCK_LABELS


def definitions(found: Gathered) -> Section:
    """指标口径, printed by the registry itself, and the limits in force."""
    return Section("definitions", _("指标口径"), (), (_indicators(found), _limits(found)))


def _indicators(found: Gathered) -> Table:
    columns = (Column(_("指标")), Column(_("口径"), wide=True), Column(_("目标"), "percent"))
    rows = tuple(
        (measure.titled(found.policy), measure.explained(found.policy), target(measure.name, found.policy))
        for measure in REGISTRY.values()
    )
    return Table("definitions", _("指标"), columns, rows)


def _limits(found: Gathered) -> Table:
    policy = found.policy
    rows: list[tuple[Cell, ...]] = [
        (_("{clock}时限").format(clock=_(CLOCK_LABELS[c.name])), wording.limit(c.limit.iso))
        for c in policy.clocks
    ]
    rows += [
        (_("{colour}：办结不超过").format(colour=wording.colour(c)), wording.limit(limit.iso))
        for c, limit in policy.colour_limits
    ]
    rows += [
        (_("{colour}：进度反馈间隔").format(colour=wording.colour(c)), wording.limit(limit.iso))
        for c, limit in policy.feedback
    ]
    return Table("limits", _("时限"), (Column(_("项目"), wide=True), Column(_("时限"))), tuple(rows))


def notes(found: Gathered) -> Section:
    """数据说明: who is counted, as of when, under which policy, and the faults in the records."""
    points = tuple(Sentence(f"notes.{name}", text) for name, text in _notes(found))
    counts = found.review["data_quality"]["faults"]
    rows = tuple((_(FAULTS[kind][0]), n) for kind, n in counts.items() if n)
    columns = (Column(_("记录中的问题"), wide=True), Column(_("件数"), "count"))
    tables = (Table("faults", _("记录中的问题"), columns, rows),) if rows else ()
    return Section("notes", _("数据说明"), points, tables, numbered=True)


def _notes(found: Gathered) -> Iterator[tuple[str, str]]:
    if found.sample:
        yield "sample", _("库中是示例数据，人和事都是编的，本报告只供试看。")
    text = _(
        "统计范围：{scope}。统计对象是本月上报、截至统计时间已知的诉求；网络理政投诉单独统计，不并入诉求。"
    )
    yield "scope", text.format(scope=wording.scope(found.scope, found.dataset.as_of))
    text = _("口径编号 {digest}；全部数字由系统按附件所列口径自动统计，未作手工调整。")
    yield "policy", text.format(digest=found.policy.digest)
    yield "intervals", _("可信范围为 95 %；件数少时范围宽，范围重叠的差别不作结论。")
    for channel, late in found.unfinished.items():
        if late:
            yield f"unfinished_{channel}", sentences_quality.unfinished(channel, late, found.dataset.as_of)
    for number, warning in enumerate(found.dataset.warnings, 1):
        yield f"warning_{number}", warning
