"""院落比较: who needs help beyond what chance explains, this month and over the last twelve."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from analytics.evaluation.fair_comparison import ADJUSTMENT_LABELS, BAND_LABELS
from analytics.i18n import gettext as _
from analytics.i18n import mark
from analytics.measures import REGISTRY
from analytics.present import wording
from analytics.report.gathered import Gathered, Group
from analytics.report.model import Cell, Column, Section, Sentence, Table
from analytics.report.overall import row_counts
from analytics.vocabulary import CLOCKS, COLOURS, place_label

_BAND_SENTENCES: Final = {
    "help": mark("需帮助的是{names}"),
    "watch": mark("要留意的是{names}"),
    "better": mark("明显好的是{names}"),
}


def section(found: Gathered) -> Section:
    """Courtyards in three bands around the overall response rate."""
    points = tuple(Sentence(f"places.{name}", text) for name, text in _texts(found) if text)
    rows = found.review["courtyards"]
    tables = (_counts(found, rows), _rates(found, rows)) if rows else ()
    return Section("places", _("院落比较"), points, tables)


def _texts(found: Gathered) -> Iterator[tuple[str, str]]:
    rows = [row for row in found.review["courtyards"] if row["courtyard"]]
    if len(rows) < 2:
        yield "finding", _("本月有诉求的院落不足两个，不作比较。") if found.petitions else found.absence()
    else:
        groups = [
            Group(
                row["place"], row["response_met"], row["response_due"],
                row["response_rate"] is not None, row["band_code"],
            )
            for row in rows
        ]  # fmt: skip
        yield "finding", _finding(_("本月"), groups)
        if (code := found.adjustment) is not None:
            yield "adjustment", _("比较方法：{words}。").format(words=_(ADJUSTMENT_LABELS[code]))
    yield "year", _year(found)


def _year(found: Gathered) -> str:
    """A month of a few petitions rarely tells courtyards apart; twelve may."""
    groups = found.places_of_the_year
    return (
        _finding(_("近 12 个月合计"), groups) if sum(group.band is not None for group in groups) > 1 else ""
    )


def _finding(when: str, groups: list[Group]) -> str:
    """「本月：10 个院落的响应按时率，需帮助的是…；其余 9 个属正常波动。」"""
    compared = [group for group in groups if group.band is not None]
    several = len({group.key.partition("/")[0] for group in compared}) > 1
    parts, named = [], 0
    for band, text in _BAND_SENTENCES.items():
        inside = [group for group in compared if group.band == band]
        named += len(inside)
        if inside:
            names = wording.listing([described(group, several) for group in inside], 5)
            parts.append(_(text).format(names=names))
    rest = len(compared) - named
    if not named:
        text = _("{when}，{n} 个院落的响应按时率之间的差异都在正常波动之内，不能说哪个更好或更差。")
        return text.format(when=when, n=len(compared))
    if rest:
        parts.append(_("其余 {n} 个属正常波动").format(n=rest))
    text = _("{when}，比较 {n} 个院落的响应按时率：{parts}。")
    return text.format(when=when, n=len(compared), parts=_("；").join(parts))


def described(group: Group, with_community: bool) -> str:
    """「6号院（39/70）」: a place with its counts."""
    rate = wording.rate_with_counts(group.hits, group.due)
    return _("{place}（响应 {rate}）").format(place=place_label(group.key, with_community), rate=rate)


def name_of(row: dict[str, Any], rows: list[dict[str, Any]]) -> str:
    """A courtyard's name, with its community where the report has several."""
    return place_label(row["place"], len({other["place"].partition("/")[0] for other in rows}) > 1)


def _counts(found: Gathered, rows: list[dict[str, Any]]) -> Table:
    columns = (
        Column(_("院落"), wide=True),
        Column(_("受理"), "count"),
        *(Column(wording.colour(c), "count") for c in COLOURS),
        Column(_("在办"), "count"),
        Column(_("每百户每30天"), "decimal"),
    )
    lines: list[tuple[Cell, ...]] = [
        (
            name_of(row, rows), row["petitions"], *(row[c] for c in COLOURS), row["open"],
            row["per_100_households"],
        )
        for row in rows
    ]  # fmt: skip
    if len(lines) > 1:
        sums = [sum(row[n] for row in rows) for n in ("petitions", *COLOURS, "open")]
        lines.append((_("合计"), *sums, found.review["density"]["per_100_households"]))
    note = _(
        "各颜色为已办结或无法解决的实际颜色；标为无法解决又未办结的同时在「灰」和「在办」。户数未填的院落不算百户比。"
    )
    return Table("places", _("各院落诉求"), columns, tuple(lines), note)


def _rates(found: Gathered, rows: list[dict[str, Any]]) -> Table:
    columns = (
        Column(_("院落"), wide=True),
        *(Column(REGISTRY[name].titled(found.policy), "rate") for name in CLOCKS),
        Column(_("响应与各院落相比")),
    )
    lines = tuple(
        (
            name_of(row, rows),
            *(row_counts(row, n) for n in CLOCKS),
            _(BAND_LABELS[row["band_code"]]) if row["band_code"] else None,
        )
        for row in rows
    )
    note = _("「需帮助」「明显好」指超出 99.8 % 界限，「留意」指超出 95 % 界限，其余为正常波动；不排名次。")
    return Table("place_rates", _("各院落 515303 按时率"), columns, lines, note)
