"""Which petitions a figure is about: one frozen, hashable object that slices rollup and cases alike."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Self

import orjson

from analytics.i18n import gettext as _
from analytics.vocabulary import COLOURS


class ScopeError(ValueError):
    """A choice that cannot be meant; the message says which."""


@dataclass(frozen=True)
class Scope:
    """A choice on each axis; an empty choice means all.

    ``courtyards`` are place keys 「社区/院落」; months are ``"YYYY-MM"``, both ends included; ``colours`` are
    actual ones, by which an open petition counts with the colour its age has reached.
    """

    communities: tuple[str, ...] = ()
    courtyards: tuple[str, ...] = ()
    first_month: str | None = None
    last_month: str | None = None
    categories: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    handlers: tuple[str, ...] = ()
    colours: tuple[str, ...] = ()
    expected_colours: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("first_month", "last_month"):
            if (value := getattr(self, name)) is not None:
                month_number(value)
        for value in (*self.colours, *self.expected_colours):
            if value not in COLOURS:
                raise ScopeError(_("没有「{value}」这种颜色。").format(value=value))
        if self.first_month and self.last_month and self.first_month > self.last_month:
            raise ScopeError(
                _("起始月份 {first} 晚于结束月份 {last}。").format(
                    first=self.first_month, last=self.last_month
                )
            )

    def includes_place(self, key: str) -> bool:
        """Whether a place key is in the chosen communities and courtyards."""
        in_community = not self.communities or key.partition("/")[0] in self.communities
        return in_community and (not self.courtyards or key in self.courtyards)

    def includes_month(self, month: int) -> bool:
        """Whether a month (months since year 0) is in the chosen range."""
        low = month_number(self.first_month) if self.first_month else month
        high = month_number(self.last_month) if self.last_month else month
        return low <= month <= high

    @property
    def by_place_and_month_only(self) -> bool:
        """Whether nothing but places and months is narrowed, which the rollup answers at once."""
        rarer = (self.categories, self.channels, self.handlers, self.colours, self.expected_colours)
        return not any(rarer)

    def to_dict(self) -> dict[str, Any]:
        """The choices as plain lists, empty meaning all, for JSON."""
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        return {k: list(v) if isinstance(v, tuple) else v for k, v in values.items()}

    def to_text(self) -> str:
        """The choices as JSON, written one way only; what is not chosen is left out."""
        chosen = {k: sorted(v) if isinstance(v, list) else v for k, v in self.to_dict().items() if v}
        return orjson.dumps(chosen, option=orjson.OPT_SORT_KEYS).decode()

    @classmethod
    def from_text(cls, text: str) -> Self:
        """The scope that :meth:`to_text` wrote."""
        chosen: dict[str, Any] = {
            k: tuple(v) if isinstance(v, list) else v for k, v in orjson.loads(text).items()
        }
        return cls(**chosen)


def month_number(text: str) -> int:
    """``"2024-06"`` as months since year 0; raises :class:`ScopeError` on anything else."""
    year, dash, month = text.partition("-")
    valid = (
        dash and len(year) == 4 and len(month) == 2 and (year + month).isdecimal() and 1 <= int(month) <= 12
    )
    if not valid:
        raise ScopeError(_("月份要写成 2024-06 这样，现在是「{value}」。").format(value=text))
    return int(year) * 12 + int(month) - 1


def month_text(number: int) -> str:
    """Months since year 0 as ``"2024-06"``."""
    return f"{number // 12:04d}-{number % 12 + 1:02d}"
