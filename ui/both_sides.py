"""Every indicator on both sides as one light table of our own: words, numbers and a dumbbell in each line.

A chart and a grid of the libraries take longer to draw than the whole answer takes to compute.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Any

from analytics.i18n import gettext as _
from analytics.present import tables_whatif, wording
from analytics.present.charts_style import ink
from analytics.whatif import WhatIf


def markup(found: WhatIf, dark: bool) -> str:
    """The table of :func:`analytics.present.tables_whatif.indicators` with the picture of each rate beside it."""
    inks = ink(dark)
    shown = tables_whatif.indicators(found)
    heads = "".join(f'<th scope="col">{escape(str(name))}</th>' for name in (*shown.columns, _("0–100 %")))
    pictures = [*_pictures(found), *("",) * len(shown)]
    lines = "".join(
        f"<tr>{_cells(cells)}<td>{picture}</td></tr>"
        for cells, picture in zip(shown.itertuples(index=False), pictures, strict=False)
    )
    colours = f"--ink:{inks.volume};--pale:{inks.volume_pale};--paper:{inks.paper};--aim:{inks.muted}"
    return f'<table class="both-sides" style="{colours}"><thead><tr>{heads}</tr></thead><tbody>{lines}</tbody></table>'


def _cells(cells: Any) -> str:
    label, *values = (escape(str(cell)) for cell in cells)
    return f'<th scope="row">{label}</th>' + "".join(f"<td>{value}</td>" for value in values)


def _pictures(found: WhatIf) -> Iterator[str]:
    """For each measure of the registry: hollow the base, solid the scenario, an upright stroke the target."""
    for _name, line in found.indicators.iterrows():
        ends = (line["base_rate"], line["scenario_rate"])
        if not line["is_rate"] or all(wording.missing(end) for end in ends):
            yield ""
            continue
        known = [end for end in ends if not wording.missing(end)]
        marks = [("way", min(known), max(known) - min(known)), ("aim", line["target"], None)]
        marks += [("base", ends[0], None), ("then", ends[1], None)]
        yield f'<span class="track" aria-hidden="true">{"".join(_mark(*mark) for mark in marks)}</span>'


def _mark(kind: str, at: float, length: float | None) -> str:
    if wording.missing(at):
        return ""
    width = "" if length is None else f";width:{100 * length:.2f}%"
    return f'<i class="{kind}" style="left:{100 * at:.2f}%{width}"></i>'
