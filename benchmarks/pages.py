"""What a reader waits for: a page's rerun after a filter change, on the server and in Chromium.

``python -m benchmarks.pages [--petitions 100000] [--rounds 7] [--no-browser]``. Every rerun is of a scope that no
cache has seen; on the server pages take turns, in Chromium one is open at a time; medians are printed. Server time
is that of the whole script, frame and page, in one thread, from its first line to its last. The time in Chromium
runs from the choice in a filter to the last change on screen within the page; what stands inside a canvas, for
programs that read tables aloud, is not on screen and comes 200 ms later.
"""

from __future__ import annotations

import argparse
import itertools
import os
import shutil
import statistics
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import Any, Final

import pandas as pd

from analytics import intake, store
from sample_data import DEFAULT_SEED, SAMPLE_AS_OF
from sample_data.large import write_large
from tests.serving import ROOT, server

PAGES: Final = (
    "overview", "colours", "clocks", "complaints", "courtyards", "effectiveness", "supervision", "cases", "follow_up",
)  # fmt: skip
AS_OF: Final = f"{SAMPLE_AS_OF:%Y-%m-%dT%H:%M}"
_KINDS: Final = ("courtyards", "petitions", "complaints", "progress")
#: So many milliseconds of silence mean that nothing more is drawn.
_QUIET: Final = 700
#: Choices in Chromium that are not counted: until then its compiler is still at work.
_WARMING: Final = 2
_WATCH: Final = """() => {
  const main = document.querySelector('[data-testid=stMain]');
  window.lastChange = window.chosen = 0;
  const seen = change => !(change.target.closest && change.target.closest('canvas'));  // what readers of the screen do not see
  new MutationObserver(changes => { if (changes.some(seen)) window.lastChange = performance.now(); })
    .observe(main, {subtree: true, childList: true, attributes: true, characterData: true});
  addEventListener('keydown', event => {
    if (event.key === 'Enter') { window.chosen = performance.now(); window.lastChange = 0; }
  }, true);
}"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--petitions", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--no-browser", action="store_true")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = filled(Path(folder), args.petitions)
        seen = {"server ms": on_server(url, args.rounds)}
        if not args.no_browser:
            seen["Chromium ms"] = in_chromium(url, args.rounds, Path(folder) / "log.txt")
    table = pd.DataFrame(
        {name: {p: statistics.median(v) for p, v in got.items()} for name, got in seen.items()}
    )
    print(f"{args.petitions:,} petitions, medians of {args.rounds} reruns of new scopes")
    print(table.round(0).to_string())


def filled(folder: Path, count: int) -> str:
    """A database with ``count`` sample petitions, their complaints, courtyards and progress reports."""
    url = f"sqlite:///{folder}/bench.db"
    engine = store.connect(url)
    write_large(folder, count, DEFAULT_SEED)
    for kind in _KINDS:
        read = intake.read(folder / f"{kind}.csv", f"{kind}.csv", kind, now=SAMPLE_AS_OF)
        store.save(engine, read, who="benchmark", now=SAMPLE_AS_OF)
    return url


def on_server(url: str, rounds: int) -> dict[str, list[float]]:
    """Milliseconds of the script for each page, of one rerun after another with two other courtyards."""
    os.environ["DATABASE_URL"] = url
    from streamlit.testing.v1 import AppTest

    from ui import frame

    taken = Stopwatch(frame.run)
    frame.run = taken
    apps = {page: AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=120) for page in PAGES}
    for page, app in apps.items():
        app.switch_page(f"pages/{page}.py")
        app.query_params["as_of"] = AS_OF
        app.run()
    places = apps[PAGES[0]].session_state["view"].dataset.choices["places"]
    pairs = itertools.combinations(places, 2)
    times: dict[str, list[float]] = defaultdict(list)
    for _round in range(rounds + 1):
        for page, app in apps.items():
            app.session_state["courtyard"] = list(next(pairs))
            app.run()
            times[page].append(taken.milliseconds)
    frame.run = taken.work
    return {page: values[1:] for page, values in times.items()}  # the first one warms up


class Stopwatch:
    """Runs something and remembers how long it took, in milliseconds."""

    def __init__(self, work: Any) -> None:
        self.work, self.milliseconds = work, 0.0

    def __call__(self) -> None:
        """Run it once."""
        began = time.perf_counter()
        try:
            self.work()
        finally:
            self.milliseconds = (time.perf_counter() - began) * 1000


def in_chromium(url: str, rounds: int, log: Path) -> dict[str, list[float]]:
    """Milliseconds from the choice of one more courtyard to the last change within the page, for each page."""
    from playwright.sync_api import sync_playwright

    times: dict[str, list[float]] = defaultdict(list)
    with server(url, log) as where, sync_playwright() as playwright:
        chromium = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for name, change in {
            **dict.fromkeys(PAGES, _choose),
            "what_if, left out": _leave_out,
            "what_if, limit": _limit,
        }.items():
            page = _open(browser, f"{where}/{name.partition(',')[0]}?as_of={AS_OF}")
            times[name] = [change(page, n) for n in range(rounds + _WARMING)][_WARMING:]
            page.close()
        browser.close()
    return times


def _open(browser: Any, address: str) -> Any:
    page = browser.new_page(viewport={"width": 1440, "height": 1000})
    page.set_default_timeout(30_000)
    page.goto(address)
    page.wait_for_selector("h1")
    page.wait_for_timeout(3000)
    page.evaluate(_WATCH)
    return page


def _choose(page: Any, _nth: int) -> float:
    """Choose one more courtyard with the keyboard."""
    page.locator(".st-key-courtyard input").focus()
    page.keyboard.press("ArrowDown")
    return _take_first(page)


def _leave_out(page: Any, _nth: int) -> float:
    """Suppose one more courtyard left out."""
    page.locator(".st-key-if-leave-courtyard input").click()
    return _take_first(page)


def _limit(page: Any, nth: int) -> float:
    """Suppose another limit for the response."""
    page.locator(".st-key-if-limit-response input").fill(str(6 + nth))
    page.keyboard.press("Enter")
    return _last_change(page)


def _take_first(page: Any) -> float:
    page.get_by_role("option").first.wait_for()
    page.wait_for_timeout(300)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    took = _last_change(page)
    page.keyboard.press("Escape")
    return took


def _last_change(page: Any) -> float:
    """Wait until nothing changes any more; milliseconds from the key to the last change."""
    page.wait_for_function(
        f"window.lastChange && performance.now() - window.lastChange > {_QUIET}", polling=50
    )
    return float(page.evaluate("window.lastChange - window.chosen"))


if __name__ == "__main__":
    main()
