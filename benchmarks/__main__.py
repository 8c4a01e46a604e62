"""The same review by this program, Polars and DuckDB: answers compared first, then turns taken.

``python -m benchmarks [petitions …]`` prints CPU and wall time, medians of all calls, for the whole review from the
typed frame and for another choice of courtyards. In its turn an engine is called for a tenth of a second, at least
once: short calls are then measured as a reader who moves a filter makes them, one after the other.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from analytics import policy
from benchmarks import data, duckdb_review, ours, polars_review
from benchmarks.answer import Answer, differences

SIZES = (10_000, 100_000, 1_000_000)
ROUNDS = 7
TURN = 0.1


def main(sizes: tuple[int, ...]) -> None:
    """Print one table per number of petitions; exits 1 when the engines do not agree."""
    for size in sizes:
        petitions = data.source(size).petitions
        as_of = pd.Timestamp(int(petitions["reported"].max()), unit="s").ceil("D")
        engines = {
            "ours": ours.Review(petitions, as_of, policy.load()),
            "polars": polars_review.Review(petitions, as_of),
            "duckdb": duckdb_review.Review(petitions, as_of),
        }
        agree({name: engine.review() for name, engine in engines.items()})
        show(f"{size:,} petitions, whole review", {n: e.review for n, e in engines.items()})
        for engine in engines.values():
            engine.prepare()
        places = np.arange(0, len(petitions["place"].cat.categories), 2)
        agree({name: engine.choose(places) for name, engine in engines.items()})
        show(
            f"{size:,} petitions, every other courtyard", {n: chooser(e, places) for n, e in engines.items()}
        )


def chooser(engine: Any, places: np.ndarray) -> Callable[[], Answer]:
    """The choice of courtyards as a call without arguments."""
    return lambda: engine.choose(places)


def agree(answers: dict[str, Answer]) -> None:
    """Stop unless every engine gives our answer."""
    for name, answer in answers.items():
        if found := differences(answers["ours"], answer):
            sys.exit(f"{name} does not agree on {', '.join(found)}")


def show(title: str, calls: dict[str, Callable[[], Answer]]) -> None:
    """Time the calls in turn and print medians and the ratio to ours."""
    cpu: dict[str, list[float]] = {name: [] for name in calls}
    wall: dict[str, list[float]] = {name: [] for name in calls}
    for _round in range(ROUNDS):
        for name, call in calls.items():
            until = time.perf_counter() + TURN
            while True:
                begun, busy = time.perf_counter(), time.process_time()
                call()
                cpu[name].append(time.process_time() - busy)
                wall[name].append(time.perf_counter() - begun)
                if time.perf_counter() > until:
                    break
    base = statistics.median(cpu["ours"])
    print(title)
    for name in calls:
        busy, waited = statistics.median(cpu[name]), statistics.median(wall[name])
        print(
            f"  {name:8}{busy * 1000:10.2f} ms CPU{waited * 1000:10.2f} ms wall{busy / base:8.1f} x CPU of ours"
        )


if __name__ == "__main__":
    main(tuple(int(size) for size in sys.argv[1:]) or SIZES)
