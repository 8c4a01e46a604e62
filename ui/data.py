"""What all sessions share: the store, its records typed once, and the data as of a moment.

Big frames are kept by reference and never copied. Keys say what the data are (database, version, moment,
policy), so that a committed import is seen at the next run.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import streamlit as st
from pandas import DataFrame, Timestamp

from analytics import cases, store
from analytics import dataset as datasets
from analytics import policy as policies
from analytics import review as reviews
from analytics.dataset import Dataset, Source
from analytics.policy import Policy
from analytics.scope import Scope

_MOST_REVIEWS: Final = 64


@dataclass(frozen=True)
class Key:
    """What a dataset is made of; ``narrowing``: conditions that a click on the page has set."""

    url: str
    version: int
    as_of: str
    policy: str
    narrowing: tuple[tuple[str, tuple[str, ...]], ...] = ()


#: A choice is known by its words; Streamlit's walk through its fields takes a millisecond.
BY_WORDS: Final[dict[str | type[Any], Callable[[Any], Any]]] = {Key: repr, Scope: repr}


def now() -> Timestamp:
    """The present moment in China to the minute: the one place where the dashboard asks for it."""
    return Timestamp.now("Asia/Shanghai").tz_localize(None).floor("min").as_unit("s")


@st.cache_resource(show_spinner=False)
def engine() -> Any:
    """The store of this server (``DATABASE_URL``, else the file under ``data/``)."""
    return store.connect()


def policy() -> Policy:
    """The policy in force: ``ANALYTICS_POLICY`` or the one shipped, read again when the file changes."""
    path = os.environ.get("ANALYTICS_POLICY") or str(policies.DEFAULT_PATH)
    return _policy(path, Path(path).stat().st_mtime_ns)


@st.cache_resource(show_spinner=False, max_entries=2)
def _policy(path: str, changed: int) -> Policy:
    return policies.load(path)


def version() -> int:
    """The version of what stands in the store now; a run of a page asks once."""
    return store.data_version(engine())


def key(as_of: Timestamp, at: int) -> Key:
    """The key of the data of the version ``at``, as of ``as_of``."""
    return Key(str(engine().url), at, as_of.isoformat(), policy().digest)


def dataset(at: Key) -> Dataset:
    """The data as of a moment; shared, not to be changed."""
    return _narrowed(at) if at.narrowing else _dataset(at)


@st.cache_resource(show_spinner=False, max_entries=8, hash_funcs=BY_WORDS)
def _narrowed(at: Key) -> Dataset:
    return datasets.narrowed(_dataset(replace(at, narrowing=())), dict(at.narrowing))


@st.cache_resource(show_spinner=False, max_entries=3, hash_funcs=BY_WORDS)
def _dataset(at: Key) -> Dataset:
    return datasets.at(_source(at.url, at.version), at.as_of, policy())


@st.cache_resource(show_spinner=False, max_entries=1)
def _source(url: str, version: int) -> Source:
    return datasets.load(engine())


def review(at: Key, scope: Scope) -> reviews.Review:
    """The review of a scope, as the command line prints it; shared, not to be changed."""
    kept = _reviews(at)
    found = kept.pop(scope, None) or reviews.Review(dataset(at), scope)
    kept[scope] = found  # the last one asked for stands last
    if len(kept) > _MOST_REVIEWS:
        kept.pop(list(kept)[0], None)  # noqa: RUF015 - another thread may be adding
    return found


@st.cache_resource(show_spinner=False, max_entries=3, hash_funcs=BY_WORDS)
def _reviews(at: Key) -> dict[Scope, reviews.Review]:
    """Reviews hold on to their dataset, so they are let go with it."""
    return {}


def sample_moment(at: int) -> Timestamp | None:
    """The moment the sample data are made for, while the version ``at`` of the store holds sample data."""
    return _sample_moment(str(engine().url), at)


@st.cache_resource(show_spinner=False, max_entries=3)
def _sample_moment(url: str, version: int) -> Timestamp | None:
    return store.sample_as_of(engine())


@st.cache_resource(show_spinner=False, max_entries=16, hash_funcs=BY_WORDS)
def found(at: Key, text: str) -> Any:
    """Which rows of the dataset have every word of ``text``, as far as known then (bool array, not to be changed)."""
    return cases.named(dataset(at), store.search(engine(), text, as_of=Timestamp(at.as_of)))


def texts(at: Key, case_ids: Sequence[str]) -> DataFrame:
    """What the residents of some petitions said and what was noted on follow-up, masked, as known then."""
    return store.known_texts(engine(), case_ids, Timestamp(at.as_of))
