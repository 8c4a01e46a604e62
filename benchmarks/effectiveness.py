"""How long 成效评估 and 院落 keep a reader waiting with 20 courtyards × 60 months of complaints.

``python -m benchmarks.effectiveness [--rounds 5]``. *Cold*: the first visit to a server that has imported Streamlit
and nothing else, with nothing in any cache; records read, model library imported, everything fitted. *Again*: the
same page once more. *New scope*: another choice of courtyards that no cache has seen. Server time in milliseconds,
whole script, medians; every round in a process of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from analytics import intake, store
from tests.serving import ROOT

PAGES: Final = ("effectiveness", "courtyards")
AS_OF: Final = pd.Timestamp("2024-07-01 08:00")
COURTYARDS, MONTHS, PETITIONS = 20, 60, 5
_VISIT: Final = "--visit"
_WARM: Final = 3


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        url = filled(Path(folder))
        seen = {page: [_in_a_new_process(page, url) for _round in range(rounds)] for page in PAGES}
    print(f"{COURTYARDS} courtyards x {MONTHS} months, server milliseconds, medians of {rounds} processes")
    for page, rows in seen.items():
        medians = {name: statistics.median(row[name] for row in rows) for name in rows[0]}
        print(f"  {page:15}" + "".join(f"{name} {value:7.0f}   " for name, value in medians.items()))


def filled(folder: Path) -> str:
    """A database of made-up courtyards that launched one after the other, four of them never."""
    url, rng = f"sqlite:///{folder}/bench.db", np.random.default_rng(1)
    months = pd.period_range(end="2024-06", periods=MONTHS, freq="M")
    places = [f"{i + 1}号院" for i in range(COURTYARDS)]
    launches = [str(months[24 + i]) + "-01" if i < 16 else "" for i in range(COURTYARDS)]
    lines = {
        "courtyards": ["社区,院落,户数,上线日期"],
        "complaints": ["月份,社区,院落,投诉量"],
        "petitions": ["诉求编号,上报时间,社区,院落,诉求类别,接单主体,诉求颜色,响应时间,办结时间"],
    }
    for place, launch in zip(places, launches, strict=True):
        lines["courtyards"].append(f"甲社区,{place},{rng.integers(80, 400)},{launch}")
        for month in months:
            after = bool(launch) and str(month) >= launch[:7]
            lines["complaints"].append(f"{month},甲社区,{place},{rng.poisson(6 if after else 10)}")
            lines["petitions"] += _petitions(month, place, rng)
    now = AS_OF
    for kind, text in lines.items():
        read = intake.read("\n".join(text).encode(), f"{kind}.csv", kind, now=now)
        store.save(store.connect(url), read, who="benchmark", now=now)
    return url


def _petitions(month: pd.Period, place: str, rng: np.random.Generator) -> list[str]:
    """Some petitions of one courtyard and month, answered mostly in time."""
    rows = []
    for number in range(PETITIONS):
        at = month.start_time + pd.Timedelta(minutes=int(rng.integers(0, 27 * 1440)))
        answered = at + pd.Timedelta(seconds=int(rng.exponential(180)))
        closed = at + pd.Timedelta(hours=int(rng.exponential(200)) + 1)
        colour = rng.choice(["绿", "黄", "红"], p=[0.7, 0.2, 0.1])
        ends = (
            f"{answered:%Y-%m-%d %H:%M:%S},{closed:%Y-%m-%d %H:%M}"
            if closed < AS_OF
            else f"{answered:%Y-%m-%d %H:%M:%S},"
        )
        kind, handler = rng.choice(["漏水", "噪音", "停车"]), rng.choice(["物业", "社区"])
        rows.append(
            f"{month}-{place}-{number},{at:%Y-%m-%d %H:%M},甲社区,{place},{kind},{handler},{colour},{ends}"
        )
    return rows


def _in_a_new_process(page: str, url: str) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.effectiveness", _VISIT, page]
    answer = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "DATABASE_URL": url}, capture_output=True, text=True, check=True
    )
    return dict(json.loads(answer.stdout.splitlines()[-1]))


def visit(page: str) -> dict[str, float]:
    """Milliseconds of a first visit, of the same page again, and of scopes that no cache has seen."""
    from streamlit.testing.v1 import AppTest

    app = AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=120)
    app.switch_page(f"pages/{page}.py")
    app.query_params["as_of"] = f"{AS_OF:%Y-%m-%dT%H:%M}"
    cold, again = _timed(app), [_timed(app) for _time in range(_WARM)]
    places = app.session_state["view"].dataset.choices["places"]
    others = []
    for number in range(_WARM):
        app.session_state["courtyard"] = places[number:]
        others.append(_timed(app))
    return {"cold": cold, "again": statistics.median(again), "new scope": statistics.median(others)}


def _timed(app: object) -> float:
    began = time.perf_counter()
    app.run()  # type: ignore[attr-defined]
    took = (time.perf_counter() - began) * 1000
    if app.exception:  # type: ignore[attr-defined]
        sys.exit("the page failed")
    return took


if __name__ == "__main__":
    if _VISIT in sys.argv:
        print(json.dumps(visit(sys.argv[-1])))
    else:
        main()
