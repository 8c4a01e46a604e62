"""Takes the pictures of README anew, from the running dashboard with the sample data.

``python -m tests.pictures docs/pictures``; needs Chromium.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from PIL import Image

from analytics import intake, store
from sample_data import COMMITTED, FILES, SAMPLE_AS_OF
from tests.serving import server

#: Name of the picture, address, height.
PICTURES: Final = (
    ("overview", "/", 1120),
    ("clocks", "/clocks?community=桂东社区", 1060),
    ("complaints", "/complaints?community=太极社区", 1060),
    ("colours", "/colours?community=太极社区", 1060),
    ("case", "/cases?case=TJ-000013", 900),
    ("effectiveness", "/effectiveness?community=太极社区", 1060),
    ("report", "/report?community=太极社区", 1060),
)
_WIDTH: Final = 1280
_COLOURS: Final = 128


def main(folder: Path) -> None:
    """Write the pictures into ``folder``."""
    from playwright.sync_api import sync_playwright

    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright:
        chromium = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        with server(sample_store(Path(place)), Path(place) / "log.txt") as where:
            for name, path, height in PICTURES:
                image = take(browser, where + path, height)
                image.save(folder / f"{name}.png", optimize=True)
                print(f"{name}.png: {(folder / f'{name}.png').stat().st_size / 1024:.0f} KB")
        browser.close()


def sample_store(folder: Path) -> str:
    """A database with the sample data; returns its address."""
    url = f"sqlite:///{folder}/sample.db"
    for name, kind in COMMITTED:
        read = intake.read(FILES / name, name, kind, now=SAMPLE_AS_OF)
        store.save(store.connect(url), read, who="sample", now=SAMPLE_AS_OF, sample=True)
    return url


def take(browser: Any, address: str, height: int) -> Image.Image:
    """One page as a picture of few colours."""
    page = browser.new_page(viewport={"width": _WIDTH, "height": height})
    page.goto(address)
    page.wait_for_selector("h1")
    page.wait_for_selector(".js-plotly-plot .plot-container")
    page.wait_for_timeout(2500)
    shot = Image.open(BytesIO(page.screenshot()))
    page.close()
    return shot.convert("RGB").quantize(_COLOURS, dither=Image.Dither.NONE)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/pictures"))
