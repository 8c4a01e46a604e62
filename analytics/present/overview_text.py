"""What only the overview says: courtyards in bands, and which clock to look at first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from analytics.i18n import gettext as _
from analytics.i18n import mark
from analytics.present import wording
from analytics.vocabulary import CLOCKS, place_label

#: The three bands of the strip, and the bands of the funnel in each.
STRIP: Final = (
    ("help", mark("需帮助"), ("help",)),
    ("normal", mark("正常波动"), ("watch", "normal")),
    ("better", mark("明显好"), ("better",)),
)


def strip(courtyards: Sequence[Mapping[str, Any]]) -> list[tuple[str, str, list[Mapping[str, Any]]]]:
    """(code, heading, courtyards) of the three bands, in the order of the review.

    Courtyards with fewer than ten due are left out: of so few, one more or less would move them.
    """
    courtyards = [row for row in courtyards if row["response_due"] >= wording.FEW]
    return [
        (
            code,
            _("{band} {n} 个").format(band=_(label), n=sum(row["band_code"] in bands for row in courtyards)),
            [row for row in courtyards if row["band_code"] in bands],
        )
        for code, label, bands in STRIP
    ]


def place_rate(row: Mapping[str, Any]) -> str:
    """「6号院 48 %（50/105）」, a courtyard outside the 95 % limits only with 「留意」."""
    rate = wording.rate_with_counts(row["response_met"], row["response_due"])
    text = _("{place} {rate}，留意") if row["band_code"] == "watch" else _("{place} {rate}")
    return text.format(place=place_label(row["place"]), rate=rate)


def place_misses(row: Mapping[str, Any]) -> str:
    """「6号院 48 %（50/105），未按时 55 件」, the words of the way to these petitions."""
    misses = wording.count(row["response_due"] - row["response_met"])
    return _("{rate}，未按时 {n} 件").format(rate=place_rate(row), n=misses)


def first_clock(review: Mapping[str, Any]) -> str | None:
    """The clock farthest below its target; None where none has a rate."""
    rated = [name for name in CLOCKS if review["clocks"][name]["rate"] is not None]
    gap = {name: review["clocks"][name]["rate"] - (review["clocks"][name]["target"] or 0) for name in rated}
    return min(rated, key=gap.__getitem__, default=None)
