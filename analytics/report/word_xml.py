"""Word's XML for paragraphs and tables, written directly: python-docx looks a style up anew for every cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from xml.sax.saxutils import escape

from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from analytics.report.plain import unbroken

_SPACES: Final = nsdecls("w")
_CLOSING: Final = (
    f'<w:p {_SPACES}><w:pPr><w:snapToGrid w:val="0"/><w:spacing w:before="0" w:after="0" w:line="120" '
    'w:lineRule="exact"/></w:pPr></w:p>'
)


@dataclass(frozen=True)
class CellText:
    """A cell: its text, the id of its paragraph style (blank: the normal one), its ground, its size in points."""

    text: str
    style: str = ""
    ground: str = ""
    size: float = 10.5


def paragraph(text: str, style: str = "", *, flat: bool = False) -> Any:
    """A ``w:p`` with one run; ``flat``: without the first-line indent that the style may have."""
    return parse_xml(_paragraph(text, style, flat, _SPACES))


def table(
    heads: Sequence[CellText], rows: Sequence[Sequence[CellText]], widths: Sequence[int], style: str
) -> Any:
    """A ``w:tbl`` of fixed column widths (twentieths of a point), its first row repeated on every page."""
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    named = f'<w:tblStyle w:val="{escape(style)}"/>' if style else ""
    lines = [_row(heads, widths, repeated=True), *(_row(row, widths, repeated=False) for row in rows)]
    return parse_xml(
        f'<w:tbl {_SPACES}><w:tblPr>{named}<w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:jc w:val="center"/>'
        f'{_borders(style)}<w:tblLayout w:type="fixed"/><w:tblCellMar><w:left w:w="40" w:type="dxa"/>'
        f'<w:right w:w="40" w:type="dxa"/></w:tblCellMar></w:tblPr><w:tblGrid>{grid}</w:tblGrid>{"".join(lines)}</w:tbl>'
    )


def beside(columns: Sequence[Sequence[Any]], width: int) -> Any:
    """Two or more columns of elements beside each other, in a table that shows no lines; ``width`` of each."""
    outer = parse_xml(
        f'<w:tbl {_SPACES}><w:tblPr><w:tblW w:w="{width * len(columns)}" w:type="dxa"/><w:jc w:val="center"/>'
        f'<w:tblLayout w:type="fixed"/></w:tblPr><w:tblGrid>{f"""<w:gridCol w:w="{width}"/>""" * len(columns)}</w:tblGrid>'
        "<w:tr/></w:tbl>"
    )
    for elements in columns:
        cell = parse_xml(f'<w:tc {_SPACES}><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/></w:tcPr></w:tc>')
        # A cell has to end with a paragraph; this one takes next to no room.
        cell.extend([*elements, parse_xml(_CLOSING)])
        outer[-1].append(cell)
    return outer


def _borders(style: str) -> str:
    """Lines of our own where the template has no style with lines."""
    if style:
        return ""
    sides = ("top", "left", "bottom", "right", "insideH", "insideV")
    edges = "".join(f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="auto"/>' for side in sides)
    return f"<w:tblBorders>{edges}</w:tblBorders>"


def _row(cells: Sequence[CellText], widths: Sequence[int], repeated: bool) -> str:
    head = "<w:tblHeader/>" if repeated else ""
    inside = "".join(_cell(cell, width) for cell, width in zip(cells, widths, strict=True))
    return f"<w:tr><w:trPr><w:cantSplit/>{head}</w:trPr>{inside}</w:tr>"


def _cell(cell: CellText, width: int) -> str:
    ground = f'<w:shd w:val="clear" w:color="auto" w:fill="{cell.ground}"/>' if cell.ground else ""
    properties = f'<w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{ground}<w:vAlign w:val="center"/></w:tcPr>'
    return f"<w:tc>{properties}{_paragraph(cell.text, cell.style, True, '', cell.size)}</w:tc>"


def _paragraph(text: str, style: str, flat: bool, spaces: str, size: float | None = None) -> str:
    named = f'<w:pStyle w:val="{escape(style)}"/>' if style else ""
    level = '<w:ind w:firstLineChars="0" w:firstLine="0"/>' if flat else ""
    sized = f'<w:rPr><w:sz w:val="{round(2 * size)}"/></w:rPr>' if size else ""
    run = f'<w:r>{sized}<w:t xml:space="preserve">{escape(unbroken(text))}</w:t></w:r>' if text else ""
    return f"<w:p {spaces}><w:pPr>{named}{level}</w:pPr>{run}</w:p>"
