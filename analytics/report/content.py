"""One month as a 情况通报: figures, sentences, tables and charts, ready for every format."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pandas import Timestamp
from pandas.tseries.offsets import MonthEnd

from analytics import i18n
from analytics.dataset import Dataset
from analytics.i18n import gettext as _
from analytics.present import wording
from analytics.report import annexes, edits, effect, examples, findings, handling, overall, places, progress
from analytics.report.gathered import Gathered, Texts, gather
from analytics.report.model import Content, Heading
from analytics.report.scenarios import NOTHING, supposed
from analytics.scope import Scope
from analytics.vocabulary import place_label
from analytics.whatif import Scenario

#: Names of places in a title before it says 「等 n 个」.
_NAMED: Final = 2


def content(
    dataset: Dataset,
    month: str,
    scope: Scope | None = None,
    *,
    texts: Texts | None = None,
    changes: Mapping[str, str] | None = None,
    scenarios: Mapping[str, Scenario] = NOTHING,
    sample: bool = False,
) -> Content:
    """The internal report of ``month`` for ``scope`` in the language of the moment.

    ``texts`` reads what residents wrote (without it the examples quote nothing); ``changes`` are edited
    sentences by id; ``scenarios`` (by name) are annexed, each as it would have been for this month and scope;
    ``sample``: the records are samples. Raises ContentError or ScopeError.
    """
    found = gather(dataset, month, scope, texts=texts, sample=sample)
    problems, suggestions = findings.sections(found)
    made = Content(
        month=month,
        edition="internal",
        language=i18n.language(),
        heading=_heading(found),
        place=place(found.scope),
        period=period(found),
        as_of=found.review["as_of"],
        policy=found.policy.digest,
        sample=sample,
        scope=found.scope.to_dict(),
        sections=(
            overall.section(found),
            handling.colours(found),
            handling.clocks(found),
            effect.section(found),
            places.section(found),
            progress.section(found),
            examples.section(found),
            problems,
            suggestions,
        ),
        annexes=(annexes.definitions(found), annexes.notes(found), *supposed(found, scenarios)),
        figures=found.review,
    )
    return edits.apply(made, changes or {})


def place(scope: Scope) -> str:
    """Where, as a title says it; blank for everywhere."""
    several = len({key.partition("/")[0] for key in scope.courtyards}) > 1
    if scope.courtyards:
        return wording.listing([place_label(key, several) for key in scope.courtyards], _NAMED)
    return wording.listing(scope.communities, _NAMED) if scope.communities else ""


def period(found: Gathered) -> str:
    """「2024年6月1日至6月30日」; of a month that is not over, to as-of."""
    first = Timestamp(f"{found.month}-01")
    last = first + MonthEnd(0) if found.is_over else found.dataset.as_of
    return _("{first}至{last}").format(first=wording.date(first), last=wording.date(last, first))


def _heading(found: Gathered) -> Heading:
    return Heading(
        title=_("{place}{month}居民诉求“码”上报办理情况通报")
        .format(place=place(found.scope) or _whole(found), month=wording.month(found.month))
        .strip(),
        addressee=_("各接单主体"),
        signature=_signature(found),
    )


def _whole(found: Gathered) -> str:
    """The one community that the data are of, when there is only one."""
    communities = found.dataset.choices["communities"]
    return communities[0] if len(communities) == 1 else ""


def _signature(found: Gathered) -> str:
    communities = found.scope.communities or tuple(
        sorted({key.partition("/")[0] for key in found.scope.courtyards} - {""})
    )
    only = communities[0] if len(communities) == 1 else _whole(found)
    return _("中共{community}委员会").format(community=only) if only else _("（发文单位）")
