"""The layout is the architecture: imports run one way, in the order of the data's journey."""

from __future__ import annotations

import ast
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

#: Each room may import from the rooms before it, and from itself.
JOURNEY = (
    ("i18n",), ("vocabulary", "privacy"), ("policy", "intervals"), ("calendars", "holidays"), ("intake",), ("store",),
    ("frame",), ("renaming", "doubles"), ("clocks",), ("links",), ("scope",), ("durations",), ("rollup",), ("faults",), ("narrowing",),
    ("measures",), ("complaints",), ("programme",), ("dataset",), ("density",), ("evaluation",), ("launches",), ("cases",), ("breakdown", "supervision", "believability", "quality", "unfinished"), ("change", "trends"), ("comparison",), ("peers",), ("evidence",), ("effectiveness",), ("review",), ("whatif", "staffing"),
    ("present",), ("report",), ("sending",), ("commands",), ("__main__",),
)  # fmt: skip
STAGE = {room: position for position, rooms in enumerate(JOURNEY) for room in rooms}

#: Only these may know of a library that belongs to one place.
HOMES = {
    "streamlit": ("dashboard.py", "pages/", "ui/"),
    "plotly": ("analytics/present/charts",),
    "sqlalchemy": ("analytics/store", "analytics/intake/database"),
}


def sources():
    for folder in ("analytics", "ui", "pages", "sample_data"):
        yield from sorted((ROOT / folder).rglob("*.py"))
    yield ROOT / "dashboard.py"


def imported(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def room(module):
    parts = module.split(".")
    return parts[1] if parts[0] == "analytics" and len(parts) > 1 else None


def test_every_room_has_its_place_in_the_journey():
    rooms = {
        p.stem for p in (ROOT / "analytics").iterdir() if p.suffix == ".py" or (p / "__init__.py").exists()
    }
    assert rooms - {"__init__"} == set(STAGE)


@pytest.mark.parametrize("path", [p for p in sources() if "analytics" in p.parts], ids=str)
def test_imports_run_one_way(path):
    relative = path.relative_to(ROOT / "analytics")
    own = relative.parts[0].removesuffix(".py")
    if own == "__init__":
        return
    for module in imported(path):
        assert module.split(".")[0] not in ("ui", "pages", "dashboard", "tests"), module
        other = room(module)
        if other in STAGE:
            assert STAGE[other] <= STAGE[own], f"{relative} imports {module}"


@pytest.mark.parametrize("path", list(sources()), ids=str)
def test_a_library_stays_in_its_place(path):
    relative = path.relative_to(ROOT).as_posix()
    for module in imported(path):
        homes = HOMES.get(module.split(".")[0])
        assert homes is None or relative.startswith(homes), f"{relative} imports {module}"


@pytest.mark.parametrize("path", [p for p in sources() if "analytics" in p.parts], ids=str)
def test_the_core_never_asks_what_time_it_is(path):
    if "commands" in path.parts:
        return
    text = path.read_text(encoding="utf-8")
    for call in ("datetime.now(", ".today(", "Timestamp.now(", "utcnow(", 'Timestamp("now")'):
        assert call not in text


@pytest.mark.parametrize("path", sorted((ROOT / "pages").glob("*.py")), ids=str)
def test_every_page_begins_with_the_guard_and_is_short(path):
    text = path.read_text(encoding="utf-8")
    statements = [n for n in ast.parse(text).body if not isinstance(n, (ast.Import, ast.ImportFrom))]
    first = (
        statements[1]
        if isinstance(statements[0], ast.Expr) and isinstance(statements[0].value, ast.Constant)
        else statements[0]
    )
    assert ast.unparse(first).startswith("frame.guard("), path.name
    assert len(text.splitlines()) <= 80
    for arithmetic in (".groupby(", ".mean(", "np."):
        assert arithmetic not in text


def test_importing_the_core_is_quick_and_loads_no_model_library():
    code = "import sys, analytics, analytics.review; print([m for m in ('statsmodels', 'streamlit', 'plotly') if m in sys.modules])"
    begun = time.perf_counter()
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert answer.stdout.strip() == "[]"
    assert time.perf_counter() - begun < 30  # a hang, not a benchmark
