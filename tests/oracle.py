"""A second, slow reading of the indicators: one petition at a time, with plain datetimes.

Written from the definitions and sharing no code with the product, so that an agreement means something.
"""

from __future__ import annotations

import calendar
import datetime as dt

ORDER = ("responded_at", "arrived_at", "planned_at", "resolved_at", "followed_up_at")
CLOCKS = {
    "response": ("responded_at", dt.timedelta(minutes=5)),
    "arrival": ("arrived_at", dt.timedelta(minutes=15)),
    "plan": ("planned_at", dt.timedelta(minutes=30)),
    "follow_up": ("followed_up_at", dt.timedelta(days=3)),
}


def is_date(value):
    return isinstance(value, dt.date) and not isinstance(value, dt.datetime)


def midnight(value):
    return dt.datetime.combine(value, dt.time()) if is_date(value) else value


def plus_months(moment, months):
    number = moment.year * 12 + moment.month - 1 + months
    year, month = divmod(number, 12)
    day = min(moment.day, calendar.monthrange(year, month + 1)[1])
    return moment.replace(year=year, month=month + 1, day=day)


def known(petition, as_of):
    """The petition as it was known at as_of."""
    seen = {}
    for name, value in petition.items():
        event = name.endswith("_at") and name != "promised_at" and value is not None
        seen[name] = None if event and midnight(value) > as_of else value
    said = seen.get("followed_up_at") or seen.get("resolved_at")
    if not said:
        seen["satisfaction"] = seen["confirmed_solved"] = None
    return seen


def clock_state(petition, clock, as_of):
    p = known(petition, as_of)
    name, limit = CLOCKS[clock]
    start, end = p["reported_at"], p.get(name)
    days = limit.days > 0
    if clock == "arrival" and p.get("needs_visit") is False:
        return "exempt"
    due = midnight(start) + limit
    if days and is_date(start):
        due = dt.datetime.combine(due.date(), dt.time(23, 59, 59))
    if end is not None:
        if is_date(end):
            if end < midnight(start).date():
                return "invalid"
        elif end < midnight(start):
            return "invalid"
    no_time_of_day = is_date(start) or is_date(end)
    if end is not None and (days or not no_time_of_day):
        late = end > due.date() if is_date(end) else end > due
        return "missed" if late else "met"
    if as_of <= due:
        return "pending"
    later = ORDER[ORDER.index(name) + 1 :]
    if any(p.get(n) is not None for n in later) or name not in petition:
        return "unrecorded"
    if not days and no_time_of_day:
        return "unrecorded"
    return "missed"


def colour_at(start, end):
    """The colour of what lasted from start to end."""
    limits = (
        ("green", lambda m: m + dt.timedelta(days=3)),
        ("yellow", lambda m: plus_months(m, 1)),
        ("red", lambda m: plus_months(m, 6)),
    )
    for colour, after in limits:
        limit = after(midnight(start))
        if is_date(end) or is_date(start):
            if midnight(end).date() <= limit.date():
                return colour
        elif end <= limit:
            return colour
    return "grey"


def outcome(petition, as_of):
    p = known(petition, as_of)
    start, end = p["reported_at"], p.get("resolved_at")
    if p.get("unsolvable"):
        return "closed_grey"
    if end is not None:
        negative = end < midnight(start).date() if is_date(end) else end < midnight(start)
        return "unknown" if negative else f"closed_{colour_at(start, end)}"
    if p.get("status") == "已办结" and petition.get("resolved_at") is None:
        return "unknown"
    return f"open_{colour_at(start, as_of)}"


def deadline(petition):
    start, promise = petition["reported_at"], petition.get("promised_at")
    if promise is not None:
        kept = dt.datetime.combine(promise, dt.time(23, 59, 59)) if is_date(promise) else promise
        if kept >= midnight(start):
            return kept
    moved = {
        "green": lambda m: m + dt.timedelta(days=3),
        "yellow": lambda m: plus_months(m, 1),
        "red": lambda m: plus_months(m, 6),
    }.get(petition.get("assigned_colour"))
    if moved is None:
        return None
    due = moved(midnight(start))
    return dt.datetime.combine(due.date(), dt.time(23, 59, 59)) if is_date(start) else due


def resolution_state(petition, as_of):
    due = deadline(petition)
    if due is None:
        return "no_deadline"
    p = known(petition, as_of)
    start, end = p["reported_at"], p.get("resolved_at")
    if end is not None:
        negative = end < midnight(start).date() if is_date(end) else end < midnight(start)
        if not negative:
            return "met" if midnight(end) <= due else "missed"
        if not p.get("unsolvable"):
            return "invalid"
    elif outcome(petition, as_of) == "unknown":
        return "invalid"
    return "pending" if as_of <= due else "missed"
