"""Tables of 数据核对: faults with their effect, by import, by courtyard, near duplicates, names and their rules."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from pandas import DataFrame, Timestamp

from analytics.faults import FAULTS
from analytics.i18n import gettext as _
from analytics.measures import REGISTRY, Value
from analytics.policy import Policy
from analytics.present import wording
from analytics.quality import RATES, Effect
from analytics.vocabulary import COLUMN_LABELS, place_label


def effects(found: Sequence[Effect], policy: Policy) -> DataFrame:
    """One row per kind of fault: petitions, and each rate now and without them."""
    titles = {name: REGISTRY[name].titled(policy) for name in RATES}
    return DataFrame(
        [
            {
                _("要核对的"): _(FAULTS[effect.kind][0]),
                _("件数"): effect.count,
                **{title: _move(effect.now[name], effect.without[name]) for name, title in titles.items()},
            }
            for effect in found
        ]
    )


def by_source(found: DataFrame, imports: DataFrame) -> DataFrame:
    """Faults by import, with its file."""
    files = imports.set_index("batch")["file"]
    return DataFrame(
        {
            _("批次"): found["batch"],
            _("文件"): [str(files.get(batch, wording.UNKNOWN)) for batch in found["batch"]],
            **_shares(found),
        }
    )


def by_place(found: DataFrame) -> DataFrame:
    """Faults by courtyard."""
    names = [place_label(str(key), True) for key in found["place"]]
    return DataFrame({_(COLUMN_LABELS["courtyard"]): names, **_shares(found)})


def pairs(found: DataFrame) -> DataFrame:
    """Near duplicates, each beside the earlier petition."""
    return DataFrame(
        {
            _(COLUMN_LABELS["case_id"]): found["case_id"],
            _("较早的一件"): found["twin"],
            _(COLUMN_LABELS["courtyard"]): [place_label(str(key), True) for key in found["place"]],
            _(COLUMN_LABELS["category"]): found["category"].astype(object),
            _(COLUMN_LABELS["reported_at"]): found["reported"].to_numpy().astype("datetime64[s]"),
            _("相隔"): [wording.lag(seconds) for seconds in found["apart"]],
        }
    )


def renamings(rules: DataFrame, as_of: Timestamp) -> DataFrame:
    """The merge rules in force."""
    return DataFrame(
        {
            _("写作"): [name(old) for old in rules["old"]],
            _("算作"): [name(new) for new in rules["new"]],
            _("谁"): rules["who"],
            _("时间"): [wording.moment(at, as_of) for at in rules["at"]],
        }
    )


def rejections(counted: DataFrame, imports: DataFrame) -> DataFrame:
    """Rows not taken, by import and reason."""
    files = imports.set_index("batch")["file"]
    return DataFrame(
        {
            _("批次"): counted["batch"],
            _("文件"): [str(files.get(batch, wording.UNKNOWN)) for batch in counted["batch"]],
            _("原因"): counted["reason"],
            _("行"): counted["rows"],
        }
    )


def name(text: str) -> str:
    """A handler as it is, a place with its community."""
    return place_label(text, True) if "/" in text else text


def _move(now: Value, without: Value) -> str:
    shown = [_rate(now), _rate(without)]
    if shown[0] == shown[1] and now.rate != without.rate:
        shown = [wording.percent(value.rate, 1) for value in (now, without)]
    if shown[0] == shown[1] and now.rate is None:
        return wording.UNKNOWN
    if shown[0] == shown[1]:
        return _("{rate} 不变").format(rate=shown[0])
    return f"{shown[0]} → {shown[1]}"


def _rate(value: Value) -> str:
    return wording.UNKNOWN if value.rate is None else wording.rate(value.numerator, value.denominator)


def _shares(found: DataFrame) -> dict[str, object]:
    share = np.divide(found["faults"], found["petitions"])
    return {
        _("件数"): found["faults"],
        _("诉求"): found["petitions"],
        _("占比"): [wording.percent(value) for value in share],
    }
