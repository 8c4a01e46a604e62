"""Chinese public holidays and make-up workdays: chinesecalendar, then the override file, never a guess."""

from __future__ import annotations

import datetime as dt
import tomllib
from pathlib import Path
from typing import Any, Final

from analytics.i18n import gettext as _

#: Years that chinesecalendar does not know, or days that differ here, written by whoever runs the product.
OVERRIDES: Final = Path(__file__).with_name("holidays.toml")


def china(years: list[int], overrides: Path = OVERRIDES) -> tuple[set[dt.date], set[dt.date], list[int]]:
    """Public holidays, make-up workdays, and those of ``years`` that neither source covers.

    Raises ValueError for an override file that cannot be read; the message names the fault.
    """
    from chinese_calendar import constants

    covered = {day.year for day in constants.holidays}
    holidays = {day for day in constants.holidays if day.year in years}
    makeup = {day for day in constants.workdays if day.year in years}
    for year, (closed, worked) in _read_overrides(overrides).items():
        if closed:  # a section with make-up days alone corrects a year, it does not describe one
            covered.add(year)
        holidays = (holidays - worked) | closed
        makeup = (makeup - closed) | worked
    return holidays, makeup, [year for year in years if year not in covered]


def _read_overrides(path: Path) -> dict[int, tuple[set[dt.date], set[dt.date]]]:
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8-sig"))
        return {int(year): _override(int(year), entry) for year, entry in entries.items()}
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise ValueError(_("节假日文件 {file} 不能用：{why}").format(file=path.name, why=error)) from error


def _override(year: int, entry: dict[str, Any]) -> tuple[set[dt.date], set[dt.date]]:
    if unknown := set(entry) - {"holidays", "workdays"}:
        raise ValueError(_("[{year}] 里有不认识的项目「{name}」").format(year=year, name=sorted(unknown)[0]))
    closed, worked = (
        {day for written in entry.get(name, []) for day in _day_range(str(written))}
        for name in ("holidays", "workdays")
    )
    for day in closed | worked:
        if day.year != year:
            raise ValueError(_("[{year}] 里的日期 {day} 不在这一年").format(year=year, day=day))
    if both := closed & worked:
        raise ValueError(_("{day} 既写作放假又写作上班").format(day=min(both)))
    return closed, worked


def _day_range(written: str) -> list[dt.date]:
    first, _slash, last = written.partition("/")
    begin, end = dt.date.fromisoformat(first), dt.date.fromisoformat(last or first)
    if end < begin:
        raise ValueError(_("「{written}」的结束早于开始").format(written=written))
    return [begin + dt.timedelta(days=n) for n in range((end - begin).days + 1)]
