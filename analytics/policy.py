"""515303, colour limits, feedback intervals and targets, as data read from ``policy.toml``."""

from __future__ import annotations

import hashlib
import itertools
import re
import tomllib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from analytics.i18n import gettext as _
from analytics.vocabulary import CLOCKS, COLOURS, MILESTONE_OF_CLOCK, MILESTONES

DEFAULT_PATH: Final = Path(__file__).with_name("policy.toml")

_ISO_8601 = re.compile(
    r"P(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+)S)?)?"
)


_CLOCK_TIME = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d|24:00")
#: What each section may hold; anything else is a slip of the pen that would change figures unseen.
_ENTRIES: Final = {
    "colours": COLOURS[:3],
    "feedback": ("red", "grey"),
    "repeats": ("within",),
    "targets": ("on_time", "resolved", "satisfaction", "follow_up", "solved", "feedback"),
}


class PolicyError(ValueError):
    """A policy file says something that cannot be followed; the message names the entry."""


@dataclass(frozen=True)
class Limit:
    """A length of time as ISO 8601 writes it: calendar months apart from days and from seconds."""

    iso: str
    months: int
    days: int
    seconds: int

    @classmethod
    def parse(cls, iso: str) -> Limit:
        """Read ``PT5M``, ``P3D``, ``P1M`` …; raises :class:`PolicyError` on anything else or on zero."""
        text = str(iso).strip().upper()
        match = _ISO_8601.fullmatch(text)
        parts = {k: int(v or 0) for k, v in match.groupdict().items()} if match else {}
        if not any(parts.values()) or text.endswith("T"):
            raise PolicyError(
                _("时限「{iso}」不是有效的 ISO 8601 时长，例如 PT5M、P3D、P1M。").format(iso=iso)
            )
        return cls(
            text,
            parts["years"] * 12 + parts["months"],
            parts["weeks"] * 7 + parts["days"],
            parts["hours"] * 3600 + parts["minutes"] * 60 + parts["seconds"],
        )

    @property
    def is_minutes(self) -> bool:
        """Counted in hours, minutes or seconds, so a date without a time of day cannot answer it."""
        return self.seconds > 0

    @property
    def words(self) -> str:
        """How people say it: 「5分钟」, 「3天」, 「1个月」."""
        parts = (
            (self.months, _("1个月") if self.months == 1 else _("{n}个月")),
            (self.days, _("1天") if self.days == 1 else _("{n}天")),
            (self.seconds // 3600, _("{n}小时")),
            (self.seconds % 3600 // 60, _("{n}分钟")),
            (self.seconds % 60, _("{n}秒")),
        )
        # The words of a language that parts them bring their own space.
        return "".join(text.format(n=n) for n, text in parts if n).strip()

    @property
    def about(self) -> float:
        """Length in seconds with a month as 30.4 days: to put limits in order, not to measure."""
        return self.months * 30.4 * 86_400 + self.days * 86_400 + self.seconds

    @property
    def fixed_seconds(self) -> int | None:
        """Length in seconds, or None where calendar months make it vary."""
        return None if self.months else self.days * 86_400 + self.seconds

    @property
    def at_least(self) -> int:
        """Seconds that it never falls short of: no month is shorter than 28 days."""
        return (self.months * 28 + self.days) * 86_400 + self.seconds


@dataclass(frozen=True)
class Clock:
    """One promise: from which milestone to which, how long, on which calendar, with what target."""

    name: str
    end: str
    limit: Limit
    start: str = "reported_at"
    calendar: str | None = None
    target: float | None = None


@dataclass(frozen=True)
class CalendarRule:
    """Working hours as the policy file writes them; :mod:`analytics.calendars` makes them a calendar."""

    hours: tuple[tuple[int, tuple[tuple[str, str], ...]], ...]
    china_holidays: bool = False


@dataclass(frozen=True)
class Policy:
    """Every limit and target that an indicator needs. Frozen and hashable, so that it can key a cache."""

    clocks: tuple[Clock, ...]
    colour_limits: tuple[tuple[str, Limit], ...]
    feedback: tuple[tuple[str, Limit], ...]
    repeat_within: Limit
    targets: tuple[tuple[str, float], ...] = ()
    calendars: tuple[tuple[str, CalendarRule], ...] = field(default=())

    def clock(self, name: str) -> Clock:
        """The clock called ``name``; KeyError when the policy has none."""
        for clock in self.clocks:
            if clock.name == name:
                return clock
        raise KeyError(name)

    def colour_limit(self, colour: str) -> Limit:
        """The longest time that still counts as ``colour`` (green, yellow or red)."""
        return dict(self.colour_limits)[colour]

    def target(self, measure: str) -> float | None:
        """The target of a measure as a fraction, or None."""
        return dict(self.targets).get(measure)

    def with_limit(self, clock: str, iso: str) -> Policy:
        """The same policy with another limit for one clock."""
        self.clock(clock)
        changed = tuple(replace(c, limit=Limit.parse(iso)) if c.name == clock else c for c in self.clocks)
        return replace(self, clocks=changed)

    @property
    def digest(self) -> str:
        """Short fingerprint; two rollups may be added only under the same one."""
        return hashlib.sha256(repr(self).encode()).hexdigest()[:12]


def load(path: str | Path | None = None) -> Policy:
    """Read a policy file (default: the one shipped); entries it leaves out keep the shipped values.

    Raises :class:`PolicyError` naming the entry that cannot be followed.
    """
    entries = _read(DEFAULT_PATH)
    if path is not None:
        entries = _merged(entries, _read(Path(path)))
    return _policy(entries)


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise PolicyError(_("读不到口径文件 {path}：{why}").format(path=path, why=error.strerror)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PolicyError(_("口径文件 {path} 不是有效的 TOML：{why}").format(path=path, why=error)) from error


def _merged(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in over.items():
        both = isinstance(value, dict) and isinstance(base.get(key), dict)
        merged[key] = _merged(base[key], value) if both else value
    return merged


def _policy(entries: dict[str, Any]) -> Policy:
    known = {"clocks", "colours", "feedback", "repeats", "targets", "calendars"}
    if extra := set(entries) - known:
        raise PolicyError(_("口径文件里有不认识的段落：{names}").format(names=_("、").join(sorted(extra))))
    for section, names in _ENTRIES.items():
        _refuse_unknown(section, entries[section], names)
    calendars = {name: _calendar(name, entry) for name, entry in entries["calendars"].items()}
    limits = [_limit(entries["colours"], "colours", colour) for colour in COLOURS[:3]]
    if not all(a.about < b.about for a, b in itertools.pairwise(limits)):
        raise PolicyError(_("[colours] 的时限要依次变长：绿 < 黄 < 红。"))
    return Policy(
        clocks=tuple(_clock(name, entries["clocks"], calendars) for name in CLOCKS),
        colour_limits=tuple(zip(COLOURS[:3], limits, strict=True)),
        feedback=tuple((c, _limit(entries["feedback"], "feedback", c)) for c in ("red", "grey")),
        repeat_within=_limit(entries["repeats"], "repeats", "within"),
        targets=tuple((name, _fraction(name, value)) for name, value in entries["targets"].items()),
        calendars=tuple(calendars.items()),
    )


def _refuse_unknown(section: str, entry: dict[str, Any], names: tuple[str, ...]) -> None:
    if extra := set(entry) - set(names):
        message = _("口径文件 [{section}] 里有不认识的项：{names}；可以写的有：{known}。")
        listed = (_("、").join(found) for found in (sorted(extra), names))
        raise PolicyError(
            message.format(section=section, **dict(zip(("names", "known"), listed, strict=True)))
        )


def _clock(name: str, clocks: dict[str, Any], calendars: dict[str, CalendarRule]) -> Clock:
    if extra := set(clocks) - set(CLOCKS):
        raise PolicyError(_("口径文件里没有这些时钟：{names}").format(names=_("、").join(sorted(extra))))
    entry = clocks[name]
    _refuse_unknown(f"clocks.{name}", entry, ("limit", "target", "start", "calendar"))
    start = entry.get("start", "reported_at")
    if start not in ("reported_at", "accepted_at", "dispatched_at", *MILESTONES):
        raise PolicyError(_("时钟 {clock} 的起点「{start}」不是已知的节点。").format(clock=name, start=start))
    calendar = entry.get("calendar")
    if calendar is not None and calendar not in calendars:
        raise PolicyError(_("时钟 {clock} 用到的日历「{name}」没有定义。").format(clock=name, name=calendar))
    target = entry.get("target")
    return Clock(
        name=name,
        end=MILESTONE_OF_CLOCK[name],
        limit=_limit(entry, f"clocks.{name}", "limit"),
        start=start,
        calendar=calendar,
        target=None if target is None else _fraction(name, target),
    )


def _limit(entry: dict[str, Any], where: str, name: str) -> Limit:
    try:
        return Limit.parse(entry[name])
    except PolicyError as error:
        raise PolicyError(f"[{where}] {name}: {error}") from error


def _fraction(name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1:
        raise PolicyError(
            _("{name} 的目标要写成 0 到 1 之间的数，现在是「{value}」。").format(name=name, value=value)
        )
    return float(value)


def _calendar(name: str, entry: dict[str, Any]) -> CalendarRule:
    hours = entry.get("hours", [])
    by_day = (
        {int(day): spans for day, spans in hours.items()}
        if isinstance(hours, dict)
        else dict.fromkeys(range(5), hours)
    )
    try:
        spans = tuple((day, tuple((str(a), str(b)) for a, b in by_day[day])) for day in sorted(by_day))
        proper = any(pairs for _day, pairs in spans) and all(_in_order(pairs) for _day, pairs in spans)
    except (TypeError, ValueError):
        proper = False
    if not proper:
        message = _('日历 {name} 的 hours 应是成对的时刻，先后有序、互不重叠，例如 ["09:00", "12:00"]。')
        raise PolicyError(message.format(name=name))
    if entry.get("holidays") not in (None, "china"):
        message = _('日历 {name} 的 holidays 只能写 "china" 或不写，现在是「{value}」。')
        raise PolicyError(message.format(name=name, value=entry["holidays"]))
    return CalendarRule(spans, china_holidays=entry.get("holidays") == "china")


def _in_order(pairs: tuple[tuple[str, str], ...]) -> bool:
    """Whether the moments of a day are written HH:MM and follow each other; a closing 00:00 is midnight."""
    moments = [moment for pair in pairs for moment in pair]
    if not all(_CLOCK_TIME.fullmatch(moment) for moment in moments):
        return False
    minutes = [int(m[:2]) * 60 + int(m[3:]) for m in moments]
    ends = [24 * 60 if i % 2 and m == 0 else m for i, m in enumerate(minutes)]
    return all(a < b if i % 2 == 0 else a <= b for i, (a, b) in enumerate(itertools.pairwise(ends)))
