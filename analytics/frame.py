"""The typed frame: petitions with categories and integer seconds, factorised once, read many times.

Times become ``reported`` (int64 seconds of China wall-clock time since 1970) and one lag per milestone
(int32 seconds since the report). A blank is :data:`NA`, larger than any limit, so that ``lag <= limit``
is false for it without a second look.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

import numpy as np
import pandas as pd

from analytics.vocabulary import COLOUR_NAMES, COLOURS, PETITION_TIMES, place_key

NA: Final = np.int32(np.iinfo(np.int32).max)
DAY: Final = 86_400
CHINA: Final = "Asia/Shanghai"

#: Time columns that matter after the report, and the name of their lag.
LAGS: Final = {name: name.removesuffix("_at") + "_lag" for name in PETITION_TIMES if name != "reported_at"}
#: Lags of what happened: a promise is known before its time, an event only at its time.
EVENT_LAGS: Final = tuple(lag for lag in LAGS.values() if lag != "promised_lag")
BIT: Final = {name: 1 << position for position, name in enumerate(PETITION_TIMES)}

#: Words by which a source says that a petition is closed, whether or not it gives the time.
CLOSED_STATUSES: Final = frozenset(
    (
        "已办结",
        "办结",
        "已完成",
        "完成",
        "已结案",
        "结案",
        "已关闭",
        "关闭",
        "已解决",
        "已结束",
        "已归档",
        "归档",
        "处理完成",
        "办理完毕",
        "closed",
        "resolved",
        "done",
    )
)
_TEXT_AXES: Final = ("category", "channel", "handler", "building", "unit")
_FLAGS: Final = ("needs_visit", "unsolvable", "confirmed_solved")


class FrameError(ValueError):
    """Petitions that cannot be measured; the message names the column."""


def typed(records: pd.DataFrame, courtyards: pd.DataFrame | None = None) -> pd.DataFrame:
    """One row per petition, in the order given: codes and integer seconds, no text of residents.

    Of the report also ``month`` (months since year 0), ``weekday`` (Monday 0), ``hour`` (-1 = date only).
    ``records`` has canonical columns (any subset with ``case_id`` and ``reported_at``; times naive China
    time, zone-aware, or ISO text; a text or ``datetime.date`` without a time of day is a date only);
    ``courtyards`` is the registry, from which a blank community is filled where that is unique.
    Raises :class:`FrameError` when a required column or value is missing.
    """
    if is_typed(records):
        return records
    for name in ("case_id", "reported_at"):
        if name not in records:
            raise FrameError(f"missing column: {name}")
    times, date_only = _times(records)
    reported = times.pop("reported_at")
    if np.isnat(reported).any():
        raise FrameError("reported_at is blank in a row")
    seconds = reported.astype(np.int64)
    columns: dict[str, Any] = {"case_id": records["case_id"].array, "reported": seconds}
    for name, lag in LAGS.items():
        columns[lag] = _lag(times[name], seconds) if name in times else np.full(len(records), NA)
    columns["latest_lag"] = _latest({lag: columns[lag] for lag in EVENT_LAGS})
    columns["date_only"] = date_only
    columns |= _calendar_position(seconds, date_only & BIT["reported_at"] != 0)
    columns["recorded"] = _recorded(records)
    columns["place"] = places(records, courtyards)
    columns |= {name: _category(records, name) for name in _TEXT_AXES}
    columns["expected"] = _expected(records)
    columns |= {name: _flag(records, name) for name in _FLAGS}
    columns["satisfaction"] = _scores(records)
    columns["handovers"] = _small(records, "handovers", -1)
    columns["closed_untimed"] = _says_closed(records) & (columns["resolved_lag"] == NA)
    columns |= {f"{name}_code": _reporter(records, name) for name in ("resident", "phone")}
    return pd.DataFrame(columns, index=records.index)


def is_typed(frame: pd.DataFrame) -> bool:
    """Whether ``frame`` is already the output of :func:`typed`."""
    return "resolved_lag" in frame


def coded(column: pd.Series) -> np.ndarray:
    """A column as numbers: of a categorical its codes, -1 = blank. Not to be written to.

    ``column.cat.codes`` says the same, but copies.
    """
    return column.array.codes if isinstance(column.dtype, pd.CategoricalDtype) else column.to_numpy()


def china_time(moment: Any) -> pd.Timestamp:
    """A moment as naive China time; a value without offset is China time already. ValueError if it is none."""
    stamp = pd.Timestamp(moment)
    if stamp is pd.NaT:
        raise ValueError("no moment given")
    return stamp.tz_convert(CHINA).tz_localize(None) if stamp.tzinfo else stamp


def epoch(moment: Any) -> int:
    """Whole seconds of China wall-clock time since 1970 (rounded down)."""
    return int(china_time(moment).to_datetime64().astype("datetime64[s]").astype(np.int64))


def add_months(days: np.ndarray, months: int) -> np.ndarray:
    """Days since 1970 moved by calendar months; 31 January + 1 month is the last day of February."""
    if not len(days):
        return days
    low = int(days.min())
    table = np.arange(low, int(days.max()) + 1).astype("datetime64[D]")
    month = table.astype("datetime64[M]")
    first = (month + months).astype("datetime64[D]")
    last = (month + months + 1).astype("datetime64[D]") - 1
    moved = np.minimum(first + (table - month.astype("datetime64[D]")), last)
    return moved.astype(np.int64)[days - low]


def places(records: pd.DataFrame, courtyards: pd.DataFrame | None = None) -> pd.Categorical:
    """The place key 「社区/院落」 of each row; a blank community takes the registry's if that is unique."""
    courtyard = _text(records, "courtyard")
    community = _text(records, "community")
    pairs = pd.DataFrame({"community": community, "courtyard": courtyard})
    codes, unique = pd.factorize(pd.MultiIndex.from_frame(pairs))
    unique_of = _unique_communities(courtyards)
    keys = [place_key(c or unique_of.get(y, ""), y) for c, y in unique]
    categories = sorted(set(keys))
    position = {key: i for i, key in enumerate(categories)}
    recode = np.array([position[key] for key in keys], dtype=np.int32)
    return pd.Categorical.from_codes(recode[codes] if len(recode) else codes, categories=categories)


def _unique_communities(courtyards: pd.DataFrame | None) -> dict[str, str]:
    if courtyards is None or not len(courtyards):
        return {}
    known = pd.DataFrame({n: _text(courtyards, n) for n in ("community", "courtyard")}).drop_duplicates()
    single = known[~known["courtyard"].duplicated(keep=False)]
    return dict(zip(single["courtyard"], single["community"], strict=True))


def _text(records: pd.DataFrame, name: str) -> np.ndarray:
    if name not in records:
        return np.full(len(records), "", dtype=object)
    column = records[name]
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = column.astype(object)
    return column.astype(object).where(column.notna(), "").astype(str).to_numpy(dtype=object)


def _times(records: pd.DataFrame) -> tuple[dict[str, np.ndarray], np.ndarray]:
    mask = np.zeros(len(records), dtype=np.int32)
    if "date_only" in records:
        mask |= records["date_only"].to_numpy(dtype=np.int32)
    times = {}
    for name in PETITION_TIMES:
        if name in records:
            times[name], dates = _moments(records[name])
            mask[dates] |= BIT[name]
    return times, mask


def _moments(column: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Naive China times as datetime64[s], and which rows were dates without a time of day."""
    dates = np.zeros(len(column), dtype=bool)
    if not pd.api.types.is_datetime64_any_dtype(column.dtype):
        dates = np.fromiter((_is_date(v) for v in column), dtype=bool, count=len(column))
        column = _parsed(column)
    if getattr(column.dtype, "tz", None) is not None:
        column = column.dt.tz_convert(CHINA).dt.tz_localize(None)
    # Whole seconds, rounded down, as everywhere: 5:00.4 is 5:00.
    return column.to_numpy().astype("datetime64[s]"), dates


def _is_date(value: object) -> bool:
    if isinstance(value, str):
        return len(value.strip()) <= 10 and ":" not in value and bool(value.strip())
    return isinstance(value, dt.date) and not isinstance(value, dt.datetime)


def _parsed(column: pd.Series) -> pd.Series:
    stamps = [pd.NaT if pd.isna(v) or v == "" else china_time(v) for v in column]
    return pd.Series(pd.to_datetime(pd.Index(stamps)).as_unit("us"), index=column.index)


def _lag(times: np.ndarray, reported: np.ndarray) -> np.ndarray:
    """Seconds since the report. A moment seventy years off still fits below the blank."""
    lag = np.clip(times.astype(np.int64) - reported, -int(NA) + 1, int(NA) - 1).astype(np.int32)
    lag[np.isnat(times)] = NA
    return lag


def _latest(lags: dict[str, np.ndarray]) -> np.ndarray:
    """Lag of the last event (the report, where nothing followed): one look tells what a past moment hides."""
    latest = np.zeros(len(next(iter(lags.values()))), dtype=np.int32)
    for lag in lags.values():
        np.maximum(latest, np.where(lag == NA, 0, lag), out=latest)
    return latest


def _calendar_position(reported: np.ndarray, dated: np.ndarray) -> dict[str, np.ndarray]:
    """Month, weekday and hour. Tables by day: converting each row's date would be a hundred times slower."""
    hours = reported // 3600
    day = hours // 24
    first = int(day.min()) if len(day) else 0
    days = np.arange(first, int(day.max()) + 1 if len(day) else 0)
    month = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int32) + np.int32(1970 * 12)
    hour = (hours - day * 24).astype(np.int8)
    hour[dated] = -1
    return {
        "month": month.take(day - first),
        "weekday": ((days + 3) % 7).astype(np.int8).take(day - first),
        "hour": hour,
    }


def _recorded(records: pd.DataFrame) -> np.ndarray:
    if "recorded" in records:
        return records["recorded"].to_numpy(dtype=np.int32)
    return np.full(len(records), sum(BIT[n] for n in PETITION_TIMES if n in records), dtype=np.int32)


def _category(records: pd.DataFrame, name: str) -> pd.Categorical:
    if name in records and isinstance(records[name].dtype, pd.CategoricalDtype):
        column = records[name].cat.remove_unused_categories()
        ordered = sorted(str(c) for c in column.cat.categories)
        if [str(c) for c in column.cat.categories] == ordered:
            return pd.Categorical(column)
    values = _text(records, name)
    return pd.Categorical([v or None for v in values])


def _expected(records: pd.DataFrame) -> pd.Categorical:
    values = _text(records, "assigned_colour")
    codes, unique = pd.factorize(values)
    known = [COLOUR_NAMES.get(str(v).strip().lower(), None) for v in unique]
    unknown = [v for v, k in zip(unique, known, strict=True) if k is None and v]
    if unknown:
        raise FrameError(f"assigned_colour: {unknown[0]}")
    recode = np.array([-1 if k is None else COLOURS.index(k) for k in known], dtype=np.int8)
    return pd.Categorical.from_codes(recode[codes] if len(recode) else codes, categories=list(COLOURS))


def _flag(records: pd.DataFrame, name: str) -> np.ndarray:
    """1 yes, 0 no, -1 not said."""
    if name not in records:
        return np.full(len(records), -1, dtype=np.int8)
    column = records[name]
    if column.dtype == np.int8:
        return column.to_numpy()
    codes, unique = pd.factorize(column.astype(object))
    meanings = np.array([_yes_or_no(name, value) for value in unique] + [-1], dtype=np.int8)
    return meanings[codes]


def _yes_or_no(name: str, value: Any) -> int:
    from analytics.intake.values import answer

    if isinstance(value, str):
        said = answer(name, value.strip()) if value.strip() else -1
    else:
        said = bool(value) if value in (0, 1) else None
    if said is None:
        raise FrameError(f"{name}: {value}")
    return int(said)


def _scores(records: pd.DataFrame) -> np.ndarray:
    """Satisfaction 1–5, 0 = none; words as people write them."""
    from analytics.intake.values import rating

    if "satisfaction" not in records or records["satisfaction"].dtype.kind in "iuf":
        return _small(records, "satisfaction", 0)
    codes, unique = pd.factorize(records["satisfaction"].astype(object))
    found = [rating(str(value).strip()) if str(value).strip() else "" for value in unique]
    wrong = [value for value, score in zip(unique, found, strict=True) if score is None]
    if wrong:
        raise FrameError(f"satisfaction: {wrong[0]}")
    return np.array([int(score or 0) for score in found] + [0], dtype=np.int16)[codes]


def _small(records: pd.DataFrame, name: str, blank: int) -> np.ndarray:
    if name not in records:
        return np.full(len(records), blank, dtype=np.int16)
    return pd.to_numeric(records[name]).fillna(blank).to_numpy(dtype=np.int16)


def _says_closed(records: pd.DataFrame) -> np.ndarray:
    if "status" not in records:
        return np.zeros(len(records), dtype=bool)
    status = records["status"].astype(object).map(lambda said: str(said).strip().lower(), na_action="ignore")
    return status.isin(CLOSED_STATUSES).to_numpy(dtype=bool)


def _reporter(records: pd.DataFrame, name: str) -> np.ndarray:
    """Who reported, as a number that tells two residents apart without keeping either."""
    codes, unique = pd.factorize(_text(records, name))
    blank = np.flatnonzero(np.asarray(unique, dtype=object) == "")
    return np.where(np.isin(codes, blank), -1, codes).astype(np.int32)
