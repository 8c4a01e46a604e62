"""One thing seen in the records, as a question with an innocent explanation to check; and all of a page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from analytics.believability import tails
from analytics.i18n import gettext as _
from analytics.i18n import mark
from analytics.policy import Limit

#: Fewer than this many say nothing.
MIN_N: Final = 50
#: One false-discovery rate over all tests of a page.
FDR: Final = 0.05
#: An excess smaller than this is not worth a question, however many petitions make it "significant".
RELEVANT: Final = 1.1

#: test → (what it looks at, the question, the innocent explanation to check).
TESTS: Final[dict[str, tuple[str, str, str]]] = {
    "just_under": (
        mark("时限前的聚集"),
        mark(
            "{label}用时在{low}到{high}之间的有 {seen} 件，按前后的走势约为 {expected:.0f} 件"
            "（时限 {limit}）。是赶在时限前做完的，还是照着时限填的？"
        ),
        mark("时限前有提醒、大家赶在点前完成，也会这样。抽几件对照通话记录或系统流水。"),
    ),
    "exactly_at": (
        mark("正好等于时限"),
        mark(
            "{label}用时正好是 {limit}的有 {seen} 件，照其他整 5 分钟处的取整习惯约为 {expected:.0f} 件。"
            "是正好这么久，还是照着时限填的？"
        ),
        mark("有人习惯把用时说成这个整数。问一问登记的人，抽几件对照通话记录。"),
    ),
    "round_minutes": (
        mark("整 5 分钟的时刻"),
        mark(
            "{n} 个{label}里，分钟数以 0 或 5 结尾的有 {seen} 个，当时记录的话约有 {expected:.0f} 个。"
            "是当时记的，还是事后凭记忆补的？"
        ),
        mark("约好整点上门、手工登记时按 5 分钟取整，也会这样。"),
    ),
    "same_second": (
        mark("两个时间完全相同"),
        mark(
            "{first}与{second}相差很小的 {n} 件里，有 {seen} 件两个时间完全相同，一般不超过 {expected:.0f} 件。"
            "是系统同时写入的，还是一次补填的？"
        ),
        mark("系统自动回复、一键流转，或导出时补了空值，也会这样。"),
    ),
    "closed_together": (
        mark("一分钟内连着办结"),
        mark(
            "同一接单主体相邻两件办结相隔不到 3 分钟的有 {n} 次，其中 {seen} 次不到 1 分钟，"
            "一般不超过 {expected:.0f} 次。是一并解决了几件，还是集中点了办结？"
        ),
        mark("修好一处停水停电可同时办结多件；也可能白天办完、下班前统一录入。"),
    ),
    "late_entry": (
        mark("事后补录"),
        mark(
            "{label}过后 1 天以上才录入的有 {late} 件，其中超时 {seen} 件；照当时录入的比例应约有 {expected:.0f} 件。"
            "补录时的时间是从哪里来的？"
        ),
        mark("补录的也许本来就是好办的、当场办完的。看看有没有当时的纸质登记。"),
    ),
    "came_back": (
        mark("办结后又有诉求"),
        mark(
            "只在办结后{within}内，同一处、同一类又有诉求的有 {seen} 件；只在再往后{within}内才有的，不过 {control} 件。"
            "办结时问题真的解决了吗？"
        ),
        mark("同一件事几户先后反映、一次修不好要分几次，也会这样。"),
    ),
    "satisfied_only": (
        mark("几乎没有不满意"),
        mark(
            "{n} 个评价里只有 {seen} 个不是满意。服务再好，通常也有 2 % 左右，约 {expected:.0f} 个。不满意的也都记下来了吗？"
        ),
        mark("确实办得好，或者不满意的人没有接电话，也会这样。请换一个人抽几户再问一次。"),
    ),
    "satisfied_only_place": (
        mark("一处几乎没有不满意"),
        mark(
            "{label}的 {n} 个评价里只有 {seen} 个不是满意，照其他院落的比例约为 {expected:.0f} 个。"
            "不满意的也都记下来了吗？"
        ),
        mark("这一处也许确实办得好。请换一个人抽几户再问一次。"),
    ),
    "identical_notes": (
        mark("一字不差的回访记录"),
        mark(
            "{n} 条较长的回访记录里，有 {seen} 条与别的一字不差，最多的一种出现 {most} 次。"
            "是逐户回访后写的，还是复制的？"
        ),
        mark("系统有常用语可选，或一次回访了同一栋的几户，也会这样。"),
    ),
    "empty_weekends": (
        mark("没有任何记录的周末"),
        mark(
            "{weekends} 个周末里有 {seen} 个没有任何记录（例如 {example} 起的周末），"
            "即使周末只有平日的四分之一，也只应约有 {expected:.0f} 个。周末的诉求记到哪里去了？"
        ),
        mark("周末无人值守、周一统一登记，也会这样；居民周末是否能上报，值得问一问。"),
    ),
}


@dataclass(frozen=True)
class Finding:
    """What one test saw. ``adjusted`` is the p value after all tests of the page (NaN before that).

    ``subject``: the clock, milestone or place it is about, else ""; ``seen`` and ``expected``: counts;
    ``narrowing`` leads to the petitions behind it; ``words`` fill the sentences.
    """

    test: str
    subject: str
    n: int
    seen: int
    expected: float
    p_value: float
    narrowing: Mapping[str, Any] = field(default_factory=dict, hash=False)
    words: Mapping[str, Any] = field(default_factory=dict, hash=False, repr=False)
    adjusted: float = float("nan")

    @property
    def title(self) -> str:
        """What the test looks at, in the reader's language."""
        return _(TESTS[self.test][0])

    @property
    def question(self) -> str:
        """What was seen, as a question."""
        shown = {name: _shown(value) for name, value in self.words.items()}
        counts = {"n": self.n, "seen": self.seen, "expected": self.expected}
        return _(TESTS[self.test][1]).format(**counts, **shown)

    @property
    def innocent(self) -> str:
        """An innocent explanation, to be checked first."""
        return _(TESTS[self.test][2])

    @property
    def surprise(self) -> str:
        """How seldom chance alone would show as much."""
        if self.p_value < 1e-6:
            return _("若只是巧合，一百万次里不到 1 次会这样")
        return _("若只是巧合，约 {times:,} 次里有 1 次会这样").format(times=round(1 / self.p_value))


@dataclass(frozen=True)
class Examination:
    """All tests that could be made, each with its adjusted p value, and the codes of those that could not."""

    tests: tuple[Finding, ...]
    untested: tuple[str, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is worth a question: within the false-discovery rate, most surprising first."""
        found = [finding for finding in self.tests if finding.adjusted <= FDR]
        return tuple(sorted(found, key=lambda finding: finding.p_value))

    @property
    def untested_titles(self) -> list[str]:
        """What could not be tested, in the reader's language: too few records, or none of the kind."""
        return [_(TESTS[test][0]) for test in self.untested]


def collected(found: list[Finding]) -> Examination:
    """Adjust all tests of a page together."""
    corrected = tails.adjusted([finding.p_value for finding in found])
    tests = tuple(replace(f, adjusted=float(q)) for f, q in zip(found, corrected, strict=True))
    made = {finding.test for finding in tests}
    return Examination(tests, tuple(test for test in TESTS if test not in made))


def too_many(seen: float, expected: float, p_value: float) -> float:
    """The p value of an excess; 1 where it is too small to matter."""
    return p_value if seen >= RELEVANT * expected else 1.0


def too_few(seen: float, expected: float, p_value: float) -> float:
    """The p value of a deficit; 1 where it is too small to matter."""
    return p_value if RELEVANT * seen <= expected else 1.0


def _shown(value: Any) -> Any:
    if isinstance(value, Limit):
        return value.words
    return _(value) if isinstance(value, str) else value
