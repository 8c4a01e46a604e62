"""What residents answered: petitions that came back, ratings that are never bad, notes that are all alike."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

import numpy as np
import pandas as pd

from analytics import links
from analytics.believability import tails
from analytics.believability.entries import ids
from analytics.believability.finding import MIN_N, Finding, too_few, too_many
from analytics.clocks import limit_lag
from analytics.policy import Policy
from analytics.vocabulary import place_label

#: Half as many again in the window as in the one after it are not asked about: repeats do come in clusters.
_CAME_BACK_TOLERATED: Final = 0.6
#: Even a good service leaves one in fifty not satisfied.
_NOT_SATISFIED: Final = 0.02
#: Shorter notes (「满意」) are alike because there is nothing else to write.
_LONG_NOTE: Final = 10
#: Up to this share of longer notes may be word for word the same.
_SAME_NOTE_TOLERATED: Final = 0.05
_SIGNS: Final = re.compile(r"[\W_]+")


def came_back(rows: pd.DataFrame, inside: np.ndarray, policy: Policy) -> Iterator[Finding]:
    """Petitions repeated in the window after closing only, against those repeated in the next window only.

    Each closed petition is its own comparison: a place or a resident who often reports does so in both windows.
    ``rows``: the clocked petitions of the whole store, since repeats are looked for outside a scope too.
    """
    closed = rows["reported"].to_numpy() + rows["duration"].to_numpy()
    later = rows["duration"].to_numpy() + limit_lag(policy.repeat_within, closed).astype(np.int64)
    following = links.repeats(rows.assign(duration=later), policy)
    soon, late = rows["repeat_row"].to_numpy() >= 0, following["repeat_row"] >= 0
    base = inside & following["repeat_base"]
    only_soon = base & soon & ~late
    seen, control = (int(np.count_nonzero(which)) for which in (only_soon, base & late & ~soon))
    n = seen + control
    if n < MIN_N:
        return
    p_value = too_many(seen, n / 2, tails.at_least(seen, n, _CAME_BACK_TOLERATED))
    words = {"within": policy.repeat_within, "control": control}
    yield Finding("came_back", "", n, seen, n / 2, p_value, ids(rows, only_soon), words)


def satisfied_only(rows: pd.DataFrame) -> Iterator[Finding]:
    """Hardly a rating that is not satisfied: overall against one in fifty, in one place against the others."""
    rated = rows["rated"].to_numpy()
    unhappy = rated & ~rows["satisfied"].to_numpy()
    n, seen = (int(np.count_nonzero(which)) for which in (rated, unhappy))
    if n < MIN_N:
        return
    expected = n * _NOT_SATISFIED
    p_value = too_few(seen, expected, tails.at_most(seen, n, _NOT_SATISFIED))
    yield Finding("satisfied_only", "", n, seen, expected, p_value, {"flag": ("rated",)})
    place = rows["place"].cat.codes.to_numpy()
    keys = rows["place"].cat.categories
    rated_here, unhappy_here = (np.bincount(place[which], minlength=len(keys)) for which in (rated, unhappy))
    named = np.array([not key.endswith("/") for key in keys], dtype=bool)
    for code in np.flatnonzero(named & (rated_here >= MIN_N) & (n - rated_here >= MIN_N)):
        yield _satisfied_place(str(keys[code]), int(unhappy_here[code]), int(rated_here[code]), seen, n)


def _satisfied_place(key: str, seen: int, rated: int, unhappy: int, n: int) -> Finding:
    expected = (unhappy - seen) / (n - rated) * rated
    # A place that is merely better than others is no question: it must have hardly any.
    hardly = seen <= _NOT_SATISFIED * rated
    p_value = too_few(seen, expected, tails.at_most_drawn(seen, unhappy, rated, n)) if hardly else 1.0
    words = {"label": place_label(key, with_community=True)}
    narrowing = {"place": key, "flag": ("rated",)}
    return Finding("satisfied_only_place", key, rated, seen, expected, p_value, narrowing, words)


def identical_notes(notes: pd.Series) -> Iterator[Finding]:
    """Follow-up notes (index: case_id) that are word for word the same; signs and blanks do not count."""
    notes = notes.dropna().astype(str)
    plain = notes.map({note: _plain(note) for note in notes.unique()})
    plain = plain[plain.str.len() >= _LONG_NOTE]
    n = len(plain)
    if n < MIN_N:
        return
    alike = plain.duplicated(keep=False)
    seen, most = int(alike.sum()), int(plain.value_counts().iloc[0])
    expected = n * _SAME_NOTE_TOLERATED
    p_value = too_many(seen, expected, tails.at_least(seen, n, _SAME_NOTE_TOLERATED))
    narrowing = {"case": tuple(plain.index[alike].tolist())}
    yield Finding("identical_notes", "", n, seen, expected, p_value, narrowing, {"most": most})


def _plain(note: str) -> str:
    return _SIGNS.sub("", unicodedata.normalize("NFKC", note))
