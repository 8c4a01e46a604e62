"""The report as PDF/A-2b with bookmarks and selectable text, through typst: no browser, no office program.

The Chinese fonts (Noto Serif SC, Noto Sans SC; SIL Open Font License) come with a package; a folder with the
official ones (仿宋, 楷体 …) may be named, and is then used first.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from math import ceil
from pathlib import Path
from typing import Any, Final

import orjson
import pylopdf_fonts_zh_cn
import typst

from analytics.i18n import gettext as _
from analytics.present import wording
from analytics.report import numbering
from analytics.report.cells import layout, texts
from analytics.report.gathered import ContentError
from analytics.report.inks import HATCHED, HEADING_SHADE, INKS, SHADES
from analytics.report.model import Chart, Content, Section, Table
from analytics.report.plain import made, moment, title_lines, unbroken

_LAYOUT: Final = Path(__file__).with_name("report.typ")
_STANDARD: Final = "a-2b"
#: Names under which computers have the official body font.
_OFFICIAL: Final = ("FangSong_GB2312", "仿宋_GB2312", "FangSong", "仿宋", "STFangsong")
#: What stands for a sign that the fonts do not have (an emoji, a rare character): the printer's blank.
_BLANK: Final = "〓"
_MISSING: Final = re.compile(r'the text `?"(?P<text>(?:[^"\\]|\\.)+)"`? could not be displayed')
#: What joins signs to one picture or chooses its look: alone it is nothing, and typst then names the wrong sign.
_JOINERS: Final = re.compile("[\u200b-\u200d\u2060\ufe00-\ufe0f\U000e0100-\U000e01ef\U0001f3fb-\U0001f3ff]")
_ROUNDS: Final = 60
#: Width of the text and size of tables, in points.
_WIDTH, _SIZE = 442, 9.5


def write(content: Content, seal: str = "", fonts: Path | None = None) -> bytes:
    """The document's bytes. ``fonts``: a folder of fonts to use before ours; ContentError if there is none."""
    if fonts is not None and not fonts.is_dir():
        raise ContentError(_("没有这个字体文件夹：{path}").format(path=fonts))
    compiler = _compiler(fonts)
    families = _families(compiler) if fonts is not None else ()
    data = _JOINERS.sub("", orjson.dumps(_data(content, seal, families)).decode())
    stamp = int(made(content).timestamp())
    for _round in range(_ROUNDS):
        try:
            return typst.compile(
                _LAYOUT, font_paths=compiler, sys_inputs={"data": data}, pdf_standards=_STANDARD,
                timestamp=stamp, ignore_system_fonts=True,
            )  # fmt: skip
        except typst.TypstError as error:
            data = _without_missing(data, error)
    raise ContentError(_("PDF 里有太多字体没有的字符，没有生成。请指定有这些字的字体文件夹。"))


def _without_missing(data: str, error: typst.TypstError) -> str:
    """The texts with what no font has replaced; any other complaint of typst is our own fault and goes on."""
    found = _MISSING.search(error.message)
    if not found:
        raise error
    for sign in set(re.sub(r"\\u\{([0-9a-f]+)\}", lambda code: chr(int(code[1], 16)), found["text"])):
        data = data.replace(sign, _BLANK)
    return data


def _compiler(fonts: Path | None) -> Any:
    ours = Path(pylopdf_fonts_zh_cn.serif_path()).parent
    paths = [str(path) for path in (fonts, ours) if path is not None]
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=paths)


def _families(fonts: Any) -> tuple[str, ...]:
    return tuple(name for name in _OFFICIAL if name in fonts.families())


def _data(content: Content, seal: str, families: Sequence[str]) -> Mapping[str, Any]:
    """Everything that the layout prints, as texts."""
    count = _Counter(content)
    head = content.heading
    return {
        "edition": content.edition, "lang": content.language, "fonts": families,
        "inks": INKS, "hatched": HATCHED, "shades": SHADES, "heading_shade": HEADING_SHADE,
        "title": unbroken(head.title), "title_lines": title_lines(unbroken(head.title)), "period": _("（{text}）").format(text=unbroken(content.period)), "seal": unbroken(seal),
        "addressee": _("{text}：").format(text=unbroken(head.addressee)) if head.addressee else "", "signature": unbroken(head.signature),
        "date": wording.date(moment(content)), "words": {"table": _("表"), "figure": _("图")},
        "sections": [
            {**count.part(part), "heading": unbroken(f"{numbering.part(n)}{part.title}")}
            for n, part in enumerate(content.sections, 1)
        ],
        "annex_list": [
            (_("附件：") if n == 1 else "　　　") + f"{numbering.point(n)}{part.title}"
            for n, part in enumerate(content.annexes, 1)
        ],
        "annexes": [
            {**count.part(part), "title": part.title, "number": _("附件 {n}").format(n=n)}
            for n, part in enumerate(content.annexes, 1)
        ],
    }  # fmt: skip


class _Counter:
    """Parts as texts, tables and figures counted through the document."""

    def __init__(self, content: Content) -> None:
        self.content, self.tables, self.figures = content, 0, 0

    def part(self, part: Section) -> dict[str, Any]:
        """Sentences, tables and charts of one part."""
        prefixes = [numbering.point(n) if part.numbered else "" for n in range(1, len(part.sentences) + 1)]
        return {
            "sentences": [unbroken(p + s.text) for p, s in zip(prefixes, part.sentences, strict=True)],
            "tables": [self._table(table) for table in part.tables],
            "charts": [self._chart(chart) for chart in part.charts],
        }

    def _table(self, table: Table) -> dict[str, Any]:
        self.tables += 1
        rows = texts(table, moment(self.content))
        widths, size = layout(table, rows, _WIDTH, _SIZE)
        return {
            "number": self.tables,
            "title": unbroken(table.title),
            "note": unbroken(table.note),
            "columns": [unbroken(column.name) for column in table.columns],
            "rows": [[unbroken(text) for text in row] for row in rows],
            "shades": list(table.shades) or [None] * len(rows),
            "widths": widths,
            "size": size,
        }

    def _chart(self, chart: Chart) -> dict[str, Any]:
        self.figures += 1
        top, ticks = scale(chart)
        return {
            "number": self.figures, "title": unbroken(chart.title), "alt": unbroken(chart.alt),
            "kind": chart.kind, "categories": [unbroken(name) for name in chart.categories],
            "every": max(1, ceil(len(chart.categories) / 8)) if chart.kind == "lines" else 1,
            "top": top, "ticks": ticks,
            "series": [
                {"name": unbroken(s.name), "values": s.values, "ink": s.ink, "dashed": s.dashed} for s in chart.series
            ],
            "labels": {unbroken(s.name): [_label(chart, v) for v in s.values] for s in chart.series},
        }  # fmt: skip


def scale(chart: Chart) -> tuple[float, list[tuple[float, str]]]:
    """The top of a chart's scale and its lines (as fractions of the height) with their labels."""
    if chart.unit == "percent":
        return 1.0, [(n / 4, unbroken(wording.percent(n / 4))) for n in range(5)]
    if chart.kind == "stacked_bars":
        return max(
            (sum(v or 0 for v in bar) for bar in zip(*(s.values for s in chart.series), strict=True)),
            default=0,
        ) or 1, []
    most = max((v for s in chart.series for v in s.values if v is not None), default=0)
    step = _round_step(max(most, 1) / 4)
    top = step * max(ceil(most / step), 1)
    return top, [(n * step / top, wording.count(n * step)) for n in range(round(top / step) + 1)]


def _round_step(least: float) -> int:
    """The smallest of 1, 2, 5, 10, 20, 50 … that is not below ``least``."""
    power = 1
    while True:
        for digit in (1, 2, 5):
            if digit * power >= least:
                return digit * power
        power *= 10


def _label(chart: Chart, value: float | None) -> str:
    if value is None:
        return ""
    return unbroken(wording.percent(value)) if chart.unit == "percent" else wording.count(value)
