"""The commands of README run as they stand there, and the files it names exist."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
READMES = ("README.md", "README.zh-CN.md")


def commands(name):
    blocks = re.findall(r"```bash\n(.*?)```", (ROOT / name).read_text(encoding="utf-8"), re.S)
    return [line for block in blocks for line in block.splitlines() if line.startswith(".venv/bin/python")]


@pytest.fixture
def environment(tmp_path):
    url = f"sqlite:///{tmp_path / 'petitions.db'}"
    loaded = {**os.environ, "DATABASE_URL": url, "PYTHONUTF8": "1"}
    subprocess.run([sys.executable, "-m", "analytics", "load-sample"], cwd=ROOT, env=loaded, check=True)
    return loaded


@pytest.mark.parametrize("name", READMES)
def test_the_commands_run(name, environment):
    found = commands(name)
    assert len(found) >= 5
    for line in found:
        words = shlex.split(line, comments=True)[1:]
        answer = subprocess.run(
            [sys.executable, *words],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            encoding="utf-8",
        )
        expected = (0, 1) if "import" in words else (0,)  # 1: some rows were refused, as the text says
        assert answer.returncode in expected, f"{line}\n{answer.stdout}\n{answer.stderr}"
        assert answer.stdout.strip(), line
        assert "Traceback" not in answer.stderr


@pytest.mark.parametrize("name", [*READMES, "ARCHITECTURE.md"])
def test_the_files_it_names_exist(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (ROOT / target).exists(), target


def test_both_readmes_show_the_same_commands():
    first, second = ([shlex.split(line, comments=True) for line in commands(name)] for name in READMES)
    assert first == second


def test_make_offers_what_readme_says():
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in ("run", "test", "check", "bench", "pictures"):
        assert re.search(rf"^{target}:", text, re.M)
