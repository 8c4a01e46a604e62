"""The review by this program: clocks → rollup → measures."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analytics import clocks, measures, rollup
from analytics.policy import Policy
from analytics.rollup import COUNTERS
from analytics.scope import Scope
from analytics.vocabulary import CLOCKS
from benchmarks.answer import Answer, Span


class Review:
    """``review`` starts at the typed frame; ``choose`` at the ready rollup."""

    def __init__(self, petitions: pd.DataFrame, as_of: pd.Timestamp, policy: Policy) -> None:
        self.petitions, self.as_of, self.policy = petitions, as_of, policy
        self.span = Span.of(petitions)
        self.keys = list(petitions["place"].cat.categories)
        self.codes = {key: code for code, key in enumerate(self.keys)}

    def review(self) -> Answer:
        """The whole review from the typed frame."""
        return self._answer(self._rollup(), Scope())

    def prepare(self) -> None:
        """What is kept between two choices, and the first choice, which lays out the seconds."""
        self.ready = self._rollup()
        self.choose(np.array([0]))

    def choose(self, places: np.ndarray) -> Answer:
        """The review of some courtyards, by code."""
        return self._answer(self.ready, Scope(courtyards=tuple(self.keys[i] for i in places)))

    def _rollup(self) -> rollup.Rollup:
        return rollup.build(clocks.measure(self.petitions, self.as_of, self.policy))

    def _answer(self, counts: rollup.Rollup, scope: Scope) -> Answer:
        found = measures.evaluate(counts, scope)
        months, monthly = found.by_month()
        by_month = np.zeros((self.span.months, len(COUNTERS)), dtype=np.int64)
        begin = counts.first_month - self.span.first_month
        by_month[begin : begin + len(months)] = monthly
        keys, by_place = found.by_place()
        places = np.array([self.codes[key] for key in keys])
        return Answer(by_month, places, by_place, np.array([found.times[clock] for clock in CLOCKS]))
